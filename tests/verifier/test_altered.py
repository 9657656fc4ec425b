"""Answers that a core passes on as other ones."""

from dataclasses import replace

import pytest

from tests.ladder import Ladder
from tests.scenarios import chat, interwork_in, pull, push, push_pager, undelivered
from tests.scenarios.parties import Setting
from tests.verifying import causes, faults, said_of, verify


def altered(ladder: Ladder, label: str, line: str, *, tag: bytes = b"") -> Ladder:
    """The answer of one hop with another status line, and with another To tag if one is given."""
    index = ladder.find(label)
    changed = ladder.named(ladder.variant)
    shot = ladder.shots[index]
    first, rest = shot.octets.split(b"\r\n", 1)
    lines = [f"SIP/2.0 {line}".encode(), *rest.split(b"\r\n")]
    if tag:
        lines = [
            one.rpartition(b";tag=")[0] + b";tag=" + tag if one.startswith(b"To:") else one
            for one in lines
        ]
    changed.shots = list(ladder.shots)
    changed.shots[index] = replace(shot, octets=b"\r\n".join(lines))
    assert first.startswith(b"SIP/2.0 ")
    return changed


def declining(build, step: str, status: int) -> Ladder:
    """A ladder in which a step is answered with another status, seen to its end."""
    return build(Setting(departs=(step, status, "Refused")))


@pytest.mark.parametrize(
    ("build", "label", "line", "broken"),
    [
        (push.build, "5", "486 Busy Here", "push/4-5"),
        (push_pager.build, "5", "500 Server Internal Error", "push-pager/4-5"),
        (push_pager.build, "5", "202 Accepted", "push-pager/4-5"),
        (pull.build, "5", "403 Forbidden", "pull/4-5"),
        (pull.build, "9", "500 Server Internal Error", "pull/8-9"),
        (pull.build, "13", "480 Temporarily Unavailable", "pull/12-13"),
        (chat.build, "4", "480 Temporarily Unavailable", "chat-deferred/3-4"),
        (undelivered.build, "5", "200 OK", "undelivered/4-5"),
        (interwork_in.build, "7", "500 Server Internal Error", "interwork-in/6-10"),
    ],
)
def test_that_a_core_passes_on_the_answer_that_it_received(build, label, line, broken) -> None:
    ladder = altered(build(), label, line)
    judged = verify(ladder)
    assert (broken, "core") in faults(judged), said_of(ladder, judged)


@pytest.mark.parametrize("status", [403, 480, 486, 603])
def test_that_a_refusal_does_not_become_an_acceptance(status: int) -> None:
    ladder = altered(declining(push_pager.build, "4-5", status), "5", "200 OK")
    judged = verify(ladder)
    assert faults(judged)[:1] == [("push-pager/4-5", "core")], said_of(ladder, judged)


def test_that_a_proxy_need_not_pass_on_that_a_service_is_unavailable() -> None:
    """RFC 3261 16.7: it is the next hop's, and no reason to shun this one."""
    ladder = altered(declining(push_pager.build, "4-5", 503), "5", "480 Temporarily Unavailable")
    judged = verify(ladder)
    assert causes(judged) == [], said_of(ladder, judged)


def test_that_another_branch_may_have_answered() -> None:
    """With another To tag it is another device's answer, whose link was not captured."""
    declined = declining(push_pager.build, "4-5", 480)
    judged = verify(altered(declined, "5", "200 OK", tag=b"another"))
    assert causes(judged) == []
