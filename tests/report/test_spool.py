import pytest

from conformance.report.spool import Spool
from tests.report.samples import failed_pull, passed_pager


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
