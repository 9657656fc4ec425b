"""The gateway as a whole: what comes is given to whom it is for, and no octets do harm."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.body import sms
from conformance.reference.engine.component import Datagram
from conformance.reference.interworking.site import CENTRE, PLAIN, SERVICES, SMPP, TELEPHONE
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse
from tests.reference.interworking.world import ALICE_TEL, GATEWAY, LONG, SERVICE, SMS_USER, World


def test_every_service_works_beside_the_others() -> None:
    world = World(*SERVICES)
    for service in SERVICES:
        world.noncpm.send(ALICE_TEL, f"by {service}", service=service)
    world.core.send("Are you coming?")
    world.run()
    texts = {message.text for message in world.core.messages}
    # Two ends of one kind cannot be told apart at one address: short messages come to the first.
    assert {f"by {TELEPHONE}", f"by {SMPP}", f"by {PLAIN}"} <= texts
    assert world.core.statuses == [200]


def test_a_short_message_where_no_service_takes_any_is_refused() -> None:
    world = World(SMPP)
    content = Content(sms.MEDIA_TYPE, sms.write(sms.RpSmma(1)))
    world.core.carry(SMS_USER, [], content, to=SMS_USER)
    world.run()
    assert world.core.statuses == [488]


def test_plain_text_that_is_cpm_goes_out_as_such() -> None:
    world = World(SMPP, PLAIN)
    headers = [("P-Asserted-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg")]
    world.core.carry(SMS_USER, headers, Content("text/plain", b"Bare"), to=SMS_USER)
    world.run()
    assert world.core.statuses == [200]
    assert [message.text for message in world.noncpm.received] == ["Bare"]


def test_an_invitation_is_not_acceptable() -> None:
    world = World(TELEPHONE)
    refusals: list[int] = []

    class User:
        """Waits for the refusal."""

        def refused(self, session: object, why: object) -> None:
            assert isinstance(why, SipResponse)
            refusals.append(why.status)

        def progressed(self, session: object, response: object) -> None:
            """Nothing follows."""

    world.core.agent.invite(SMS_USER, content=Content("application/sdp", b"v=0\r\n"), user=User())
    world.run()
    assert refusals == [488]


@pytest.mark.parametrize("service", [TELEPHONE, CENTRE, PLAIN])
def test_a_lost_datagram_does_not_lose_or_double_a_message(service: str) -> None:
    # Given a wire that loses every third datagram between gateway and service,
    world = World(service)
    ends = {GATEWAY.host, SERVICE.host}

    def loses(carried: object) -> bool:
        hosts = {carried.source.host, carried.destination.host}
        return hosts == ends and carried.number % 3 == 0

    world.wire.loses = loses
    # when a long text goes out,
    world.core.send(LONG)
    world.run(120)
    # then it arrives once.
    assert [message.text for message in world.noncpm.received] == [LONG]
    assert world.core.statuses == [200]


@settings(max_examples=50)
@given(st.binary(max_size=120), st.sampled_from([sms.MEDIA_TYPE, "message/cpim", "text/plain"]))
def test_no_content_does_harm(octets: bytes, content_type: str) -> None:
    world = World(TELEPHONE, PLAIN)
    headers = [("P-Asserted-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg")]
    world.core.carry(SMS_USER, headers, Content(content_type, octets), to=SMS_USER)
    world.run()
    assert len(world.core.answers) == 1


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_datagram_does_harm(octets: bytes) -> None:
    world = World(TELEPHONE)
    world.core.station.send(
        Datagram(world.core.agent.transactions.transport.address, GATEWAY, octets)
    )
    world.run(5)
    world.core.send("Are you coming?")
    world.run(5)
    assert world.core.statuses == [200]
