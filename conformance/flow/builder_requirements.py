"""The builder's rules for conditions, clauses and requirements."""

import re
from dataclasses import replace
from typing import Any, cast

from conformance.flow import nodes
from conformance.flow.nodes import Assertion, Bind, Place, Word
from conformance.flow.program import AT_MOST_ONE, Level, Operator, Rule

Parsed = Any
"""A tree or token of Lark's: `data`, `children` and `meta`, or a text with a place."""

Node = Any
"""What a rule made: one of the types of `nodes.py`."""

_SPACE = re.compile(r"\s+")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def place_of(tree: Parsed) -> Place:
    """Where a tree or token begins; an empty tree has no place of its own."""
    where = tree.meta if hasattr(tree, "meta") else tree
    return Place(getattr(where, "line", 1) or 1, getattr(where, "column", 1) or 1)


def word_of(token: Parsed) -> Word:
    """A name token as a word, its white space folded."""
    return Word(_SPACE.sub(" ", str(token)), place_of(token))


class ConditionRules:
    """Conditions and clauses."""

    def node(self, tree: Parsed) -> Node:
        """The node of any tree: calls `on_<rule>`."""
        return getattr(self, f"on_{tree.data}")(tree)

    def string(self, token: Parsed) -> str:
        """The text in quotes, escapes undone and white space folded."""
        return _SPACE.sub(" ", _ESCAPE.sub(r"\1", str(token)[1:-1])).strip()

    def on_ref(self, tree: Parsed) -> Word:
        """A step's label."""
        return word_of(tree.children[0])

    def on_any_of(self, tree: Parsed) -> nodes.AnyNode:
        """`… or …`."""
        return nodes.AnyNode(tuple(map(self.node, tree.children)), place_of(tree))

    def on_all_of(self, tree: Parsed) -> nodes.AllNode:
        """`… and …`."""
        return nodes.AllNode(tuple(map(self.node, tree.children)), place_of(tree))

    def on_negation(self, tree: Parsed) -> nodes.NotNode:
        """`not …`."""
        return nodes.NotNode(self.node(tree.children[0]), place_of(tree))

    def on_operand(self, tree: Parsed) -> nodes.Operand:
        """A field, perhaps of another step; as a value also a bare word."""
        name, of = tree.children
        return nodes.Operand(str(name), None if of is None else self.node(of), place_of(tree))

    def on_literal(self, tree: Parsed) -> nodes.Literal:
        """A quoted value or a number."""
        token = tree.children[0]
        text = self.string(token) if str(token).startswith('"') else str(token)
        return nodes.Literal(text, place_of(tree))

    def on_setting(self, tree: Parsed) -> nodes.SettingName:
        """`profile.NAME` as a value."""
        return nodes.SettingName(str(tree.children[0]).partition(".")[2], place_of(tree))

    def _test(self, tree: Parsed, operator: Operator) -> nodes.TestNode:
        operand, *values = map(self.node, tree.children)
        return nodes.TestNode(operand, operator, tuple(values), place_of(tree))

    def on_present(self, tree: Parsed) -> nodes.TestNode:
        """`F present`."""
        return self._test(tree, Operator.PRESENT)

    def on_absent(self, tree: Parsed) -> nodes.TestNode:
        """`F absent`."""
        return self._test(tree, Operator.ABSENT)

    on_not_empty = on_present
    on_empty = on_absent

    def on_is_value(self, tree: Parsed) -> nodes.TestNode:
        """`F is V`."""
        return self._test(tree, Operator.IS)

    def on_is_not(self, tree: Parsed) -> nodes.TestNode:
        """`F is not V`."""
        return self._test(tree, Operator.IS_NOT)

    on_is_among = on_is_value
    on_is_not_among = on_is_not

    def on_at_most(self, tree: Parsed) -> nodes.TestNode:
        """`F at most V`."""
        return self._test(tree, Operator.AT_MOST)

    def on_at_least(self, tree: Parsed) -> nodes.TestNode:
        """`F at least V`."""
        return self._test(tree, Operator.AT_LEAST)

    def on_subset(self, tree: Parsed) -> nodes.TestNode:
        """`F among V`."""
        return self._test(tree, Operator.SUBSET)

    def on_equals(self, tree: Parsed) -> nodes.TestNode:
        """`F equals V`, as sets."""
        return self._test(tree, Operator.EQUAL)

    # ------------------------------------------------------------ clauses

    def on_clause(self, tree: Parsed) -> nodes.Clause:
        """A clause wherever it stands."""
        return cast(nodes.Clause, self.node(tree.children[0]))

    on_below = on_clause

    def on_where(self, tree: Parsed) -> nodes.Where:
        """`where …`."""
        return nodes.Where(self.node(tree.children[0]), place_of(tree))

    def on_witness(self, tree: Parsed) -> nodes.Witness:
        """`witness METHOD answered 200 from R`."""
        method, outcome, role = tree.children
        return nodes.Witness(str(method), str(outcome), word_of(role), place_of(tree))

    def on_let(self, tree: Parsed) -> nodes.Let:
        """`let NAME be FIELD`."""
        name, value = tree.children
        return nodes.Let(word_of(name), word_of(value), place_of(tree))

    def _bind(self, tree: Parsed, kind: str) -> Bind:
        return Bind(kind, self.node(tree.children[0]), place_of(tree))

    def on_dialog(self, tree: Parsed) -> Bind:
        """`in the dialog of N`."""
        return self._bind(tree, "dialog")

    def on_session(self, tree: Parsed) -> Bind:
        """`in the session of N`."""
        return self._bind(tree, "session")

    def on_about(self, tree: Parsed) -> Bind:
        """`about the messages of N`."""
        return self._bind(tree, "about")

    def on_after(self, tree: Parsed) -> Bind:
        """`after N`."""
        return self._bind(tree, "after")

    def on_before(self, tree: Parsed) -> Bind:
        """`before N`."""
        return self._bind(tree, "before")

    def on_answered(self, tree: Parsed) -> nodes.Answered:
        """`answered OK`."""
        return nodes.Answered(str(tree.children[0]), place_of(tree))

    def on_seconds(self, tree: Parsed) -> nodes.Duration:
        """`32 s`."""
        return nodes.Duration(float(tree.children[0]), "", place_of(tree))

    def on_deadline(self, tree: Parsed) -> nodes.Time:
        """`within D of N`."""
        return self._time(tree, latest=True)

    def on_sooner(self, tree: Parsed) -> nodes.Time:
        """`no sooner than D after N`."""
        return self._time(tree, latest=False)

    def _time(self, tree: Parsed, *, latest: bool) -> nodes.Time:
        amount, ref = tree.children
        return nodes.Time(self.duration(amount), self.node(ref), latest, place_of(tree))

    def duration(self, tree: Parsed) -> nodes.Duration:
        """`32 s` or `profile.NAME`."""
        made = self.node(tree)
        if isinstance(made, nodes.SettingName):
            return nodes.Duration(None, made.name, made.place)
        assert isinstance(made, nodes.Duration)
        return made

    def on_once_or_more(self, tree: Parsed) -> nodes.Repeat:
        """`once or more`."""
        return nodes.Repeat(1, None, place_of(tree))

    def on_repeat(self, tree: Parsed) -> nodes.Repeat:
        """`repeat n..m`."""
        least, most = tree.children
        return nodes.Repeat(int(float(least)), int(float(most)), place_of(tree))


