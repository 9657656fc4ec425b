import pytest

from conformance.report.spool import Line, Spool
from conformance.verifier.verdict import Verdict
from tests.report.samples import cut_pager, failed_pull, passed_pager


def test_instances_are_read_again_and_again() -> None:
    with Spool() as spool:
        spool.append(failed_pull())
        spool.append(passed_pager())
        assert len(spool) == 2
        assert list(spool) == [failed_pull(), passed_pager()]
        assert list(spool) == [failed_pull(), passed_pager()]


def test_two_readings_and_a_writing_do_not_disturb_one_another() -> None:
    with Spool() as spool:
        for number in range(3):
            spool.append(passed_pager(id_=f"p{number}"))
        one, other = iter(spool), iter(spool)
        assert next(one).id == "p0"
        assert next(other).id == "p0"
        assert next(one).id == "p1"
        spool.append(failed_pull())
        assert [instance.id for instance in other] == ["p1", "p2"]
        assert len(spool) == 4


def test_the_file_is_gone_when_the_spool_is_closed() -> None:
    spool = Spool()
    spool.append(passed_pager())
    spool.close()
    with pytest.raises(ValueError, match="closed"):
        list(spool)


def test_departures_are_what_did_not_pass() -> None:
    with Spool() as spool:
        for instance in (passed_pager(), failed_pull(), cut_pager()):
            spool.append(instance)
        assert [one.id for one in spool.departures()] == [failed_pull().id, cut_pager().id]
        assert len(list(spool)) == 3


def test_passing_instances_may_be_counted_only() -> None:
    with Spool(passing=False) as spool:
        for instance in (passed_pager(), failed_pull(), passed_pager()):
            spool.append(instance)
        assert len(spool) == 3
        assert [one.id for one in spool] == [failed_pull().id]
        assert [one.id for one in spool.departures()] == [failed_pull().id]


def test_a_line_made_elsewhere_is_as_good() -> None:
    with Spool() as spool:
        spool.append(failed_pull())
        spool.put(Line.of(passed_pager()))
        assert list(spool) == [failed_pull(), passed_pager()]


def test_lines_that_are_counted_only() -> None:
    with Spool(passing=False) as spool:
        assert not spool.keeps(Verdict.PASS)
        spool.put(Line.of(passed_pager()))
        spool.put(Line.of(failed_pull()))
        assert list(spool) == [failed_pull()]
        assert len(spool) == 2
