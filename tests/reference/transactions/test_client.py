from collections.abc import Callable

import pytest

from conformance.observation.packet import Transport
from conformance.reference.engine.timer import SECOND
from conformance.reference.transactions.tables import CLIENT, INVITE_CLIENT, Action, Input, State
from conformance.reference.transactions.transaction import ClientTransaction, Failure
from tests.reference.sip_rig import PEER, TCP, UDP, Answerer, Asker, answer, as_response, draft
from tests.reference.transactions.test_tables import path_to
from tests.reference.wiring import Host, Wire, two

LARGE = b"x" * 1300
STATUS = {Input.PROVISIONAL: 180, Input.SUCCESS: 200, Input.FAILURE: 486}


class Rig:
    """A client transaction of a's; what b says is made up."""

    def __init__(self, method: str) -> None:
        self.wire, self.a, self.b = two()
        self.b.transactions.user = Answerer()
        self.user = Asker()
        self.transaction = self.a.transactions.send(draft(method), UDP, self.user)

    def give(self, taken: Input) -> None:
        """Let an input come about."""
        if taken in STATUS:
            response = answer(self.transaction.request, STATUS[taken])
            self.transaction.respond(as_response(response.octets()))
        elif taken is not Input.START:
            self.transaction.take(taken)

    def count(self, action: Action) -> int:
        """How often an action was done, by what can be seen of it."""
        self.wire.drain()
        sent = [c.start.split()[0] for c in self.wire.carried if c.source == self.a.endpoint]
        counts: dict[Action, Callable[[], int]] = {
            Action.SEND: lambda: sent.count(self.transaction.draft.method),
            Action.RESEND: lambda: sent.count(self.transaction.draft.method),
            Action.SEND_ACK: lambda: sent.count("ACK"),
            Action.SEND_CANCEL: lambda: sent.count("CANCEL"),
            Action.TELL: lambda: len(self.user.responses),
            Action.TELL_TIMEOUT: lambda: self.user.failures.count(Failure.TIMEOUT),
            Action.TELL_TRANSPORT: lambda: self.user.failures.count(Failure.TRANSPORT),
        }
        return counts[action]() if action in counts else 0


@pytest.mark.parametrize(
    ("method", "state", "taken"),
    [("INVITE", *key) for key in INVITE_CLIENT if key[1] is not Input.START]
    + [("MESSAGE", *key) for key in CLIENT if key[1] is not Input.START],
)
def test_every_row_does_what_it_says(method, state, taken):
    # given
    table = INVITE_CLIENT if method == "INVITE" else CLIENT
    rig = Rig(method)
    for step in path_to(table, state):
        rig.give(step)
    end, actions = table[state, taken]
    before = {action: rig.count(action) for action in Action}
    # when
    rig.give(taken)
    # then
    assert rig.transaction.state is end
    for action in Action:
        is_seen = action not in (Action.RESEND, Action.SEND) or action in actions
        if is_seen and not action.value.startswith("start"):
            expected = 1 if action in actions else 0
            assert rig.count(action) - before[action] == expected, action


def test_the_ack_to_a_refusal_is_the_invite_s():
    # given
    wire, a, b = two()
    b.transactions.user = Answerer(486)
    invite = draft("INVITE").add("Route", f"<sip:{PEER.host};lr>")
    # when
    client = a.transactions.send(invite, UDP, Asker())
    wire.run()
    # then
    ack = next(c for c in wire.carried if c.start.startswith("ACK"))
    head = ack.octets.decode()
    assert f"branch={client.request.branch}" in head
    assert "CSeq: 1 ACK" in head
    assert "To: <sip:b@10.0.0.2>;tag=b1" in head
    assert "Route: <sip:10.0.0.2;lr>" in head
    assert a.is_idle
    assert b.is_idle


def test_a_cancel_waits_for_a_provisional():
    # given
    wire, a, b = two()
    user = Asker()
    b.transactions.user = Answerer()
    client = a.transactions.send(draft("INVITE"), UDP, user)
    # when
    client.cancel([("Reason", "SIP;cause=200")])
    client.cancel()
    wire.run(seconds=0.1)
    assert not any(start.startswith("CANCEL") for start in wire.starts())
    # then it goes out with the 100 of 200 ms
    wire.run()
    cancel = next(c.octets.decode() for c in wire.carried if c.start.startswith("CANCEL"))
    assert "Reason: SIP;cause=200" in cancel
    assert f"branch={client.request.branch}" in cancel
    assert user.statuses == [100, 487]
    assert a.is_idle
    assert b.is_idle


