"""The relay layer's acknowledgements in SIP MESSAGE: late, wrong or missing (TS 24.341)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.body import sms
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.interworking.site import user_agent
from conformance.reference.legs.leg import Cause, Outcome
from conformance.reference.legs.relay_link import Received, RelayLink
from conformance.reference.transport.directory import Directory
from conformance.reference.user_agents.incoming import Content, Identity, Incoming
from conformance.sip.message import SipRequest, SipResponse
from tests.reference.interworking.world import GATEWAY, SERVICE
from tests.reference.wiring import Wire

DATA = sms.RpData(9, b"\x00", to_network=False)
ACK = sms.RpAck(9, to_network=True)


class Peers:
    """The network's end of a link, and a telephone that says what it is told to."""

    def __init__(self) -> None:
        self.wire = Wire()
        station = self.wire.add(Station(GATEWAY.host, Chance("gateway")))
        agent = user_agent(station, Identity("sip:iwf@10.0.4.1", f"sip:{GATEWAY}"), Directory({}))
        self.link = RelayLink(station, agent, f"sip:{SERVICE}", is_network=True)
        agent.handlers["MESSAGE"] = self.link.take
        self.link.user = self
        other = self.wire.add(Station(SERVICE.host, Chance("telephone")))
        identity = Identity("tel:+15550177", f"sip:{SERVICE}")
        routes = (f"<sip:{GATEWAY};lr>",)
        self.telephone = user_agent(other, identity, Directory({}), routes=routes)
        self.telephone.handlers["MESSAGE"] = self.take
        self.came: list[SipRequest] = []
        self.received: list[Received] = []
        self.outcomes: list[Outcome] = []
        self.answers: list[int] = []
        self.status = 202

    def take(self, incoming: Incoming) -> None:
        self.came.append(incoming.request)
        if self.status:
            incoming.respond(self.status)

    def data(self, received: Received) -> None:
        self.received.append(received)

    def send(self) -> None:
        self.link.send(DATA, "tel:+15550177", self.outcomes.append)
        self.wire.run(seconds=1)

    def say(self, octets: bytes, in_reply_to: str = "") -> None:
        def answered(answer: object) -> None:
            assert isinstance(answer, SipResponse)
            self.answers.append(answer.status)

        self.telephone.request(
            "MESSAGE",
            f"sip:iwf@{GATEWAY}",
            headers=[("In-Reply-To", in_reply_to)] if in_reply_to else [],
            content=Content(sms.MEDIA_TYPE, octets),
            answered=answered,
        )
        self.wire.run(seconds=1)


def test_data_waits_for_its_acknowledgement() -> None:
    peers = Peers()
    # When an RP-DATA goes, its 202 says nothing yet;
    peers.send()
    (request,) = peers.came
    assert request.header("Accept-Contact") == "*;+g.3gpp.smsip;require;explicit"
    assert request.content_type == "application/vnd.3gpp.sms"
    assert peers.outcomes == []
    # the RP-ACK does, from a telephone that it has it.
    peers.say(sms.write(ACK), request.call_id)
    assert peers.outcomes == [Outcome(is_delivered=True)]
    assert peers.answers == [202]


def test_an_acknowledgement_without_in_reply_to_is_known_by_its_reference() -> None:
    peers = Peers()
    peers.send()
    peers.say(sms.write(ACK))
    assert len(peers.outcomes) == 1


@pytest.mark.parametrize(
    ("octets", "named"), [(sms.write(ACK), "other@host"), (sms.write(sms.RpAck(10, True)), "")]
)
def test_an_acknowledgement_of_something_else_is_none(octets: bytes, named: str) -> None:
    peers = Peers()
    peers.send()
    peers.say(octets, named)
    assert peers.outcomes == []
    assert len(peers.wire.noted("late")) == 1


def test_an_error_tells_its_cause() -> None:
    peers = Peers()
    peers.send()
    peers.say(sms.write(sms.RpError(9, to_network=True, cause=22)))
    assert peers.outcomes == [Outcome(Cause.BUSY, detail="RP-Cause 22")]


@pytest.mark.parametrize(("status", "cause"), [(404, Cause.UNKNOWN), (503, Cause.CONGESTED)])
def test_a_refused_message_is_a_refused_short_message(status: int, cause: Cause) -> None:
    peers = Peers()
    peers.status = status
    peers.send()
    assert [outcome.cause for outcome in peers.outcomes] == [cause]


def test_no_acknowledgement_is_an_outcome_too_and_a_late_one_is_none() -> None:
    peers = Peers()
    peers.send()
    peers.wire.run(seconds=60)
    assert [outcome.cause for outcome in peers.outcomes] == [Cause.NO_ANSWER]
    peers.say(sms.write(ACK))
    assert len(peers.outcomes) == 1


def test_data_from_the_telephone_goes_up_and_is_acknowledged_to_its_sender() -> None:
    peers = Peers()
    peers.say(sms.write(sms.RpData(3, b"\x01", to_network=True)))
    (received,) = peers.received
    assert (received.data.reference, received.sender[:1]) == (3, "<")
    received.incoming.respond(202)
    peers.link.acknowledge(received, sms.RpAck(3, to_network=False))
    peers.wire.run(seconds=1)
    (report,) = peers.came
    assert report.uri == "tel:+15550177"
    assert report.header("In-Reply-To") == received.incoming.request.call_id
    assert sms.parse(report.body) == sms.RpAck(3, to_network=False)


@pytest.mark.parametrize(
    "octets",
    [b"", b"\x00", b"\xff" * 9, sms.write(DATA), sms.write(sms.RpAck(9, to_network=False))],
)
def test_what_makes_no_sense_is_answered_400(octets: bytes) -> None:
    peers = Peers()
    peers.say(octets)
    assert peers.answers == [400]
    assert len(peers.wire.noted("malformed")) == 1


def test_memory_available_is_taken() -> None:
    peers = Peers()
    peers.say(sms.write(sms.RpSmma(1)))
    assert peers.answers == [202]


def test_references_are_used_once_at_a_time() -> None:
    peers = Peers()
    used = set()
    for _ in range(256):
        reference = peers.link.free_reference()
        assert reference is not None
        used.add(reference)
        data = sms.RpData(reference, b"\x00", to_network=False)
        peers.link.send(data, "tel:+15550177", peers.outcomes.append)
    assert (len(used), peers.link.free_reference()) == (256, None)
    with pytest.raises(ValueError, match="in use"):
        peers.link.send(DATA, "tel:+15550177", peers.outcomes.append)


@settings(max_examples=60)
@given(st.binary(max_size=60))
def test_no_octets_do_harm(octets: bytes) -> None:
    peers = Peers()
    peers.say(octets)
    assert len(peers.answers) + len(peers.received) == 1
