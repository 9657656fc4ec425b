"""How far a session came: nothing is owed in one whose ACK never arrived."""

from dataclasses import replace

from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import drop, request, sent_to
from tests.verifier.worlds import blamed, judged, variant

CLIENT = "10.0.2.20"


def test_that_an_ack_that_never_arrives_makes_no_sender_silent() -> None:
    """The client sends its 200 again to the end, and never connects: the pf gives up rightly."""
    keeps = Fault("keeps-ack", "core", tamper=sent_to(CLIENT, drop(request("ACK"))))
    told = variant("push-large")
    results = judged(replace(told, faults=(keeps,)))
    assert ("push-large/6", "pf") not in blamed(results)


def test_that_the_bye_of_who_answered_shows_no_more_than_its_answer() -> None:
    """The core keeps the client's 200 back, and the client hangs up as it must: at the core."""
    results = judged(variant("push", "refreshed"), "core-keeps-push-answers")
    assert ("push/4-5", "core") in blamed(results)


def test_that_a_session_never_acknowledged_convicts_no_sender() -> None:
    results = judged(variant("pull", "registration-refreshed"), "client-never-acknowledges")
    assert ("pull/14", "pf") not in blamed(results)
