import os
import socket
import subprocess
import time
from contextlib import suppress
from io import BytesIO
from shutil import which

import pytest

from conformance.capture.chunks import Chunks
from conformance.capture.link import Link
from conformance.capture.packets import FIN, RST
from conformance.capture.pcap import Batch
from conformance.capture.pcapng import read_pcapng
from conformance.capture.writer import PcapngWriter, PcapWriter
from conformance.flow.library import load
from conformance.live.clock import Clock
from conformance.observation.trace import CaptureHealth
from conformance.reference.engine.component import Note
from conformance.reference.network.network import PartyNote
from conformance.reference.preferences.document import write
from conformance.suite.bench_setting import read_bench_setting
from conformance.suite.drive import Driven, drive, prepared
from conformance.suite.drive_verdict import CaseVerdict, is_open, judge, unclaimed
from conformance.suite.fixtures import verifying
from conformance.suite.second_record import SecondRecord, agreed
from conformance.suite.setting import Setting
from conformance.suite.test_cases import select
from conformance.verifier.verdict import Verdict
from tests.suite.benches import BEGIN, HOST, NUMBERS, RATE, benched, setting, setting_file


@pytest.fixture(scope="module")
def library():
    return load(None)


def driven(name, device, network, library, rate=RATE, bench=None, beside=False):
    """The verdict on a device that is played in another process.

    `beside`: by dumpcap's record too, where it may capture.
    """
    sut = name.partition("/")[0]
    (case,) = select(sut, [], [name])
    bench = prepared(sut, device.address, bench or setting(network))
    clock = Clock(time.monotonic_ns, BEGIN, rate)
    second = SecondRecord(bench, sut, clock, HOST)
    if beside:
        second.begin()
    done = drive(
        case,
        bench,
        clock,
        device.operate,
        print,
        is_open=lambda octets, roles: is_open(case, octets, roles, library),
    )
    device.recorded = done.octets
    seen = second.end()
    judged = judge(done, library)
    if seen is not None:
        device.beside = seen.octets
        judged, said = agreed(judged, done, seen, library)
        assert said == ""
    return judged


def settled(name, folder, network, library, first=RATE, bench=None, beside=False, **options):
    """The verdict on a role in another thread, with the device.

    A busy machine may be too slow for a clock that runs fast: that is inconclusive, never a
    verdict, and is tried at a slower one.
    """
    for rate in (first, 5):
        with benched(folder, name.partition("/")[0], network, rate=rate, **options) as device:
            judged = driven(name, device, network, library, rate, bench, beside)
        if judged.verdict is not CaseVerdict.INCONC:
            break
    return judged, device


@pytest.mark.parametrize(
    ("case", "network", "more"),
    [
        ("pf/push/base", "127.100", ""),
        ("pf/push-pager/message-twice", "127.101", '[pf]\npush = "pager"'),
        ("client/push-pager/base", "127.102", ""),
        ("client/push/connection-lost", "127.103", ""),
        ("pf/push/connection-lost", "127.119", ""),
        ("pf/push/lost-behind-an-answer", "127.123", ""),
        ("client/pull-notify/lost-between-messages", "127.124", ""),
        ("pf/push-pager/late-answer", "127.120", '[pf]\npush = "pager"'),
        ("pf/chat-deferred/client-reinvites", "127.121", ""),
        ("core/push-pager/base", "127.104", ""),
        ("iwf/interwork-out/base", "127.105", ""),
    ],
)
def test_a_device_that_conforms_passes(tmp_path, library, case, network, more):
    judged, _ = settled(case, tmp_path, network, library, more=more)
    assert judged.verdict is CaseVerdict.PASS, judged.why


def test_a_device_is_told_what_its_user_does(tmp_path, library):
    name = "client/interwork-out/base"
    judged, device = settled(name, tmp_path, "127.106", library)
    assert judged.verdict is CaseVerdict.PASS, judged.why
    assert device.asked[0] == "register"
    assert device.asked[1].startswith("send tel:+15550177 ")
    assert device.asked[-1] == "deregister"


