"""The CPM Client as a whole: what its parts make together, two devices, nothing too bad."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.observation.packet import Endpoint
from conformance.reference.client.cpm_client import ClientSettings
from conformance.reference.engine.component import Datagram
from tests.reference.client.home import BOB, HOME_HOST, PHONE, PSI, TABLET, Call, World


def test_two_devices_of_a_user_are_two_clients() -> None:
    world = World()
    tablet = world.device(TABLET)
    (message,) = world.home.defer(1)
    world.client.register()
    tablet.register()
    world.run(1)
    for host in (PHONE, TABLET):
        world.home.push(message, host=host)
    world.run()

    instances = {r.header("Contact").partition("instance")[2] for r in world.home.of("REGISTER")}  # type: ignore[union-attr]
    assert len(instances) == 2
    assert [m.message_id for m in tablet.received] == world.received() == ["m0"]


def test_a_day_of_a_client() -> None:
    world = World(ClientSettings(subscribes=True, display_after=0))
    world.home.defer(2, "positive-delivery", "display")
    world.client.register()
    world.run(60)

    assert world.received() == ["m0", "m1"]
    assert sorted(world.home.notifications()) == [
        ("m0", "delivered"),
        ("m0", "displayed"),
        ("m1", "delivered"),
        ("m1", "displayed"),
    ]
    assert [call.why for call in world.home.calls] == ["BYE came"]


SIP = (
    "{method} sip:alice@10.0.2.20:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.0.1.1:5060;branch=z9hG4bKa\r\n"
    "From: <sip:b@b.example>;tag=1\r\nTo: <sip:a@a.example>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\n"
    "Max-Forwards: 70\r\n{fields}Content-Length: {size}\r\n\r\n"
)
FIELDS = st.sampled_from(
    [
        "",
        "Content-Type: message/cpim\r\n",
        "Content-Type: multipart/mixed\r\n",
        "Content-Type: ;;;\r\n",
        "Content-Type: application/sdp\r\n",
        "Event: deferred-messages\r\nContent-Type: text/xml\r\n",
        "Contact: <<>>\r\nContent-Type: application/sdp\r\nAccept-Contact: *;;+g\r\n",
    ]
)


@given(
    st.sampled_from(["MESSAGE", "NOTIFY", "INVITE", "SUBSCRIBE"]), FIELDS, st.binary(max_size=80)
)
@settings(max_examples=80)
def test_no_content_is_too_bad(method: str, fields: str, body: bytes) -> None:
    world = World()
    head = SIP.format(method=method, fields=fields, size=len(body)).encode()
    source, here = Endpoint(HOME_HOST, 5060), Endpoint(PHONE, 5060)

    world.client.station.receive(world.wire.now, Datagram(source, here, head + body))
    world.run(5)


@pytest.mark.parametrize("method", ["REFER", "PUBLISH", "FETCH"])
def test_what_a_client_does_not_do_it_says(method: str) -> None:
    world = World()
    answers: list[int] = []
    world.home.agent.request(
        method,
        f"sip:alice@{PHONE}",
        answered=lambda a: answers.append(getattr(a, "status", 0)),
    )
    world.run(5)

    assert answers in ([405], [501])


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["page", "push", "chat", "tell", "select", "reply", "say", "end"]),
        st.floats(0.01, 4),
    ),
    max_size=12,
)


@given(MOVES, st.sampled_from([200, 480]), st.integers(0, 6))
@settings(max_examples=60)
def test_in_whatever_order_things_happen(
    moves: list[tuple[str, float]], answer: int, lost: int
) -> None:
    world = World(ClientSettings(chat_answers=(answer,)))
    world.wire.loses = lambda carried: lost > 0 and carried.number % 7 == lost
    world.home.defer(2, "positive-delivery", "display")
    calls: list[Call] = []
    for move, pause in moves:
        play(world, move, calls)
        world.run(pause)
        assert sum(not call.why for call in pulls(world)) <= 1
    world.run(900)

    # Each invitation is answered, each session that is there to receive was silent towards us.
    assert all(call.session is not None for call in calls)
    assert all(call.status in (200, 408, 480, 487) or call.session.is_over for call in calls)  # type: ignore[union-attr]
    assert all(call.came == [] for call in calls)
    assert len(world.received()) == len(set(world.received()))
    assert len(set(world.home.notifications())) <= 4


def play(world: World, move: str, calls: list[Call]) -> None:
    """Let one thing happen."""
    messages, client = world.home.waiting, world.client
    match move:
        case "page":
            world.home.page(messages[0])
        case "push" | "chat":
            service = "session" if move == "chat" else "deferred"
            calls.append(world.home.push(*messages, service=service))
        case "tell":
            world.home.tell()
        case "select":
            client.select("retrieve")
        case "reply" if client.received:
            client.reply(client.received[-1], "Yes.")
        case "say":
            client.start_chat(BOB, "Hello")
        case "end" if calls and calls[-1].session is not None:
            calls[-1].session.bye()


def pulls(world: World) -> list[Call]:
    """The sessions in which the client has messages handled, at home."""
    asked = [request for request in world.home.of("INVITE") if request.uri == PSI]
    numbers = {request.call_id for request in asked}
    return [call for call in world.home.calls if call.call_id in numbers]
