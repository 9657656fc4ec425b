"""MSRP messages find their session by the paths that SDP brought."""

from dataclasses import replace

from conformance.observation.trace import Closing, Trace
from conformance.verifier.verdict import Verdict
from tests.scenarios import catalogue, push
from tests.verifier.closings import closed
from tests.verifying import causes, role_rules, said_of, verify

OTHER_CLOCK = 3_000_000_000


def contents(ladder) -> int:
    (one,) = verify(ladder).results
    return sum(len(step.frames) for step in one.steps if step.part == "messages")


def test_that_a_session_is_found_by_its_path() -> None:
    assert contents(push.build()) == 3


def test_that_another_session_on_the_same_hosts_is_not_taken_for_it() -> None:
    ladder = push.build()
    foreign = [
        replace(shot, octets=shot.octets.replace(b";tcp", b"x;tcp")) if shot.is_msrp else shot
        for shot in ladder.shots
    ]
    ladder.shots = foreign
    (one,) = verify(ladder).results
    assert all(line.summary[:4] != "MSRP" for line in one.ladder)


def test_that_copies_of_a_segment_count_once() -> None:
    ladder = push.build()
    for index in reversed([i for i, shot in enumerate(ladder.shots) if shot.label == "6"]):
        ladder = ladder.duplicate(index, 40_000)
    assert contents(ladder) == 3


def test_that_messages_of_a_clock_that_is_behind_wait_for_their_session() -> None:
    ladder = push.build()
    items = ladder.trace().items
    for shot, item in zip(ladder.shots, items, strict=True):
        if shot.is_msrp:
            item.capture, item.time = 1, item.time - OTHER_CLOCK
    trace = Trace(sorted(items, key=lambda item: item.time), ladder.trace().health)
    judged = verify(trace, rules=role_rules(ladder))
    assert causes(judged) == [], said_of(ladder, judged)
    assert judged.verdict is not Verdict.FAIL


def test_that_a_closing_that_is_shown_before_its_session_is_known_is_remembered() -> None:
    """By another clock a closing may come before all that it closes."""
    ladder = catalogue.ladder("BREAKS", "push", "ended-inside-a-message")
    trace = closed(ladder, ("peer", -1_000))
    (closing,) = (one for one in trace if isinstance(one, Closing))
    others = [one for one in trace if one is not closing]
    other = replace(closing, capture=1, time=others[0].time - 1)
    judged = verify(Trace([other, *others], trace.health), rules=role_rules(ladder))
    assert causes(judged) == [], said_of(ladder, judged)


def test_that_an_earlier_connection_between_the_same_ports_was_another() -> None:
    ladder = catalogue.ladder("BREAKS", "push", "ended-inside-a-message")
    trace = closed(ladder, ("peer", -1_000))
    (closing,) = (one for one in trace if isinstance(one, Closing))
    others = [one for one in trace if one is not closing]
    other = replace(closing, time=others[0].time - 1)
    judged = verify(Trace([other, *others], trace.health), rules=role_rules(ladder))
    assert causes(judged) == ["SD-5.2.1.1.2-teardown"]


def test_that_the_closing_of_another_connection_concerns_nobody() -> None:
    ladder = catalogue.ladder("BREAKS", "push", "ended-inside-a-message")
    trace = closed(ladder, ("peer", -1_000))
    items = [
        replace(one, source=one.source._replace(port=9)) if isinstance(one, Closing) else one
        for one in trace
    ]
    judged = verify(Trace(items, trace.health), rules=role_rules(ladder))
    assert causes(judged) == ["SD-5.2.1.1.2-teardown"]
