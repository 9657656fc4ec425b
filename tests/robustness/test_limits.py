"""Each limit on what input can grow: its breach is a Malformed or a Gap that names the limit."""

import gzip
import lzma
from io import BytesIO
from pathlib import Path

import pytest

from conformance.body import mime, multipart, xml_document
from conformance.capture import connections, containers, sctp, tcp
from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, link_frame, udp_frames
from conformance.capture.source import STDIN, open_capture
from conformance.capture.writer import PcapWriter
from conformance.msrp.chunking import Reassembly
from conformance.msrp.parser import parse as parse_msrp
from conformance.observation.packet import Endpoint
from conformance.observation.trace import Gap, GapReason
from conformance.sip.frames import SipStream
from conformance.sip.parser import parse
from conformance.wire import limits
from conformance.wire.malformed import Malformed
from tests.capture.tunnelled import gre, sctp_packet
from tests.msrp.samples import PATHS, of
from tests.sip.samples import MESSAGE

START = b"OPTIONS sip:a SIP/2.0\r\n"
MSRP = "MSRP a786hjs2 SEND\r\n" + "".join(f"{name}: {value}\r\n" for name, value in PATHS)
END = b"\r\n-------a786hjs2$\r\n"
A, B = Endpoint("10.0.1.10", 5060), Endpoint("10.0.2.20", 5061)


def many(count):
    return b"".join(b"X%d: y\r\n" % number for number in range(count))


def nested(depth):
    octets = b"deep"
    for level in range(depth):
        kind = b"Content-Type: multipart/mixed;boundary=b%d\r\n\r\n" % (level - 1)
        head = kind if level else b"\r\n"
        octets = b"--b%d\r\n" % level + head + octets + b"\r\n--b%d--\r\n" % level
    return octets


def first_malformed(found):
    return next((one for one in found if isinstance(one, Malformed)), None)


