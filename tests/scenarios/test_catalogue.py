"""The ladders are true traffic: what RFC 3261 and RFC 4975 say of every message holds."""

import re
from collections import defaultdict
from pathlib import Path
from shutil import which
from subprocess import run

import pytest

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.packet import Transport
from conformance.observation.trace import Observation
from conformance.sip.check import faults
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed
from tests.ladder import Ladder, Shot, parse
from tests.scenarios import catalogue
from tests.scenarios.ordinary import ORDINARY
from tests.scenarios.parties import BASE_TIME, SECOND

DAY = 86_400 * SECOND
SUITES = [(kind, flow) for kind in catalogue.KINDS for flow in (*catalogue.FLOWS, "ordinary")]
SUITES = [pair for pair in SUITES if any(pair[1] == flow for flow, _ in catalogue.names(pair[0]))]
TAPPED = re.compile("only|unseen|mirrored|-before-|after-silence")
"""Ladders of which a part is hidden, moved or unanswered on purpose."""

Sip = SipRequest | SipResponse


def ladders(kind: str, flow: str, *, whole: bool = False) -> list[tuple[str, Ladder]]:
    """Every ladder of one kind and flow; `whole`: without those that hide or move something."""
    return [
        (name, catalogue.ladder(kind, flow, name))
        for its_flow, name in catalogue.names(kind)
        if its_flow == flow and not (whole and TAPPED.search(name))
    ]


def sip(ladder: Ladder) -> list[tuple[Shot, Sip]]:
    pairs = [(shot, parse(shot)) for shot in ladder.shots if not shot.is_msrp]
    return [(shot, m) for shot, m in pairs if isinstance(m, SipRequest | SipResponse)]


def branches(message: Sip) -> tuple[str, ...]:
    found = [re.search(r"branch=([^;\s]+)", via) for via in message.vias]
    return tuple(match[1] if match else "" for match in found)


def is_inside(message: Sip) -> bool:
    is_own = message.cseq_method not in ("ACK", "CANCEL")
    return isinstance(message, SipRequest) and is_own and message.to_tag is not None


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_every_message_is_well_formed(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow):
        for item in ladder.trace():
            assert isinstance(item, Observation)
            message = item.message
            assert not isinstance(message, Malformed), f"{name}: {message}\n{ladder.show()}"
            if isinstance(message, SipRequest | SipResponse):
                assert not faults(message), f"{name}: {message.start_line} {faults(message)}"


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_content_length_is_that_of_the_body(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow):
        for shot, message in sip(ladder):
            body = shot.octets.partition(b"\r\n\r\n")[2]
            assert message.header("Content-Length") == str(len(body)), f"{name}: {shot.start}"
            assert message.body == body


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_vias_grow_hop_by_hop(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow, whole=True):
        seen: set[tuple[str, ...]] = set()
        for shot, message in sip(ladder):
            if isinstance(message, SipRequest):
                stack = branches(message)
                assert all(branch.startswith("z9hG4bK") for branch in stack)
                assert len(set(stack)) == len(stack), f"{name}: {shot.start}"
                assert len(stack) == 1 or stack[1:] in seen, f"{name}: {shot.start}"
                seen.add(stack)


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_an_answer_goes_back_the_way_of_its_request(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow, whole=True):
        asked: dict[tuple[tuple[str, ...], str], Shot] = {}
        for shot, message in sip(ladder):
            key = (branches(message), message.cseq_method)
            if isinstance(message, SipRequest):
                asked.setdefault(key, shot)
                continue
            assert key in asked, f"{name}: {shot.start}\n{ladder.show()}"
            request = asked[key]
            assert (shot.source, shot.destination) == (request.destination, request.source)
            assert shot.time > request.time


@pytest.mark.parametrize("flow", [*catalogue.FLOWS, "ordinary"])
def test_every_request_is_answered(flow: str) -> None:
    kind = "ORDINARY" if flow == "ordinary" else "VARIANTS"
    for name, ladder in ladders(kind, flow, whole=True):
        final = {
            (branches(message), message.cseq_method)
            for _, message in sip(ladder)
            if isinstance(message, SipResponse) and message.status >= 200
        }
        for shot, message in sip(ladder):
            if isinstance(message, SipRequest) and message.method != "ACK":
                key = (branches(message), message.cseq_method)
                assert key in final, f"{name}: {shot.start}\n{ladder.show()}"


