"""When silence was listened to, and when it proves nothing."""

from dataclasses import replace

import pytest

from conformance.cpm.role import Role
from conformance.observation.topology import RoleRule
from conformance.observation.trace import Gap, GapReason, Trace
from conformance.verifier.verdict import Reason, Verdict
from tests.ladder import Ladder
from tests.scenarios import catalogue
from tests.verifying import Judged, role_rules, said_of, verify


@pytest.fixture
def silent() -> Ladder:
    """The client never answers, and the core sends again until it gives up."""
    return catalogue.ladder("BREAKS", "push-pager", "silent-at-4")


def speaking_from_elsewhere(peer: str) -> tuple[Ladder, str]:
    """A core that asks this peer from an address of its own that nobody was told of."""
    ladder = catalogue.ladder("VARIANTS", "interwork-out", "base")
    before = next(s.source for s in ladder.shots if (s.sender, s.receiver) == ("core", peer))
    elsewhere = before._replace(host="192.0.2.177")
    shots = [
        replace(shot, source=elsewhere)
        if (shot.sender, shot.receiver, shot.octets[:8]) == ("core", peer, b"MESSAGE ")
        else replace(shot, destination=elsewhere)
        if (shot.sender, shot.receiver, shot.octets[:4]) == (peer, "core", b"SIP/")
        else shot
        for shot in ladder.shots
    ]
    return replace(ladder, shots=shots), before.host


def test_that_an_address_without_a_role_is_told_of_where_it_may_be_an_end_that_is_missed() -> None:
    ladder, core = speaking_from_elsewhere("pf")
    judged = verify(ladder, flows=["interwork-out"])
    (one,) = judged.results
    assert one.verdict is Verdict.INCONC
    rule = f"if it is the core, --role core={core},192.0.2.177)"
    assert one.would_settle.endswith(f"; 192.0.2.177 has no role and sends to the pf: {rule}")
    # and with that role it is settled
    more = [*role_rules(ladder), RoleRule(Role.CORE, "192.0.2.177")]
    judged = verify(ladder, roles="inferred", flows=["interwork-out"], rules=more)
    assert judged.verdict is Verdict.PASS, said_of(ladder, judged)


def judged_with(ladder: Ladder, *gaps: Gap) -> Judged:
    trace = ladder.trace()
    items = sorted([*trace.items, *gaps], key=lambda item: item.time)
    return verify(Trace(items, trace.health), rules=role_rules(ladder))


def test_that_the_whole_convicts(silent: Ladder) -> None:
    assert verify(silent).verdict is Verdict.FAIL


def test_that_a_clock_that_stops_before_the_deadline_does_not(silent: Ladder) -> None:
    early = silent.cut_behind(silent.find("3") + 3)
    (one,) = verify(early).results
    assert one.reason_code is Reason.CAPTURE_ENDS_EARLY


def test_that_frames_dropped_meanwhile_leave_it_open(silent: Ladder) -> None:
    time = silent.shots[silent.find("3")].time + 1_000_000_000
    judged = judged_with(silent, Gap(9, time, 0, "the host dropped 3 packets", GapReason.DROPPED))
    assert judged.verdict is Verdict.INCONC, said_of(silent, judged)
    assert judged.results[0].reason_code is Reason.GAP


@pytest.mark.parametrize(
    ("reason", "code", "ended"),
    [
        (GapReason.UNDECRYPTABLE, Reason.UNDECRYPTABLE, True),
        (GapReason.UNDECRYPTABLE, Reason.UNDECRYPTABLE, False),
        (GapReason.UNREADABLE_LINK, Reason.GAP, False),
        (GapReason.SNAPLEN, Reason.GAP, False),
        (GapReason.DROPPED, Reason.GAP, False),
    ],
)
def test_that_what_is_told_once_holds_from_then_on(
    silent: Ladder, reason: GapReason, code: Reason, ended: bool
) -> None:
    """A registration in clear text, and then IPsec: what is not seen may lie inside."""
    shot = silent.shots[silent.find("3")]
    ends = (shot.destination, shot.source) if ended else (None, None)
    gap = Gap(0, shot.time - 3_600_000_000_000, 0, "told once", reason, *ends)
    judged = judged_with(silent, gap)
    assert judged.verdict is Verdict.INCONC, said_of(silent, judged)
    assert judged.results[0].reason_code is code


def test_that_what_was_told_of_others_excuses_nobody(silent: Ladder) -> None:
    shot = silent.shots[silent.find("3")]
    ends = shot.source, shot.source
    gap = Gap(0, shot.time, 0, "ESP of others", GapReason.UNDECRYPTABLE, *ends)
    assert judged_with(silent, gap).verdict is Verdict.FAIL


def test_that_a_gap_elsewhere_excuses_nobody(silent: Ladder) -> None:
    """A hole between others, on a link that has nothing to do with it."""
    shot = silent.shots[silent.find("2")]
    gap = Gap(9, shot.time, 0, "octets are missing", GapReason.TCP_HOLE, shot.source, shot.source)
    assert judged_with(silent, gap).verdict is Verdict.FAIL


def test_that_a_direction_never_recorded_is_not_silent(silent: Ladder) -> None:
    deaf = silent.without(lambda shot: shot.sender == "client")
    judged = verify(deaf)
    assert judged.verdict is not Verdict.FAIL, said_of(deaf, judged)


def test_that_no_retransmission_shows_an_answer_that_was_missed(silent: Ladder) -> None:
    once = silent.only(lambda shot: shot.label != "" or not shot.start.startswith("MESSAGE"))
    judged = verify(once)
    assert judged.verdict is not Verdict.FAIL, said_of(once, judged)
