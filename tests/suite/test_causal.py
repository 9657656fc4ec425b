from random import Random

import pytest

from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.capture.writer import PcapWriter
from conformance.cli.telling import Silent
from conformance.observation.packet import Endpoint
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Observation
from conformance.reference.scenarios.scenario import play
from conformance.sip.message import SipRequest, SipResponse
from conformance.suite.campaign import Stamp
from conformance.suite.causal import BEHIND, Sorted, in_order
from conformance.suite.fixtures import verifying
from conformance.suite.restored import about
from conformance.suite.results import Results
from conformance.suite.setting import Setting, parse_role
from conformance.suite.simulation import find, trace_of
from conformance.suite.watch import Watch
from tests.live.hep_packets import packet

STAMP = Stamp("1.2.3", "2026-03-03")
CORE = "10.0.1.1"
ROLES = ("core=10.0.1.1", "pf=10.0.3.1", "client=10.0.2.20", "iwf=10.0.4.1", "noncpm=10.0.5.1")
SETTING = Setting(roles=tuple(rule for text in ROLES for rule in parse_role(text)))
MILLISECOND = 1_000_000


def mirrored(flow: str, seed: int | None = None) -> list[Observation]:
    """What a mirror in the core's place tells of a flow; with a seed, it stamps some too late."""
    chance, found = Random(seed), []
    for one in trace_of(play(find(flow))):
        if not isinstance(one, Observation) or CORE not in (one.source.host, one.destination.host):
            continue
        if isinstance(one.message, SipRequest | SipResponse):
            one.copied = True
            if seed is not None and one.source.host == CORE and chance.random() < 0.5:
                one.time += int(chance.expovariate(1 / (20 * MILLISECOND)))
            found.append(one)
    return found


def given(items: list[Observation]) -> list[Observation | Gap]:
    """What is held of them, as it is given."""
    held = Sorted()
    for item in items:
        held.append(item)
    return [held.popleft() for _ in range(len(held)) if held]


def labels(items: list[Observation | Gap]) -> list[str]:
    return [
        f"{one.source.host} {one.message.octets.partition(b' SIP')[0][:12].decode()}"
        for one in items
        if isinstance(one, Observation)
    ]


def one_of(items: list[Observation], source: str, start: bytes) -> Observation:
    """The first from a host that begins so."""
    return next(
        one for one in items if one.source.host == source and one.message.octets.startswith(start)
    )


def test_several_probes_are_put_in_the_order_of_their_times() -> None:
    seen = mirrored("push-pager")
    assert given(seen[::-1]) == sorted(seen, key=lambda one: one.time)


@pytest.mark.parametrize("arrival", [1, -1])
def test_a_request_that_was_stamped_after_its_answer_is_given_before_it(arrival: int) -> None:
    seen = mirrored("push-pager")
    usual = labels(given(seen))
    late, answer = one_of(seen, CORE, b"MESSAGE"), one_of(seen, "10.0.3.1", b"SIP/2.0 202")
    assert seen.index(answer) > seen.index(late)
    late.time = answer.time + MILLISECOND
    again = given(seen[::arrival])
    assert labels(again) == usual
    (before,) = (one for one in again if one.message is late.message)
    assert (before.time, late.time) == (answer.time, answer.time + MILLISECOND)
    assert [one.time for one in again] == sorted(one.time for one in again)


def test_what_a_proxy_passed_on_was_there_before() -> None:
    seen = mirrored("push-pager")
    usual = labels(given(seen))
    for start in (b"MESSAGE", b"SIP/2.0 200"):
        came = one_of(seen[4:], "10.0.3.1" if start == b"MESSAGE" else "10.0.2.20", start)
        went = one_of(seen[seen.index(came) :], CORE, start)
        came.time = went.time + MILLISECOND
        assert labels(given(seen)) == usual, start


