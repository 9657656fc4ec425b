"""Sentences to steps: each printed step becomes one draft, a channel several."""

from collections.abc import Callable

from conformance.flow import nodes
from conformance.flow.clauses import apply_clauses
from conformance.flow.conditions import compile_condition
from conformance.flow.draft import Draft, Drafts
from conformance.flow.names import Names, hop_numbers
from conformance.flow.nodes import Word
from conformance.flow.paths import answer_path, named_path, one_link, session_path
from conformance.flow.program import Kind, Rule
from conformance.flow.references import References
from conformance.flow.tree import Shape, Trail, Tree

_STATUS = {"OK": (200, False), "Accepted": (202, True)}


MAX_STEPS = 200
"""Steps of one flow, the parts of channels counted; the figures have ten."""


class Expander:
    """Reads one flow's statements into drafts and their shape."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.drafts = Drafts()
        self.references = References(names, self.drafts)
        self.nevers: list[nodes.NeverNode] = []
        self.each: int | None = None

    def read(self, body: nodes.Sequence) -> Tree:
        """The shape of the whole flow."""
        return self._sequence(body, ())

    def _sequence(self, sequence: nodes.Sequence, above: Trail) -> Tree:
        tree = Tree(Shape.SEQUENCE, line=sequence.place.line)
        for item in sequence.items:
            trail = (*above, (id(tree), Shape.SEQUENCE, len(tree.children)))
            child = self._statement(item, trail)
            if child is not None:
                tree.children.append(child)
        return tree

    def _statement(self, item: nodes.Statement, trail: Trail) -> Tree | int | None:
        match item:
            case nodes.StepNode():
                return self._step(item, trail)
            case nodes.NeverNode():
                self.nevers.append(item)
                return None
            case nodes.Parallel():
                return self._branches(Shape.PARALLEL, item, trail)
            case nodes.Either():
                return self._branches(Shape.CHOICE, item, trail)
            case nodes.Optionally() | nodes.OnlyIf():
                return self._option(item, trail)
            case nodes.Each():
                return self._each(item, trail)

    def _branches(self, shape: Shape, item: nodes.Parallel | nodes.Either, above: Trail) -> Tree:
        tree = Tree(shape, line=item.place.line)
        for position, branch in enumerate(item.branches):
            tree.children.append(self._sequence(branch, (*above, (id(tree), shape, position))))
        return tree

    def _option(self, item: nodes.Optionally | nodes.OnlyIf, above: Trail) -> Tree:
        title = item.policy if isinstance(item, nodes.Optionally) else ""
        tree = Tree(Shape.OPTION, line=item.place.line, title=title)
        trail = (*above, (id(tree), Shape.OPTION, 0))
        if isinstance(item, nodes.OnlyIf):
            tree.condition = compile_condition(
                item.condition, self.names, self.references.step_before(trail)
            )
        tree.children.append(self._sequence(item.body, trail))
        return tree

    def _each(self, item: nodes.Each, trail: Trail) -> Tree:
        outer = self.each
        self.each = self.references.earlier(item.ref, trail).index
        title = f"for each message of {item.ref.text}"
        tree = Tree(Shape.OPTION, line=item.place.line, title=title)
        tree.children.append(self._sequence(item.body, (*trail, (id(tree), Shape.OPTION, 0))))
        self.each = outer
        return tree

    # ------------------------------------------------------------ one step

    def _step(self, node: nodes.StepNode, trail: Trail) -> Tree | int:
        self._check_label(node, trail)
        if isinstance(node.sentence, nodes.Channel):
            return self._channel(node, node.sentence, trail)
        draft = self._new(node, Kind.INTERNAL, trail)
        self._say(draft, node.sentence, trail)
        draft.requirements = list(node.requirements)
        apply_clauses(draft, node.clauses, self.names, self.references, trail)
        self._check_range(draft)
        return draft.index

    def _new(self, node: nodes.StepNode, kind: Kind, trail: Trail) -> Draft:
        if len(self.drafts.items) >= MAX_STEPS:
            raise self.names.wrong(node.place, f"a flow has no more than {MAX_STEPS} steps")
        draft = Draft(len(self.drafts.items), node.label.text, kind, node, each=self.each)
        self.drafts.items.append(draft)
        self.drafts.trails[draft.index] = trail
        return draft

    def _check_label(self, node: nodes.StepNode, trail: Trail) -> None:
        for other in self.drafts.named(node.label.text):
            if self.drafts.relation(other.index, trail) is not Shape.CHOICE:
                line = other.place.line
                raise self.names.wrong(
                    node.label.place,
                    f"the label '{node.label.text}' is used twice, first on line {line}",
                )

    def _check_range(self, draft: Draft) -> None:
        numbers = hop_numbers(draft.label)
        if not numbers:
            raise self.names.wrong(
                draft.node.label.place, f"'{draft.label}' is no range: it must rise"
            )
        hops = len(draft.path) - 1
        counted = draft.label[0].isdigit() and not isinstance(draft.node.sentence, nodes.Channel)
        if draft.kind is Kind.INTERNAL or not counted or hops == len(numbers):
            return
        way = ", ".join(draft.path)
        raise self.names.wrong(
            draft.node.label.place,
            f"the label '{draft.label}' has {_many(len(numbers), 'number')}, but the path "
            f"{way} has {_many(hops, 'hop')}",
        )

    def _say(self, draft: Draft, sentence: nodes.Sentence, trail: Trail) -> None:
        said: dict[type, Callable[[Draft, nodes.Sentence, Trail], None]] = {
            nodes.Internal: self._internal,
            nodes.Sends: self._sends,
            nodes.Answers: self._answers,
            nodes.Forwards: self._forwards,
            nodes.Acknowledges: self._acknowledges,
            nodes.Connects: self._connects,
            nodes.Ends: self._ends,
        }
        said[type(sentence)](draft, sentence, trail)

    def _internal(self, draft: Draft, said: nodes.Sentence, trail: Trail) -> None:
        assert isinstance(said, nodes.Internal)
        draft.role = self.names.role(said.role)
        if said.about is not None:
            draft.about = self.references.earlier(said.about, trail).index

    def _sends(self, draft: Draft, said: nodes.Sentence, _: Trail) -> None:
        assert isinstance(said, nodes.Sends)
        draft.kind = Kind.SEND if said.method == "SEND" else Kind.REQUEST
        draft.method = said.method
        draft.path = named_path(self.names, said.role, said.via, said.to)
        if draft.kind is Kind.SEND and len(draft.path) > 2:
            raise self.names.wrong(said.place, "MSRP runs from end to end: a SEND has no 'via'")

    def _answers(self, draft: Draft, said: nodes.Sentence, trail: Trail) -> None:
        assert isinstance(said, nodes.Answers)
        request = self.references.earlier(said.ref, trail, "answers")
        if request.kind is not Kind.REQUEST:
            raise self.names.wrong(
                said.ref.place, f"step {request.label} is no request that could be answered"
            )
        code, exact = _STATUS.get(said.outcome) or (int(said.outcome), True)
        draft.kind, draft.method, draft.answers = Kind.RESPONSE, request.method, request.index
        draft.statuses, draft.exact = frozenset({code}), exact
        draft.path = answer_path(self.names, self.drafts, request, said.role, said.via)

    def _forwards(self, draft: Draft, said: nodes.Sentence, trail: Trail) -> None:
        assert isinstance(said, nodes.Forwards)
        before = self.references.earlier(said.ref, trail, "forwards")
        if before.kind is not Kind.REQUEST:
            raise self.names.wrong(
                said.ref.place, f"step {before.label} is no request that could be forwarded"
            )
        draft.kind, draft.method, draft.forwards = Kind.REQUEST, before.method, before.index
        draft.path = named_path(self.names, said.role, said.via, said.to)
        if draft.path[0] is not before.path[-1]:
            raise self.names.wrong(
                said.role.place,
                f"step {before.label} arrives at {before.path[-1]}, so {draft.path[0]} cannot "
                "forward it",
            )

    def _acknowledges(self, draft: Draft, said: nodes.Sentence, trail: Trail) -> None:
        assert isinstance(said, nodes.Acknowledges)
        request = self.references.earlier(said.ref, trail, "acknowledges")
        role = self.names.role(said.role)
        if request.kind is not Kind.REQUEST or request.path[-1] is not role:
            raise self.names.wrong(
                said.role.place, f"{role} does not receive step {request.label}"
            )
        draft.kind, draft.method, draft.answers = Kind.ACKNOWLEDGE, request.method, request.index
        draft.path = (role, request.path[-2])

    def _connects(self, draft: Draft, said: nodes.Sentence, _: Trail) -> None:
        assert isinstance(said, nodes.Connects)
        draft.kind, draft.method = Kind.CONNECT, "SEND"
        draft.path = one_link(self.names, said.role, said.to)

    def _ends(self, draft: Draft, said: nodes.Sentence, trail: Trail) -> None:
        assert isinstance(said, nodes.Ends)
        invite = self.references.earlier(said.ref, trail, "ends the session of")
        self.references.check_session(invite, said.ref)
        draft.kind, draft.method, draft.session = Kind.REQUEST, "BYE", invite.index
        draft.path = session_path(self.names, invite, said.role, said.via, said.place)

    # ------------------------------------------------------------ a channel

    def _channel(self, node: nodes.StepNode, said: nodes.Channel, trail: Trail) -> Tree:
        """Messages, then the BYE of whoever may end the session."""
        invite = self.references.earlier(said.session, trail)
        self.references.check_session(invite, said.session)
        ends = {invite.path[0], invite.path[-1]}
        for party in said.parties:
            if self.names.role(party) not in ends:
                raise self.names.wrong(
                    party.place, f"{party.text} has no part in the session of {invite.label}"
                )
        tree = Tree(Shape.SEQUENCE, line=node.place.line)
        below = (*trail, (id(tree), Shape.SEQUENCE, 0))
        tree.children.append(self._messages(node, said, invite, below))
        below = (*trail, (id(tree), Shape.SEQUENCE, 1))
        choice = Tree(Shape.CHOICE, line=node.place.line)
        for position, ender in enumerate(said.enders):
            way = (*below, (id(choice), Shape.CHOICE, position))
            choice.children.append(self._end(node, ender, invite, way))
        tree.children.append(choice)
        self._share(node, said)
        return tree

    def _messages(
        self, node: nodes.StepNode, said: nodes.Channel, invite: Draft, trail: Trail
    ) -> Tree | int:
        option = Tree(Shape.OPTION, line=node.place.line)
        if said.given is not None:
            trail = (*trail, (id(option), Shape.OPTION, 0))
            before = self.references.step_before(trail)
            option.condition = compile_condition(said.given, self.names, before)
        draft = self._new(node, Kind.SEND, trail)
        draft.part, draft.method, draft.session = "messages", said.method, invite.index
        draft.path = one_link(self.names, said.role, said.to)
        draft.optional_message = said.given is not None
        if {draft.path[0], draft.path[1]} != {invite.path[0], invite.path[-1]}:
            raise self.names.wrong(
                said.role.place, f"a channel's messages run between the ends of {invite.label}"
            )
        apply_clauses(draft, (*said.clauses, *node.clauses), self.names, self.references, trail)
        self._check_range(draft)
        if said.given is None:
            return draft.index
        option.children.append(draft.index)
        return option

    def _end(self, node: nodes.StepNode, ender: Word, invite: Draft, trail: Trail) -> int:
        draft = self._new(node, Kind.REQUEST, trail)
        draft.part, draft.method, draft.session = "end", "BYE", invite.index
        draft.path = session_path(self.names, invite, ender, (), ender.place)
        return draft.index

    def _share(self, node: nodes.StepNode, said: nodes.Channel) -> None:
        """A channel's requirements go to the part that can show them."""
        parts = self.drafts.named(node.label.text)
        messages, ends = parts[0], parts[1:]
        for requirement in node.requirements:
            asked = requirement.assertion
            if asked.rule is not Rule.TEARDOWN or asked.role is None:
                messages.requirements.append(requirement)
                continue
            role = self.names.role(asked.role)
            owner = next((end for end in ends if end.path[0] is role), None)
            if owner is None:
                raise self.names.wrong(
                    asked.role.place, f"the channel is not disconnected by {asked.role.text}"
                )
            owner.requirements.append(requirement)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
