"""Processes do what a serial run does, and bear that one of them dies."""

import os
from pathlib import Path

import pytest

from conformance.capture.errors import CaptureError
from conformance.suite.inputs import Input
from conformance.suite.parallel import Lost
from conformance.suite.parallel_part import Reading, Task
from conformance.suite.parallel_processes import Processes, available
from tests.suite.parallel_captures import SETTING, demos, dies, dies_once, refuses, serial, shared


def tasks(paths: list[str], folder: str) -> list[Task]:
    return [
        Task((Input(number, path, path),), SETTING, {}, folder=folder, slot=number)
        for number, path in enumerate(paths)
    ]


def with_one_that_dies(folder: Path) -> list[str]:
    paths = demos(folder, 4)
    dying = folder / "dies.pcapng"
    Path(paths[1]).rename(dying)
    return [paths[0], str(dying), *paths[2:]]


def test_the_report_is_that_of_a_serial_run(tmp_path):
    paths = demos(tmp_path, 3)
    told = []
    with Processes(2, len(paths)) as processes:
        found = shared(processes, paths, progress=lambda *what: told.append(what))
    assert found == serial(paths)
    assert told
    assert not Path(processes.folder).exists()


def test_a_process_that_dies_takes_no_other_task_along(tmp_path):
    paths = with_one_that_dies(tmp_path)
    with Processes(2, len(paths)) as processes:
        done = dict(processes.do(dies, tasks(paths, processes.folder), lambda _: None))
    lost = done.pop(1)
    assert isinstance(lost, Lost)
    assert "out of memory, or was killed" in lost.sentence
    assert sorted(done) == [0, 2, 3]
    for one in done.values():
        assert isinstance(one, Reading)
        assert one.healths[0].sip_messages == 11


def test_what_another_process_can_do_is_not_lost(tmp_path):
    paths = with_one_that_dies(tmp_path)
    with Processes(2, len(paths)) as processes:
        done = dict(processes.do(dies_once, tasks(paths, processes.folder), lambda _: None))
    assert [isinstance(done[place], Reading) for place in range(4)] == [True] * 4


def test_what_the_user_gave_is_refused_as_in_a_serial_run(tmp_path):
    paths = demos(tmp_path, 2)

    def refused():
        with Processes(2, 2) as processes:
            list(processes.do(refuses, tasks(paths, processes.folder), lambda _: None))

    with pytest.raises(CaptureError, match="it cannot be read") as caught:
        refused()
    assert caught.value.sentence == "it cannot be read"
    assert caught.value.path in paths


def test_processors_are_counted():
    assert 1 <= available() <= (os.cpu_count() or 1)
