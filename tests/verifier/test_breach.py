"""What is wrong as soon as it is seen."""

from dataclasses import replace

import pytest

from conformance.observation.trace import Observation
from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import link
from conformance.sip.message import SipRequest
from conformance.verifier.verdict import Verdict
from tests.scenarios import catalogue, chat, interwork_out, pull
from tests.verifier.worlds import failing, judged, variant
from tests.verifying import faults, role_rules, said_of, verify


def test_that_an_answer_sent_on_before_it_came_breaks_the_order() -> None:
    ladder = pull.build()
    early = ladder.hasten(ladder.find("13"), ladder.find("12"))
    assert faults(verify(early)) == [("pull/12-13", "core")]


def test_that_a_request_sent_on_before_it_came_is_the_captures_fault() -> None:
    ladder = pull.build()
    early = ladder.hasten(ladder.find("3"), ladder.find("2"))
    judged = verify(early)
    assert judged.verdict is Verdict.PASS, said_of(early, judged)


def test_that_a_clock_is_trusted_beyond_its_tolerance_only() -> None:
    """Two milliseconds of one clock may lie between taps of one machine."""
    ladder = pull.build()
    early = ladder.hasten(ladder.find("13"), ladder.find("12"), 1_900_000)
    assert verify(early).verdict is Verdict.PASS


def test_that_what_is_seen_too_late_may_have_come_before_unseen() -> None:
    """The first NOTIFY was lost before the capture: its answer shows that there was one."""

    def first_notify(one: Observation) -> bool:
        message = one.message
        is_one = isinstance(message, SipRequest) and message.method == "NOTIFY"
        return is_one and message.cseq == 1  # type: ignore[union-attr]

    results = judged(variant("pull"), drop=first_notify)
    assert failing(results) == []
    (told,) = [one for one in results if one.flow == "pull"]
    assert told.verdict is Verdict.INCONC
    assert "an answer was seen whose request was not" in told.findings[0].observed


def copied(ladder):
    """What a mirror in the core's place tells of a ladder: copies, in the order of their times."""
    trace = ladder.trace()
    for one in trace:
        if isinstance(one, Observation):
            one.copied = True
    return verify(trace, rules=role_rules(ladder))


def test_that_a_mirror_stamps_late_what_it_sent_itself() -> None:
    """The core had the answer of 7 before that of 9 came: it sent 8 before it stamped it."""
    ladder = interwork_out.build()
    late = ladder.hasten(ladder.find("9"), ladder.find("8"))
    assert faults(verify(late)) == [("interwork-out/9-10", "pf")]
    assert copied(late).verdict is Verdict.PASS


def test_that_who_answers_before_the_mirror_had_an_answer_is_convicted() -> None:
    ladder = interwork_out.build()
    early = ladder.hasten(ladder.find("9"), ladder.find("7"))
    assert faults(copied(early)) == [("interwork-out/9-10", "pf")]


def test_that_steps_without_a_common_cause_have_no_order() -> None:
    ladder = catalogue.ladder("VARIANTS", "pull", "notify-before-200")
    assert ladder.find("6") < ladder.find("4") or ladder.find("6") < ladder.find("5")
    assert verify(ladder).verdict is Verdict.PASS


def test_that_connecting_before_the_ack_is_found_at_once() -> None:
    ladder = catalogue.ladder("BREAKS", "chat-deferred", "connected-before-ack")
    assert faults(verify(ladder)) == [("CF-7.3.12-3-msrp", "client")]


def test_that_a_condition_is_judged_at_the_hop_that_breaks_it() -> None:
    ladder = chat.build(omits=("Conversation-ID",))
    (finding, *_) = (
        one for one in verify(ladder).results[0].findings if one.verdict is Verdict.FAIL
    )
    assert finding.requirement == "CF-7.3.12-3-conversation-id"
    assert finding.frames[0].frame == ladder.find("1") + 1


def test_that_only_the_printed_success_will_do_where_it_is_exact() -> None:
    ladder = catalogue.ladder("BREAKS", "undelivered", "accepted-200")
    assert faults(verify(ladder)) == [("undelivered/4-5", "pf")]


@pytest.mark.parametrize("seed", range(6))
def test_that_datagrams_overtaken_on_their_way_break_no_order(seed: int) -> None:
    """The BYE that follows an ACK at once may be seen before it."""
    told = variant("chat-deferred", "inactive-answer")
    late = Conditions(5 * MILLISECOND, 15 * MILLISECOND, reordering=0.5)
    setting = replace(told.setting, conditions=late, seed=str(seed))
    assert failing(judged(replace(told, setting=setting))) == []


@pytest.mark.parametrize("seed", range(6))
def test_that_the_answers_of_two_devices_have_no_order(seed: int) -> None:
    told = variant("interwork-in", "two-devices")
    slow = Conditions(5 * MILLISECOND, 150 * MILLISECOND)
    setting = replace(told.setting, conditions=slow, seed=str(seed))
    one_link = replace(told.tap, links=link("client", "core") | link("core", "pf"))
    assert failing(judged(replace(told, setting=setting, tap=one_link))) == []
