"""Every row of the tables is tried on a machine, from the beginning."""

import pytest

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import NETWORK
from conformance.reference.transactions.machine import Machine
from conformance.reference.transactions.tables import (
    CLIENT,
    INVITE_CLIENT,
    INVITE_SERVER,
    SERVER,
    Action,
    Input,
    State,
    Table,
    of_status,
)

TABLES = {
    "INVITE client": INVITE_CLIENT,
    "client": CLIENT,
    "INVITE server": INVITE_SERVER,
    "server": SERVER,
}
ROWS = [(name, *key) for name, table in TABLES.items() for key in table]


class Recorder(Machine):
    """A machine that remembers what it would do."""

    def __init__(self, table: Table) -> None:
        super().__init__(Station("h", Chance("1")), NETWORK, table)
        self.done: list[Action] = []

    def start(self, timer: Input) -> None:
        self.done.append(Action(f"start {timer.value}"))

    def _act(self, action: Action) -> None:
        self.done.append(action)


def path_to(table: Table, state: State) -> tuple[Input, ...]:
    """Inputs that lead from the beginning to a state, as few as can be."""
    paths: dict[State, tuple[Input, ...]] = {State.INITIAL: ()}
    while state not in paths:
        for (begin, taken), (end, _) in table.items():
            if begin in paths:
                paths.setdefault(end, (*paths[begin], taken))
    return paths[state]


@pytest.mark.parametrize(("name", "state", "taken"), ROWS)
def test_every_row(name, state, taken):
    # given
    table = TABLES[name]
    machine = Recorder(table)
    for step in path_to(table, state):
        assert machine.take(step)
    assert machine.state is state
    machine.done.clear()
    # when
    assert machine.take(taken)
    # then
    end, actions = table[state, taken]
    assert machine.state is end
    assert machine.done == list(actions)


@pytest.mark.parametrize("name", TABLES)
def test_every_other_input_changes_nothing(name):
    table = TABLES[name]
    states = {state for state, _ in table} | {State.TERMINATED}
    for state in states:
        for taken in set(Input) - {taken for begin, taken in table if begin is state}:
            machine = Recorder(table)
            machine.state = state
            assert not machine.take(taken)
            assert (machine.state, machine.done) == (state, [])


@pytest.mark.parametrize("name", TABLES)
def test_every_timer_that_is_started_means_something(name):
    table = TABLES[name]
    for state, actions in table.values():
        for action in actions:
            if action.value.startswith("start "):
                assert (state, Input(action.value.removeprefix("start "))) in table


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_end(name):
    table = TABLES[name]
    for state in {state for state, _ in table}:
        reached, before = {state}, set()
        while reached != before:
            before = set(reached)
            reached |= {end for (begin, _), (end, _) in table.items() if begin in before}
        assert State.TERMINATED in reached


def test_a_response_is_an_input():
    assert of_status(100) is of_status(199) is Input.PROVISIONAL
    assert of_status(200) is of_status(202) is Input.SUCCESS
    assert of_status(300) is of_status(699) is Input.FAILURE
