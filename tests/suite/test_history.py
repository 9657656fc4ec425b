import sqlite3
import stat
from dataclasses import replace

import pytest

from conformance.report.comparison import Change
from conformance.report.model import Report
from conformance.suite.errors import ConformanceError
from conformance.suite.history import Trend, add, show
from conformance.verifier.verdict import Verdict
from tests.report.samples import report


def dated(day: int, verdict: Verdict = Verdict.FAIL) -> Report:
    made = report()
    row = replace(made.requirements[0], verdict=verdict)
    return replace(
        made, made=f"2026-03-{day:02}T00:00:00Z", requirements=(row, *made.requirements[1:])
    )


@pytest.fixture
def base(tmp_path) -> str:
    path = str(tmp_path / "history.db")
    add(path, dated(3, Verdict.PASS), "c", "1.2")
    add(path, dated(1), "a", "1.0")
    add(path, dated(2, Verdict.INCONC), "b", "1.1")
    return path


def test_runs_stand_in_the_order_of_their_dates(base) -> None:
    runs, _ = show(base, 10)
    assert [run.label for run in runs] == ["1.0", "1.1", "1.2"]
    assert (runs[0].profile, runs[0].tool, runs[0].captures) == ("cpm", "cpmspec 0.1.0", 2)


def test_a_trend_is_the_verdicts_in_that_order(base) -> None:
    _, trends = show(base, 10, "pull/6-7")
    (only,) = trends
    assert only.verdicts == (Verdict.FAIL, Verdict.INCONC, Verdict.PASS)
    assert (only.level, only.moved, only.last) == ("flow", True, Verdict.PASS)
    assert only.change is Change.BETTER


def test_the_latest_runs_are_shown(base) -> None:
    runs, trends = show(base, 2)
    assert [run.label for run in runs] == ["1.1", "1.2"]
    assert {len(trend.verdicts) for trend in trends} == {2}
    assert [trend.id for trend in trends][:3] == ["pull", "push-pager", "push"]


def test_a_report_is_kept_once(base) -> None:
    assert add(base, dated(1), "a", "again") is None
    assert len(show(base, 10)[0]) == 3


def test_a_requirement_that_came_later_is_absent_before(base) -> None:
    made = dated(4)
    fresh = replace(made.requirements[0], id="new-one", verdict=Verdict.FAIL)
    add(base, replace(made, requirements=(fresh,)), "d")
    (only,) = show(base, 10, "new-one")[1]
    assert only.verdicts == (None, None, None, Verdict.FAIL)
    assert only.change is Change.WORSE


def test_a_trend_of_one_run_goes_nowhere() -> None:
    assert Trend("flow", "pull", "", (Verdict.PASS,)).change is None
    assert Trend("flow", "pull", "", ()).last is Verdict.NONE
    assert not Trend("flow", "pull", "", (None, Verdict.NONE)).moved


def test_an_unknown_requirement_is_refused(base) -> None:
    with pytest.raises(ConformanceError, match="did you mean 'pull/6-7'"):
        show(base, 10, "pull/6-8")


def test_what_is_no_history_is_refused(tmp_path) -> None:
    absent = tmp_path / "absent.db"
    with pytest.raises(ConformanceError, match="no such history"):
        show(str(absent), 10)
    assert not absent.exists()
    other = tmp_path / "text.db"
    other.write_text("no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(ConformanceError, match="cannot be used as a history"):
        add(str(other), report(), "x")
    with pytest.raises(ConformanceError, match="cannot be used as a history"):
        add(str(tmp_path), report(), "x")


def test_another_database_is_left_alone(tmp_path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(ConformanceError, match="of something else"):
        add(str(path), report(), "x")


def test_a_later_version_is_refused(base) -> None:
    with sqlite3.connect(base) as other:
        other.execute("PRAGMA user_version = 2")
    other.close()
    with pytest.raises(ConformanceError, match="its version is 2"):
        show(base, 10)


def test_a_damaged_verdict_is_told(base) -> None:
    with sqlite3.connect(base) as other:
        other.execute("UPDATE result SET verdict = 'perhaps'")
    other.close()
    with pytest.raises(ConformanceError, match="unknown verdict 'perhaps'"):
        show(base, 10)


def test_a_history_that_cannot_be_written_can_be_shown(base, tmp_path) -> None:
    (tmp_path / "history.db").chmod(stat.S_IRUSR)
    assert len(show(base, 10)[0]) == 3