BREACHES = {
    "MAX_HEAD SIP": lambda: parse(START + b"A: " + b"b" * limits.MAX_HEAD + b"\r\n\r\n"),
    "MAX_HEAD stream": lambda: first_malformed(SipStream().feed(START + b"A: b\r\n" * 20_000)),
    "MAX_HEAD MIME": lambda: mime.parse_headers(b"A: " + b"b" * limits.MAX_HEAD + b"\r\n"),
    "MAX_HEADER_FIELDS SIP": lambda: parse(START + many(limits.MAX_HEADER_FIELDS + 1) + b"\r\n"),
    "MAX_HEADER_FIELDS MIME": lambda: mime.parse_headers(many(limits.MAX_HEADER_FIELDS + 1)),
    "MAX_HEADER_FIELDS MSRP": lambda: parse_msrp(
        MSRP.encode() + many(limits.MAX_HEADER_FIELDS + 1)[:-2] + END
    ),
    "MAX_BODY SIP": lambda: parse(START + b"l: %d\r\n\r\n" % (limits.MAX_BODY + 1)),
    "MAX_BODY MSRP": lambda: Reassembly(9).add(
        of(MSRP.encode() + b"Byte-Range: 1-10/10\r\nContent-Type: a/b\r\n\r\n0123456789" + END)
    ),
    "MAX_NESTING": lambda: first_malformed(
        multipart.faults(
            f"multipart/mixed;boundary=b{limits.MAX_NESTING + 1}", nested(limits.MAX_NESTING + 2)
        )
    ),
    "MAX_PARTS": lambda: multipart.parse(
        b"--b\r\n\r\nx\r\n" * (limits.MAX_PARTS + 2), "multipart/mixed;boundary=b"
    ),
    "MAX_XML_DEPTH": lambda: xml_document.parse_root(
        b"<a>" * 99 + b"</a>" * 99, "XML"
    ),
    "MAX_ELEMENTS": lambda: xml_document.parse_root(
        b"<a>" + b"<b/>" * (xml_document.MAX_ELEMENTS + 1) + b"</a>", "XML"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_a_malformed_that_names_the_limit(name):
    found = BREACHES[name]()
    assert isinstance(found, Malformed)
    assert found.rule.startswith("limit"), found.rule


def capture(frames):
    file = BytesIO()
    writer = PcapWriter(file, link=Link.ETHERNET)
    for number, frame in enumerate(frames):
        writer.write(number * 1_000_000, frame)
    return file.getvalue()


def gaps(octets):
    source = open_capture(STDIN, reader="native", stdin=BytesIO(octets))
    return [item for item in source if isinstance(item, Gap)], source.health


def test_streams_held(monkeypatch):
    monkeypatch.setattr(connections, "_MAX_HELD", 20_000)
    frames = []
    for port in range(40):
        talk = TcpConversation(Endpoint(A.host, 6000 + port), B, seed=port + 1)
        frames += [*talk.open(), *talk.send(True, MESSAGE[:500])]
    found, _ = gaps(capture(frames))
    assert GapReason.LIMIT in {gap.reason for gap in found}
    assert any("too many streams" in gap.where for gap in found)


def test_octets_held_behind_a_hole(monkeypatch):
    monkeypatch.setattr(tcp, "MAX_STREAM_HOLD", 3_000)
    talk = TcpConversation(A, B)
    frames = [*talk.open(), *talk.send(True, MESSAGE)]
    lost = talk.send(True, MESSAGE)
    rest = [frame for _ in range(9) for frame in talk.send(True, MESSAGE)[:1]]
    found, health = gaps(capture([*frames, *lost[1:], *rest]))
    assert [gap.reason for gap in found] == [GapReason.TCP_HOLE]
    assert found[0].where.startswith("limit: more than")
    assert health.sip_messages == 10


def test_octets_of_streams_held_in_all(monkeypatch):
    monkeypatch.setattr(connections, "_MAX_HELD", 4_000)
    big = MESSAGE.replace(b"\r\n\r\n", b"\r\nX: " + b"x" * 2_000 + b"\r\n\r\n", 1)
    frames = []
    for port in range(4):
        talk = TcpConversation(Endpoint(A.host, 6000 + port), B, seed=port + 1)
        frames += [*talk.open(), *talk.send(True, big[:-9], mss=9_000)]
    found, _ = gaps(capture(frames))
    assert GapReason.LIMIT in {gap.reason for gap in found}


def test_parts_over_sctp(monkeypatch):
    monkeypatch.setattr(sctp, "MAX_FRAGMENTS", 3)
    begun = MESSAGE[:300]
    frames = [link_frame(sctp_packet([(2, 10 * number, begun)])) for number in range(1, 9)]
    found, health = gaps(capture(frames))
    reasons = [gap.reason for gap in found]
    # Three wait at the end; of those given up three are told, and then how many more.
    assert reasons == [GapReason.LIMIT] * 4 + [GapReason.FRAGMENT_MISSING] * 3
    assert "limit" in found[0].where
    assert "2 more" in found[3].where
    assert health.sip_messages == 0


def test_packets_inside_one_another():
    packet = udp_frames(A, B, MESSAGE, identification=1, link=Link.RAW)[0]
    fits = packet
    for depth in range(limits.MAX_TUNNELS + 1):
        fits, packet = packet, gre(packet)[14:]
        del depth
    found, health = gaps(capture([link_frame(fits)]))
    assert (found, health.sip_messages) == ([], 1)
    found, health = gaps(capture([link_frame(packet)] * 2))
    assert ([gap.reason for gap in found], health.sip_messages) == ([GapReason.LIMIT], 0)
    assert found[0].where.startswith("limit")


@pytest.mark.parametrize(("count", "read"), [(16, 1), (15, 1), (17, 0)])
def test_ipv6_extension_headers(count, read):
    one, other = Endpoint("2001:db8::1", 5060), Endpoint("2001:db8::2", 5060)
    packet = udp_frames(one, other, MESSAGE, identification=1, link=Link.RAW)[0]
    kinds = [60] * (count - 1) + [17]
    headers = b"".join(bytes([kind, 0, 1, 4, 0, 0, 0, 0]) for kind in kinds)
    size = (len(packet) - 40 + len(headers)).to_bytes(2)
    packet = packet[:4] + size + bytes([60]) + packet[7:40] + headers + packet[40:]
    found, health = gaps(capture([link_frame(packet)]))
    assert health.sip_messages == read
    assert [gap.reason for gap in found] == ([] if read else [GapReason.LIMIT])


def test_fragments_awaited():
    count = limits.MAX_FRAGMENTS + 20
    frames = [
        udp_frames(A, Endpoint(f"10.1.{n >> 8}.{n & 255}", 5060), MESSAGE, identification=n + 1,
                   mtu=400)[0]
        for n in range(count)
    ]  # fmt: skip
    found, health = gaps(capture(frames))
    assert len(found) == count
    assert [gap.reason for gap in found].count(GapReason.LIMIT) == 20
    assert all(gap.where.startswith("limit") for gap in found[:20])
    assert health.sip_messages == 0


def compressed(name, octets):
    if name == "gzip":
        return gzip.compress(octets, 9)
    if name == "xz":
        return lzma.compress(octets)
    if name == "zstd":
        return pytest.importorskip("zstandard").ZstdCompressor(level=9).compress(octets)
    return pytest.importorskip("lz4.frame").compress(octets)


@pytest.mark.parametrize("name", ["gzip", "xz", "zstd", "lz4"])
def test_a_bomb_is_left_with_a_gap(monkeypatch, name):
    monkeypatch.setattr(containers, "MAX_EXPANSION_FREE", 100_000)
    monkeypatch.setattr(containers, "MAX_EXPANSION", 50)
    octets = compressed(name, capture([]) + bytes(16) * 100_000)
    found, health = gaps(octets)
    (breach,) = [gap for gap in found if gap.reason is GapReason.LIMIT]
    assert "limit" in breach.where
    # The package for zstd gives at once what one step holds.
    assert health.packets < 100_000 or name == "zstd"


TESTED_ELSEWHERE = {
    # What a text log and a WebSocket message may be, and how much is open: beside their modules.
    "MAX_TEXT_LOG": ("capture/test_text_log.py", "test_a_log_beyond_the_limit_is_a_gap"),
    "MAX_TRANSACTIONS": (
        "verifier/test_bounded.py",
        "test_that_transactions_are_bounded_and_silence_says_nothing_then",
    ),
    "MAX_OPEN": ("verifier/test_bounded.py", "test_that_what_is_let_go_is_never_a_fail"),
    "MAX_WEBSOCKET": ("capture/test_websocket.py", "test_a_message_beyond_the_limit_is_malformed"),
}
HERE = {
    "MAX_STREAMS": "test_streams_in_all", "MAX_STREAM_HOLD": "test_octets_held_behind_a_hole",
    "MAX_FRAGMENTS": "test_fragments_awaited", "MAX_TUNNELS": "test_packets_inside_one_another",
    "MAX_EXPANSION": "test_a_bomb_is_left_with_a_gap",
    "MAX_EXPANSION_FREE": "test_a_bomb_is_left_with_a_gap",
}  # fmt: skip


def test_streams_in_all(monkeypatch):
    monkeypatch.setattr(connections, "MAX_STREAMS", 5)
    monkeypatch.setattr(connections, "_MAX_UNDECIDED", 2)
    frames = []
    for port in range(20):
        talk = TcpConversation(Endpoint(A.host, 6000 + port), B, seed=port + 1)
        frames += [*talk.open(), *talk.send(True, MESSAGE + MESSAGE[:100])]
    found, health = gaps(capture(frames))
    assert health.sip_messages == 20
    limit = [gap for gap in found if gap.reason is GapReason.LIMIT]
    assert len(limit) >= 12
    assert all("too many streams are open" in gap.where for gap in limit)


@pytest.mark.parametrize("name", [name for name in dir(limits) if name.isupper()])
def test_every_limit_has_its_test(name):
    assert getattr(limits, name) > 0
    if name in TESTED_ELSEWHERE:
        file, function = TESTED_ELSEWHERE[name]
        assert function in (Path(__file__).parents[1] / file).read_text()
    elif name in HERE:
        assert HERE[name] in globals()
    else:
        assert any(breach.startswith(name) for breach in BREACHES)
