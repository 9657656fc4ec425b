import io
import os
from contextlib import ExitStack

from conformance.observation.trace import CaptureHealth, Trace
from conformance.suite.inputs import Input, grouped, inputs, merged, quiet, watched
from conformance.suite.setting import Grouping


def capture(path, octets: bytes = b"x" * 10) -> Input:
    path.write_bytes(octets)
    return Input(0, str(path), str(path))


def test_standard_input_is_kept_in_a_file_that_vanishes() -> None:
    with ExitStack() as closing:
        first, second = inputs(["a.pcap", "-"], io.BytesIO(b"octets"), closing)
        assert (first.path, first.file) == ("a.pcap", "a.pcap")
        assert second.path == "-"
        with open(second.file, "rb") as file:
            assert file.read() == b"octets"
        assert second.size() == 6
    assert not os.path.exists(second.file)


def trace(*times: int) -> Trace:
    from conformance.observation.trace import Gap, GapReason

    items = [Gap(1, time, 0, "x", GapReason.DROPPED) for time in times]
    return Trace(list(items), CaptureHealth("t", "test", octets=7))


def test_several_captures_are_one_in_the_order_of_time() -> None:
    both = merged([iter(trace(1, 4)), iter(trace(2, 3))])
    assert [item.time for item in both] == [1, 2, 3, 4]


def test_progress_is_told_and_nothing_is_lost(tmp_path) -> None:
    told = []
    source = trace(*range(3_000))
    items = list(
        watched(source, capture(tmp_path / "a"), "judging", lambda *words: told.append(words))
    )
    assert len(items) == 3_000
    assert len(told) == 4
    assert told[-1] == ("judging", str(tmp_path / "a"), 10, 10)


def test_who_does_not_look_costs_nothing(tmp_path) -> None:
    assert len(list(watched(trace(1, 2), capture(tmp_path / "a"), "reading", quiet))) == 2


def healths(*spans: tuple[int, int]) -> list[CaptureHealth]:
    return [
        CaptureHealth(
            f"c{place}",
            "test",
            sha256=str(place),
            first_time=first * 1_000_000_000,
            last_time=last * 1_000_000_000,
            interfaces=["eth0"],
        )
        for place, (first, last) in enumerate(spans)
    ]


def test_grouping_is_as_asked_for() -> None:
    captures = [Input(place, f"c{place}", f"c{place}") for place in range(3)]
    spans = healths((0, 100), (101, 200), (90_000, 90_001))
    assert grouped(captures, spans, Grouping.AS_ONE) == [captures]
    assert grouped(captures, spans, Grouping.SEPARATE) == [[one] for one in captures]
    assert grouped(captures, spans, Grouping.AUTO) == [captures[:2], captures[2:]]