def test_a_cancel_without_effect_ends_after_64_t1():
    # given
    wire, a, b = two()
    user, server = Asker(), Answerer(180)
    b.transactions.user = server
    client = a.transactions.send(draft("INVITE"), UDP, user)
    wire.run(seconds=1)
    server.transactions[0].on_cancel = lambda: None
    # when
    begin = wire.now
    client.cancel()
    wire.run()
    # then
    assert user.failures == [Failure.TIMEOUT]
    assert wire.now - begin >= 32 * SECOND
    assert not client.is_waiting


def test_what_has_its_answer_is_not_cancelled():
    wire, a, b = two()
    b.transactions.user = Answerer(486)
    invite = a.transactions.send(draft("INVITE"), UDP, Asker())
    message = a.transactions.send(draft("MESSAGE", call_id="c2"), UDP, Asker())
    message.cancel()
    wire.run()
    invite.cancel()
    wire.run()
    assert not any(start.startswith("CANCEL") for start in wire.starts())


def test_timer_c_cancels():
    wire, a, b = two()
    user = Asker()
    b.transactions.user = Answerer(180)
    a.transactions.send(draft("INVITE"), UDP, user)
    wire.run()
    assert user.statuses == [180, 487]
    assert a.is_idle


def large(method: str = "MESSAGE", refused: bool = True) -> tuple[Wire, Host, Host, Asker]:
    wire, a, b = two()
    if refused:
        wire.refuses.add(PEER)
    b.transactions.user = Answerer(200)
    user = Asker()
    a.transactions.send(draft(method, LARGE), UDP, user)
    return wire, a, b, user


@pytest.mark.parametrize("method", ["MESSAGE", "INVITE"])
def test_a_large_request_falls_back_to_udp(method):
    wire, a, _, user = large(method)
    wire.run()
    assert [c.transport for c in wire.carried][:2] == [Transport.TCP, Transport.UDP]
    assert user.statuses == [200]
    assert a.is_idle


def test_back_on_udp_it_is_sent_again():
    wire, _, _, user = large()
    wire.loses = lambda carried: carried.number == 1
    wire.run()
    assert user.statuses == [200]
    assert [c.transport for c in wire.carried][:3] == [Transport.TCP, *[Transport.UDP] * 2]


def test_what_was_meant_for_tcp_fails_without_it():
    wire, a, _ = two()
    wire.refuses.add(PEER)
    user = Asker()
    a.transactions.send(draft(), TCP, user)
    wire.run()
    assert user.failures == [Failure.TRANSPORT]
    assert a.is_idle


@pytest.mark.parametrize(("why", "failures"), [("", []), ("reset", [Failure.TRANSPORT])])
def test_a_connection_closed_in_good_order_may_be_followed_by_another(why, failures):
    # given
    wire, a, b = two()
    b.transactions.user = server = Answerer()
    user = Asker()
    a.transactions.send(draft(), TCP, user)
    wire.run(seconds=1)
    # when
    a.transactions.lost(TCP, why, True)
    server.transactions[0].respond(answer(server.transactions[0].request, 200))
    wire.run(seconds=1)
    # then
    assert user.failures == failures
    assert user.statuses == ([] if failures else [200])


def test_a_request_that_cannot_be_written_fails_later():
    # given
    wire, a, _ = two()
    user = Asker()
    # when
    client = a.transactions.send(draft().add("X", "1\r\n2"), UDP, user)
    # then
    assert isinstance(client, ClientTransaction)
    assert user.failures == []
    wire.run()
    assert user.failures == [Failure.TRANSPORT]
    assert client.state is State.TERMINATED
    assert wire.carried == []
    assert a.is_idle


def test_an_ack_that_cannot_be_written():
    rig = Rig("INVITE")
    response = answer(rig.transaction.request, 486).octets().replace(b";tag=b1", b";tag=b1\rx")
    rig.transaction.respond(as_response(response))
    assert rig.count(Action.SEND_ACK) == 0
    assert rig.user.statuses == [486]
    assert len(rig.wire.noted("unsendable")) == 1


def test_what_has_its_answer_needs_no_connection():
    rig = Rig("MESSAGE")
    rig.give(Input.SUCCESS)
    rig.transaction.lost("reset", True)
    assert rig.user.failures == []
