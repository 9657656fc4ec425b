"""CPM Messages to other services, ladder by ladder (System Description Y.3)."""

import pytest

from conformance.body import imdn, sms, tpdu
from conformance.reference.interworking.function import InterworkingFunction
from conformance.reference.interworking.outward import Outward
from conformance.reference.interworking.selection import InterworkingSelection
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.interworking.site import CENTRE, PLAIN, SMPP, TELEPHONE
from conformance.reference.legs.leg import Cause
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.source import EmbeddedPreferences
from conformance.reference.remote.non_cpm_client import NonCpmSettings
from conformance.reference.user_agents.incoming import Content
from tests.reference.interworking.world import ALICE, GATEWAY, LONG, SERVICE, SMS_USER, World

EVERY = (TELEPHONE, CENTRE, SMPP, PLAIN)
BOTH = ("positive-delivery", "negative-delivery")
SLOW = NonCpmSettings(answer_delay=500_000_000)


def notices(world: World) -> list[imdn.Imdn]:
    """The notifications that the core was sent."""
    found = [message.notification for message in world.core.messages]
    return [one for one in found if one is not None]


def first_of(world: World, host: str, start: str) -> int:
    """When a host first sent something that begins so."""
    return next(
        c.time for c in world.wire.carried if c.source.host == host and c.start.startswith(start)
    )


@pytest.mark.parametrize("service", EVERY)
def test_the_answer_waits_for_the_acknowledgement(service: str) -> None:
    # Given a service that takes half a second,
    world = World(service, noncpm=SLOW)
    # when a CPM Message comes for a telephone number,
    world.core.send("Are you coming?")
    # then there is no answer before the other side has acknowledged,
    world.run(0.4)
    assert world.core.answers == []
    # and then it is 200.
    world.run(30)
    assert world.core.statuses == [200]
    assert [m.text for m in world.noncpm.received] == ["Are you coming?"]
    (noted,) = world.noted("interworked")
    assert noted["service"] == service


def test_step_7_comes_after_step_6() -> None:
    world = World(TELEPHONE, noncpm=SLOW)
    world.core.send("Are you coming?")
    world.run()
    acknowledged = first_of(world, SERVICE.host, "MESSAGE")
    assert first_of(world, GATEWAY.host, "SIP/2.0 200") > acknowledged


def test_a_telephone_gets_a_delivery_from_the_sender() -> None:
    world = World(TELEPHONE)
    world.core.send("Are you coming?")
    world.run()
    data, ack = world.relayed()
    assert isinstance(data, sms.RpData)
    unit = data.tpdu
    assert isinstance(unit, tpdu.Deliver)
    assert (unit.originator.number, unit.data.text) == ("+15550100", "Are you coming?")
    assert ack == sms.RpAck(data.reference, True, tpdu.write(tpdu.DeliverReport()))


def test_a_centre_gets_a_submission_that_asks_for_what_the_sender_asked() -> None:
    world = World(CENTRE)
    world.core.send("Are you coming?", wants=BOTH, expires="3600")
    world.run(0.5)
    data = world.relayed()[0]
    assert isinstance(data, sms.RpData)
    unit = data.tpdu
    assert isinstance(unit, tpdu.Submit)
    assert (unit.destination.number, unit.status_report) == ("+15550177", True)
    assert unit.validity == 11


@pytest.mark.parametrize("service", EVERY)
def test_a_long_text_arrives_whole(service: str) -> None:
    world = World(service)
    world.core.send(LONG + "€ 😀")
    world.run()
    assert world.core.statuses == [200]
    assert [m.text for m in world.noncpm.received] == [LONG + "€ 😀"]


def test_a_sender_who_hides_has_no_number_there() -> None:
    world = World(TELEPHONE)
    token = world.core.station.chance.token
    hidden = CpmMessage(token(), ALICE, SMS_USER, b"Guess who", anonymous=True)
    world.core.relay(hidden, SMS_USER, SMS_USER)
    world.run()
    (message,) = world.noncpm.received
    assert message.source.startswith("sip:anonymous@")


# Reports.


@pytest.mark.parametrize("service", EVERY)
@pytest.mark.parametrize("delivers", [True, False])
def test_what_became_of_a_message_is_told_where_that_was_asked(
    service: str, delivers: bool
) -> None:
    world = World(service, noncpm=NonCpmSettings(delivers=delivers))
    message = world.core.send(LONG, wants=BOTH)
    world.run()
    # Where the recipient itself acknowledges, that is the delivery.
    delivered = delivers or service in (TELEPHONE, PLAIN)
    (told,) = notices(world)
    assert told.message_id == message.message_id
    assert told.status == ("delivered" if delivered else "failed")
    (request,) = world.core.requests
    assert (request.uri, request.header("P-Asserted-Identity")) == (ALICE, f"<{SMS_USER}>")
    assert world.noted("notified") == [
        {"message": message.message_id, "status": told.status, "answer": "200 OK"}
    ]


@pytest.mark.parametrize("service", EVERY)
@pytest.mark.parametrize("wants", [(), ("display",)])
def test_nothing_is_told_that_nobody_asked_for(service: str, wants: tuple[str, ...]) -> None:
    world = World(service)
    world.core.send("Are you coming?", wants=wants)
    world.run()
    assert world.core.requests == []


