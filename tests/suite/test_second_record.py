import time
from dataclasses import replace
from io import BytesIO

import pytest

from conformance.capture.errors import CaptureError
from conformance.capture.link import Link
from conformance.capture.writer import PcapngWriter
from conformance.flow.library import load
from conformance.live.clock import Clock
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.scenarios.scenario import play
from conformance.suite import drive_verdict
from conformance.suite.bench_setting import BenchSetting
from conformance.suite.drive import Driven
from conformance.suite.drive_verdict import CaseVerdict, judge
from conformance.suite.second_record import Host, SecondRecord, Seen, agreed
from conformance.suite.simulation import octets_of
from conformance.suite.test_cases import select
from tests.suite.benches import BEGIN, HOST, setting

(CASE,) = select("pf", [], ["push/base"])


@pytest.fixture(scope="module")
def library():
    return load(None)


def recorded():
    """The case as the reference plays it, and its record."""
    octets = octets_of(play(CASE.scenario))
    return Driven(CASE, octets, (), (), CASE.scenario.setting.host("pf"))


def test_two_records_of_one_case_agree(library):
    driven = recorded()
    judged = judge(driven, library)
    assert agreed(judged, driven, Seen(driven.octets, 0), library) == (judged, "")
    assert judged.verdict is CaseVerdict.PASS


def test_records_that_do_not_agree_are_inconclusive_and_said(library):
    driven = recorded()
    half = driven.octets[: len(driven.octets) // 2]
    judged, said = agreed(judge(driven, library), driven, Seen(half, 0), library)
    assert judged.verdict is CaseVerdict.INCONC
    assert "our own record says pass" in judged.why
    assert "dumpcap's says inconc" in judged.why
    assert said.startswith("the two records do not agree")


def test_a_record_with_losses_is_not_judged_but_told_of(library):
    driven = recorded()
    judged = judge(driven, library)
    found, said = agreed(judged, driven, Seen(b"", 3), library)
    assert found == judged
    assert said == "dumpcap lost 3 packets: our own record alone is judged"


def encrypted():
    plain = setting("127.118")
    return replace(plain, world=replace(plain.world, msrp_transport=Transport.TLS))


def test_what_nobody_decrypts_has_no_second_record_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    second = SecondRecord(encrypted(), "pf", Clock(time.monotonic_ns, BEGIN), HOST)
    assert second.why_not == "what goes over TLS needs tshark, which comes with Wireshark"
    second.begin()
    assert second.end() is None


def test_a_record_that_cannot_be_decrypted_is_told_of(library, monkeypatch):
    def refuses(*_):
        raise CaptureError("tshark", "it ended with an error")

    driven = recorded()
    judged = judge(driven, library)
    monkeypatch.setattr(drive_verdict, "open_capture", refuses)
    file = BytesIO()
    PcapngWriter(file, link=Link.ETHERNET).keys(b"")
    found, said = agreed(judged, driven, Seen(file.getvalue(), 0), library)
    assert found == judged
    assert said == "tshark: it ended with an error: our own record alone is judged"


def test_packets_of_a_clock_that_runs_fast_are_told_by_that_clock(monkeypatch):
    from conformance.live.beside import Frame
    from conformance.suite import second_record as module

    class Pretended:
        lost = 0

        def __init__(self, *_):
            pass

        def stop(self):
            return [Frame(1_000_000_300, 1, bytes(60)), Frame(1_000_000_100, 1, bytes(60))]

    monkeypatch.setattr(module, "Beside", Pretended)
    written = []
    monkeypatch.setattr(module, "_written", lambda frames, keys: written.extend(frames) or b"")
    host = Host(lambda: 1_000_000_000, lambda: 0.0, lambda: None)
    second = SecondRecord(
        BenchSetting().at("pf", Endpoint("127.0.0.1", 5060)),
        "pf",
        Clock(lambda: 0, 5_000, 10),
        host,
    )
    second.begin()
    assert second.end() == Seen(b"", 0)
    assert [one.time for one in written] == [8_000, 6_000]
