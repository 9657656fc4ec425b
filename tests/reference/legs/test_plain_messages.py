"""Plain text in SIP MESSAGE as a service (RFC 3428)."""

import pytest

from conformance.reference.interworking.site import PLAIN
from conformance.reference.legs.leg import Cause
from conformance.reference.legs.plain_messages import outcome_of
from conformance.reference.remote.non_cpm_client import NonCpmSettings
from conformance.reference.transactions.transaction import Failure
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse
from tests.reference.interworking.world import ALICE_TEL, SERVICE, SMS_USER, World


def test_the_text_goes_as_it_is_to_the_number() -> None:
    world = World(PLAIN)
    world.core.send("Grüße 😀")
    world.run()
    sent = [parse(c.octets) for c in world.wire.carried if c.destination == SERVICE]
    (request,) = [one for one in sent if isinstance(one, SipRequest)]
    assert (request.uri, request.content_type) == (SMS_USER, "text/plain")
    assert request.body == "Grüße 😀".encode()


def test_what_comes_in_is_the_text() -> None:
    world = World(PLAIN)
    world.noncpm.send(ALICE_TEL, "Grüße")
    world.run()
    assert [message.text for message in world.core.messages] == ["Grüße"]


def test_an_answer_that_comes_too_late_changes_nothing() -> None:
    world = World(PLAIN, noncpm=NonCpmSettings(answer_delay=26_000_000_000))
    world.core.send("Are you coming?")
    world.run(40)
    assert world.core.statuses == [504]


def test_a_peer_that_does_not_answer_at_all() -> None:
    world = World(PLAIN)
    world.wire.stations.remove(world.noncpm.station)
    world.core.send("Are you coming?")
    world.run(40)
    assert world.core.statuses == [504]


@pytest.mark.parametrize(
    ("status", "cause", "delivered"),
    [(200, None, True), (202, None, False), (480, Cause.ABSENT, False), (600, Cause.BUSY, False)],
)
def test_an_answer_tells_its_outcome(status: int, cause: Cause | None, delivered: bool) -> None:
    outcome = outcome_of(SipResponse(f"SIP/2.0 {status} Any\r\n\r\n".encode()))
    assert (outcome.cause, outcome.is_delivered) == (cause, delivered)


def test_no_answer_tells_its_own() -> None:
    assert outcome_of(Failure.TIMEOUT).cause is Cause.NO_ANSWER
    assert outcome_of(Failure.TRANSPORT).cause is Cause.CONGESTED
