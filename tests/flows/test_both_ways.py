"""Every step and requirement of every flow, with a trace that keeps it and one that breaks it.

Run with `-s` to see the table.
"""

import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import pytest

from conformance.flow.catalogue import requirements
from conformance.flow.library import load
from conformance.flow.program import Kind, Level, Program, Requirement, Rule
from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.scenarios import catalogue, chat, pull, push, push_large
from tests.scenarios.agents import accept_contact
from tests.verifying import verify

FLOWS = tuple(catalogue.FLOWS)


def _end_before(ladder: Ladder, content: str) -> Ladder:
    """The participating function hangs up before it sends what is to come."""
    end = next(i for i, shot in enumerate(ladder.shots) if shot.start.startswith("BYE"))
    return ladder.hasten(end, ladder.find(content))


def _refusal_invented() -> Ladder:
    """The core sends a 480 on before the client has sent one."""
    ladder = catalogue.ladder("VARIANTS", "chat-deferred", "declined-480")
    received, sent = (i for i, shot in enumerate(ladder.shots) if shot.step == "3-4b")
    return ladder.hasten(sent, received)


KEPT_HERE: dict[tuple[str, str], Callable[[], Ladder]] = {
    ("push", "RFC5438-message-id"): lambda: push.build(disposition="positive-delivery"),
    ("push-large", "RFC5438-message-id"): lambda: push_large.build(
        disposition="positive-delivery"
    ),
}
"""Traces that keep what no named variant is about."""

BROKEN_HERE: dict[tuple[str, str], Callable[[], Ladder]] = {
    ("chat-deferred", "chat-deferred/end"): lambda: _end_before(chat.build(), "8"),
    ("chat-deferred", "chat-deferred/3-4b"): _refusal_invented,
    ("pull", "pull/end"): lambda: _end_before(pull.build(end="pf"), "14"),
    ("push", "push/6"): lambda: _end_before(push.build(), "6"),
    ("push", "push-not-session"): lambda: push.build(
        headers=(accept_contact("session"),), offer_direction="", answer_direction=""
    ),
    ("push-large", "push-large-one"): lambda: push_large.build(count=2),
}
"""Traces that break what no named break is about."""

UNBREAKABLE: dict[tuple[str, str], str] = {
    ("pull", "pull/1"): "becoming available is the client's own affair, and nothing waits for it",
    ("pull-notify", "pull-notify/1"): "as in pull: no requirement waits for the registration",
    ("push", "push/1"): "what contradicts it breaks SD-5.2.1.1.2-wait",
    ("push-large", "push-large/1"): "what contradicts it breaks SD-5.2.1.1.2-wait",
    ("push-pager", "push-pager/1"): "what contradicts it breaks SD-5.2.1.1.2-wait",
    ("undelivered", "undelivered/1-2"): "without it nothing is deferred, and no instance begins",
    ("undelivered", "RFC5438-message-id"): "without an identity no notification can name the "
    "message, and no instance is identified",
    ("interwork-out", "interwork-out/1"): "the first message: without it there is no instance",
    ("interwork-out", "interwork-out/3"): "identified by 4, which shows 3; who goes round the "
    "participating function breaks 2 before",
    ("interwork-out", "interwork-out/4"): "identifies the flow: without it there is no instance",
    ("interwork-in", "interwork-in/1"): "the non-CPM side's message: 2 shows it",
    ("chat-deferred", "chat-deferred/7"): "its silence and its order break CF-7.3.12-3-msrp",
}
"""What cannot be broken without being something else: an empty cell, and why."""

WITNESSLESS: dict[tuple[str, str], str] = {
    ("pull", "pull/1"): "internal: a registration seen is a witness, and never judged",
    ("pull-notify", "pull-notify/1"): "internal, as in pull",
    ("push", "push/1"): "internal: kept as SD-5.2.1.1.2-wait is",
    ("push-large", "push-large/1"): "internal: kept as SD-5.2.1.1.2-wait is",
    ("push-pager", "push-pager/1"): "internal: kept as SD-5.2.1.1.2-wait is",
    ("undelivered", "undelivered/3"): "internal: it leaves no message when it is kept",
    ("undelivered", "undelivered/6"): "internal: it leaves no message when it is kept",
}
"""What can be contradicted and never shown."""


@dataclass(slots=True)
class Cell:
    """The names of the traces that keep and break one requirement."""

    keep: list[str] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)


