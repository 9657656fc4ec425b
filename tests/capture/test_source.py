from io import BytesIO

import pytest

from conformance.capture import source as source_module
from conformance.capture.packets import udp_frames
from conformance.capture.source import CaptureError, expand, open_capture
from tests.capture.scenes import ALICE, BOB, pcap, sip


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(udp_frames(ALICE, BOB, sip(), identification=1)))
    return path


def test_folders_are_searched_for_captures(tmp_path, capture):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "b.bin").write_bytes(b"\x0a\x0d\x0d\x0a" + bytes(30))
    (inner / "notes.txt").write_text("no capture")
    (inner / "empty").write_bytes(b"")
    assert expand([str(tmp_path), "-", str(capture)]) == [
        str(capture),
        str(inner / "b.bin"),
        "-",
        str(capture),
    ]


def test_a_missing_path_and_an_empty_folder(tmp_path):
    with pytest.raises(CaptureError, match="cannot be read: No such file"):
        expand([str(tmp_path / "missing.pcap")])
    with pytest.raises(CaptureError, match="holds no capture"):
        expand([str(tmp_path)])


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (b"", "it is empty"),
        (b"\xd4\xc3", "no capture"),
        (b"PK\x03\x04....", "no capture"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\xfd7zXZ\x00", "xz, and holds no capture"),
        (b"\n" * 300, "no capture"),
    ],
)
def test_what_is_no_capture_says_so(tmp_path, octets, sentence):
    path = tmp_path / "x"
    path.write_bytes(octets)
    with pytest.raises(CaptureError, match=sentence) as caught:
        open_capture(str(path))
    assert caught.value.path == str(path)
    with pytest.raises(CaptureError, match=sentence):
        open_capture("-", stdin=BytesIO(octets))


def test_a_folder_is_no_capture(tmp_path):
    with pytest.raises(CaptureError, match="cannot be read"):
        open_capture(str(tmp_path))


def test_wrong_options(capture, tmp_path):
    with pytest.raises(CaptureError, match="no reader 'scapy'"):
        open_capture(str(capture), reader="scapy")
    with pytest.raises(CaptureError, match="keys need the reader tshark"):
        open_capture(str(capture), reader="native", keylog=str(capture))
    with pytest.raises(CaptureError, match="file of keys is missing"):
        open_capture(str(capture), keylog=str(tmp_path / "keys"))
    with pytest.raises(CaptureError, match="not standard input"):
        open_capture("-", reader="tshark", stdin=BytesIO())
    with pytest.raises(CaptureError, match="no standard input"):
        open_capture("-")


@pytest.mark.parametrize("reader", ["auto", "native"])
def test_the_native_reader_reads_files_and_standard_input(capture, reader):
    of_file = open_capture(str(capture), index=3, reader=reader)
    of_stdin = open_capture("-", index=3, reader=reader, stdin=BytesIO(capture.read_bytes()))
    assert [(item.message, item.capture) for item in of_file] == [
        (item.message, item.capture) for item in of_stdin
    ]
    assert (of_file.health.path, of_stdin.health.path) == (str(capture), "-")
    assert of_file.health.sha256 == of_stdin.health.sha256
    assert of_file.health.reader == "native"


def test_a_file_that_vanishes_is_told(capture):
    opened = open_capture(str(capture))
    capture.unlink()
    with pytest.raises(CaptureError, match="cannot be read"):
        list(opened)


def test_public_names():
    assert set(source_module.__all__) >= {"CaptureError", "expand", "open_capture"}
