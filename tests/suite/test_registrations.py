from pathlib import Path

from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.capture.writer import PcapngWriter
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Gap, GapReason, Observation
from conformance.sip.message import SipRequest
from conformance.suite.registrations import Registered, note, registrations
from conformance.suite.setting import Setting
from conformance.wire.malformed import Malformed
from tests.report.samples import BEGIN

CLIENT, CORE = Endpoint("192.0.2.20", 5060), Endpoint("192.0.2.1", 5060)


def register(*services: str, vias: int = 1, method: str = "REGISTER") -> bytes:
    names = ",".join(f"urn%3Aurn-7%3A3gpp-service.ims.icsi.{name}" for name in services)
    lines = [
        f"{method} sip:example.com SIP/2.0",
        *[f"Via: SIP/2.0/UDP 192.0.2.{hop};branch=z9hG4bK{hop}" for hop in range(vias)],
        "From: <sip:alice@example.com>;tag=a",
        "To: <sip:alice@example.com>",
        "Call-ID: r1@192.0.2.20",
        f"CSeq: 1 {method}",
        f'Contact: <sip:alice@192.0.2.20>;+g.3gpp.icsi-ref="{names}"',
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def seen(octets: bytes, frame: int = 3) -> Observation:
    message = SipRequest(octets)
    return Observation(1, 0, BEGIN, Transport.UDP, CLIENT, CORE, message, (frame,))


def test_services_are_those_of_the_contact_with_the_first_frame() -> None:
    found: dict[str, Registered] = {}
    items = [
        seen(register("oma.cpm.msg", "oma.cpm.deferred")),
        seen(register("oma.cpm.msg"), 9),
        seen(register("oma.cpm.session"), 10),
    ]
    note(items, "a.pcap", found)
    assert found["oma.cpm.msg"] == Registered("a.pcap", 3)
    assert sorted(found) == ["oma.cpm.deferred", "oma.cpm.msg", "oma.cpm.session"]
    assert found["oma.cpm.session"].told() == "REGISTER in frame 10 of a.pcap"


def test_only_what_the_device_itself_registers_counts() -> None:
    found: dict[str, Registered] = {}
    broken = Observation(
        1, 0, BEGIN, Transport.UDP, CLIENT, CORE, Malformed("sip", "no start line", b"x", 0), (1,)
    )
    items = [
        seen(register("oma.cpm.msg", vias=2)),
        seen(register("oma.cpm.msg", method="MESSAGE")),
        Gap(1, BEGIN, 0, "dropped", GapReason.DROPPED),
        broken,
    ]
    note(items, "a.pcap", found)
    assert found == {}


def test_captures_are_read(tmp_path: Path) -> None:
    path = tmp_path / "register.pcapng"
    with path.open("wb") as file:
        writer = PcapngWriter(file, link=Link.ETHERNET, interface="x0")
        for frame in udp_frames(CLIENT, CORE, register("oma.cpm.largemsg"), identification=1):
            writer.write(BEGIN, frame)
    assert registrations([str(path)], Setting()) == {"oma.cpm.largemsg": Registered(str(path), 1)}
