from dataclasses import replace

from conformance.cpm.role import Role
from conformance.report import figure as figures
from conformance.report.figure import PAUSE, figure
from conformance.report.ladder import Look, told
from conformance.verifier.verdict import Status
from tests.report.samples import at, failed_pull, hop, message, passed_pager


def implied(*summaries: str):
    made = passed_pager()
    extra = tuple(
        message(30 + number, Role.CORE, Role.CLIENT, text) for number, text in enumerate(summaries)
    )
    return replace(made, ladder=(*made.ladder, *extra))


def test_hops_that_no_capture_shows_stand_in_the_figure() -> None:
    rows = figure(failed_pull(), ()).folded.rows
    assert [row.label for row in rows if row.look is Look.EXPECTED] == ["11"]


def test_findings_are_marked_at_the_missing_step_or_at_their_last_frame() -> None:
    found = failed_pull()
    rows = figure(found, told(found)).folded.rows
    assert {row.label: row.marks for row in rows if row.marks} == {"6": (1,), "11": (2,)}
    breach = replace(found.findings[0], step="", frames=(at(1), at(9)))
    rows = figure(found, (breach,)).folded.rows
    assert [row.label for row in rows if row.marks] == ["10"]
    nowhere = replace(breach, frames=(at(77),))
    assert not any(row.marks for row in figure(found, (nowhere,)).folded.rows)


def test_runs_of_implied_traffic_are_folded_and_can_be_unfolded() -> None:
    drawing = figure(implied("SIP/2.0 100 Trying", "ACK sip:a@b SIP/2.0", "ACK sip:a@b"), ())
    assert [row.look for row in drawing.folded.rows] == [Look.STEP] * 4 + [Look.FOLDED]
    assert drawing.folded.rows[-1].text == "3 implied: 100 Trying, ACK"
    assert drawing.whole is not None
    assert len(drawing.whole.rows) == 7


def test_one_implied_message_or_one_with_a_finding_stays() -> None:
    assert figure(implied("ACK"), ()).whole is None
    made = implied("SIP/2.0 100 Trying", "ACK")
    found = replace(failed_pull().findings[0], step="", frames=(at(31),))
    drawing = figure(made, (found,))
    assert [row.look for row in drawing.folded.rows[-2:]] == [Look.IMPLIED, Look.IMPLIED]


def test_a_long_pause_has_a_row() -> None:
    made = passed_pager()
    late = replace(made.ladder[3], time=made.ladder[2].time + PAUSE)
    rows = figure(replace(made, ladder=(*made.ladder[:3], late)), ()).folded.rows
    assert [row.look for row in rows] == [Look.STEP] * 3 + [Look.PAUSE, Look.STEP]
    assert rows[3].text == "1.0 s later"


def test_branches_not_taken_are_named_once() -> None:
    made = passed_pager()
    other = hop("6-7", "6", Role.PF, Role.CORE, Status.NOT_TAKEN)
    assert figure(replace(made, steps=(*made.steps, other, other)), ()).left_out == ("6",)


def test_a_ladder_beyond_the_limit_keeps_its_ends_and_what_departs(monkeypatch) -> None:
    monkeypatch.setattr(figures, "ROWS", 8)
    made = failed_pull()
    lines = [
        replace(made.ladder[0], number=at, frames=(at,), time=made.first_time, violated=at == 20)
        for at in range(1, 41)
    ]
    drawing = figure(replace(made, ladder=tuple(lines), steps=(), findings=()), ())
    assert [row.frames[0] if row.frames else row.text for row in drawing.folded.rows] == [
        1, 2, 3, 4, "15 not drawn", 20, "18 not drawn", 39, 40,
    ]  # fmt: skip
    assert drawing.drawn == {0, 1, 2, 3, 19, 38, 39}
