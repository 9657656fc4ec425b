"""Time linear in octets: the worst input known of each parser, at two sizes, by counted calls."""

import re
from io import BytesIO

import pytest

from benchmarks.fuzz.targets import TARGETS
from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, tcp_segment, udp_frames
from conformance.capture.source import STDIN, open_capture
from conformance.capture.writer import PcapWriter
from conformance.observation.packet import Endpoint
from tests.body.growth import assert_linear, assert_steady
from tests.sip.samples import MESSAGE

A, B = Endpoint("10.0.1.10", 5060), Endpoint("10.0.2.20", 5061)
SIP = b"OPTIONS sip:a SIP/2.0\r\n"

# target: what the input begins with, and what is repeated
WORST = {
    "sip_message": [
        (SIP, b"a:\r\n"), (SIP, b"a: b\r\n "), (SIP + b"Via: ", b"a,"), (SIP + b"To: ", b'"'),
        (SIP + b"To: ", b"<"), (SIP + b"Contact: ", b"<sip:a>;b=c,"), (SIP, b"\r"),
        (SIP + b"Content-Type: multipart/mixed;boundary=b\r\n\r\n", b"--b\r\n"),
        (SIP + b"Content-Type: multipart/mixed;boundary=b\r\n\r\n", b"--b"),
    ],
    "sip_grammar": [
        (b"", b'"\\'), (b"sip:", b"%4"), (b"sip:a@", b"["), (b"", b";a"), (b"<", b"<"),
    ],
    "msrp_message": [
        (b"MSRP abcd SEND\r\n", b"a: b\r\n"), (b"MSRP abcd SEND\r\n\r\n", b"\r\n-------abcd"),
        (b"MSRP abcd SEND\r\nTo-Path: ", b"msrp://a "), (b"MSRP abcd ", b"-"),
    ],
    "streams": [
        (b"", b"SIP/2.0 "), (b"", b"INVITE "), (b"MSRP abcd SEND\r\n\r\n", b"\r\n-------"),
        (b"", b"\r\n"), (b"", b"x\nA b SIP/2.0"), (SIP, b"A: b\r\n"),
    ],
    "bodies": [
        (b"", b"<a>"), (b"<a ", b"b='' "), (b"", b"--b\r\n"), (b"", b"NS: a <b>\r\n"),
        (b"v=0\r\n", b"m=a 1 b c\r\n"), (b"v=0\r\n", b"a=path:"), (b"", b";a=\"\\"),
    ],
    "short_message": [(b"\x00\x01", b"\x00\x07"), (b"\x01\x01\x00", b"\xff")],
    "http": [
        (b"GET / HTTP/1.1\r\n", b"a:\r\n"), (b"", b"\r\n"), (b"", b"GET / HTTP/1.1\r\n\r\n"),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
    "short_message_centre": [
        (b"", b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\1"), (b"", b"\0"), (b"\0\1\0\0", b"a"),
    ],
    "setting": [
        (b"<a>", b"<b>"), (b"<a ", b"b='' "), (b"", b"["), (b'{"a":[', b"{},"), (b"", b'{"a":'),
        (b'<cpm-user-preferences default="a">', b'<profile name="a"/>'),
    ],
    "copies": [
        (b"HEP3", b"HEP3"), (b"HEP3\xff\xff", b"\0\0\0\1\0\6"), (b"", b"HEP"), (b"", b"HEP3\0\6"),
    ],
    "disguise": [
        (SIP + b"To: ", b"<"), (SIP, b"a: 1.2.3.4\r\n"), (SIP, b"To: a:b:c:"), (b"", b"+1-"),
    ],
}  # fmt: skip
CASES = [(name, *case) for name, cases in WORST.items() for case in cases]


@pytest.mark.parametrize(("name", "start", "piece"), CASES, ids=repr)
def test_parsers(name, start, piece):
    assert_linear(TARGETS[name], lambda count: start + piece * count, 60)


@pytest.mark.parametrize(("name", "start", "piece"), CASES, ids=repr)
def test_what_no_call_shows(name, start, piece):
    assert_steady(TARGETS[name], lambda count: start + piece * count)


def test_that_quadratic_time_is_noticed():
    hungry = re.compile(rb"a*b")
    with pytest.raises(AssertionError, match="octets"):
        assert_steady(hungry.search, lambda count: b"a" * count)
    with pytest.raises(AssertionError, match="octets"):
        assert_steady(lambda octets: [octets[at:].find(b"b") for at in range(0, len(octets), 64)],
                      lambda count: b"a" * count)  # fmt: skip
    assert_steady(lambda octets: octets.find(b"b"), lambda count: b"a" * count)


def read(octets):
    return list(open_capture(STDIN, reader="native", stdin=BytesIO(octets)))


def capture(frames):
    file = BytesIO()
    writer = PcapWriter(file, link=Link.ETHERNET)
    for number, frame in enumerate(frames):
        writer.write(number * 1_000_000, frame)
    return file.getvalue()


def fragments(count):
    parts = udp_frames(A, B, MESSAGE * 40, identification=1, mtu=80)
    return capture((parts[1:] * (count // len(parts) + 1))[:count])


def backwards(count):
    """One octet a segment, the last first."""
    octets = (MESSAGE * (count // len(MESSAGE) + 1))[:count]
    talk = [tcp_segment(A, B, flags=2, sequence=99)]
    talk += [
        tcp_segment(A, B, octets[at : at + 1], sequence=100 + at) for at in reversed(range(count))
    ]
    return capture(talk)


def connections(count):
    frames = []
    for number in range(count // 4):
        talk = TcpConversation(Endpoint(A.host, 1_024 + number), B, seed=number + 1)
        frames += [*talk.open(), *talk.send(True, MESSAGE[:200])[:1]]
    return capture(frames)


@pytest.mark.parametrize("make", [fragments, backwards, connections])
def test_readers(make):
    assert_linear(read, make, 100)
