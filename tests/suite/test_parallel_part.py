"""A part of a run: what one process hands back, and how it is put behind the others."""

import pickle
from pathlib import Path

import pytest

from conformance.capture.errors import CaptureError
from conformance.flow.errors import LibraryError
from conformance.suite import parallel_part
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Input, quiet
from conformance.suite.parallel_part import Task, judge, read, sent, unread
from tests.suite.parallel_captures import SETTING, demos


@pytest.fixture
def task(tmp_path) -> Task:
    path = demos(tmp_path, 1)[0]
    folder = tmp_path / "shared"
    folder.mkdir()
    return Task((Input(0, path, path),), SETTING, {}, folder=str(folder))


def test_a_reading_crosses_the_border_with_what_it_keeps(task):
    reading = pickle.loads(pickle.dumps(read(task)))
    assert reading.healths[0].packets == 11
    assert reading.kept is not None
    assert len(list(reading.kept)) == 11
    reading.kept.close()


def test_what_was_kept_is_judged_and_let_go(task):
    reading = read(task)
    assert reading.kept is not None
    # Nothing is read from the capture again.
    Path(task.members[0].path).write_bytes(b"")
    again = Task(task.members, SETTING, {}, reading.found, task.folder, kept=(reading.kept,))
    part = pickle.loads(pickle.dumps(judge(again)))
    found = {line.id.partition(".")[0]: str(line.verdict) for line in part.lines()}
    assert found == {"pull": "fail", "push-pager": "pass"}
    part.forget()
    assert list(Path(task.folder).iterdir()) == []


def test_without_a_folder_the_lines_come_in_memory(task):
    alone = Task(task.members, SETTING, {})
    part = judge(alone)
    assert len(list(part.lines())) == 2
    assert part.healths[0].sip_messages == 11
    assert read(alone).kept is None


def test_our_own_exception_is_a_fault(task, monkeypatch):
    def broken(*_arguments):
        raise KeyError("x")

    monkeypatch.setattr(parallel_part, "first_pass", broken)
    reading = read(task)
    assert reading.faults[0].sentence == "KeyError: 'x'"
    assert "Traceback" in reading.faults[0].traceback
    part = judge(task)
    assert part.faults[0].doing == f"reading {task.names}"
    assert list(part.lines()) == []


def test_a_file_that_vanished_is_the_users(task):
    Path(task.members[0].path).unlink()
    with pytest.raises(CaptureError):
        read(task, quiet)


def test_what_is_sent_keeps_nothing(task):
    assert [one.kept for one in sent(task.members)] == [None]
    assert unread(task.members[0]).packets == 0


@pytest.mark.parametrize(
    "error",
    [
        CaptureError("a.pcap", "it is empty"),
        ConformanceError("wrong", "--flow"),
        LibraryError("x.flow", 3, 4, "no such thing", "step"),
    ],
)
def test_errors_of_the_user_cross_the_border(error):
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert vars(found) == vars(error)
