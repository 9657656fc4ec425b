"""What was under way when a session ended."""

from dataclasses import replace

import pytest

from conformance.observation.trace import Closing
from conformance.verifier.exchange import SECOND
from conformance.verifier.verdict import FrameRef, Reason, ShownClosing, Verdict
from tests.ladder import MICROSECOND, Ladder
from tests.scenarios import catalogue
from tests.verifier.closings import closed
from tests.verifying import Judged, causes, role_rules, said_of, verify


def is_open(octets: bytes) -> bool:
    """Whether a chunk is not its message's last."""
    return octets.startswith(b"MSRP ") and octets.endswith(b"+\r\n")


def unanswered(ladder: Ladder) -> Ladder:
    """The same without the answers to chunks that are not their message's last."""
    names = [shot.octets.split()[1] for shot in ladder.shots if is_open(shot.octets)]
    assert names
    heard = [
        shot
        for shot in ladder.shots
        if not any(shot.octets.startswith(b"MSRP %s 200" % name) for name in names)
    ]
    return replace(ladder, shots=heard)


@pytest.mark.parametrize("flow", ["push", "push-large"])
def test_that_a_session_may_end_inside_a_message_if_its_connection_may_be_lost(flow: str) -> None:
    """The peer closes it: then nothing of the message comes any more, and no answer to it."""
    ladder = unanswered(catalogue.ladder("BREAKS", flow, "ended-inside-a-message"))
    judged = verify(ladder)
    assert causes(judged) == [], said_of(ladder, judged)
    assert judged.verdict is Verdict.INCONC


@pytest.mark.parametrize("flow", ["push", "push-large"])
def test_that_it_may_not_where_what_was_sent_has_arrived(flow: str) -> None:
    ladder = catalogue.ladder("BREAKS", flow, "ended-inside-a-message")
    assert len(causes(verify(ladder))) == 1


# Sessions that the participating function, or the client, ended before all was delivered.
ABRUPT = [
    ("push", "ended-inside-a-message", "SD-5.2.1.1.2-teardown"),
    ("push-large", "ended-inside-a-message", "SD-C.3.2.1.4-disconnect"),
    ("pull", "client-ends-too-early", "SD-5.2.1.1.1-teardown"),
    ("pull", "one-not-delivered", "SD-B.3.6.2-messages"),
]


def judged_of(ladder: Ladder, *closings: tuple[str, int], reset: bool = False) -> Judged:
    return verify(closed(ladder, *closings, reset=reset), rules=role_rules(ladder))


@pytest.mark.parametrize(("flow", "name", "requirement"), ABRUPT)
@pytest.mark.parametrize("reset", [False, True])
def test_that_who_lost_the_connection_may_end_the_session(
    flow: str, name: str, requirement: str, reset: bool
) -> None:
    ladder = catalogue.ladder("BREAKS", flow, name)
    assert requirement in causes(verify(ladder))
    judged = judged_of(ladder, ("peer", -MICROSECOND), ("own", -500), reset=reset)
    assert causes(judged) == [], said_of(ladder, judged)
    assert judged.verdict is Verdict.INCONC
    assert judged.results[0].reason_code is Reason.SPEC_AMBIGUOUS
    how = "reset" if reset else "closed"
    assert f" had {how} the connection (frame " in said_of(ladder, judged)


@pytest.mark.parametrize(("flow", "name", "requirement"), ABRUPT)
@pytest.mark.parametrize(
    "closings",
    [
        # It closed the connection itself, and the other side followed.
        [("own", -MICROSECOND), ("peer", -500)],
        [("own", -MICROSECOND)],
        # The other side followed the BYE.
        [("peer", 10_000 * MICROSECOND)],
    ],
)
def test_that_who_closed_it_may_not(
    flow: str, name: str, requirement: str, closings: list[tuple[str, int]]
) -> None:
    ladder = catalogue.ladder("BREAKS", flow, name)
    assert causes(judged_of(ladder, *closings)) == causes(verify(ladder))


def test_that_the_closing_is_shown_with_what_rests_on_it() -> None:
    ladder = catalogue.ladder("BREAKS", "pull", "client-ends-too-early")
    trace = closed(ladder, ("peer", -MICROSECOND))
    (seen,) = (one for one in trace if isinstance(one, Closing))
    (result,) = verify(trace, rules=role_rules(ladder)).results
    frame = FrameRef(0, seen.frame, seen.time)
    assert result.closings == (ShownClosing(frame, str(seen.source), str(seen.destination)),)
    (finding,) = (one for one in result.findings if one.verdict is Verdict.INCONC)
    assert frame in finding.frames
    assert verify(ladder).results[0].closings == ()


@pytest.mark.parametrize(("seconds", "faults"), [(30, 1), (40, 0)])
def test_that_nobody_need_wait_for_ever_for_what_was_chosen(seconds: int, faults: int) -> None:
    ladder = catalogue.ladder("BREAKS", "pull", "client-ends-too-early")
    bye = next(at for at, shot in enumerate(ladder.shots) if shot.octets.startswith(b"BYE "))
    begin = ladder.shots[bye].time
    late = ladder.delay(lambda shot: shot.time >= begin, seconds * SECOND)
    judged = verify(late)
    assert len(causes(judged)) == faults, said_of(late, judged)
    if not faults:
        assert judged.results[0].reason_code is Reason.POLICY_UNKNOWN
        assert "; nothing had come over the session for 40 s" in said_of(late, judged)
