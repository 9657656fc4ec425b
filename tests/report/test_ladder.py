from dataclasses import replace

from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.report.ladder import Look, first_cause, layout, told
from conformance.verifier.verdict import Status, Verdict
from tests.report.samples import at, cut_pager, failed_pull, message, passed_pager


def test_columns_are_the_parties_from_left_to_right() -> None:
    columns = layout(failed_pull()).columns
    assert [column.name for column in columns] == [
        "CPM Client",
        "SIP/IP Core",
        "Participating Function",
    ]
    assert [column.hosts for column in columns] == [("10.0.2.20",), ("10.0.1.1",), ("10.0.3.1",)]


def test_each_device_has_a_column_and_a_core_of_several_nodes_one() -> None:
    core, client = Role.CORE, Role.CLIENT
    first = message(1, core, client, "MESSAGE", "3", "2-3")
    second = replace(first, number=2, source="10.0.1.2:5060", destination="10.0.2.21:5060")
    sixth = replace(first, number=3, destination="[2001:db8::1]:5060")
    drawing = layout(replace(passed_pager(), ladder=(first, second, sixth), steps=()))
    assert [column.hosts for column in drawing.columns] == [
        ("10.0.2.20",),
        ("10.0.2.21",),
        ("2001:db8::1",),
        ("10.0.1.1", "10.0.1.2"),
    ]


def test_hosts_without_a_role_stand_at_the_right() -> None:
    line = replace(message(1, Role.PF, Role.CORE, "OPTIONS"), sender="", source="10.9.9.9:5060")
    columns = layout(replace(passed_pager(), ladder=(line,), steps=())).columns
    assert [(column.name, column.hosts) for column in columns] == [
        ("SIP/IP Core", ("10.0.1.1",)),
        ("unknown role", ("10.9.9.9",)),
    ]


def test_missing_steps_stand_where_they_should_have_been() -> None:
    rows = layout(failed_pull()).rows
    assert [row.label for row in rows] == ["2", "3", "4", "5", "6", "7", "10", ""]
    assert [row.look for row in rows[4:]] == [
        Look.MISSING,
        Look.MISSING,
        Look.VIOLATED,
        Look.IMPLIED,
    ]
    assert [row.parts for row in rows].index(True) == 4
    assert sum(row.parts for row in rows) == 1


def test_a_breach_parts_at_its_last_frame() -> None:
    found = failed_pull()
    cause = replace(found.findings[0], step="10-11", frames=(at(3), at(9)))
    rows = layout(replace(found, findings=(cause,))).rows
    assert next(row.label for row in rows if row.parts) == "10"


def test_pending_steps_are_drawn_and_part_nothing() -> None:
    rows = layout(cut_pager()).rows
    assert [row.look for row in rows[2:]] == [Look.PENDING, Look.PENDING]
    assert not any(row.parts for row in rows)


def test_a_missing_role_gets_a_column() -> None:
    found = failed_pull()
    only = replace(found, ladder=found.ladder[:1])
    assert len(layout(only).columns) == 3


def test_an_instance_without_messages_has_a_layout() -> None:
    empty = replace(passed_pager(), ladder=(), steps=())
    assert layout(empty).rows == ()
    assert layout(empty).begin == empty.first_time


def test_a_step_is_told_briefly() -> None:
    found = failed_pull()
    for sentence, brief in (
        ("CPM Client A sends MSRP SEND to CPM Participating Function A.", "MSRP SEND"),
        ("CPM Client A answers 2-3 with OK via SIP/IP Core A.", "OK to 2-3"),
        ("CPM Client A ends the session of 10-11 via SIP/IP Core A.", "BYE"),
        ("something else", "something else"),
    ):
        step = replace(found.steps[5], text=sentence)
        drawing = layout(replace(found, steps=(step,)))
        assert next(row.text for row in drawing.rows if row.look is Look.MISSING) == brief


def test_the_cause_is_the_first_failure_that_is_no_consequence() -> None:
    found = failed_pull()
    consequence, note = found.findings[1:]
    assert first_cause(found) is found.findings[0]
    assert first_cause(replace(found, findings=(consequence, note))) is None
    unsure = replace(note, verdict=Verdict.INCONC)
    assert first_cause(replace(found, findings=(unsure, *found.findings))) is found.findings[0]
    assert first_cause(replace(found, findings=(unsure,))) is unsure
    mild = replace(found.findings[0], level=Level.SHOULD)
    assert first_cause(replace(found, findings=(mild, *found.findings))) is found.findings[0]
    assert first_cause(replace(found, findings=(unsure, mild))) is mild
    left_open = replace(found, verdict=Verdict.INCONC)
    assert first_cause(replace(left_open, findings=(mild, unsure))) is unsure


def test_internal_steps_are_no_arrows() -> None:
    found = failed_pull()
    assert found.steps[0].status is Status.INTERNAL
    assert "1" not in [row.label for row in layout(found).rows]


def test_findings_are_told_causes_first() -> None:
    found = failed_pull()
    cause, consequence, note = found.findings
    unsure = replace(note, verdict=Verdict.INCONC)
    mixed = replace(found, findings=(note, unsure, consequence, cause))
    assert told(mixed) == (cause, consequence, unsure)
