from io import BytesIO
from itertools import pairwise

from conformance.capture.native import NativeSource
from conformance.live.source import FollowedSource
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Shown
from tests.live.growing import capture, parts, split, statistics


def followed(*files: bytes, over: bool = True, overlapping: bool = False) -> FollowedSource:
    opened = [BytesIO(one) for one in files]
    health = CaptureHealth("live", "native")
    return FollowedSource(health, opened, lambda: over, overlapping=overlapping)


def plain(octets: bytes) -> list[Shown]:
    return list(NativeSource(CaptureHealth("live", "native"), 0, lambda: BytesIO(octets)))


def test_three_files_are_read_as_the_one_that_they_were() -> None:
    octets = capture("push")
    source = followed(*parts(octets, 3))
    assert list(source) == plain(octets)
    assert source.health.packets == len(split(octets)[1])
    assert len(source.health.interfaces) == 1
    assert source.healths == [source.health]


def test_what_two_files_share_is_read_once() -> None:
    octets = capture("push")
    source = followed(*parts(octets, 4, overlap=5), overlapping=True)
    assert list(source) == plain(octets)


def test_a_file_that_shows_nothing_new_is_passed_over() -> None:
    octets = capture("push-pager")
    assert list(followed(octets, octets, overlapping=True)) == plain(octets)


def test_a_loss_that_a_file_tells_at_its_end_is_a_gap_over_all_its_time() -> None:
    octets = capture("push-large")
    source = followed(octets + statistics(7), over=False)
    items = list(source)
    gaps = [one for one in items if isinstance(one, Gap)]
    assert source.lost == 7
    assert {one.reason for one in gaps} == {GapReason.DROPPED}
    times = sorted(one.time for one in gaps)
    assert times[0] == source.health.first_time
    assert times[-1] == source.health.last_time
    assert all(later - one <= 1_000_000_000 for one, later in pairwise(times))
    # People are told once.
    assert len(source.health.gaps) == 1
    assert "7 packets" in source.health.gaps[0].where


def test_a_file_without_losses_has_no_gap() -> None:
    source = followed(capture("push-pager") + statistics(0))
    assert not [one for one in source if isinstance(one, Gap)]


def test_a_record_that_the_end_of_the_watch_cuts_is_no_damage() -> None:
    octets = capture("push-pager")[:-30]
    assert not [one for one in followed(octets, over=True) if isinstance(one, Gap)]
    assert [one for one in followed(octets, over=False) if isinstance(one, Gap)]


def test_a_file_of_another_kind_is_a_gap_and_the_next_is_read() -> None:
    octets = capture("push-pager")
    source = followed(b"something else altogether", octets, over=False)
    first, *rest = list(source)
    assert isinstance(first, Gap)
    assert "neither pcap nor pcapng" in first.where
    assert len(rest) == len(plain(octets))


def test_nothing_at_all_is_nothing() -> None:
    assert list(followed()) == []
    assert list(followed(b"")) == []


class Waiting(BytesIO):
    """A file that tells how much was seen by when it is asked for more than it has."""

    def __init__(self, octets: bytes, seen: list[Shown]) -> None:
        super().__init__(octets)
        self.seen = seen
        self.at_its_end: list[int] = []

    def read1(self, size: int = -1) -> bytes:
        piece = super().read1(size)
        if not piece:
            self.at_its_end.append(len(self.seen))
        return piece


def test_all_that_can_be_seen_is_seen_before_more_is_waited_for() -> None:
    seen: list[Shown] = []
    file = Waiting(capture("push-pager"), seen)
    for item in FollowedSource(CaptureHealth("live", "native"), [file], lambda: True):
        seen.append(item)  # noqa: PERF402 - the file looks at it as it grows
    assert file.at_its_end[0] == len(seen) > 0


def test_what_carries_no_message_lets_a_watch_breathe_too() -> None:
    octets = capture("push-pager")
    head, packets = split(octets)
    silent = head + b"".join(one for one in packets if b"SIP/2.0" not in one)
    beats: list[int] = []
    health = CaptureHealth("live", "native")
    source = FollowedSource(
        health, [BytesIO(silent)], lambda: True, meanwhile=lambda: beats.append(1)
    )
    assert list(source) == []
    assert beats
