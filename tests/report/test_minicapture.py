from dataclasses import replace
from io import BytesIO

import pytest

from conformance.capture.source import open_capture
from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint
from conformance.observation.trace import Observation
from conformance.report.minicapture import LIMIT, LOOSE, endpoint, minicapture, over_stream
from conformance.suite.fixtures import verifying
from conformance.suite.setting import Setting
from conformance.verifier.verdict import Reason, Verdict
from tests.ladder import MICROSECOND
from tests.report.samples import failed_pull, message, passed_pager
from tests.scenarios import catalogue
from tests.verifier.closings import closed
from tests.verifying import role_rules, verify

SEND = (
    b"MSRP abcd1234 SEND\r\nTo-Path: msrp://10.0.1.1:7000/x;tcp\r\n"
    b"From-Path: msrp://10.0.2.20:7000/y;tcp\r\nMessage-ID: 1\r\nByte-Range: 1-4000/4000\r\n"
    b"Content-Type: text/plain\r\n\r\n" + b"x" * 4000 + b"\r\n-------abcd1234$\r\n"
)


def read(octets: bytes, folder) -> list[Observation]:
    path = folder / "mini.pcapng"
    path.write_bytes(octets)
    return [
        one for one in open_capture(str(path), reader="native") if isinstance(one, Observation)
    ]


def _octets(line) -> int:
    return len(line.octets)


def whole():
    """An instance whose messages are complete: over UDP, over TCP, and MSRP."""
    sip = (
        b"OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/%s 10.0.2.20;branch=z9hG4bK1\r\n"
        b"From: <sip:b@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\nCall-ID: c\r\n"
        b"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    lines = [message(number, Role.CLIENT, Role.CORE, "x", "2", "2-3") for number in (1, 2, 3)]
    octets = (sip % b"UDP", sip % b"TCP", SEND)
    ladder = tuple(replace(line, octets=one) for line, one in zip(lines, octets, strict=True))
    return replace(passed_pager(), ladder=ladder)


def test_it_reads_back_as_the_same_messages(tmp_path) -> None:
    made = whole()
    found = read(minicapture(made, ("lab/a.pcapng",)).octets, tmp_path)
    assert [one.message.octets for one in found] == [line.octets for line in made.ladder]
    assert [one.time for one in found] == [line.time for line in made.ladder]
    assert [str(one.source) for one in found] == [line.source for line in made.ladder]


def test_the_ranges_hold_the_octets_of_each_message() -> None:
    made = whole()
    mini = minicapture(made, ())
    for line, ranges in zip(made.ladder, mini.ranges, strict=True):
        parts = [mini.octets[at : at + length] for at, length in ranges]
        assert b"".join(parts) == line.octets
    assert len(mini.ranges[2]) == 3


def test_equal_instances_give_equal_octets_with_the_frames_named() -> None:
    assert minicapture(failed_pull(), ("a",)) == minicapture(failed_pull(), ("a",))
    assert b"frame 9 of lab/pull.pcap" in minicapture(failed_pull(), ("lab/pull.pcap",)).octets


def test_too_much_is_no_capture() -> None:
    made = passed_pager(b"x" * (LIMIT // 2))
    mini = minicapture(made, ())
    assert mini.octets == b""
    assert [length for ((_, length),) in mini.ranges] == [
        LOOSE,
        LOOSE,
        *map(_octets, made.ladder[2:]),
    ]
    assert minicapture(replace(made, ladder=()), ()).octets == b""


def test_a_message_between_different_families_is_left_out() -> None:
    made = passed_pager()
    odd = replace(made.ladder[0], destination="[2001:db8::1]:5060")
    mini = minicapture(replace(made, ladder=(odd, *made.ladder[1:])), ())
    assert mini.ranges[0] == ((len(mini.octets), len(odd.octets)),)
    assert mini.loose == odd.octets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1:5060", Endpoint("10.0.0.1", 5060)),
        ("[2001:DB8::1]:5060", Endpoint("2001:db8::1", 5060)),
        ("example.com:5060", None),
        ("10.0.0.1", None),
        ("10.0.0.1:70000", None),
        ("10.0.0.1:٣", None),
        ("", None),
    ],
)
def test_endpoints(text: str, expected: Endpoint | None) -> None:
    assert endpoint(text) == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (SEND, True),
        (b"MESSAGE a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n", True),
        (b"MESSAGE a SIP/2.0\r\nv: SIP/2.0/TLS a\r\n\r\n", True),
        (b"MESSAGE a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nVia: SIP/2.0/TCP b\r\n\r\n", False),
        (b"MESSAGE a SIP/2.0\r\n\r\n", False),
    ],
)
def test_the_top_via_tells_the_transport(octets: bytes, expected: bool) -> None:
    assert over_stream(octets) is expected


def test_the_file_is_pcapng() -> None:
    assert BytesIO(minicapture(whole(), ()).octets).read(4) == b"\x0a\x0d\x0d\x0a"


@pytest.mark.parametrize("reset", [False, True])
def test_a_closing_that_excused_somebody_excuses_him_alone_as_well(tmp_path, reset: bool) -> None:
    ladder = catalogue.ladder("BREAKS", "push", "ended-inside-a-message")
    trace = closed(ladder, ("peer", -MICROSECOND), reset=reset)
    (result,) = verify(trace, rules=role_rules(ladder)).results
    path = tmp_path / "mini.pcapng"
    path.write_bytes(minicapture(result, ()).octets)
    setting = Setting(roles=tuple(role_rules(ladder)))
    (alone,) = verifying(setting)(path).instances
    assert (alone.verdict, alone.reason_code) == (Verdict.INCONC, Reason.SPEC_AMBIGUOUS)
    path.write_bytes(minicapture(replace(result, closings=()), ()).octets)
    (alone,) = verifying(setting)(path).instances
    assert alone.verdict is Verdict.FAIL
