"""What a capture held is the same, whether it is read, remembered or read back from a file."""

import pickle
from collections.abc import Iterator
from dataclasses import replace

import pytest

from conformance.observation.packet import Endpoint
from conformance.observation.trace import (
    CaptureHealth,
    Gap,
    GapReason,
    Observation,
    Shown,
    Source,
    Trace,
)
from conformance.suite.kept import File, Kept
from conformance.wire.malformed import Malformed
from tests.scenarios import chat, push_pager


def items() -> list[Shown]:
    """Requests and responses of SIP and MSRP, octets that are neither, and a gap."""
    found: list[Shown] = [*push_pager.build().trace(), *chat.build().trace()]
    first = found[0]
    assert isinstance(first, Observation)
    broken = Malformed("SIP", b"no message", 3, "a rule")
    ends = Endpoint("2001:db8::1", 5060), None
    found.append(Gap(7, first.time, 0, "a hole", GapReason.TCP_HOLE, *ends))
    found.append(
        Observation(
            9_999, 1, first.time, first.transport, first.source, first.destination, broken, (1, 2)
        )
    )
    found.append(replace(first, number=10_000, copied=True))
    return found


class Once:
    """A source that can be read one time only, as a capture that is read from a pipe."""

    def __init__(self, found: list[Shown]) -> None:
        self.health = CaptureHealth("a capture", "none", octets=1_000)
        self._found = iter(found)

    def __iter__(self) -> Iterator[Shown]:
        return self._found


@pytest.fixture
def kept() -> Iterator[Kept]:
    made = Kept()
    yield made
    made.close()


def test_that_a_file_gives_back_what_was_put_in() -> None:
    file = File(CaptureHealth("a capture", "none"))
    for item in items():
        file.add(item)
    file.finish()
    assert list(file) == items()
    assert list(file) == items()
    file.close()


def test_that_an_empty_file_gives_nothing() -> None:
    file = File(CaptureHealth("a capture", "none"))
    file.finish()
    assert list(file) == []
    file.close()


@pytest.mark.parametrize("room", [0, 5_000, 1_000_000])
def test_that_what_was_read_once_is_known_after_that(room: int) -> None:
    kept = Kept(room)
    assert kept.known(3) is None
    assert list(kept.keeping(Once(items()), 3, 1_000)) == items()
    known = kept.known(3)
    assert known is not None
    assert known.health.path == "a capture"
    assert [list(known), list(known)] == [items(), items()]
    kept.close()


def test_that_a_source_that_was_not_read_to_its_end_is_not_known(kept: Kept) -> None:
    next(iter(kept.keeping(Once(items()), 0, 1_000)))
    assert kept.known(0) is None


def test_that_the_room_is_that_of_all_captures_together(kept: Kept) -> None:
    sources: list[Source] = [kept.keeping(Once(items()), index, 1_000) for index in range(2)]
    assert list(sources[0]) == items()
    kept.room = 100
    assert list(sources[1]) == items()
    assert [type(kept.known(index)) for index in range(2)] == [Trace, File]


def test_that_a_file_in_a_folder_is_read_by_another_process_too(tmp_path) -> None:
    kept = Kept(folder=str(tmp_path))
    assert list(kept.keeping(Once(items()), 0, 1_000)) == items()
    known = kept.known(0)
    kept.close()
    again = pickle.loads(pickle.dumps(known))
    assert list(again) == items()
    assert again.health.path == "a capture"
    again.close()
    assert [str(path) for path in tmp_path.iterdir()] == [again.name]


def test_that_a_message_of_a_file_lets_its_octets_go_and_has_them_again() -> None:
    file = File(CaptureHealth("a capture", "none"))
    for item in items():
        file.add(item)
    file.finish()
    for read, put in zip(file, items(), strict=True):
        if isinstance(read, Observation) and not isinstance(read.message, Malformed):
            read.message.slim()
        assert read == put
    file.close()
