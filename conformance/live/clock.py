"""The time of a run on sockets: it runs with a real clock, or steps from event to event."""

from collections.abc import Callable
from typing import Protocol

SECOND = 1_000_000_000

STEP = 1_000_000
"""What a stepped clock gives each arrival, in ns."""


class Timekeeper(Protocol):
    """Tells the time to components, and how long to wait for a time to come."""

    def now(self) -> int:
        """The time, in ns since 1970-01-01 UTC."""
        ...

    def arrival(self) -> int:
        """The time at which something arrives now, in ns since 1970-01-01 UTC."""
        ...

    def seconds_until(self, time: int) -> float | None:
        """The real seconds until a time; None where waiting does not bring it nearer."""
        ...


class Clock:
    """A clock that begins at a time and runs `rate` times as fast as its source.

    `source` counts nanoseconds and never goes back; `begin` in ns since 1970-01-01 UTC.
    ValueError for a rate that is not above 0.
    """

    def __init__(self, source: Callable[[], int], begin: int, rate: float = 1.0) -> None:
        if not rate > 0:
            raise ValueError(f"a clock cannot run {rate} times as fast")
        self.begin = begin
        self.rate = rate
        self._source = source
        self._first = source()

    def now(self) -> int:
        """The time, in ns since 1970-01-01 UTC."""
        return self.begin + int((self._source() - self._first) * self.rate)

    def arrival(self) -> int:
        """The same: what arrives does so now."""
        return self.now()

    def seconds_until(self, time: int) -> float:
        """The real seconds until a time, 0 once it is over."""
        return max(0.0, (time - self.now()) / SECOND / self.rate)


class SteppedClock:
    """A clock that stands still: it moves when told to, and a little with each arrival.

    So a run waits for nothing, and does not depend on how fast the machine is.
    """

    def __init__(self, begin: int) -> None:
        self._now = begin

    def now(self) -> int:
        """The time, in ns since 1970-01-01 UTC."""
        return self._now

    def arrival(self) -> int:
        """The time of the next arrival, after all before."""
        self._now += STEP
        return self._now

    def seconds_until(self, time: int) -> float | None:
        """0 for what is due; waiting for anything else is of no use."""
        return 0.0 if time <= self._now else None

    def move(self, time: int) -> None:
        """Let it be a time, unless that is over."""
        self._now = max(self._now, time)