@pytest.mark.parametrize(("wants", "count"), [("positive-delivery", 0), ("negative-delivery", 1)])
def test_each_kind_of_report_is_asked_for_by_itself(wants: str, count: int) -> None:
    world = World(SMPP, noncpm=NonCpmSettings(delivers=False))
    world.core.send("Are you coming?", wants=(wants,))
    world.run()
    assert len(notices(world)) == count


# Failures.


@pytest.mark.parametrize("service", EVERY)
def test_an_unknown_number_is_not_found(service: str) -> None:
    world = World(service, noncpm=NonCpmSettings(knows=("tel:+15550199",)))
    world.core.send("Are you coming?", wants=BOTH)
    world.run()
    assert world.core.statuses == [404]
    assert notices(world) == []
    assert len(world.noted("not interworked")) == 1


@pytest.mark.parametrize(
    ("service", "refusal", "status"),
    [
        (TELEPHONE, Cause.BUSY, 480),
        (CENTRE, Cause.CONGESTED, 503),
        (CENTRE, Cause.ABSENT, 480),
        (CENTRE, Cause.BARRED, 403),
        (SMPP, Cause.ABSENT, 480),
        (SMPP, Cause.CONGESTED, 503),
        (PLAIN, Cause.BUSY, 480),
        (PLAIN, Cause.REFUSED, 603),
    ],
)
def test_a_refusal_is_told_the_cpm_side(service: str, refusal: Cause, status: int) -> None:
    world = World(service, noncpm=NonCpmSettings(refusal=refusal))
    world.core.send("Are you coming?")
    world.run()
    assert world.core.statuses == [status]


@pytest.mark.parametrize("service", EVERY)
def test_without_an_acknowledgement_the_answer_is_504_before_the_sender_gives_up(
    service: str,
) -> None:
    world = World(service, noncpm=NonCpmSettings(is_silent=True))
    world.core.send("Are you coming?")
    world.run(28)
    assert world.core.statuses == [504]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"uri": "sip:bob@home-a.example"}, 404),
        ({"content_type": "image/png"}, 415),
        ({"content_type": "application/im-iscomposing+xml"}, 200),
        ({"service": ""}, 488),
        ({"expires": "0"}, 480),
    ],
)
def test_what_no_service_can_carry_goes_no_further(options: dict[str, str], status: int) -> None:
    world = World(TELEPHONE)
    world.core.send("Are you coming?", **options)
    world.run()
    assert world.core.statuses == [status]
    assert world.relayed() == []


def test_an_envelope_that_cannot_be_read_is_a_bad_request() -> None:
    world = World(TELEPHONE)
    world.core.carry(SMS_USER, [], Content("message/cpim", b"none"), to=SMS_USER)
    world.run()
    assert world.core.statuses == [400]


# Selection.


def preferring(*services: str) -> InterworkingSelection:
    """A selection by preferences of Alice's."""
    profile = Preferences.of(Profile(noncpm_services=services))
    return InterworkingSelection(EmbeddedPreferences({ALICE: profile}))


@pytest.mark.parametrize("first", [SMPP, PLAIN])
def test_the_users_first_service_is_used(first: str) -> None:
    others = tuple(name for name in (SMPP, PLAIN) if name != first)
    world = World(SMPP, PLAIN, selection=preferring(first, *others))
    world.core.send("Are you coming?")
    world.run()
    assert [note["service"] for note in world.noted("interworked")] == [first]


def test_the_recipients_preferences_count_where_the_recipient_is_at_home() -> None:
    # Given that the participating function hands over what waits for Alice,
    world = World(SMPP, PLAIN, selection=preferring(PLAIN))
    message = CpmMessage("id-1", "tel:+15550142", ALICE, b"Are you coming?")
    world.core.relay(message, "sip:+15550100@iwf.home-a.example;user=phone", ALICE)
    world.run()
    # then it goes by Alice's service, to Alice's number.
    assert [note["service"] for note in world.noted("interworked")] == [PLAIN]
    assert [m.destination for m in world.noncpm.received] == ["tel:+15550100"]


def test_a_user_who_wants_none_of_the_services_gets_none() -> None:
    world = World(TELEPHONE, selection=preferring("pigeon"))
    world.core.send("Are you coming?")
    world.run()
    assert (world.core.statuses, world.relayed()) == ([480], [])


def test_a_service_that_cannot_now_gives_way_to_the_next() -> None:
    refusing = NonCpmSettings(refusal=Cause.CONGESTED)
    world = World(SMPP, PLAIN, noncpm=refusing)
    world.core.send("Are you coming?")
    world.run()
    assert [note["service"] for note in world.noted("passed on")] == [SMPP]
    # Without that setting it does not.
    strict = World(SMPP, PLAIN, noncpm=refusing, settings=IwfSettings(falls_back=False))
    strict.core.send("Are you coming?")
    strict.run()
    assert (strict.noted("passed on"), strict.core.statuses) == ([], [503])


def test_a_service_without_a_connection_is_not_used() -> None:
    world = World(SMPP, PLAIN)
    world.gateway.legs[SMPP].session.close()
    world.core.send("Are you coming?")
    world.run(5)
    assert [note["service"] for note in world.noted("interworked")] == [PLAIN]


def test_a_gateway_that_does_not_wait_is_made_by_one_small_method() -> None:
    class AtOnce(InterworkingFunction):
        """Answers before it has an answer."""

        def hand_over(self, out: Outward) -> None:
            out.respond(200)
            super().hand_over(out)

    world = World(TELEPHONE, noncpm=SLOW, gateway=AtOnce)
    world.core.send("Are you coming?")
    world.run(0.4)
    assert world.core.statuses == [200]
