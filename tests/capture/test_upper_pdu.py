from io import BytesIO
from struct import pack

from conformance.capture.upper_pdu import LINK, read_exported
from conformance.capture.writer import PcapWriter
from conformance.observation.packet import Endpoint, Transport
from tests.capture.scenes import START, msrp, read, sip


def exported(name, octets, *fields):
    found = pack("!HH", 12, 4) + name.ljust(4, b"\0")
    for kind, value in fields:
        found += pack("!HH", kind, len(value)) + value
    return found + pack("!HH", 0, 0) + octets


IPV4 = (
    (20, bytes([10, 0, 0, 1])),
    (21, bytes([10, 0, 0, 2])),
    (24, pack("!I", 2)),
    (25, pack("!I", 5_061)),
    (26, pack("!I", 40_000)),
)


def test_exported_messages_are_read():
    file = BytesIO()
    writer = PcapWriter(file, link=LINK)
    writer.write(START, exported(b"sip", sip(1), *IPV4))
    writer.write(START, exported(b"msrp", msrp(2)))
    writer.write(START, exported(b"rtp", b"x"))
    items, health = read(file.getvalue())
    assert [one.message.octets for one in items] == [sip(1), msrp(2)]
    assert items[0].source == Endpoint("10.0.0.1", 5_061)
    assert items[0].transport is Transport.TCP
    assert items[1].source == Endpoint("0.0.0.0", 0)
    assert health.gaps == []


def test_a_frame_cut_anywhere_never_raises():
    whole = exported(b"sip", sip(1), *IPV4)
    for size in range(len(whole)):
        read_exported(whole, 0, size)
