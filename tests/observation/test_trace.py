"""A capture in memory, read as a stream."""

import pytest

from conformance.observation.packet import Endpoint
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Trace


def test_that_a_trace_can_be_read_more_than_once() -> None:
    gap = Gap(1, 2, 0, "the file is cut", GapReason.CUT_FILE)
    trace = Trace([gap], CaptureHealth("a.pcapng", "native"))
    assert list(trace) == list(trace) == [gap]


def test_that_a_gap_may_touch_any_link() -> None:
    gap = Gap(1, 2, 0, "3 packets were dropped", GapReason.DROPPED)
    assert (gap.source, gap.destination) == (None, None)


def test_that_two_healths_share_nothing() -> None:
    one, two = CaptureHealth("a", "native"), CaptureHealth("b", "native")
    one.gaps.append(Gap(1, 2, 0, "cut", GapReason.CUT_FILE))
    one.interfaces.append("eth0")
    assert (two.gaps, two.interfaces) == ([], [])


@pytest.mark.parametrize(
    ("reason", "after", "named", "lasts"),
    [
        (GapReason.UNDECRYPTABLE, 7, True, True),
        (GapReason.UNREADABLE_LINK, 7, False, True),
        (GapReason.SNAPLEN, 7, False, True),
        (GapReason.SNAPLEN, 7, True, False),
        (GapReason.DROPPED, 0, False, True),
        (GapReason.DROPPED, 7, False, False),
        (GapReason.TCP_HOLE, 7, True, False),
        (GapReason.CUT_FILE, 7, False, False),
    ],
)
def test_what_is_told_once_may_hide_whatever_comes_later(reason, after, named, lasts) -> None:
    end = Endpoint("10.0.0.1", 0) if named else None
    assert Gap(after, 2, 0, "where", reason, end, end).lasts is lasts