@pytest.mark.parametrize("flow", [*catalogue.FLOWS, "ordinary"])
def test_every_final_answer_to_an_invite_is_acknowledged(flow: str) -> None:
    kind = "ORDINARY" if flow == "ordinary" else "VARIANTS"
    for name, ladder in ladders(kind, flow, whole=True):
        acknowledged = {
            (shot.source.host, shot.destination.host, message.call_id, message.cseq)
            for shot, message in sip(ladder)
            if isinstance(message, SipRequest) and message.method == "ACK"
        }
        for shot, message in sip(ladder):
            if not isinstance(message, SipResponse) or message.status < 200:
                continue
            if message.cseq_method == "INVITE":
                hosts = (shot.destination.host, shot.source.host)
                key = (*hosts, message.call_id, message.cseq)
                # Past a core that is not in the dialog the ACK goes from end to end.
                past = "stays-out" in name and message.status < 300
                found = {one[2:] for one in acknowledged} if past else acknowledged
                assert key[2:] in found if past else key in found, f"{name}: {shot.start}"


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_max_forwards_falls_and_cseq_rises(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow, whole=True):
        hops: dict[tuple[str, ...], int] = {}
        numbers: dict[tuple[str, str | None], int] = defaultdict(int)
        for shot, message in sip(ladder):
            if not isinstance(message, SipRequest) or message.method in ("ACK", "CANCEL"):
                continue
            stack, left = branches(message), int(message.header("Max-Forwards") or -1)
            if len(stack) > 1:
                assert left == hops[stack[1:]] - 1, f"{name}: {shot.start}"
            elif stack not in hops:
                key = (message.call_id, message.from_tag)
                assert message.cseq > numbers[key], f"{name}: {shot.start}\n{ladder.show()}"
                numbers[key] = message.cseq
            hops[stack] = left


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_a_retransmission_is_the_same_octets(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow):
        first: dict[tuple[tuple[str, ...], str], bytes] = {}
        for shot, message in sip(ladder):
            if isinstance(message, SipRequest):
                key = (branches(message), message.method)
                assert first.setdefault(key, shot.octets) == shot.octets, f"{name}: {shot.start}"


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_requests_inside_a_dialog_follow_its_route_and_target(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow, whole=True):
        contacts: set[str] = set()
        for shot, message in sip(ladder):
            if is_inside(message):
                assert isinstance(message, SipRequest)
                assert message.uri in contacts, f"{name}: {shot.start}\n{ladder.show()}"
                routes = message.headers("Route") if "past-the-core" not in name else ()
                assert not routes or shot.destination.host in routes[0], f"{name}: {shot.start}"
            for value in message.headers("Contact"):
                contacts.add(re.sub(r"^<|>.*", "", value))


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_msrp_paths_ranges_and_answers(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow, whole=True):
        asked: dict[str, MsrpRequest] = {}
        for shot in ladder.shots:
            message = parse(shot) if shot.is_msrp else None
            if isinstance(message, MsrpRequest):
                check_range(message, name)
                asked[message.transaction_id] = message
                assert message.from_path[0].startswith("msrp://")
                assert shot.source.host in message.from_path[0].replace("[", "").replace("]", "")
            elif isinstance(message, MsrpResponse):
                request = asked[message.transaction_id]
                assert message.to_path == request.from_path, f"{name}: {shot.start}"
                assert message.from_path == request.to_path


def check_range(message: MsrpRequest, name: str) -> None:
    span = message.byte_range
    assert span is not None
    if message.method == "SEND":
        assert span.end == span.start + len(message.body) - 1, f"{name}: {message.octets!r}"
        is_last = span.end == span.total
        assert message.flag in ("$" if is_last else "+#"), f"{name}: {message.octets!r}"


@pytest.mark.parametrize("flow", catalogue.FLOWS)
def test_msrp_paths_are_those_of_the_session_descriptions(flow: str) -> None:
    for name, ladder in ladders("VARIANTS", flow, whole=True):
        told = {
            path
            for _, message in sip(ladder)
            for path in re.findall(r"a=path:(\S+)", message.body.decode())
        }
        for shot in ladder.shots:
            if shot.is_msrp:
                message = parse(shot)
                assert isinstance(message, MsrpRequest | MsrpResponse)
                assert {*message.to_path, *message.from_path} <= told, f"{name}: {shot.start}"


@pytest.mark.parametrize("flow", catalogue.FLOWS)
def test_what_is_pulled_was_listed(flow: str) -> None:
    for name, ladder in ladders("VARIANTS", flow, whole=True):
        told = [message.body.decode() for _, message in sip(ladder)]
        listed = set(re.findall(r'<message id="(\w+)"><subject>', "".join(told)))
        retrieved = set(re.findall(r'<message id="(\w+)" action="retrieve"', "".join(told)))
        delivered = {
            found[1].decode()
            for shot in ladder.shots
            if shot.is_msrp and (found := re.search(rb"imdn.Message-ID: (\w+)", shot.octets))
        }
        assert retrieved <= listed, name
        if flow.startswith("pull"):
            assert delivered == retrieved, f"{name}\n{ladder.show()}"


@pytest.mark.parametrize(("kind", "flow"), SUITES)
def test_time_passes_and_each_stream_is_in_order(kind: str, flow: str) -> None:
    for name, ladder in ladders(kind, flow):
        times = [shot.time for shot in ladder.shots]
        assert times == sorted(times), name
        last: dict[tuple[object, object], int] = {}
        for shot in ladder.shots:
            if shot.transport is Transport.TCP and name != "mirrored":
                way = (shot.source, shot.destination)
                assert shot.time > last.get(way, 0), f"{name}: {shot.start}"
                last[way] = shot.time