@pytest.mark.parametrize(
    ("fault", "case", "network", "requirement"),
    [
        ("pf-never-tears-down", "pf/push/base", "127.107", "SD-5.2.1.1.2-teardown"),
        (
            "pf-loses-message-ids",
            "pf/push-pager/notified-twice",
            "127.108",
            "RFC5438-message-id",
        ),
        ("core-fails-pushes", "core/push-pager/base", "127.109", "push-pager/4-5"),
    ],
)
def test_a_device_with_a_planted_fault_fails_with_its_requirement(
    tmp_path, library, fault, case, network, requirement
):
    more = '[pf]\npush = "pager"' if "pager" in case else ""
    options = {"fault": fault, "more": more}
    judged, _ = settled(case, tmp_path, network, library, **options)
    assert judged.verdict is CaseVerdict.FAIL, judged.why
    assert requirement in judged.broken


def test_what_the_device_itself_refuses_is_not_supported(tmp_path, library):
    more = "[client]\nmessage_answers = [415]"
    name = "client/push-pager/base"
    judged, _ = settled(name, tmp_path, "127.110", library, more=more)
    assert judged.verdict is CaseVerdict.UNSUPPORTED
    assert judged.why == "415 to MESSAGE: the content is not supported"


def test_what_is_done_in_another_way_is_not_supported(tmp_path, library):
    judged, _ = settled("pf/push-pager/base", tmp_path, "127.111", library)
    assert judged.verdict is CaseVerdict.UNSUPPORTED
    assert judged.why == "the pf does push instead"


def test_preferences_are_judged_where_the_device_has_them(tmp_path, library):
    name = "pf/push/preferred-one-device"
    (case,) = select("pf", [], [name])
    path = tmp_path / "preferences.xml"
    path.write_bytes(write(case.scenario.setting.preferences))
    judged, _ = settled(name, tmp_path, "127.112", library, preferences=str(path))
    assert judged.verdict is CaseVerdict.PASS, judged.why
    judged, _ = settled(name, tmp_path, "127.113", library)
    assert judged.verdict is CaseVerdict.FAIL, judged.why


def test_a_device_that_says_nothing_is_inconclusive(library):
    class Nobody:
        address = setting("127.114").world.endpoint("client")

        def operate(self, asked):
            pass

    judged = driven("client/push-pager/base", Nobody(), "127.114", library, rate=200)
    assert judged.verdict is CaseVerdict.INCONC
    assert judged.why == "the client at 127.114.2.20 said nothing at all"


class Rude:
    """A device that says no sentence to its end, and much that is none."""

    def __init__(self, network):
        self.address = setting(network).world.endpoint("client")
        self._core = setting(network).world.endpoint("core")
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(self.address)

    def operate(self, asked):
        for octets in (b"", b"\0\xff", b"REGISTER\r\n\r\n", REGISTER[:90], REGISTER * 2):
            self._udp.sendto(octets, self._core)
        for octets in (REGISTER[:90], b"REGISTER sip:x SIP/2.0\r\n" + b"X: y\r\n" * 100_000):
            with (
                suppress(OSError),
                socket.create_connection(self._core, 5, (self.address.host, 0)) as stream,
            ):
                stream.sendall(octets)

    def close(self):
        self._udp.close()


REGISTER = (
    b"REGISTER sip:home-a.example SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n"
    b"Content-Length: 0\r\n\r\n"
)


def test_a_device_that_sends_garbage_halves_and_endless_headers_gets_a_verdict(library):
    device = Rude("127.122")
    try:
        judged = driven("client/push-pager/base", device, "127.122", library, rate=200)
    finally:
        device.close()
    assert judged.verdict is CaseVerdict.INCONC
    assert judged.why == "push-pager did not take place"
    assert len(device.recorded) < 4_000_000


