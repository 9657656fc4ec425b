"""Sessions as SDP describes them, whoever offers, connects or answers."""

import pytest

from conformance.verifier.verdict import Status, Verdict
from tests.scenarios import catalogue
from tests.verifying import said_of, verify


@pytest.mark.parametrize(
    ("flow", "name"),
    [
        ("push", "passive-client"),
        ("push", "passive-offer"),
        ("push", "no-setup-attribute"),
        ("push", "offerless"),
        ("push", "no-bind"),
        ("pull", "client-connects"),
        ("pull", "offered-sendrecv"),
        ("chat-deferred", "passive-client-no-bind"),
        ("chat-deferred", "answer-without-direction"),
    ],
)
def test_that_every_legal_session_is_followed(flow: str, name: str) -> None:
    ladder = catalogue.ladder("VARIANTS", flow, name)
    judged = verify(ladder)
    (one,) = judged.results
    assert one.verdict is Verdict.PASS, said_of(ladder, judged)
    assert any(step.frames for step in one.steps if step.number in ("6", "8", "14"))


def test_that_an_inactive_answer_owes_no_message() -> None:
    (one,) = verify(catalogue.ladder("VARIANTS", "chat-deferred", "inactive-answer")).results
    assert one.verdict is Verdict.PASS
    assert {step.status for step in one.steps if step.label in ("7", "8")} == {Status.NOT_TAKEN}


def test_that_an_active_client_is_seen_connecting() -> None:
    ladder = catalogue.ladder("VARIANTS", "chat-deferred", "base")
    (one,) = verify(ladder).results
    (connect,) = (step for step in one.steps if step.label == "7")
    assert connect.frames[0].frame == ladder.find("7") + 1