@pytest.mark.parametrize("flow", catalogue.FLOWS)
def test_a_broken_ladder_differs_from_every_conforming_one(flow: str) -> None:
    good = {b"".join(s.octets for s in ladder.shots) for _, ladder in ladders("VARIANTS", flow)}
    for name, ladder in ladders("BREAKS", flow, whole=True):
        assert b"".join(s.octets for s in ladder.shots) not in good, name
        assert ladder.expect.verdict == "fail", name


REQUIREMENTS = """
    push-pager/2-3 push-pager/4-5
    push-large/2-3 push-large/4-5 push-large/6
    push/2-3 push/4-5 push/6
    pull/2-3 pull/4-5 pull/6-7 pull/8-9 pull/10-11 pull/12-13 pull/14
    pull-notify/2-3 pull-notify/4-5 pull-notify/6-7 pull-notify/8-9 pull-notify/10
    chat-deferred/1-2 chat-deferred/3-4 chat-deferred/5-6 chat-deferred/8
    chat-deferred/end pull/end
    undelivered/3 undelivered/4-5 undelivered/6 undelivered/7-8 undelivered/9-10
    interwork-out/2 interwork-out/5 interwork-out/6 interwork-out/7-8 interwork-out/9-10
    interwork-in/2 interwork-in/3 interwork-in/4 interwork-in/5 interwork-in/6-10
    SD-5.2.1.1.2-wait SD-5.2.1.1.2-remove SD-C.3.2.1.4-disconnect SD-5.2.1.1.2-session
    SD-5.2.1.1.2-teardown SD-5.2.1.1.1-notify SD-5.2.1.1.1-identities SD-5.2.1.1.1-teardown
    SD-5.2.1.1.1-remove SD-B.3.6.2-listed SD-B.3.6.2-messages SD-C.3.3.2-listed
    SD-C.3.3.2-messages RFC6665-state RFC6665-event RFC6665-expires CF-7.3.12-1-receive
    CF-7.3.12-2-notification CF-7.3.12-3-conversation-id CF-7.3.12-3-accept CF-7.3.12-3-msrp
    CF-7.3.12-3-decline CF-7.3.12-note-reply RFC3264-recvonly RFC5438-message-id
"""


def test_every_requirement_that_can_fail_has_a_ladder_that_breaks_it() -> None:
    broken = {ladder.expect.requirement for _, _, ladder in catalogue.breaks()}
    assert set(REQUIREMENTS.split()) - broken == set()
    assert broken - {None} - set(REQUIREMENTS.split()) == set()


@pytest.mark.parametrize("flow", catalogue.FLOWS)
def test_the_base_ladder_shows_every_printed_hop_in_its_order(flow: str) -> None:
    base = catalogue.ladder("VARIANTS", flow, "base")
    labels = list(dict.fromkeys(shot.label for shot in base.shots if shot.label))
    assert labels == PRINTED[flow].split(), base.show()
    assert {shot.kind for shot in base.shots if shot.label} == {"step"}


PRINTED = {
    "push-pager": "2 3 4 5",
    "push-large": "2 3 4 5 6",
    "push": "2 3 4 5 6",
    "pull": "2 3 4 5 6 7 8 9 10 11 12 13 14 end",
    "pull-notify": "2 3 4 5 6 7 8 9 10",
    "chat-deferred": "1 2 3 4 5 6 7 8 end",
    "undelivered": "1 2 4 5 7 8 9 10",
    "interwork-out": "1 2 3 4 5 6 7 8 9 10",
    "interwork-in": "1 2 3 4 5 6 7 8 9 10",
}


def test_the_same_seed_gives_the_same_ladder() -> None:
    for module in catalogue.FLOWS.values():
        one, two, other = (module.VARIANTS["base"](seed=seed) for seed in (5, 5, 6))
        assert one.shots == two.shots
        assert [s.octets for s in one.shots] != [s.octets for s in other.shots]


@pytest.mark.tshark
@pytest.mark.skipif(which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("flow", [*catalogue.FLOWS, "ordinary"])
def test_wireshark_finds_no_error(flow: str, tmp_path: Path) -> None:
    whole: Ladder | None = None
    variants = ORDINARY if flow == "ordinary" else catalogue.FLOWS[flow].VARIANTS
    for day, build in enumerate(variants.values()):
        ladder = build(seed=100 + day, begin=BASE_TIME + day * DAY)
        whole = whole.interleave(ladder) if whole else ladder
    assert whole is not None
    file = tmp_path / "all.pcapng"
    whole.write_pcapng(file)
    chosen = "_ws.expert.severity >= 0x00600000"
    fields = ["-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"]
    command = ["tshark", "-r", str(file), *fields, "-Y", chosen]
    found = run(command, capture_output=True, text=True, check=True)
    assert found.stdout == "", found.stdout
