"""Messages that a client sends and takes one by one."""

from conformance.reference.client.cpm_client import ClientSettings
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import CpmMessage, imdn, read
from conformance.sip.message import SipRequest
from tests.reference.client.home import ALICE, BOB, World

ASKS = ("positive-delivery", "display")


def message_in(request: SipRequest) -> CpmMessage:
    found = read(request.header("Content-Type") or "", request.body, request)
    assert isinstance(found, CpmMessage)
    return found


def test_a_pager_message_goes_in_one_sip_message() -> None:
    world = World()
    sent = world.client.send_pager(BOB, "On my way.", wants=("positive-delivery",))
    world.run(5)

    (request,) = world.home.of("MESSAGE")
    assert (request.uri, request.header("Max-Forwards")) == (BOB, "70")
    assert request.header("P-Preferred-Service") == "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"
    assert request.header("Conversation-ID") == sent.conversation_id
    found = message_in(request)
    assert (found.text, found.sender, found.recipient) == ("On my way.", ALICE, BOB)
    assert found.wants == ("positive-delivery",)
    assert world.noted("sent") == [{"message": sent.message_id, "status": "200"}]


def test_a_refused_message_is_noted() -> None:
    world = World()
    world.home.status["MESSAGE"] = 404
    sent = world.client.send_pager(BOB, "Hello")
    world.run(5)

    assert world.noted("failed") == [{"message": sent.message_id, "status": "404"}]


def test_a_message_that_is_not_answered_is_noted() -> None:
    world = World()
    world.wire.loses = lambda carried: True
    world.client.send_pager(BOB, "Hello")
    world.run(200)

    assert len(world.noted("failed")) == 1


def test_a_message_is_taken_and_answered() -> None:
    world = World()
    (message,) = world.home.defer(1)
    world.home.page(message)
    world.run(5)

    assert world.home.pushes == [200]
    assert world.received() == ["m0"]
    assert world.home.notifications() == []


def test_a_message_that_came_twice_is_taken_once() -> None:
    world = World()
    (message,) = world.home.defer(1, *ASKS[:1])
    world.home.page(message)
    world.run(5)
    world.home.page(message)
    world.run(5)

    assert world.home.pushes == [200, 200]
    assert world.received() == ["m0"]
    assert world.home.notifications() == [("m0", "delivered")]


def test_a_notification_is_noted_and_never_answered_by_another() -> None:
    world = World()
    sent = world.client.send_pager(BOB, "Hello", wants=ASKS)
    world.run(5)
    told = read("message/cpim", imdn(sent, "delivered", "delivery", Chance("n"), world.wire.now))
    assert isinstance(told, CpmMessage)
    world.home.page(told)
    world.run(30)

    assert world.noted("notified") == [{"message": sent.message_id, "status": "delivered"}]
    assert world.received() == []
    assert world.home.notifications() == []


def test_a_user_may_decline() -> None:
    world = World(ClientSettings(message_answers=(480,)))
    (message,) = world.home.defer(1, *ASKS)
    world.home.page(message)
    world.run(30)

    assert world.home.pushes == [480]
    assert world.received() == []
    assert world.home.notifications() == []


def test_content_may_be_refused() -> None:
    world = World(ClientSettings(accepts=(False,)))
    (message,) = world.home.defer(1)
    world.home.page(message)
    world.run(5)

    assert world.home.pushes == [415]


def test_an_envelope_that_cannot_be_read_is_refused() -> None:
    world = World()
    world.home.page(CpmMessage("m", BOB, ALICE, b"", envelope=b"no envelope"))
    world.run(5)

    assert world.home.pushes == [400]
    assert world.noted("malformed")


def test_where_nothing_is_known_each_choice_is_asked_for() -> None:
    asked: list[tuple[Point, tuple[object, ...], str]] = []

    class Watching:
        def choose(self, point: Point, options: object, about: str = "") -> object:
            asked.append((point, tuple(options), about))  # type: ignore[arg-type]
            return options[-1]  # type: ignore[index]

    world = World(ClientSettings().undecided(), Watching())  # type: ignore[arg-type]
    (message,) = world.home.defer(1)
    world.home.page(message)
    world.run(5)

    assert asked == [(Point.CONTENT, (True, False), "m0")]
    assert world.home.pushes == [415]