def test_an_ack_follows_the_answer_that_it_acknowledges() -> None:
    seen = mirrored("push")
    answer = one_of(seen, CORE, b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.3.1")
    ack = one_of(seen[seen.index(answer) :], "10.0.3.1", b"ACK")
    usual = labels(given(seen))
    answer.time = ack.time + MILLISECOND
    assert labels(given(seen)) == usual


def test_a_repetition_stays_behind_the_answer_that_was_lost() -> None:
    """Its first copy was given before: what is held is not what was answered."""
    seen = mirrored("push-pager")
    first, answer = one_of(seen, CORE, b"MESSAGE"), one_of(seen, "10.0.3.1", b"SIP/2.0 202")
    held = Sorted()
    held.append(first)
    assert held.popleft() is first
    again = one_of(mirrored("push-pager"), CORE, b"MESSAGE")
    again.time = answer.time + MILLISECOND
    held.append(again)
    held.append(answer)
    assert [held.popleft(), held.popleft()] == [answer, again]
    assert not held


def test_a_gap_keeps_its_place() -> None:
    seen = mirrored("push-pager")
    gap = Gap(1, seen[3].time, 0, "lost", GapReason.DROPPED)
    held = Sorted()
    for item in (*seen, gap):
        held.append(item)
    assert [held.popleft() for _ in range(len(held))].index(gap) == 4


def told(folder, items: list[Observation]) -> list[tuple[str, str, tuple[str, ...]]]:
    results = Results.begin(str(folder), about(SETTING, STAMP))
    health = CaptureHealth("mirror", "hep")
    watch = Watch(SETTING, results, [health], Silent(), in_order=False)
    for item in items:
        watch.take(item)
    watch.finish()
    found = sorted(
        (one.flow, one.verdict.value, tuple(finding.requirement for finding in one.findings))
        for one in watch.report(STAMP).instances
    )
    results.close()
    return found


@pytest.mark.parametrize(
    "flow", ["push-pager", "push", "undelivered", "interwork-out", "interwork-in", "pull"]
)
def test_a_mirror_that_stamps_late_convicts_nobody_and_hides_nothing(tmp_path, flow: str) -> None:
    usual = told(tmp_path / "usual", mirrored(flow))
    assert {(one[0], one[1] == "fail") for one in usual} == {(flow, False)}
    for seed in range(8):
        items = sorted(mirrored(flow, seed), key=lambda one: one.time)
        assert told(tmp_path / str(seed), items) == usual


def test_what_is_no_copy_is_given_at_once_and_as_it_comes() -> None:
    seen = mirrored("push-pager")
    for one in seen:
        one.copied = False
    shown = in_order(seen[::-1])
    for one in seen[::-1]:
        assert next(shown) is one
    assert next(shown, None) is None


def test_what_is_copied_waits_a_second_and_no_longer() -> None:
    seen = mirrored("push-pager")
    late, answer = one_of(seen, CORE, b"MESSAGE"), one_of(seen, "10.0.3.1", b"SIP/2.0 202")
    usual = labels([*in_order(seen)])
    late.time = answer.time + MILLISECOND
    items = sorted(seen, key=lambda one: one.time)
    assert labels([*in_order(items)]) == usual
    taken = []
    shown = in_order(one for one in items if not taken.append(one))
    first = next(shown)
    assert taken[-1].time > first.time + BEHIND
    assert taken[-2].time <= first.time + BEHIND


def packed(folder, items: list[Observation]):
    """A capture of the copies on their way to a collector, each when it was stamped."""
    path = folder / "copies.pcap"
    with path.open("wb") as file:
        writer = PcapWriter(file, link=Link.ETHERNET)
        for number, one in enumerate(items, 1):
            ends = Endpoint(CORE, 9_060), Endpoint("10.0.8.1", 9_060)
            for frame in udp_frames(*ends, packet(one), identification=number):
                writer.write(one.time, frame)
    return path


@pytest.mark.parametrize("flow", ["push-pager", "interwork-out", "interwork-in"])
def test_a_capture_of_late_stamps_is_judged_as_one_of_stamps_in_time(tmp_path, flow: str) -> None:
    def told_of(items: list[Observation]) -> list[tuple[str, str]]:
        report = verifying(SETTING)(packed(tmp_path, items))
        return sorted((one.flow, one.verdict.value) for one in report.instances)

    usual = told_of(mirrored(flow))
    assert usual
    for seed in range(4):
        assert told_of(sorted(mirrored(flow, seed), key=lambda one: one.time)) == usual
