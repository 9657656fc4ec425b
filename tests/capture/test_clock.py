import shutil
from io import BytesIO

import pytest

from conformance.capture.clock import ClockWatch
from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.capture.pcap import Batch
from conformance.capture.source import open_capture
from conformance.capture.writer import PcapWriter
from conformance.observation.trace import GapReason, Observation
from tests.capture.scenes import ALICE, BOB, START, sip

SECOND = 1_000_000_000


def watch(*batches):
    clock = ClockWatch()
    for times in batches:
        clock.take(
            Batch(1, b"", [(time * SECOND // 10, at, at, 0) for at, time in enumerate(times)])
        )
    return clock.jump


def test_time_that_runs_forward_or_nearly():
    assert watch([10, 20, 20], [20, 30]) is None
    assert watch([10, 20, 15], [18, 12, 30]) is None


@pytest.mark.parametrize(
    ("batches", "frame", "words"),
    [
        (([10, 50, 20, 30],), 3, "3.000 s at frame 3:"),
        (([10, 50], [20, 30], [40]), 3, "3.000 s at frame 3:"),
        (([100, 50, 90, 20],), 2, "5.000 s at frame 2, and 1 times more:"),
    ],
)
def test_a_jump_back_is_told_once_with_its_frame(batches, frame, words):
    found = watch(*batches)
    assert found[0] == frame
    assert words in found[1]


@pytest.mark.parametrize("reader", ["native", "tshark"])
def test_it_is_told_to_people_and_hides_nothing(tmp_path, reader):
    if reader == "tshark" and shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    file = BytesIO()
    writer = PcapWriter(file, link=Link.ETHERNET)
    for number, offset in enumerate((9, 2), 1):
        frame = udp_frames(ALICE, BOB, sip(number), identification=number)[0]
        writer.write(START + offset * SECOND, frame)
    path = tmp_path / "a.pcap"
    path.write_bytes(file.getvalue())
    source = open_capture(str(path), reader=reader)
    assert [type(item) for item in source] == [Observation] * 2
    (gap,) = source.health.gaps
    assert (gap.reason, gap.after_frame) == (GapReason.CLOCK, 1)
