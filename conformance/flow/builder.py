"""Lark's tree to the nodes of `nodes.py`, one method a rule of `flow.lark`.

Nothing here imports Lark: the trees come in as values with `data`, `children` and `meta`.
"""

import re

from conformance.flow import nodes
from conformance.flow.builder_requirements import Node, Parsed, RequirementRules, place_of, word_of
from conformance.flow.nodes import Sequence, Word

_SPACE = re.compile(r"\s+")


class Builder(RequirementRules):
    """Builds one file's tree; `text` is the whole file, for the steps' own words."""

    def __init__(self, text: str, file: str, lines: tuple[str, ...]) -> None:
        self._text = text
        self._file = file
        self._lines = lines

    def build(self, tree: Parsed) -> nodes.FlowNode:
        """The flow of a whole file."""
        (flow,) = (child for child in tree.children if getattr(child, "data", "") == "flow")
        name, title, *parts = flow.children
        made = [self.node(part) for part in parts]

        def first(kind: type) -> Node:
            return next((part for part in made if isinstance(part, kind)), None)

        replaces = [p for p in made if isinstance(p, _Replaces)]
        applies = [p for p in made if isinstance(p, _Applies)]
        return nodes.FlowNode(
            id=word_of(name),
            title=self.string(title),
            source=first(nodes.SourceNode),
            replaces=replaces[0].word if replaces else None,
            applies_if=applies[0].name if applies else "",
            roles=tuple(r for p in made if isinstance(p, _Roles) for r in p.roles),
            interpretations=tuple(p.text for p in made if isinstance(p, _Interpretation)),
            identified=first(nodes.IdentifiedNode),
            general=tuple(p for p in made if isinstance(p, nodes.RequirementNode)),
            body=Sequence(
                tuple(p for p in made if isinstance(p, nodes.Statement)), place_of(flow)
            ),
            place=place_of(flow),
            file=self._file,
            lines=self._lines,
        )

    # ------------------------------------------------------------ the head

    def on_source(self, tree: Parsed) -> nodes.SourceNode:
        """`source "…" clause "…" figure N`."""
        document, clause, figure = tree.children
        shown = "" if figure is None else str(figure)
        return nodes.SourceNode(self.string(document), self.string(clause), shown, place_of(tree))

    def on_replaces(self, tree: Parsed) -> "_Replaces":
        """`replaces FLOW`."""
        return _Replaces(word_of(tree.children[0]))

    def on_applies(self, tree: Parsed) -> "_Applies":
        """`applies if ics.NAME`."""
        return _Applies(str(tree.children[0]))

    def on_interpretation(self, tree: Parsed) -> "_Interpretation":
        """`interpretation "…"`."""
        return _Interpretation(self.string(tree.children[0]))

    def on_roles(self, tree: Parsed) -> "_Roles":
        """The table of roles."""
        return _Roles(tuple(self.node(child) for child in tree.children))

    def on_role(self, tree: Parsed) -> nodes.RoleNode:
        """One line of the table of roles."""
        name, *others, composite = tree.children
        words = tuple(word_of(other) for other in others)
        return nodes.RoleNode(word_of(name), words, composite is not None, place_of(tree))

    def on_identified(self, tree: Parsed) -> nodes.IdentifiedNode:
        """`identified by N or M where …`."""
        *refs, where = tree.children
        condition = None if where is None else self.node(where).condition
        return nodes.IdentifiedNode(tuple(map(self.node, refs)), condition, place_of(tree))

    # ------------------------------------------------------------ order and choice

    def on_block(self, tree: Parsed) -> Sequence:
        """An indented block."""
        return Sequence(tuple(map(self.node, tree.children)), place_of(tree))

    def on_parallel(self, tree: Parsed) -> nodes.Parallel:
        """`meanwhile: … and: …`."""
        return nodes.Parallel(tuple(map(self.node, tree.children)), False, place_of(tree))

    def on_any_order(self, tree: Parsed) -> nodes.Parallel:
        """`in any order:`, each statement free against the others."""
        body: Sequence = self.node(tree.children[0])
        branches = tuple(Sequence((item,), item.place) for item in body.items)
        return nodes.Parallel(branches, True, place_of(tree))

    def on_either(self, tree: Parsed) -> nodes.Either:
        """`either: … or: …`."""
        return nodes.Either(tuple(map(self.node, tree.children)), place_of(tree))

    def on_optionally(self, tree: Parsed) -> nodes.Optionally:
        """`optionally if "policy":`."""
        policy, body = tree.children
        shown = "" if policy is None else self.string(policy)
        return nodes.Optionally(shown, self.node(body), place_of(tree))

    def on_only_if(self, tree: Parsed) -> nodes.OnlyIf:
        """`if CONDITION:`."""
        condition, body = tree.children
        return nodes.OnlyIf(self.node(condition), self.node(body), place_of(tree))

    def on_each(self, tree: Parsed) -> nodes.Each:
        """`for each message of N:`."""
        ref, body = tree.children
        return nodes.Each(self.node(ref), self.node(body), place_of(tree))

    # ------------------------------------------------------------ a step

    def on_step(self, tree: Parsed) -> nodes.StepNode:
        """A printed step with what stands below it."""
        label, sentence, *rest = tree.children
        below = [self.node(part) for part in rest if part is not None]
        in_line = [p for p in rest if p is not None and p.data == "clause"]
        end = max(part.meta.end_pos for part in [sentence, *in_line])
        number, prose = label.children
        return nodes.StepNode(
            label=word_of(number),
            text_label="" if prose is None else str(prose),
            sentence=self.node(sentence),
            clauses=tuple(p for p in below if isinstance(p, nodes.Clause)),
            quotes=tuple(p.text for p in below if isinstance(p, _Quote)),
            requirements=tuple(p for p in below if isinstance(p, nodes.RequirementNode)),
            text=_SPACE.sub(" ", self._text[sentence.meta.start_pos : end]) + ".",
            place=place_of(tree),
        )

    def on_quote(self, tree: Parsed) -> "_Quote":
        """The document's own sentence."""
        return _Quote(self.string(tree.children[0]))

    def on_becomes(self, tree: Parsed) -> nodes.Internal:
        """`R becomes available`."""
        return nodes.Internal(word_of(tree.children[0]), "becomes available", None, place_of(tree))

    def on_defers(self, tree: Parsed) -> nodes.Internal:
        """`R defers the messages of N`."""
        return self._internal(tree, "defers")

    def on_discards(self, tree: Parsed) -> nodes.Internal:
        """`R discards the messages of N`."""
        return self._internal(tree, "discards")

    def _internal(self, tree: Parsed, verb: str) -> nodes.Internal:
        role, ref = tree.children
        return nodes.Internal(word_of(role), verb, self.node(ref), place_of(tree))

    def on_does(self, tree: Parsed) -> nodes.Internal:
        """`R does "…"`."""
        role, text = tree.children
        return nodes.Internal(word_of(role), self.string(text), None, place_of(tree))

    def on_sends(self, tree: Parsed) -> nodes.Sends:
        """`R sends METHOD to S via …`."""
        role, method, to, via = tree.children
        return nodes.Sends(
            word_of(role), _method(method), word_of(to), self._via(via), place_of(tree)
        )

    def on_answers(self, tree: Parsed) -> nodes.Answers:
        """`R answers N with OK via …`."""
        role, ref, outcome, via = tree.children
        return nodes.Answers(
            word_of(role), self.node(ref), str(outcome), self._via(via), place_of(tree)
        )

    def on_forwards(self, tree: Parsed) -> nodes.Forwards:
        """`R forwards N to S`."""
        role, ref, to, via = tree.children
        return nodes.Forwards(
            word_of(role), self.node(ref), word_of(to), self._via(via), place_of(tree)
        )

    def on_acknowledges(self, tree: Parsed) -> nodes.Acknowledges:
        """`R acknowledges N`."""
        role, ref = tree.children
        return nodes.Acknowledges(word_of(role), self.node(ref), place_of(tree))

    def on_connects(self, tree: Parsed) -> nodes.Connects:
        """`R connects to S`."""
        role, to = tree.children
        return nodes.Connects(word_of(role), word_of(to), place_of(tree))

    def on_ends(self, tree: Parsed) -> nodes.Ends:
        """`R ends the session of N via …`."""
        role, ref, via = tree.children
        return nodes.Ends(word_of(role), self.node(ref), self._via(via), place_of(tree))

    def on_channel(self, tree: Parsed) -> nodes.Channel:
        """A channel step."""
        _, first, second, session, role, method, to, *rest = tree.children
        clauses = [p for p in rest if getattr(p, "data", "") == "clause"]
        given = [p for p in rest if getattr(p, "data", "") == "channel_if"]
        enders = [p for p in rest if p is not None and not hasattr(p, "data")]
        return nodes.Channel(
            parties=(word_of(first), word_of(second)),
            session=self.node(session).ref,
            role=word_of(role),
            method=_method(method),
            to=word_of(to),
            clauses=tuple(map(self.node, clauses)),
            given=self.node(given[0].children[0]) if given else None,
            enders=tuple(map(word_of, enders)),
            place=place_of(tree),
        )

    def _via(self, tree: Parsed) -> tuple[Word, ...]:
        return () if tree is None else tuple(map(word_of, tree.children))

    def on_never(self, tree: Parsed) -> nodes.NeverNode:
        """A `never` line."""
        role, method, to, *clauses, last = tree.children
        breaks = self.node(last.children[0]) if last.data == "breaks" else None
        return nodes.NeverNode(
            role=word_of(role),
            method=_method(method),
            to=word_of(to),
            clauses=tuple(map(self.node, clauses)),
            breaks=breaks,
            requirement=None if breaks else self.never_requirement(last),
            place=place_of(tree),
        )


def _method(token: Parsed) -> str:
    """`MSRP SEND` is the method SEND; everything else is SIP's own word."""
    return str(token).split()[-1]


class _Replaces:
    """`replaces`."""

    def __init__(self, word: Word) -> None:
        self.word = word


class _Applies:
    """`applies if`."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Interpretation:
    """`interpretation`."""

    def __init__(self, text: str) -> None:
        self.text = text


class _Quote:
    """A quoted sentence below a step."""

    def __init__(self, text: str) -> None:
        self.text = text


class _Roles:
    """The roles' table."""

    def __init__(self, roles: tuple[nodes.RoleNode, ...]) -> None:
        self.roles = roles