class RequirementRules(ConditionRules):
    """Requirements: what is asked, how it is judged, where it stands."""

    def on_requirement(self, tree: Parsed) -> nodes.RequirementNode:
        """A requirement line below a step."""
        level, asked, name, *origin = tree.children
        return self._requirement(tree, name, level, self.node(asked), origin)

    def on_at_end(self, tree: Parsed) -> nodes.RequirementNode:
        """`at the end shall …`."""
        _, level, asked, name, *origin = tree.children
        assertion = replace(self.node(asked), rule=Rule.AT_END)
        return self._requirement(tree, name, level, assertion, origin)

    def on_general(self, tree: Parsed) -> nodes.RequirementNode:
        """A requirement that no step shows."""
        name, level, asked, *origin = tree.children
        return self._requirement(tree, name, level, self.node(asked), origin)

    def never_requirement(self, tree: Parsed) -> nodes.RequirementNode:
        """The requirement at the end of a `never` line."""
        name, level, *origin = tree.children
        assertion = Assertion(Rule.NEVER, place_of(tree))
        return self._requirement(tree, name, level or "shall", assertion, origin)

    def _requirement(
        self, tree: Parsed, name: Parsed, level: Parsed, assertion: Assertion, origin: list[Parsed]
    ) -> nodes.RequirementNode:
        found = [self.node(part) for part in origin if part is not None]
        source: nodes.Origin | None = found[0] if found else None
        asked = Level(str(level))
        if source is not None and source.rfc and asked is Level.SHALL:
            asked = Level.RFC
        word = Word(str(name)[1:-1], place_of(name))
        return nodes.RequirementNode(word, asked, assertion, source, place_of(tree))

    def on_origin(self, tree: Parsed) -> nodes.Origin:
        """`clause "…" "…"`."""
        if len(tree.children) == 1:
            made: nodes.Origin = self.node(tree.children[0])
            return made
        document, clause, sentence = tree.children
        shown = "" if document is None else self.string(document)
        return nodes.Origin(shown, self.string(clause), self.string(sentence), "", place_of(tree))

    def on_rfc(self, tree: Parsed) -> nodes.Origin:
        """`rfc N "section" "sentence"`."""
        number, section, sentence = tree.children
        return nodes.Origin(
            f"RFC {number}",
            self.string(section),
            self.string(sentence),
            str(number),
            place_of(tree),
        )

    def on_by_reference(self, tree: Parsed) -> Assertion:
        """`judged by the reference comparison`."""
        return Assertion(Rule.REFERENCE, place_of(tree))

    def on_not_observable(self, tree: Parsed) -> Assertion:
        """`not observable because "…"`."""
        return Assertion(Rule.NONE, place_of(tree), reason=self.string(tree.children[0]))

    def on_holds(self, tree: Parsed) -> Assertion:
        """A condition, perhaps only where another holds."""
        condition, *given = tree.children
        return Assertion(
            Rule.CONDITION,
            place_of(tree),
            condition=self.node(condition),
            given=self.node(given[0]) if given else None,
        )

    def on_torn_down(self, tree: Parsed) -> Assertion:
        """`be torn down by R …, within D`."""
        role, amount = tree.children
        return Assertion(
            Rule.TEARDOWN, place_of(tree), role=word_of(role), duration=self.duration(amount)
        )

    def on_wait_for(self, tree: Parsed) -> Assertion:
        """`wait for the registration of R`."""
        return Assertion(Rule.WAIT, place_of(tree), role=word_of(tree.children[0]))

    def on_fresh(self, tree: Parsed) -> Assertion:
        """`not deliver again what was delivered`."""
        return Assertion(Rule.FRESH, place_of(tree))

    def on_removed(self, tree: Parsed) -> Assertion:
        """`remove what was handled`."""
        return Assertion(Rule.REMOVED, place_of(tree))

    def on_deliver(self, tree: Parsed) -> Assertion:
        """`deliver at least one message`."""
        return Assertion(Rule.DELIVER, place_of(tree))

    def on_deliver_most(self, tree: Parsed) -> Assertion:
        """`deliver at most one message`."""
        given = [part for part in tree.children if part is not None]
        return Assertion(
            Rule.DELIVER,
            place_of(tree),
            given=self.node(given[0]) if given else None,
            reason=AT_MOST_ONE,
        )

    def on_connect_after(self, tree: Parsed) -> Assertion:
        """`connect only after ACK`."""
        return Assertion(Rule.CONNECT, place_of(tree))

    def on_not_answer(self, tree: Parsed) -> Assertion:
        """`not answer 603, open 486`."""
        wrong, *others = tree.children
        open_ones = others[0] if others and others[0] is not None else None
        return Assertion(
            Rule.ANSWER,
            place_of(tree),
            wrong=tuple(int(token) for token in wrong.children),
            open=() if open_ones is None else tuple(int(t) for t in open_ones.children),
        )

    def on_come_within(self, tree: Parsed) -> Assertion:
        """`come within D of N`."""
        return self._timing(tree, latest=True)

    def on_come_after(self, tree: Parsed) -> Assertion:
        """`come no sooner than D after N`."""
        return self._timing(tree, latest=False)

    def _timing(self, tree: Parsed, *, latest: bool) -> Assertion:
        amount, ref = tree.children
        return Assertion(
            Rule.TIMING,
            place_of(tree),
            duration=self.duration(amount),
            anchor=self.node(ref),
            latest=latest,
        )
