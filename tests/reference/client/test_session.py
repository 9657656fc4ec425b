"""An INVITE session of a client with its MSRP session."""

from conformance.reference.client.session import ClientSession
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse
from tests.reference.client.home import BOB, Call, World


def refreshed(world: World, call: Call, body: bytes) -> list[int]:
    """The answers to a re-INVITE from home."""
    answers: list[int] = []

    def answered(result: SipResponse | Failure) -> None:
        answers.append(result.status if isinstance(result, SipResponse) else 0)

    assert call.session is not None
    call.session.reoffer(Content("application/sdp", body), answered)
    world.run(5)
    return answers


def test_a_refresh_that_changes_nothing_is_taken() -> None:
    world = World()
    call = world.home.push(*world.home.defer(1))
    world.run(5)
    again = call.local.replace(b" 1 IN IP4", b" 2 IN IP4")

    assert refreshed(world, call, again) == [200]


def test_a_refresh_to_another_stream_is_not() -> None:
    world = World()
    call = world.home.push(*world.home.defer(1))
    world.run(5)
    other = call.local.replace(b"msrp://10.0.1.1", b"msrp://10.0.1.9")

    assert refreshed(world, call, other) == [488]


def test_an_answer_that_makes_no_session_ends_it() -> None:
    world = World()
    session = ClientSession(world.client)
    world.home.setup = "holdconn"
    world.home.agent.on_invite = accept_without_msrp
    session.call(BOB, ())
    world.run(5)

    assert session.is_over
    assert [start for start in world.wire.starts() if start.startswith("BYE")]


def accept_without_msrp(session) -> None:  # type: ignore[no-untyped-def]
    audio = b"v=0\r\no=- 1 1 IN IP4 10.0.1.1\r\ns=-\r\nt=0 0\r\nm=message 0 TCP/MSRP *\r\n"
    session.accept(Content("application/sdp", audio))