@pytest.mark.parametrize(
    ("case", "network", "way"),
    [
        ("pf/push/base", "127.115", '[sip]\ntransport = "tls"'),
        ("client/push/base", "127.116", '[msrp]\ntransport = "tls"'),
        ("pf/pull/base", "127.117", '[sip]\ntransport = "tls"\n[msrp]\ntransport = "tls"'),
    ],
)
def test_a_device_is_driven_over_tls(tmp_path, library, case, network, way):
    # given a device and a driver that trust the same authority
    if which("openssl") is None:
        pytest.skip("openssl is not there: no certificate for TLS")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    names = ",".join(f"IP:{network}.{number}" for number in NUMBERS.values())
    asked = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=bench"
    words = [*asked.split(), "-addext", f"subjectAltName={names}", "-keyout", key]
    subprocess.run([*words, "-out", certificate], check=True, capture_output=True)
    tls = f'certificate = "{certificate}"\nkey = "{key}"'
    if "[sip]" in way:
        # MSRP alone needs nobody's trust: session descriptions tell of the certificates.
        tls += f'\ntrust = "{certificate}"'
    choosing = "[pf]\nnotifies = true" if "pull" in case else ""
    more = f"{way}\n[tls]\n{tls}\n{choosing}"
    # when the case is run
    bench = read_bench_setting(str(setting_file(tmp_path, network, more)))
    options = {"first": 15, "bench": bench, "more": more, "beside": True}
    judged, device = settled(case, tmp_path, network, library, **options)
    # then it passes as it does over UDP and TCP
    assert judged.verdict is CaseVerdict.PASS, judged.why
    assert (b"path:msrps://" in device.recorded) is ("[msrp]" in way)
    assert (b"a=fingerprint:sha-256 " in device.recorded) is ("[msrp]" in way)
    assert (b"SIP/2.0/TLS" in device.recorded) is ("[sip]" in way)
    # and so says what dumpcap saw, with the keys of both ends
    if os.geteuid() == 0 and which("dumpcap") and which("tshark"):
        assert b"CLIENT_TRAFFIC_SECRET_0" in device.beside
        assert b"path:msrps://" not in device.beside or "[sip]" not in way


@pytest.mark.parametrize(
    ("host", "why", "told"),
    [
        ("192.0.2.1", "no TLS with 192.0.2.1:5060: unknown ca", True),
        ("192.0.2.1", "no TLS with 192.0.2.10:5060: unknown ca", False),
        ("2001:db8::1", "no TLS with [2001:db8::1]:5060: it went away", True),
    ],
)
def test_of_a_device_that_is_not_heard_a_handshake_that_failed_is_told(host, why, told, library):
    (case,) = select("pf", [], ["push/base"])
    file = BytesIO()
    PcapngWriter(file, link=Link.ETHERNET)
    note = PartyNote(0, "core", Note("refused", (("why", why),)))
    judged = judge(Driven(case, file.getvalue(), (note,), (), host), library)
    head = f"the pf at {host} said nothing at all"
    assert judged.why == (f"{head}: {why}" if told else head)


def test_what_the_supplier_does_not_claim_is_not_supported():
    (case,) = select("pf", [], ["pull/base"])
    assert unclaimed(case).verdict is CaseVerdict.UNSUPPORTED


def test_who_hangs_up_behind_a_lost_connection_is_not_convicted_and_else_is(tmp_path, library):
    # Given a device whose connection was closed when one of two messages had been delivered,
    name = "client/pull-notify/lost-between-messages"
    _, device = settled(name, tmp_path, "127.125", library)
    packets = [*frames(device.recorded)]
    # and a capture that ends with its BYE, before it retrieves the other one,
    end = 1 + next(
        number
        for number, (_, octets) in enumerate(packets)
        if b"SIP/2.0 200" in octets and b" BYE\r\n" in octets
    )
    # then nobody is convicted; but where the connection was not closed, the device is.
    kept = verified(tmp_path, packets[:end])
    assert kept.verdict is Verdict.INCONC
    (finding,) = (one for one in kept.instances[-1].findings if one.verdict is Verdict.INCONC)
    assert "; pf had closed the connection (frame " in finding.observed
    open_ = [(time, octets) for time, octets in packets[:end] if not closes(octets)]
    faults = verified(tmp_path, open_).instances[-1].findings
    assert [one.role_at_fault for one in faults if one.verdict is Verdict.FAIL] == ["client"]


def frames(octets):
    chunks = Chunks(BytesIO(octets), CaptureHealth("recorded", "native"))
    chunks.need(4)
    for item in read_pcapng(chunks):
        if isinstance(item, Batch):
            for time, start, stop, _ in item.records:
                yield time, item.octets[start:stop]


def closes(octets):
    """Whether a frame of Ethernet and IPv4 ends a TCP connection."""
    return octets[23] == 6 and octets[47] & (FIN | RST)


def verified(folder, packets):
    path = folder / "part.pcap"
    with path.open("wb") as file:
        writer = PcapWriter(file, link=Link.ETHERNET)
        for time, octets in packets:
            writer.write(time, octets)
    return verifying(Setting())(path)
