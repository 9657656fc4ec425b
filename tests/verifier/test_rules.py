"""The rules that a flow names in words."""

import pytest

from conformance.verifier.verdict import Reason, Verdict
from tests.scenarios import catalogue
from tests.verifier.worlds import blamed, judged, variant
from tests.verifying import faults, said_of, verify


@pytest.mark.parametrize("code", [400, 481, 500, 513])
def test_that_a_departure_is_a_fault_of_who_answers(code: int) -> None:
    ladder = catalogue.ladder("BREAKS", "push-pager", f"4-5-answered-{code}")
    assert faults(verify(ladder)) == [("push-pager/4-5", "client")]


@pytest.mark.parametrize("code", [403, 404, 480, 486, 503, 603])
def test_that_a_refusal_is_a_choice(code: int) -> None:
    ladder = catalogue.ladder("INCONCLUSIVE", "push-pager", f"4-5-answered-{code}")
    (one,) = verify(ladder).results
    assert (one.verdict, one.reason_code) == (Verdict.INCONC, Reason.POLICY_UNKNOWN)


def test_that_a_deferred_chat_is_declined_by_480() -> None:
    assert verify(catalogue.ladder("VARIANTS", "chat-deferred", "declined-480")).verdict == "pass"


def test_that_603_declines_it_otherwise() -> None:
    ladder = catalogue.ladder("BREAKS", "chat-deferred", "declined-603")
    assert faults(verify(ladder)) == [("CF-7.3.12-3-decline", "client")]


def test_that_the_text_leaves_486_open() -> None:
    (one,) = verify(catalogue.ladder("INCONCLUSIVE", "chat-deferred", "declined-486")).results
    assert one.reason_code is Reason.SPEC_AMBIGUOUS


def test_that_a_gateway_may_answer_at_once_where_the_profile_says_so() -> None:
    ladder = catalogue.ladder("BREAKS", "interwork-out", "answered-at-once")
    assert verify(ladder).verdict is Verdict.FAIL
    relaxed = verify(ladder, profile="rcs")
    assert relaxed.verdict is Verdict.PASS, said_of(ladder, relaxed)


def test_that_advice_fails_only_when_strict() -> None:
    ladder = catalogue.ladder("VARIANTS", "push-pager", "answered-202")
    assert verify(ladder).verdict is Verdict.PASS
    assert verify(ladder, strict=True).verdict is Verdict.FAIL


def test_that_who_refuses_a_faulty_request_is_right() -> None:
    """400 to a NOTIFY without Subscription-State (RFC 6665 section 4.1.3)."""
    blames = blamed(judged(variant("pull"), "pf-notifies-without-state"))
    assert ("RFC6665-state", "pf") in blames
    assert "client" not in {role for _, role in blames}


def test_that_who_refuses_a_request_of_no_dialog_is_right() -> None:
    blames = blamed(judged(variant("pull"), "pf-notifies-with-another-call-id"))
    assert "client" not in {role for _, role in blames}
