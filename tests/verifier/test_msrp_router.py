"""MSRP messages find their session by the paths that SDP brought."""

from dataclasses import replace

from conformance.observation.trace import Trace
from conformance.verifier.verdict import Verdict
from tests.scenarios import push
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
