import pytest

from conformance.reference.transactions.tables import INVITE_SERVER, SERVER, Action, Input, State
from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.draft import Draft
from tests.reference.sip_rig import TCP, UDP, Answerer, Asker, answer, draft
from tests.reference.transactions.test_tables import path_to
from tests.reference.wiring import two

STATUS = {Input.PROVISIONAL: 180, Input.SUCCESS: 200, Input.FAILURE: 486}
UNSEEN = (Action.TELL_TIMEOUT, Action.TELL_TRANSPORT)


class Rig:
    """A server transaction of b's; a says whatever is wanted."""

    def __init__(self, method: str) -> None:
        self.wire, self.a, self.b = two()
        self.user = Answerer()
        self.b.transactions.user = self.user
        self.client = self.a.transactions.send(draft(method), UDP, Asker())
        self.wire.run(seconds=0.015)
        self.transaction = self.user.transactions[0]
        self.failures: list[Failure] = []
        self.transaction.on_failed = self.failures.append

    def give(self, taken: Input) -> None:
        """Let an input come about."""
        request = self.transaction.request
        if taken in STATUS:
            self.transaction.respond(answer(request, STATUS[taken]))
        elif taken is Input.ACK:
            self.transaction.acknowledge(request)
        elif taken is not Input.REQUEST or self.transaction.state is not State.INITIAL:
            self.transaction.take(taken)

    def sent(self) -> list[str]:
        """What b has sent."""
        self.wire.drain()
        return [c.start for c in self.wire.carried if c.source == self.b.endpoint]


@pytest.mark.parametrize(
    ("method", "state", "taken"),
    [("INVITE", *key) for key in INVITE_SERVER if key[0] is not State.INITIAL]
    + [("MESSAGE", *key) for key in SERVER if key[0] is not State.INITIAL],
)
def test_every_row_does_what_it_says(method, state, taken):
    # given
    table = INVITE_SERVER if method == "INVITE" else SERVER
    rig = Rig(method)
    for step in path_to(table, state)[1:]:
        rig.give(step)
    end, actions = table[state, taken]
    sent, acks, failed = len(rig.sent()), len(rig.user.acks), list(rig.failures)
    # when
    rig.give(taken)
    # then
    assert rig.transaction.state is end
    does_send = {Action.SEND, Action.RESEND, Action.SEND_TRYING} & set(actions)
    has_something = rig.transaction.last is not None
    assert len(rig.sent()) - sent == (1 if does_send and has_something else 0)
    assert len(rig.user.acks) - acks == (1 if Action.TELL in actions else 0)
    told = [Failure.TIMEOUT] * (Action.TELL_TIMEOUT in actions)
    told += [Failure.TRANSPORT] * (Action.TELL_TRANSPORT in actions)
    assert rig.failures == failed + told


def test_100_comes_by_itself():
    rig = Rig("INVITE")
    rig.wire.run(seconds=0.19)
    assert rig.sent() == []
    rig.wire.run(seconds=0.1)
    assert rig.sent() == ["SIP/2.0 100 Trying"]


def test_100_is_not_said_after_180():
    rig = Rig("INVITE")
    rig.give(Input.PROVISIONAL)
    rig.wire.run(seconds=1)
    assert rig.sent() == ["SIP/2.0 180 Ringing"]


def test_a_response_too_late_goes_nowhere():
    rig = Rig("MESSAGE")
    rig.give(Input.SUCCESS)
    rig.give(Input.FAILURE)
    assert rig.sent() == ["SIP/2.0 200 OK"]
    assert rig.transaction.is_answered
    assert rig.transaction.last is not None
    assert rig.transaction.last.status == 200


def test_what_is_not_answered_in_time_never_is():
    rig = Rig("MESSAGE")
    rig.wire.run(seconds=40)
    assert rig.transaction.state is State.TERMINATED
    rig.give(Input.SUCCESS)
    assert rig.sent() == []
    assert rig.b.is_idle


@pytest.mark.parametrize(
    ("method", "state"), [("MESSAGE", State.TERMINATED), ("INVITE", State.PROCEEDING)]
)
def test_a_request_may_be_abandoned_but_no_invite(method, state):
    rig = Rig(method)
    rig.transaction.abandon()
    assert rig.transaction.state is state


def test_a_refusal_that_is_never_acknowledged():
    rig = Rig("INVITE")
    rig.wire.loses = lambda carried: carried.start.startswith("ACK")
    rig.give(Input.FAILURE)
    rig.wire.run()
    assert rig.failures == [Failure.TIMEOUT]
    assert rig.a.is_idle
    assert rig.b.is_idle


def test_a_response_that_cannot_be_written():
    rig = Rig("MESSAGE")
    bad = answer(rig.transaction.request, 200).add("X", "1\n2")
    rig.transaction.respond(bad)
    assert rig.failures == [Failure.TRANSPORT]
    assert rig.sent() == []


def test_a_response_that_has_no_way_back():
    rig = Rig("INVITE")
    rig.transaction.request = type(rig.transaction.request)(
        rig.transaction.request.octets.replace(b"Via: SIP", b"X: SIP")
    )
    rig.transaction.respond(Draft(status=486, reason="x"))
    assert rig.failures == [Failure.TRANSPORT]
    assert rig.transaction.state is State.COMPLETED


def test_over_a_stream_it_is_over_at_once():
    wire, a, b = two()
    b.transactions.user = Answerer(200)
    a.transactions.send(draft(), TCP, Asker())
    wire.run(seconds=0.05)
    assert a.is_idle
    assert b.is_idle
