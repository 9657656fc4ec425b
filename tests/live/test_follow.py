import os
import threading
from pathlib import Path

import pytest

from conformance.capture.errors import CaptureError
from conformance.live import follow as module
from conformance.live.follow import Folder, Growing, Piped
from tests.live.growing import SlowWriter, appending, capture
from tests.waiting import PATIENCE


class Moment:
    """A pause that lets others run, and a watch that somebody stops."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.paused = threading.Event()

    def __call__(self) -> None:
        self.paused.set()
        self.over.wait(0.005)

    def ends(self) -> None:
        """The watch ends once it has paused."""
        assert self.paused.wait(PATIENCE)
        self.over.set()


@pytest.fixture
def moment() -> Moment:
    return Moment()


def whole(file) -> bytes:
    pieces = []
    while piece := file.read1(500):
        pieces.append(piece)
    file.close()
    return b"".join(pieces)


def test_a_file_that_grows_is_read_to_its_end_and_no_further(tmp_path, moment) -> None:
    path = tmp_path / "growing"
    path.touch()
    octets = bytes(range(256)) * 20
    with SlowWriter(appending(path, octets), moment.ends):
        read = whole(Growing(path.open("rb", buffering=0), moment, moment.over.is_set))
    assert read == octets


def test_what_was_written_before_the_end_is_read_after_it(tmp_path, moment) -> None:
    path = tmp_path / "over"
    path.write_bytes(b"all of it")
    moment.over.set()
    growing = Growing(path.open("rb", buffering=0), moment, moment.over.is_set)
    assert whole(growing) == b"all of it"
    assert growing.position == 9


def test_what_is_written_after_the_end_is_not_waited_for(tmp_path, moment) -> None:
    path = tmp_path / "busy"
    path.write_bytes(bytes(600))
    moment.over.set()
    growing = Growing(path.open("rb", buffering=0), moment, moment.over.is_set)
    assert len(growing.read1(500)) == 500
    with path.open("ab") as busy:
        busy.write(bytes(5_000))
    assert whole(growing) == bytes(100)


def test_a_pipe_whose_writer_never_ends_ends_with_the_watch(moment, monkeypatch) -> None:
    monkeypatch.setattr(module, "_PIPE", 1_200)
    read_end, write_end = os.pipe()
    os.write(write_end, bytes(5_000))
    moment.over.set()
    with os.fdopen(read_end, "rb") as file:
        assert whole(Piped(file, moment, moment.over.is_set)) == bytes(1_200)
    os.close(write_end)


def test_a_pipe_ends_with_its_writer(moment) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"some")
    os.close(write_end)
    with os.fdopen(read_end, "rb") as file:
        assert whole(Piped(file, moment, moment.over.is_set)) == b"some"


def test_a_pipe_of_a_silent_writer_ends_with_the_watch(moment) -> None:
    read_end, write_end = os.pipe()
    threading.Thread(target=moment.ends).start()
    with os.fdopen(read_end, "rb") as file:
        assert whole(Piped(file, moment, moment.over.is_set)) == b""
    os.close(write_end)


def read_all(folder: Folder) -> list[bytes]:
    return [whole(file) for file in folder]


def test_a_folder_gives_what_it_holds_and_what_comes_in_the_order_of_numbers(
    tmp_path, moment
) -> None:
    octets = capture("push-pager")
    (tmp_path / "ring2.pcapng").write_bytes(octets)
    (tmp_path / "ring10.pcapng").write_bytes(octets + b"10")
    (tmp_path / "notes.txt").write_text("no capture")
    folder = Folder(str(tmp_path), moment, moment.over.is_set)
    assert folder.pending() == 2 * len(octets) + 2
    later = tmp_path / "ring11.pcapng"
    with SlowWriter(appending(later, octets + b"11"), moment.over.set):
        read = read_all(folder)
    assert read == [octets, octets + b"10", octets + b"11"]


def test_a_file_that_begins_empty_counts_once_it_is_a_capture(tmp_path, moment) -> None:
    path: Path = tmp_path / "late.pcapng"
    path.touch()
    folder = Folder(str(tmp_path), moment, moment.over.is_set)
    with SlowWriter(appending(path, capture("push-pager")), moment.over.set):
        assert read_all(folder) == [capture("push-pager")]


def test_a_folder_that_stays_empty_ends_with_the_watch(tmp_path, moment) -> None:
    folder = Folder(str(tmp_path), moment, moment.over.is_set)
    threading.Thread(target=moment.ends).start()
    assert read_all(folder) == []


def test_a_folder_that_vanishes_gives_nothing_more(tmp_path, moment) -> None:
    place = tmp_path / "place"
    place.mkdir()
    folder = Folder(str(place), moment, moment.over.is_set)
    place.rmdir()
    threading.Thread(target=moment.ends).start()
    assert read_all(folder) == []


def test_what_is_no_folder_is_refused(tmp_path, moment) -> None:
    with pytest.raises(CaptureError, match="no folder"):
        Folder(str(tmp_path / "absent"), moment, moment.over.is_set)


def test_what_is_in_a_folder_when_the_watch_ends_is_read_and_nothing_later(
    tmp_path, moment
) -> None:
    folder = Folder(str(tmp_path), moment, moment.over.is_set)
    octets = capture("push-pager")
    (tmp_path / "just_before.pcapng").write_bytes(octets)
    moment.over.set()
    files = iter(folder)
    assert whole(next(files)) == octets
    (tmp_path / "later.pcapng").write_bytes(octets)
    assert list(files) == []
