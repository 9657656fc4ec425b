"""Capture files of every make: both readers see the same messages at the same times."""

import bz2
import gzip
import lzma
import shutil
from struct import pack

import pytest

from conformance.capture.link import Link
from conformance.capture.packets import link_frame, udp_frames
from conformance.capture.source import open_capture
from conformance.observation.trace import Observation
from tests.capture.scenes import ALICE, ALICE6, BOB, BOB6, START, sip
from tests.capture.test_pcapng import block, interface, option, section

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]
SECONDS = START // 1_000_000_000


def frame(number):
    ends = (ALICE6, BOB6) if number % 2 else (ALICE, BOB)
    return udp_frames(*ends, sip(number), identification=number)[0]


def found(path, reader):
    source = open_capture(str(path), reader=reader)
    items = [
        (one.time, one.source, one.destination, one.message.octets, one.frames)
        for one in source
        if isinstance(one, Observation)
    ]
    health = source.health
    return items, (health.packets, health.sip_messages, health.first_time, health.last_time)


def both(tmp_path, octets, count):
    path = tmp_path / "a.cap"
    path.write_bytes(octets)
    native, theirs = found(path, "native"), found(path, "tshark")
    assert native == theirs
    assert [one[3] for one in native[0]] == [sip(number) for number in range(1, count + 1)]
    return [one[0] for one in native[0]]


# Magic number, units in a second, octets behind the four fields of a record.
VARIANTS = {
    "microseconds": (0xA1B2C3D4, 1_000_000, 0),
    "nanoseconds": (0xA1B23C4D, 1_000_000_000, 0),
    "modified": (0xA1B2CD34, 1_000_000, 8),
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_pcap(tmp_path, variant, order):
    magic, units, more = VARIANTS[variant]
    octets = pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262_144, 1)
    for number in range(1, 6):
        data = frame(number)
        octets += pack(order + "IIII", SECONDS + number, 7 * number, len(data), len(data))
        # The modified variant tells interface, protocol and kind of packet, then pads.
        octets += (pack(order + "IHBB", 2, 0x0800, 0, 0) if more else b"") + data
    times = both(tmp_path, octets, 5)
    unit = 1_000_000_000 // units
    assert times == [(SECONDS + n) * 1_000_000_000 + 7 * n * unit for n in range(1, 6)]


# if_tsresol: its value, and ticks in a second.
RESOLUTIONS = {
    "none": (b"", 1_000_000),
    "seconds": (option(9, b"\x00"), 1),
    "milliseconds": (option(9, b"\x03"), 1_000),
    "nanoseconds": (option(9, b"\x09"), 1_000_000_000),
    "2^-1": (option(9, b"\x81"), 2),
    "2^-10": (option(9, b"\x8a"), 1 << 10),
    "2^-20": (option(9, b"\x94"), 1 << 20),
    "2^-32": (option(9, b"\xa0"), 1 << 32),
}


def enhanced(number, ticks, place=0, order="<", options=b""):
    data = frame(number)
    head = pack(order + "IIIII", place, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data + bytes(-len(data) % 4) + options, order)


