import sqlite3

import pytest

from conformance.report.place import ReportError
from conformance.suite.errors import ConformanceError
from conformance.suite.results import Results, is_results, open_results
from conformance.verifier.verdict import Verdict
from tests.report.samples import failed_pull, passed_pager


@pytest.fixture
def path(tmp_path) -> str:
    return str(tmp_path / "results")


def test_what_was_put_in_comes_out_in_its_order(path) -> None:
    results = Results.begin(path, {"version": "1"})
    results.append(passed_pager())
    results.append(failed_pull())
    assert len(results) == 2
    assert [one.verdict for one in results] == [Verdict.PASS, Verdict.FAIL]
    assert [one.verdict for one in results.departures()] == [Verdict.FAIL]
    assert results.told("about") == {"version": "1"}
    assert results.told("nothing") is None
    results.close()


def test_what_is_only_counted_is_not_listed(path) -> None:
    results = Results.begin(path, {})
    results.count(passed_pager())
    assert len(results) == 0
    assert list(results) == []
    (kept,) = results.everything()
    assert kept.judged == passed_pager().judged
    assert kept.steps == ()
    results.close()


def test_another_can_read_while_it_is_written(path) -> None:
    written = Results.begin(path, {})
    written.append(failed_pull())
    read = open_results(path)
    assert [one.id for one in read] == [failed_pull().id]
    read.close()
    written.close()
    assert is_results(path)


def test_many_results_are_read_piece_by_piece(path) -> None:
    results = Results.begin(path, {})
    for _ in range(250):
        results.append(passed_pager())
    assert sum(1 for _ in results) == 250
    results.close()


def test_a_file_that_is_there_is_not_overwritten(path) -> None:
    Results.begin(path, {}).close()
    with pytest.raises(ConformanceError, match="not overwritten"):
        Results.begin(path, {})


def test_a_place_where_nothing_can_be_kept_is_told(tmp_path) -> None:
    with pytest.raises(ConformanceError, match="cannot be kept"):
        Results.begin(str(tmp_path / "absent" / "results"), {})


def test_results_that_can_be_written_no_more_are_told(path) -> None:
    results = Results.begin(path, {})
    results.close()
    with pytest.raises(ConformanceError, match="cannot be kept"):
        results.append(passed_pager())
    with pytest.raises(ConformanceError, match="cannot be kept"):
        results.tell("captures", [])


def test_other_files_are_refused(tmp_path, path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE x (y)")
    other.commit()
    other.close()
    assert is_results(path)
    with pytest.raises(ReportError, match="no results"):
        open_results(path)
    broken = tmp_path / "broken"
    broken.write_bytes(b"SQLite format 3\0 and nothing more")
    with pytest.raises(ReportError, match="cannot be read"):
        open_results(str(broken))
    assert not is_results(str(tmp_path / "absent"))
