from io import BytesIO

import pytest

from conformance.capture.chunks import Chunks
from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.capture.pcap import Batch, Interface, Secrets
from conformance.capture.pcapng import read_pcapng
from conformance.capture.writer import PcapngWriter, PcapWriter
from conformance.observation.trace import CaptureHealth
from tests.capture.scenes import ALICE, BOB, START, observations, read, sip


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("nanoseconds", [False, True])
@pytest.mark.parametrize("writer_class", [PcapWriter, PcapngWriter])
def test_what_is_written_is_read(writer_class, nanoseconds, big_endian):
    file = BytesIO()
    writer = writer_class(file, link=Link.ETHERNET, nanoseconds=nanoseconds, big_endian=big_endian)
    time = START + 123_456_789
    for frame in udp_frames(ALICE, BOB, sip(), identification=7):
        writer.write(time, frame)
    found = observations(file.getvalue())
    assert [item.message.octets for item in found] == [sip()]
    assert found[0].time == (time if nanoseconds else time // 1_000 * 1_000)
    assert (found[0].source, found[0].destination, found[0].mirror) == (ALICE, BOB, 7)


def test_comments_and_names_are_kept_apart_from_frames():
    file = BytesIO()
    writer = PcapngWriter(file, link=Link.ETHERNET, comment="a section", interface="eth0")
    second = writer.add_interface(Link.RAW, "tun0")
    writer.write(START, udp_frames(ALICE, BOB, sip(1), identification=1)[0], "odd")
    frame = udp_frames(ALICE, BOB, sip(2), identification=2, link=Link.RAW)[0]
    writer.write(START + 1, frame, interface=second)
    items, health = read(file.getvalue())
    assert [item.message.octets for item in items] == [sip(1), sip(2)]
    assert health.interfaces == ["eth0:1", "tun0:101"]
    assert b"odd" in file.getvalue()
    assert b"a section" in file.getvalue()


def test_keys_stand_before_the_frames_that_they_open():
    file = BytesIO()
    writer = PcapngWriter(file, link=Link.ETHERNET)
    writer.keys(b"CLIENT_RANDOM 0")
    writer.write(START, bytes(60))
    items = list(read_pcapng(Chunks(BytesIO(file.getvalue()), CaptureHealth("", ""))))
    assert [type(item) for item in items] == [Interface, Secrets, Batch]
    assert b"KSLT\x0f\0\0\0CLIENT_RANDOM 0\0" in file.getvalue()
