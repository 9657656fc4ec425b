from io import BytesIO
from struct import pack

import pytest

from conformance.capture import source as source_module
from conformance.capture.link import Link
from conformance.capture.needs import needs_wireshark
from conformance.capture.packets import TcpConversation
from conformance.capture.source import open_capture
from conformance.capture.writer import PcapngWriter, PcapWriter
from tests.capture.scenes import ALICE, BOB, START


def with_secrets():
    file = BytesIO()
    writer = PcapngWriter(file, link=Link.ETHERNET)
    secret = b"CLIENT_RANDOM " + b"00" * 32 + b" " + b"11" * 48 + b"\n"
    body = pack("<II", 0x544C534B, len(secret)) + secret + bytes(-len(secret) % 4)
    file.write(pack("<II", 10, 12 + len(body)) + body + pack("<I", 12 + len(body)))
    tcp = TcpConversation(ALICE, BOB)
    for frame in tcp.open() + tcp.send(True, b"\x16\x03\x01\x00\x10" + bytes(16)):
        writer.write(START, frame)
    return file.getvalue()


def of_link(link):
    file = BytesIO()
    PcapWriter(file, link=link).write(START, bytes(40))
    return file.getvalue()


@pytest.mark.parametrize(
    ("octets", "needs"),
    [
        (with_secrets(), True),
        (of_link(147), True),
        (of_link(252), False),
        (of_link(1), False),
        (b"", False),
    ],
)
def test_what_asks_for_wireshark(octets, needs):
    assert needs_wireshark(BytesIO(octets)) is needs


def test_without_tshark_the_native_reader_says_what_would_help(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module.shutil, "which", lambda name: None)
    path = tmp_path / "a.pcapng"
    path.write_bytes(with_secrets())
    source = open_capture(str(path))
    list(source)
    assert source.health.reader == "native"
    assert "the file carries keys" in source.health.gaps[0].where


@pytest.mark.tshark
@pytest.mark.skipif(source_module.shutil.which("tshark") is None, reason="tshark is not installed")
def test_auto_chooses_tshark_where_it_reads_more(tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(with_secrets())
    assert open_capture(str(path)).health.reader == "tshark"
    assert open_capture(str(path), reader="native").health.reader == "native"
