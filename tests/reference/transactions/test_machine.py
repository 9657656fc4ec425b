import pytest

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import MILLISECOND, NETWORK, SECOND
from conformance.reference.transactions.machine import Failure, Machine
from conformance.reference.transactions.tables import (
    CLIENT,
    INVITE_CLIENT,
    INVITE_SERVER,
    SERVER,
    Action,
    Input,
    State,
    Table,
)


class Clocked(Machine):
    """A machine whose actions are remembered with their times, in ms."""

    def __init__(self, table: Table, *, reliable: bool = False) -> None:
        super().__init__(Station("h", Chance("1")), NETWORK, table)
        self.reliable = reliable
        self.done: list[tuple[int, str]] = []

    def _act(self, action: Action) -> None:
        self.done.append((self.station.now // MILLISECOND, action.value))

    def play(self, *inputs: Input) -> "Clocked":
        for taken in inputs:
            self.take(taken)
        while (deadline := self.station.next_deadline()) is not None:
            self.station.wake(deadline)
        return self

    def times(self, action: Action) -> list[int]:
        return [time for time, done in self.done if done == action.value]

    @property
    def ended(self) -> float:
        return self.station.now / SECOND


def test_a_is_doubled_each_time_until_b():
    machine = Clocked(INVITE_CLIENT).play(Input.START)
    assert machine.times(Action.RESEND) == [500, 1500, 3500, 7500, 15500, 31500]
    assert machine.times(Action.TELL_TIMEOUT) == [32000]


def test_e_is_doubled_up_to_t2_until_f():
    machine = Clocked(CLIENT).play(Input.START)
    expected = [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]
    assert machine.times(Action.RESEND) == expected
    assert machine.times(Action.TELL_TIMEOUT) == [32000]


def test_e_is_t2_once_the_server_is_at_it():
    machine = Clocked(CLIENT).play(Input.START, Input.PROVISIONAL)
    # The first is set before the 1xx.
    assert machine.times(Action.RESEND) == [500, 4500, 8500, 12500, 16500, 20500, 24500, 28500]


def test_g_is_doubled_up_to_t2_until_h():
    machine = Clocked(INVITE_SERVER).play(Input.REQUEST, Input.FAILURE)
    assert machine.times(Action.RESEND)[:5] == [500, 1500, 3500, 7500, 11500]
    assert machine.times(Action.TELL_TIMEOUT) == [32000]


@pytest.mark.parametrize("table", [INVITE_CLIENT, CLIENT])
def test_a_stream_needs_no_retransmission(table):
    machine = Clocked(table, reliable=True).play(Input.START)
    assert machine.times(Action.RESEND) == []
    assert machine.times(Action.TELL_TIMEOUT) == [32000]


@pytest.mark.parametrize(
    ("table", "inputs", "seconds", "reliable_seconds"),
    [
        (INVITE_CLIENT, (Input.START, Input.FAILURE), 32, 0),
        (INVITE_CLIENT, (Input.START, Input.SUCCESS), 32, 32),
        (CLIENT, (Input.START, Input.SUCCESS), 5, 0),
        (INVITE_SERVER, (Input.REQUEST, Input.SUCCESS), 32, 32),
        (INVITE_SERVER, (Input.REQUEST, Input.FAILURE, Input.ACK), 5, 0),
        (SERVER, (Input.REQUEST, Input.SUCCESS), 32, 0),
    ],
)
def test_how_long_a_transaction_lingers(table, inputs, seconds, reliable_seconds):
    assert Clocked(table).play(*inputs).ended == seconds
    assert Clocked(table, reliable=True).play(*inputs).ended == reliable_seconds


def test_c_is_set_anew_by_each_provisional():
    # given
    machine = Clocked(INVITE_CLIENT)
    machine.take(Input.START)
    machine.take(Input.PROVISIONAL)
    # when
    machine.station.wake(100 * SECOND)
    machine.play(Input.PROVISIONAL)
    # then
    assert machine.times(Action.SEND_CANCEL) == [281_000]


def test_100_is_due_after_200_ms():
    assert Clocked(INVITE_SERVER).play(Input.REQUEST).times(Action.SEND_TRYING) == [200]


def test_nothing_rings_after_the_end():
    machine = Clocked(INVITE_CLIENT)
    ends: list[State] = []
    machine.on_end = lambda: ends.append(machine.state)
    machine.play(Input.START, Input.TRANSPORT_ERROR)
    assert ends == [State.TERMINATED]
    assert machine.ended == 0


def test_a_failure_counts_as_a_response():
    assert (Failure.TIMEOUT.status, Failure.TRANSPORT.status) == (408, 503)
