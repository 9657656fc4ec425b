"""What shows that an answer was awaited in vain."""

from dataclasses import replace

import pytest

from conformance.observation.packet import Transport
from conformance.verifier.verdict import Reason, Verdict
from tests.scenarios import catalogue, push_pager
from tests.scenarios.parties import Setting
from tests.verifier.worlds import blamed, judged, variant
from tests.verifying import causes, said_of, verify

GIVEN = (
    "client=10.0.2.20,10.0.2.21",
    "core=10.0.1.1",
    "pf=10.0.3.1",
    "iwf=10.0.4.1",
    "noncpm=10.0.5.1",
    "remote=10.0.9.1",
)


def test_that_a_request_sent_again_to_the_end_shows_that_no_answer_came() -> None:
    ladder = catalogue.ladder("BREAKS", "push-pager", "silent-at-4")
    judged = verify(ladder)
    assert "sent again" in judged.results[0].findings[0].observed, said_of(ladder, judged)


def test_that_over_a_connection_the_first_requester_shows_it() -> None:
    """Between the core and the participating function goes TCP: there nothing is sent again."""
    results = judged(variant("interwork-in", "refreshed"), "core-keeps-an-answer")
    assert blamed(results) == {("interwork-out/7-8", "core")}
    (said,) = [one.observed for result in results for one in result.findings]
    assert "(step 1)" in said


def test_that_an_answer_lost_at_the_end_of_a_connection_convicts_nobody() -> None:
    ladder = push_pager.build(Setting(transport=Transport.TCP))
    left = ladder.drop(ladder.find("5"))
    assert causes(verify(left)) == []
    left = ladder.drop(ladder.find("4"), ladder.find("5"))
    assert causes(verify(left)) == []


def test_that_whom_a_gateway_writes_to_is_known_behind_it() -> None:
    """The short message names the gateway as its recipient, the MESSAGE the user."""
    results = judged(variant("interwork-in", "refreshed"), "core-keeps-from-client")
    assert blamed(results) == {("interwork-in/5", "core")}
    (one,) = [result for result in results if result.verdict is Verdict.FAIL]
    assert one.user == "tel:+15550100"


@pytest.mark.parametrize(
    ("roles", "broken"), [((), set()), (GIVEN, {("undelivered/7-8", "core")})]
)
def test_that_another_network_is_silent_only_where_it_is_reached(roles, broken) -> None:
    told = replace(variant("undelivered", "back-too-late"), roles=roles)
    results = judged(told, "core-keeps-notice")
    assert blamed(results) == broken
    if not broken:
        assert results[0].reason_code is Reason.HOP_NOT_CAPTURED


def test_that_a_network_may_be_reached_elsewhere_than_it_sends_from() -> None:
    told = replace(
        variant("undelivered", "back-too-late"),
        roles=(*GIVEN[:-1], "remote=10.0.9.0/24"),
    )
    assert blamed(judged(told, "core-keeps-notice")) == set()
