"""What a worker refuses is told as a result, and nobody tries it again."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance import __version__
from conformance.capture.errors import CaptureError
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Input
from conformance.suite.parallel_dask_worker import Refused, do, rules
from conformance.suite.parallel_part import Reading, Task, read
from tests.suite.parallel_captures import SETTING, demos


@pytest.fixture
def task(tmp_path) -> Task:
    (path,) = demos(tmp_path, 1)
    return Task((Input(0, path, path),), SETTING, {})


def test_a_task_is_done_by_the_same_rules(task):
    assert isinstance(do(read, task, rules(SETTING)), Reading)


def test_what_lies_at_an_address_is_fetched_for_as_long_as_it_is_needed(task):
    pytest.importorskip("fsspec", reason="fsspec is not installed: cpmspec[dask]")
    (here,) = task.members
    seen = []

    def look(given):
        seen.extend(member.file for member in given.members)
        return read(given)

    far = replace(here, file=f"file://{here.file}")
    assert isinstance(do(look, replace(task, members=(far,)), rules(SETTING)), Reading)
    (fetched,) = seen
    assert fetched not in (here.file, far.file)
    assert not Path(fetched).exists()


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (("0.0.9", rules(SETTING)[1]), f"a worker has cpmspec {__version__}, here is 0.0.9"),
        ((__version__, "0" * 64), "a worker has other flows than those here"),
    ],
)
def test_other_rules_are_refused(task, wanted, sentence):
    refused = do(read, task, wanted)
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, ConformanceError)
    assert sentence in str(refused.error)


def test_a_capture_that_is_not_within_reach_is_refused(task):
    absent = Input(0, "absent.pcapng", "absent.pcapng")
    refused = do(read, replace(task, members=(absent,)), rules(SETTING))
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, CaptureError)
    assert "a worker does not see it" in str(refused.error)
