import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.observation.packet import Transport
from conformance.reference.engine.component import Datagram
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents import agent as agent_module
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.reference.user_agents.notifier import Notifier
from conformance.reference.user_agents.session import Session
from tests.reference.sip_rig import UDP, Asker, draft
from tests.reference.user_agents.session_rig import OFFER, Call, Party, Publisher, Watch, accepting
from tests.reference.wiring import two


def asked(method: str, uri: str = "", **given: object):
    """What b answers to a request of a's."""
    wire, a, b = two()
    b.agent.handlers["MESSAGE"] = lambda incoming: incoming.respond(200)
    results: list[object] = []
    a.agent.request(method, uri or b.uri, answered=results.append, **given)  # type: ignore[arg-type]
    wire.run()
    assert a.is_idle
    assert b.is_idle
    return results[0]


def test_a_message_and_its_answer():
    assert asked("MESSAGE").status == 200


@pytest.mark.parametrize(
    ("method", "status"),
    [("OPTIONS", 200), ("INVITE", 405), ("PUBLISH", 405), ("NOTIFY", 405), ("DANCE", 501)],
)
def test_methods_that_nobody_handles(method, status):
    answer = asked(method)
    assert answer.status == status
    assert answer.header("Allow") == "ACK"
    assert answer.headers("Allow") == ("ACK", "BYE", "CANCEL", "MESSAGE", "OPTIONS")


@pytest.mark.parametrize(
    ("uri", "status"),
    [("tel:+1", 200), ("mailto:a@b", 416), ("sip:@", 400)],
)
def test_the_scheme_of_the_request_uri(uri, status):
    answer = asked("MESSAGE", uri, routes=["sip:10.0.0.2;lr"])
    assert answer.status == status


def test_what_is_required_must_be_supported():
    wire, a, b = two()
    b.agent.handlers["MESSAGE"] = lambda incoming: incoming.respond(200)
    b.agent.supported = {"path"}
    results: list[object] = []
    for value in ("path", "path, 100rel, x"):
        a.agent.request("MESSAGE", b.uri, headers=[("Require", value)], answered=results.append)
    wire.run()
    assert [result.status for result in results] == [200, 420]
    assert results[1].headers("Unsupported") == ("100rel", "x")


def test_a_notify_out_of_the_blue_has_its_handler():
    wire, a, b = two()
    taken: list[Incoming] = []
    b.agent.handlers["NOTIFY"] = taken.append
    results: list[object] = []
    a.agent.request("NOTIFY", b.uri, headers=[("Event", "x")], answered=results.append)
    wire.run(seconds=1)
    taken[0].respond(200)
    wire.run()
    assert [result.status for result in results] == [200]


@pytest.mark.parametrize("method", ["BYE", "NOTIFY", "INVITE", "SUBSCRIBE", "MESSAGE", "INFO"])
def test_a_dialog_not_known(method):
    assert asked(method, to="<sip:b@h>;tag=unknown").status == 481


def test_the_same_by_two_ways_is_merged():
    wire, a, b = two()
    b.agent.handlers["MESSAGE"] = lambda incoming: None
    users = Asker(), Asker()
    for user in users:
        a.transactions.send(draft(), UDP, user)
    wire.run(seconds=1)
    assert [user.statuses for user in users] == [[], [482]]


def test_silence():
    wire, a, b = two()
    wire.loses = lambda carried: True
    results: list[object] = []
    a.agent.request("MESSAGE", b.uri, answered=results.append)
    wire.run()
    assert results == [Failure.TIMEOUT]


def test_a_large_message_goes_over_tcp():
    wire, a, b = two()
    taken: list[Incoming] = []
    b.agent.handlers["MESSAGE"] = taken.append
    results: list[object] = []
    content = Content("text/plain", b"x" * 2000)
    a.agent.request("MESSAGE", b.uri, content=content, answered=results.append)
    wire.run(seconds=1)
    taken[0].respond(200)
    wire.run()
    assert taken[0].source.transport is Transport.TCP
    assert [result.status for result in results] == [200]


def test_too_many_sessions_are_refused(monkeypatch):
    monkeypatch.setattr(agent_module, "MAX_DIALOGS", 1)
    call = Call(accepting).run(1)
    user = Party()
    call.a.agent.invite(call.b.uri, content=OFFER, user=user)
    call.run(1)
    assert user.told == ["refused 503"]


def test_strays_are_noted():
    wire, a, b = two()
    octets = (
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\nFrom: <sip:a>\r\n"
        b"To: <sip:b>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n\r\n"
    )
    b.station.send(Datagram(b.endpoint, a.endpoint, octets))
    wire.run()
    assert wire.noted("stray") == [{"status": "200", "call_id": "c"}]


def test_an_ack_to_nothing_is_dropped():
    wire, a, _b = two()
    a.transactions.send_statelessly(draft("ACK"), UDP)
    wire.run()
    assert len(wire.carried) == 1


def test_options_say_what_we_can():
    answer = asked("OPTIONS")
    assert answer.header("Contact") == "<sip:b@10.0.0.2>"


def of_all_kinds() -> tuple[list[bytes], list[bytes]]:
    """What is sent in a call and a subscription: all of it, and b's share of each."""
    call, watch = Call(accepting).run(1), Watch().begin().run(1)
    call.session.bye()
    watch.subscription.end()
    carried = [*call.run().wire.carried, *watch.run().wire.carried]
    return (
        [one.octets for one in carried],
        [one.octets for one in carried if one.source == call.b.endpoint],
    )


SAMPLES, ANSWERS = of_all_kinds()


def damaged(data: st.DataObject, samples: list[bytes]) -> bytes:
    """A message of which a piece is replaced."""
    octets = data.draw(st.sampled_from(samples))
    begin = data.draw(st.integers(0, len(octets)))
    end = data.draw(st.integers(begin, min(len(octets), begin + 20)))
    return octets[:begin] + data.draw(st.binary(max_size=20)) + octets[end:]


@given(st.data())
def test_messages_with_faults_neither_raise_nor_stay(data):
    # given
    wire, a, b = two()
    publisher = Publisher()
    b.agent.handlers["MESSAGE"] = lambda incoming: incoming.respond(200)
    b.agent.handlers["SUBSCRIBE"] = Notifier(b.agent, ("state",), publisher.subscribed).take
    sessions: list[Session] = []

    def invited(session: Session) -> None:
        sessions.append(session)
        session.accept(OFFER)

    b.agent.on_invite = invited
    # when
    for _ in range(data.draw(st.integers(1, 8))):
        octets = damaged(data, SAMPLES)
        a.station.send(Datagram(a.endpoint, b.endpoint, octets))
    wire.run()
    for session in sessions:
        session.bye()
    wire.run()
    # then
    assert b.is_idle


@given(st.data(), st.booleans())
def test_answers_with_faults_neither_raise_nor_stay(data, is_call):
    # given a peer of which only damaged messages arrive; branches and tags are those of ANSWERS
    case = Call(accepting) if is_call else Watch().begin()
    damages = [damaged(data, ANSWERS) for _ in range(data.draw(st.integers(1, 8)))]
    case.wire.loses = lambda carried: (
        carried.source == case.b.endpoint and carried.octets not in damages
    )
    case.run(0.5)
    # when
    for octets in damages:
        case.b.station.send(Datagram(case.b.endpoint, case.a.endpoint, octets))
        case.run(0.5)
    # then
    if isinstance(case, Call):
        case.session.bye()
    else:
        case.subscription.end()
    case.run()
    assert case.a.is_idle
