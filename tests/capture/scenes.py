"""Small captures for the tests: messages, frames, files, and what a reader made of them."""

from io import BytesIO
from pathlib import Path

from conformance.capture.link import Link
from conformance.capture.native import NativeSource
from conformance.capture.packets import TcpConversation
from conformance.capture.writer import PcapWriter
from conformance.observation.packet import Endpoint
from conformance.observation.trace import CaptureHealth, Closing, Gap, GapReason, Observation

ALICE = Endpoint("10.0.0.1", 40_001)
BOB = Endpoint("10.0.0.2", 50_002)
ALICE6 = Endpoint("2001:db8::1", 40_001)
BOB6 = Endpoint("2001:db8::2", 50_002)
START = 1_700_000_000_000_000_000
STEP = 1_000_000

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "captures"


def sip(number: int = 1, body: bytes = b"", method: str = "OPTIONS") -> bytes:
    """A SIP request that tells its number."""
    head = (
        f"{method} sip:bob@example.com SIP/2.0\r\n"
        f"Via: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK{number}\r\n"
        f"From: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>\r\n"
        f"Call-ID: {number}\r\nCSeq: {number} {method}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def msrp(number: int = 1, body: bytes = b"hello") -> bytes:
    """An MSRP SEND that tells its number."""
    head = (
        f"MSRP tid{number:05} SEND\r\nTo-Path: msrp://10.0.0.2:50002/b;tcp\r\n"
        f"From-Path: msrp://10.0.0.1:40001/a;tcp\r\nMessage-ID: {number}\r\n"
        f"Byte-Range: 1-{len(body)}/{len(body)}\r\nContent-Type: text/plain\r\n\r\n"
    )
    return head.encode() + body + f"\r\n-------tid{number:05}$\r\n".encode()


def pcap(frames: list[bytes], link: Link = Link.ETHERNET) -> bytes:
    """A pcap file with these frames, `STEP` apart."""
    file = BytesIO()
    writer = PcapWriter(file, link=link)
    for number, frame in enumerate(frames):
        writer.write(START + number * STEP, frame)
    return file.getvalue()


def read(octets: bytes) -> tuple[list[Observation | Gap], CaptureHealth]:
    """What our reader makes of a file, but for who closed a connection."""
    health = CaptureHealth("memory", "native")
    source = NativeSource(health, 0, lambda: BytesIO(octets))
    return [item for item in source if not isinstance(item, Closing)], health


def closings(octets: bytes) -> list[Closing]:
    source = NativeSource(CaptureHealth("memory", "native"), 0, lambda: BytesIO(octets))
    return [item for item in source if isinstance(item, Closing)]


def observations(octets: bytes) -> list[Observation]:
    return [item for item in read(octets)[0] if isinstance(item, Observation)]


def messages(octets: bytes) -> list[bytes]:
    return [item.message.octets for item in observations(octets)]


def reasons(octets: bytes) -> list[GapReason]:
    return [item.reason for item in read(octets)[0] if isinstance(item, Gap)]


def conversation(parts: list[tuple[bool, bytes]], mss: int = 1_400, seed: int = 1) -> list[bytes]:
    """The frames of a whole TCP connection from Alice to Bob."""
    tcp = TcpConversation(ALICE, BOB, seed=seed)
    frames = tcp.open()
    for from_client, payload in parts:
        frames += tcp.send(from_client, payload, mss=mss)
    return frames + tcp.close(True)
