"""Each limit on what input can grow: its breach is a Malformed or a Gap that names the limit."""

import gzip
from io import BytesIO

import pytest

from conformance.body import mime, multipart, xml_document
from conformance.capture import connections, containers, tcp
from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, udp_frames
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
    assert health.sip_messages == 10


def test_fragments_awaited():
    count = limits.MAX_FRAGMENTS + 20
    frames = [
        udp_frames(A, Endpoint(f"10.1.{n >> 8}.{n & 255}", 5060), MESSAGE, identification=n + 1,
                   mtu=400)[0]
        for n in range(count)
    ]  # fmt: skip
    found, health = gaps(capture(frames))
    assert len(found) == count
    assert {gap.reason for gap in found} <= {GapReason.FRAGMENT_MISSING, GapReason.LIMIT}
    assert health.sip_messages == 0


def test_a_bomb_is_left_with_a_gap(monkeypatch):
    monkeypatch.setattr(containers, "MAX_EXPANSION_FREE", 100_000)
    monkeypatch.setattr(containers, "MAX_EXPANSION", 50)
    octets = gzip.compress(capture([]) + bytes(16) * 100_000, 9)
    found, health = gaps(octets)
    (breach,) = [gap for gap in found if gap.reason is GapReason.LIMIT]
    assert "limit" in breach.where
    assert health.packets < 100_000


def test_limits_are_positive_numbers():
    for name in dir(limits):
        if name.isupper():
            assert getattr(limits, name) > 0