def test_any_resolution_and_offset_of_time(tmp_path):
    octets, packets, wanted = section(), b"", []
    kinds = [(one, offset) for one in RESOLUTIONS.values() for offset in (0, 86_400, -3_600)]
    for number, ((options, units), offset) in enumerate(kinds, 1):
        if offset:
            options += option(14, pack("<q", offset))
        octets += interface(options + bytes(4))
        ticks = (SECONDS - offset) * units + number * units // 4
        packets += enhanced(number, ticks, number - 1)
        wanted.append(ticks * 1_000_000_000 // units + offset * 1_000_000_000)
    assert both(tmp_path, octets + packets, len(kinds)) == wanted


def test_every_link(tmp_path):
    """An interface of each link type, and frames of both IP versions on each."""
    octets, packets, number = section(), b"", 0
    kinds = [link for link in Link if link not in (Link.IPV4, Link.IPV6)]
    for place, link in enumerate(kinds):
        octets += interface(bytes(4), link=link)
        for ends in ((ALICE, BOB), (ALICE6, BOB6)):
            number += 1
            (data,) = udp_frames(*ends, sip(number), identification=number, link=link)
            ticks = SECONDS * 1_000_000 + number
            head = pack("<IIIII", place, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
            packets += block(6, head + data + bytes(-len(data) % 4))
    both(tmp_path, octets + packets, number)


def test_sections_interfaces_and_every_other_block(tmp_path):
    names = pack("<HH", 1, 18) + bytes([10, 0, 0, 1]) + b"alice.example\0" + bytes(2) + bytes(4)
    comment = option(1, "a word about it, in UTF-8: ü".encode()) + bytes(4)
    octets = section() + interface(option(2, b"eth0") + comment) + block(4, names)
    octets += enhanced(1, SECONDS * 1_000_000, options=comment)
    octets += interface(option(9, b"\x09") + bytes(4), link=Link.RAW)
    raw = udp_frames(ALICE, BOB, sip(2), identification=2, link=Link.RAW)[0]
    ticks = SECONDS * 1_000_000_000 + 5
    head = pack("<IIIII", 1, ticks >> 32, ticks & 0xFFFFFFFF, len(raw), len(raw))
    octets += block(6, head + raw + bytes(-len(raw) % 4))
    old = frame(3)
    ticks = SECONDS * 1_000_000 + 9
    octets += block(2, pack("<HHIIII", 0, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(old), len(old))
                    + old + bytes(-len(old) % 4))  # fmt: skip
    octets += block(5, pack("<III", 0, 0, 0))
    octets += section(">") + interface(order=">") + interface(order=">", link=Link.NULL)
    octets += enhanced(4, SECONDS * 1_000_000 + 20, order=">")
    loop = link_frame(udp_frames(ALICE, BOB, sip(5), identification=5, link=Link.RAW)[0],
                      link=Link.NULL)  # fmt: skip
    ticks = SECONDS * 1_000_000 + 30
    head = pack(">IIIII", 1, ticks >> 32, ticks & 0xFFFFFFFF, len(loop), len(loop))
    octets += block(6, head + loop + bytes(-len(loop) % 4), ">")
    both(tmp_path, octets, 5)


def test_blocks_without_a_packet_are_frames_for_wireshark_only(tmp_path):
    """The one exception: Wireshark 4 shows custom blocks between frames, and numbers them."""
    custom = pack("<I", 32_473) + b"whatever"
    octets = section() + interface(bytes(4)) + enhanced(1, SECONDS * 1_000_000)
    octets += block(0xBAD, custom) + block(0x40000BAD, custom)
    octets += enhanced(2, SECONDS * 1_000_000 + 1)
    path = tmp_path / "a.pcapng"
    path.write_bytes(octets)
    native, theirs = found(path, "native")[0], found(path, "tshark")[0]
    assert [one[:4] for one in native] == [one[:4] for one in theirs]
    assert [one[4] for one in native] == [(1,), (2,)]
    assert [one[4] for one in theirs] in ([(1,), (2,)], [(1,), (4,)])


def zstd(octets):
    return pytest.importorskip("zstandard").ZstdCompressor().compress(octets)


def lz4(octets):
    return pytest.importorskip("lz4.frame").compress(octets)


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, zstd, lz4])
def test_compressed(tmp_path, compress):
    """Two streams in one file, as `cat a.gz b.gz` makes them."""
    octets = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
    for number in range(1, 6):
        data = frame(number)
        octets += pack("<IIII", SECONDS, number, len(data), len(data)) + data
    half = octets.index(frame(3)) - 16
    both(tmp_path, compress(octets[:half]) + compress(octets[half:]), 5)


def test_what_compression_is_not_known_is_refused(tmp_path):
    path = tmp_path / "a.pcap.bz2"
    path.write_bytes(bz2.compress(b"x" * 100))
    with pytest.raises(Exception, match="it is no capture"):
        open_capture(str(path))
