import gzip
import lzma
from io import BytesIO

import pytest

from conformance.capture import containers
from conformance.capture.packets import udp_frames
from conformance.capture.source import CaptureError, expand, open_capture
from conformance.observation.trace import GapReason
from tests.capture.scenes import ALICE, BOB, pcap, sip


def of_package(name, module):
    def compress(octets):
        return pytest.importorskip(module).compress(octets)

    compress.__name__ = name
    return compress


KINDS = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "zstd": of_package("zstd", "zstandard"),
    "lz4": of_package("lz4", "lz4.frame"),
}
FRAMES = [
    frame
    for number in range(1, 200)
    for frame in udp_frames(ALICE, BOB, sip(number, b"x" * 700), identification=number)
]
WHOLE = pcap(FRAMES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_compressed_capture_reads_like_the_capture(tmp_path, kind):
    half = len(WHOLE) // 2
    octets = KINDS[kind](WHOLE[:half]) + KINDS[kind](WHOLE[half:])
    path = tmp_path / "a.cap"
    path.write_bytes(octets)
    assert expand([str(tmp_path)]) == [str(path)]
    for source in (open_capture(str(path)), open_capture("-", stdin=BytesIO(octets))):
        assert len(list(source)) == 199
        assert source.health.octets == len(octets)
        assert source.health.gaps == []


@pytest.mark.parametrize("kind", KINDS)
def test_cut_anywhere_is_a_gap(tmp_path, kind):
    octets = KINDS[kind](WHOLE)
    path = tmp_path / "a.cap"
    for size in (len(octets) // 3, len(octets) - 9, len(octets) - 1):
        path.write_bytes(octets[:size])
        try:
            source = open_capture(str(path))
        except CaptureError as error:
            assert "holds no capture" in str(error)  # noqa: PT017 - one block that is cut
            continue
        list(source)
        assert GapReason.CUT_FILE in {gap.reason for gap in source.health.gaps}
        assert source.health.octets == size


@pytest.mark.parametrize("kind", ["gzip", "xz", "zstd", "lz4"])
def test_any_changed_octet_never_raises(tmp_path, kind):
    octets = KINDS[kind](WHOLE)
    path = tmp_path / "a.cap"
    for at in range(12, len(octets), max(len(octets) // 60, 1)):
        path.write_bytes(octets[:at] + bytes([octets[at] ^ 0x55]) + octets[at + 1 :])
        try:
            list(open_capture(str(path)))
        except CaptureError as error:
            assert "compressed" in str(error)  # noqa: PT017


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_is_a_gap(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(containers, "MAX_EXPANSION", 20)
    monkeypatch.setattr(containers, "MAX_EXPANSION_FREE", 300_000)
    path = tmp_path / "bomb"
    path.write_bytes(KINDS[kind](WHOLE[:24] + bytes(20_000_000)))
    source = open_capture(str(path))
    list(source)
    assert GapReason.LIMIT in {gap.reason for gap in source.health.gaps}
    assert source.health.packets < 600_000


def test_without_the_package_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "find_spec", lambda name: None)
    path = tmp_path / "a"
    path.write_bytes(b"\x28\xb5\x2f\xfd....")
    assert expand([str(tmp_path)]) == [str(path)]
    with pytest.raises(CaptureError, match=r"install cpmspec\[zstd\]"):
        open_capture(str(path))


def test_a_compressed_text_is_no_capture(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b"hello " * 100))
    with pytest.raises(CaptureError, match="compressed with gzip, and holds no capture"):
        open_capture(str(path))


def test_padding_behind_the_last_stream():
    path = gzip.compress(WHOLE) + bytes(512)
    source = open_capture("-", stdin=BytesIO(path))
    assert len(list(source)) == 199
    assert source.health.gaps == []


def test_many_small_members_cost_no_more_than_their_octets():
    looked = []

    class Watched(BytesIO):
        def read1(self, size=-1):
            looked.append(size)
            return super().read1(size)

    octets = gzip.compress(WHOLE) + gzip.compress(b"") * 5_000
    source = open_capture("-", stdin=Watched(octets))
    assert len(list(source)) == 199
    assert len(looked) < 40
    assert source.health.gaps == []