def _enter(cells: dict[str, Cell], flow: str, name: str, ladder: Ladder) -> None:
    """Note what a trace keeps and breaks of one flow."""
    judged = verify(ladder, flows=[flow])
    for one in judged.results:
        broken = {
            finding.requirement
            for finding in one.findings
            if finding.verdict is Verdict.FAIL and not finding.consequence
        }
        for requirement in broken:
            cells[requirement].breaks.append(name)
        if one.verdict is not Verdict.PASS:
            continue
        for requirement, verdict in one.judged:
            if verdict is Verdict.PASS:
                cells[requirement].keep.append(name)


@cache
def cells_of(flow: str) -> dict[str, Cell]:
    """What the ladders of a flow keep and break, by requirement."""
    cells: dict[str, Cell] = defaultdict(Cell)
    for kind in ("VARIANTS", "BREAKS"):
        for owner, name in catalogue.names(kind):
            if owner == flow:
                _enter(cells, flow, name, catalogue.ladder(kind, flow, name))
    for (owner, requirement), make in {**KEPT_HERE, **BROKEN_HERE}.items():
        if owner == flow:
            _enter(cells, flow, f"here: {requirement}", make())
    return dict(cells)


def unseen(requirement: Requirement) -> bool:
    """Whether no trace can keep or break it: not observable, or for the reference to judge."""
    return requirement.rule in (Rule.NONE, Rule.REFERENCE)


def asked(flow: str) -> list[Requirement]:
    """The requirements of a flow, each once."""
    return list({one.id: one for one in requirements(load().flow(flow))}.values())


@pytest.mark.parametrize("flow", FLOWS)
def test_that_every_requirement_is_kept_by_a_trace(flow: str) -> None:
    cells = cells_of(flow)
    empty = [
        one.id
        for one in asked(flow)
        if not unseen(one) and (flow, one.id) not in WITNESSLESS
        if not cells.get(one.id, Cell()).keep
    ]
    assert empty == []


@pytest.mark.parametrize("flow", FLOWS)
def test_that_every_requirement_is_broken_by_a_trace(flow: str) -> None:
    cells = cells_of(flow)
    empty = [
        one.id
        for one in asked(flow)
        if not unseen(one) and one.level is not Level.MAY and (flow, one.id) not in UNBREAKABLE
        if not cells.get(one.id, Cell()).breaks
    ]
    assert empty == []


@pytest.mark.parametrize("flow", FLOWS)
def test_that_no_excuse_is_stale(flow: str) -> None:
    known = {one.id for one in asked(flow)}
    cells = cells_of(flow)
    excused = [one for owner, one in (*UNBREAKABLE, *WITNESSLESS) if owner == flow]
    assert set(excused) <= known
    broken = {one for owner, one in UNBREAKABLE if owner == flow if cells.get(one, Cell()).breaks}
    kept = {one for owner, one in WITNESSLESS if owner == flow if cells.get(one, Cell()).keep}
    assert (broken, kept) == (set(), set())


@pytest.mark.parametrize("flow", FLOWS)
def test_that_only_internal_steps_leave_no_trace(flow: str) -> None:
    program: Program = load().flow(flow)
    internal = {step.label for step in program.steps if step.kind is Kind.INTERNAL}
    excused = {one.removeprefix(f"{flow}/") for owner, one in WITNESSLESS if owner == flow}
    assert excused <= internal


def test_that_a_may_never_fails() -> None:
    for flow in FLOWS:
        levels = {one.id: one.level for one in asked(flow)}
        broken = {one for one, cell in cells_of(flow).items() if cell.breaks}
        assert [one for one in broken if levels.get(one) is Level.MAY] == []


def excuse(flow: str, one: Requirement) -> str:
    """Why a requirement has no trace that breaks it; empty if it needs one."""
    if unseen(one):
        return f"{one.rule}: {one.reason}" if one.reason else str(one.rule)
    if one.level is Level.MAY:
        return "may: never fails"
    return UNBREAKABLE.get((flow, one.id), "")


def test_that_the_table_has_no_empty_cell() -> None:
    """Shows (-s) each requirement with how many traces keep and break it."""
    lines = [f"\n{'requirement':34} {'level':8} {'kept':>5} {'broken':>6}  for instance"]
    unexplained = []
    for flow in FLOWS:
        lines.append(flow)
        for one in asked(flow):
            cell = cells_of(flow).get(one.id, Cell())
            sample = cell.breaks[0] if cell.breaks else excuse(flow, one)
            numbers = f"{len(cell.keep):5} {len(cell.breaks):6}"
            lines.append(f"  {one.id:32} {one.level:8} {numbers}  {sample}")
            if not sample:
                unexplained.append(f"{flow} {one.id}")
    sys.stdout.write("\n".join([*lines, ""]))
    assert unexplained == []
