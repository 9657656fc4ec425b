"""The deferred queue: wait, hand over once, forget."""

from dataclasses import replace

import pytest

from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.network.medium import Conditions
from conformance.sip.message import SipResponse
from conformance.verifier.verdict import Verdict
from tests.scenarios import catalogue, push_pager
from tests.verifier.worlds import failing, judged, variant
from tests.verifying import faults, verify


def test_that_a_push_waits_for_a_registration() -> None:
    expired = push_pager.build(registered=3600, idle=7200)
    assert faults(verify(expired)) == [("SD-5.2.1.1.2-wait", "pf")]


def test_that_a_push_within_the_registration_is_right() -> None:
    ladder = push_pager.build(registered=3600, idle=3500)
    assert verify(ladder).verdict is Verdict.PASS


def test_that_a_push_just_behind_the_expiry_is_not_judged() -> None:
    """The participating function may not know yet: a grace of one network leg."""
    ladder = push_pager.build(registered=3600, idle=3610)
    assert verify(ladder).verdict is Verdict.PASS


def test_that_a_push_after_a_removal_is_a_fault() -> None:
    assert faults(verify(push_pager.build(removed=True))) == [("SD-5.2.1.1.2-wait", "pf")]


def test_that_a_registration_nobody_saw_is_not_missed() -> None:
    ladder = catalogue.ladder("VARIANTS", "push-pager", "registration-unseen")
    assert verify(ladder).verdict is Verdict.PASS


def test_that_the_same_message_to_two_devices_is_right() -> None:
    assert verify(push_pager.build(devices=2)).verdict is Verdict.PASS


def test_that_the_same_message_twice_to_one_device_is_not() -> None:
    assert faults(verify(push_pager.build(again=1))) == [("SD-5.2.1.1.2-remove", "pf")]


@pytest.mark.parametrize("seed", range(6))
def test_that_what_was_never_carried_out_may_be_listed_again(seed: int) -> None:
    """An ACK that is lost, and a BYE at once: the function may not have begun."""
    told = variant("pull", "only-discard")
    lossy = Conditions(20 * MILLISECOND, 30 * MILLISECOND, loss=0.2)
    setting = replace(told.setting, conditions=lossy, seed=str(seed))
    assert failing(judged(replace(told, setting=setting))) == []


def test_that_a_push_after_a_registration_that_was_asked_for_waits_for_nothing() -> None:
    """The function hears of it before the client has its answer."""
    told = variant("push-pager", "comes-and-goes")
    answers = judged(told, drop=_is_late_answer)
    assert failing(answers) == []


def _is_late_answer(one: object) -> bool:
    message = getattr(one, "message", None)
    return (
        isinstance(message, SipResponse)
        and message.cseq_method == "REGISTER"
        and (message.cseq > 2)
    )
