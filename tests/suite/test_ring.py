"""A capture split into the files of a ring is judged and read as the capture in one piece."""

from pathlib import Path

import pytest

from conformance.observation.trace import Closing, Gap, Observation
from conformance.reference.network.medium import Passed
from conformance.reference.scenarios.scenario import play
from conformance.report.spool import Spool
from conformance.suite import simulation
from conformance.suite.campaign import run
from conformance.suite.inputs import Input, quiet
from conformance.suite.recording import write
from conformance.suite.ring import streams
from conformance.suite.setting import Grouping, Setting
from tests.suite.parallel_captures import STAMP


def split(folder: Path, passed: list[Passed], count: int) -> list[str]:
    """The same frames in so many files."""
    paths = []
    for number in range(count):
        begin, end = (len(passed) * place // count for place in (number, number + 1))
        path = folder / f"{number:02}.pcapng"
        with path.open("wb") as file:
            write(file, passed[begin:end])
        paths.append(str(path))
    return paths


def judged(paths: list[str], setting: Setting | None = None) -> list[tuple[str, ...]]:
    with Spool() as spool:
        report = run(paths, setting or Setting(), spool, STAMP)
        assert not report.faults
        return sorted(
            (one.flow, str(one.verdict), str(one.seen), str(one.reason_code)) for one in spool
        )


@pytest.mark.parametrize("flow", ["push-large", "push", "pull", "chat-deferred"])
@pytest.mark.parametrize("count", [2, 5, 9])
def test_messages_across_the_border_are_read_whole(tmp_path, flow, count):
    passed = play(simulation.find(flow)).passed
    whole = judged(split(tmp_path, passed, 1))
    assert judged(split(tmp_path, passed, count)) == whole


def test_every_message_once_with_frames_of_its_own_file(tmp_path):
    passed = play(simulation.find("push-large")).passed
    paths = split(tmp_path, passed, 7)
    members = [Input(number, path, path) for number, path in enumerate(paths)]
    (stream,), healths = streams(members, Setting(), "reading", quiet)
    found = list(stream)
    one_file = tmp_path / "whole"
    one_file.mkdir()
    (alone,), _ = streams([Input(0, *split(one_file, passed, 1) * 2)], Setting(), "", quiet)
    assert [one.message.octets for one in found if isinstance(one, Observation)] == [
        one.message.octets for one in alone if isinstance(one, Observation)
    ]
    assert not any(isinstance(one, Gap) for one in found)
    for one in found:
        if isinstance(one, Closing):
            assert 1 <= one.frame <= healths[one.capture].packets
            continue
        assert isinstance(one, Observation)
        assert 1 <= one.frames[0] <= one.frames[-1] <= healths[one.capture].packets
    assert sum(health.packets for health in healths) == len(passed)
    assert [health.gaps for health in healths] == [[]] * 7


def test_captures_as_one_are_read_each_by_itself(tmp_path):
    paths = split(tmp_path, play(simulation.find("push-pager")).passed, 2)
    members = [Input(number, path, path) for number, path in enumerate(paths)]
    found, healths = streams(members, Setting(grouping=Grouping.AS_ONE), "reading", quiet)
    assert len(found) == len(healths) == 2
