"""The nine flows as they are promised: ids, labels, hops, requirements."""

import re
from pathlib import Path

import pytest

from conformance.cpm.role import Role
from conformance.flow.catalogue import catalogue, requirements
from conformance.flow.library import default_folder, load
from conformance.flow.program import Kind, Level, Program, Rule

LABELS = {
    "push-pager": ["1", "2-3", "4-5"],
    "push-large": ["1", "2-3", "4-5", "6", "6"],
    "push": ["1", "2-3", "4-5", "6", "6"],
    "pull": ["1", "2-3", "4-5", "6-7", "8-9", "10-11", "12-13", "14", "end", "end"],
    "pull-notify": ["1", "2-3", "4-5", "6-7", "8-9", "10", "10", "10"],
    "chat-deferred": ["1-2", "3-4", "5-6", "7", "8", "end", "end", "3-4b"],
    "undelivered": ["1-2", "3", "4-5", "6", "7-8", "9-10"],
    "interwork-out": ["1", "2", "3", "4", "5", "6", "7-8", "9-10"],
    "interwork-in": ["1", "2", "3", "4", "5", "6-10"],
}

NAMED = """
SD-5.2.1.1.2-wait shall push push-large push-pager
SD-5.2.1.1.2-remove shall push push-large push-pager
SD-C.3.2.1.4-disconnect shall push-large
SD-5.2.1.1.2-session shall push
SD-5.2.1.1.2-teardown shall push
SD-5.2.1.1.1-notify shall pull-notify
SD-5.2.1.1.1-info may pull pull-notify
SD-5.2.1.1.1-identities shall pull pull-notify
SD-5.2.1.1.1-teardown shall pull pull-notify
SD-5.2.1.1.1-remove shall pull pull-notify
SD-B.3.6.2-listed flow pull
SD-B.3.6.2-messages flow pull
SD-C.3.3.2-listed flow pull-notify
SD-C.3.3.2-messages flow pull-notify
RFC6665-state rfc pull pull-notify
RFC6665-event rfc pull
RFC6665-expires rfc pull
CF-7.3.12-1-receive shall chat-deferred
CF-7.3.12-2-notification shall chat-deferred
CF-7.3.12-3-conversation-id derived chat-deferred
CF-7.3.12-3-accept shall chat-deferred
CF-7.3.12-3-msrp shall chat-deferred
CF-7.3.12-3-decline shall chat-deferred
CF-7.3.12-note-reply shall chat-deferred
RFC3264-recvonly rfc chat-deferred
RFC5438-message-id rfc chat-deferred interwork-out push push-large push-pager undelivered
push-pager-202 should push-pager
push-pager-ids should push-pager
push-ids should push
push-large-ids should push-large
chat-deferred-ids should chat-deferred
push-large-one should push-large
pull-202 should pull
interwork-out-202 should interwork-out
interwork-in-202 should interwork-in
push-not-session should push
pull-not-session should pull pull-notify
"""

FLOWS = load().flows


def test_the_nine() -> None:
    assert set(FLOWS) == set(LABELS)


@pytest.mark.parametrize("name", sorted(LABELS))
def test_labels_in_printed_order(name: str) -> None:
    assert [step.label for step in FLOWS[name].steps] == LABELS[name]


def hops_of(label: str) -> int:
    low, _, high = label.rstrip("b").partition("-")
    return int(high) - int(low) + 1 if high else 1


@pytest.mark.parametrize("name", sorted(LABELS))
def test_a_range_has_as_many_hops_as_numbers(name: str) -> None:
    for step in FLOWS[name].steps:
        if step.kind is Kind.INTERNAL:
            assert step.hops == ()
        elif step.ends_session:
            assert len(step.hops) == 2
        else:
            assert len(step.hops) == hops_of(step.label)


@pytest.mark.parametrize("row", NAMED.strip().split("\n"))
def test_named_requirements(row: str) -> None:
    name, level, *flows = row.split()
    entries = {entry.requirement.id: entry for entry in catalogue(FLOWS.values())}
    assert entries[name].requirement.level is Level(level)
    assert list(entries[name].flows) == flows


def test_no_other_requirement_is_judged() -> None:
    known = {row.split()[0] for row in NAMED.strip().split("\n")}
    found = {
        entry.requirement.id
        for entry in catalogue(FLOWS.values())
        if not {Rule.STEP, Rule.REFERENCE, Rule.NONE} & set(entry.rules)
    }
    assert found == known


@pytest.mark.parametrize("name", sorted(LABELS))
def test_every_requirement_has_its_place_and_words(name: str) -> None:
    for requirement in requirements(FLOWS[name]):
        assert requirement.sentence
        assert requirement.clause
        assert requirement.document
        assert requirement.line > 0


@pytest.mark.parametrize("name", sorted(LABELS))
def test_every_printed_step_quotes_the_document(name: str) -> None:
    for step in FLOWS[name].steps:
        own = step.requirements[0]
        assert own.rule is Rule.STEP
        assert own.id == f"{name}/{step.label}"
        if step.label != "end":
            assert own.sentence != step.text


@pytest.mark.parametrize("name", sorted(LABELS))
def test_a_file_lies_in_its_document_s_folder_under_its_clause(name: str) -> None:
    program: Program = FLOWS[name]
    path = default_folder().parent / program.file
    assert path.is_file()
    assert path.name.startswith(program.clause.split()[0] + "_")
    assert re.fullmatch(r"[A-Z0-9.]+_[a-z_]+\.flow", path.name)
    assert path.parent.name in ("system_description", "conversation_function")


def test_every_flow_reads_its_text_aloud() -> None:
    assert all(program.interpretations for program in FLOWS.values())
    assert FLOWS["pull"].replaces == "pull-notify"
    assert FLOWS["push"].replaces == "push-large"


def test_internal_steps_with_a_witness_are_registrations() -> None:
    for name in ("push", "push-large", "push-pager", "pull", "pull-notify"):
        step = FLOWS[name].steps[0]
        assert (step.role, step.witness) == (
            Role.CLIENT,
            "REGISTER answered 200 from client",
        )


def test_prose_numbers_of_the_pull_flow_are_kept() -> None:
    text = (Path(default_folder()) / "system_description" / "B.3.6.2_pull.flow").read_text("utf-8")
    for both in ("10-11 (text 6-7).", "12-13 (text 8-9).", "14 (text 10)."):
        assert both in text
