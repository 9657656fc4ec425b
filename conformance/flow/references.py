"""References between steps: to which step a label leads, and whether it can."""

from conformance.flow.conditions import StepOf
from conformance.flow.draft import Draft, Drafts
from conformance.flow.names import Names, hop_numbers
from conformance.flow.nodes import Word
from conformance.flow.program import Kind
from conformance.flow.tree import Shape, Trail


class References:
    """Resolves the labels and hop numbers of one flow."""

    def __init__(self, names: Names, drafts: Drafts) -> None:
        self._names = names
        self._drafts = drafts

    def anywhere(self, word: Word) -> Draft:
        """The step, wherever it is printed; of a channel its first part."""
        label = self._names.label(word)
        found = self._drafts.named(label)
        if not found:
            raise self._names.wrong(word.place, f"step {label} is printed only after this")
        return found[0]

    def earlier(
        self, word: Word, trail: Trail, verb: str = "refers to", last: int | None = None
    ) -> Draft:
        """The step that must be printed before this place (up to step `last`), on a way here."""
        label = self._names.label(word)
        found = self._drafts.named(label)
        if last is not None:
            found = [draft for draft in found if draft.index <= last]
        if not found:
            raise self._names.wrong(
                word.place, f"this {verb} step {label}, which is printed only after it"
            )
        shapes = [self._drafts.relation(draft.index, trail) for draft in found]
        if Shape.SEQUENCE in shapes:
            return found[shapes.index(Shape.SEQUENCE)]
        other = "another branch" if Shape.CHOICE in shapes else "a parallel block"
        raise self._names.wrong(
            word.place, f"this {verb} step {label}, which cannot precede it: it is in {other}"
        )

    def step_before(self, trail: Trail, last: int | None = None) -> StepOf:
        """A resolver for conditions at this place, or of step `last`."""
        return lambda word: self.earlier(word, trail, last=last).index

    def step_anywhere(self) -> StepOf:
        """A resolver for what stands outside the order: `never`, `identified by`."""
        return lambda word: self.anywhere(word).index

    def hop(self, word: Word, draft: Draft) -> int | None:
        """The position in its step of the hop whose own number was written, else None."""
        if word.text == draft.label:
            return None
        return hop_numbers(draft.label).index(word.text)

    def check_session(self, draft: Draft, word: Word) -> None:
        """Refuses a session of what is no INVITE."""
        if draft.kind is not Kind.REQUEST or draft.method != "INVITE":
            raise self._names.wrong(
                word.place, f"step {draft.label} is no INVITE and brings no session"
            )

    def check_dialog(self, draft: Draft, word: Word) -> None:
        """Refuses a dialog of what begins none."""
        if draft.kind is not Kind.REQUEST or draft.method not in ("INVITE", "SUBSCRIBE"):
            raise self._names.wrong(
                word.place, f"step {draft.label} is no INVITE or SUBSCRIBE and begins no dialog"
            )
