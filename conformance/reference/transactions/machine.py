"""What a client's and a server's transaction share: a state, a table, and alarms."""

from collections.abc import Callable
from enum import StrEnum

from conformance.reference.engine.component import Alarm, Station
from conformance.reference.engine.timer import MILLISECOND, Timers
from conformance.reference.transactions.tables import Action, Input, State, Table

TRYING_AFTER = 200 * MILLISECOND
"""When a server says 100 if its user has said nothing (RFC 3261 section 17.2.1)."""


class Failure(StrEnum):
    """Why a request has no final response."""

    TIMEOUT = "timeout"
    TRANSPORT = "transport"

    @property
    def status(self) -> int:
        """The response that it counts as (RFC 3261 section 8.1.3.1)."""
        return 408 if self is Failure.TIMEOUT else 503


_TIMERS = {
    Action.START_A: Input.TIMER_A,
    Action.START_B: Input.TIMER_B,
    Action.START_C: Input.TIMER_C,
    Action.START_D: Input.TIMER_D,
    Action.START_E: Input.TIMER_E,
    Action.START_F: Input.TIMER_F,
    Action.START_G: Input.TIMER_G,
    Action.START_H: Input.TIMER_H,
    Action.START_I: Input.TIMER_I,
    Action.START_J: Input.TIMER_J,
    Action.START_K: Input.TIMER_K,
    Action.START_L: Input.TIMER_L,
    Action.START_M: Input.TIMER_M,
    Action.START_TRYING: Input.TIMER_TRYING,
}
_REPEATING = frozenset({Input.TIMER_A, Input.TIMER_E, Input.TIMER_G})
_LINGERING = frozenset({Input.TIMER_D, Input.TIMER_I, Input.TIMER_J, Input.TIMER_K})


class Machine:
    """A transaction that goes by a table; subclasses carry out the actions that are theirs."""

    def __init__(self, station: Station, timers: Timers, table: Table) -> None:
        self.station = station
        self.timers = timers
        self.state = State.INITIAL
        self.reliable = False
        self.on_end: Callable[[], None] | None = None
        self._table = table
        self._alarms: dict[Input, Alarm] = {}
        self._repeats = 0

    def take(self, taken: Input) -> bool:
        """Take an input; whether the table has a row for it."""
        row = self._table.get((self.state, taken))
        if row is None:
            return False
        state, actions = row
        if state is not self.state:
            self.state = state
            self._entered()
        for action in actions:
            timer = _TIMERS.get(action)
            if timer is None:
                self._act(action)
            else:
                self.start(timer)
        return True

    def start(self, timer: Input) -> None:
        """Start a timer, or let it fire at once if it is zero; some a stream does not need."""
        if timer in _REPEATING and self.reliable:
            return
        delay = self._delay(timer)
        if timer in self._alarms:
            self._alarms.pop(timer).cancel()
        if delay == 0:
            self.take(timer)
            return
        self._alarms[timer] = self.station.after(delay, lambda: self._fire(timer))

    def _fire(self, timer: Input) -> None:
        del self._alarms[timer]
        self.take(timer)

    def _entered(self) -> None:
        """Stop the timers that mean nothing in the new state."""
        for timer in [t for t in self._alarms if (self.state, t) not in self._table]:
            self._alarms.pop(timer).cancel()
        if self.state is State.TERMINATED and self.on_end is not None:
            self.on_end()

    def _delay(self, timer: Input) -> int:
        timers = self.timers
        if timer in _REPEATING:
            return self._repeat_after(timer)
        if timer in _LINGERING and self.reliable:
            return 0
        if timer in (Input.TIMER_I, Input.TIMER_K):
            return timers.t4
        if timer is Input.TIMER_TRYING:
            return TRYING_AFTER
        if timer is Input.TIMER_D:
            return timers.d
        # B, F and H; J, L and M; and the wait after a CANCEL.
        return timers.c if timer is Input.TIMER_C else 64 * timers.t1

    def _repeat_after(self, timer: Input) -> int:
        """T1 doubled each time; up to T2 but for INVITE (RFC 3261 section 17.1.1.2)."""
        if timer is Input.TIMER_E and self.state is State.PROCEEDING:
            return self.timers.t2
        delay = self.timers.t1 << self._repeats
        self._repeats += 1
        return delay if timer is Input.TIMER_A else min(delay, self.timers.t2)

    def _act(self, action: Action) -> None:
        raise NotImplementedError
