"""The 2xx to an INVITE, sent again until its ACK comes (RFC 3261 section 13.3.1.4)."""

from collections.abc import Callable

from conformance.reference.engine.component import Alarm, Station
from conformance.reference.engine.timer import Timers
from conformance.reference.transactions.server import ServerTransaction
from conformance.reference.transport.draft import Draft


class Acceptance:
    """A 2xx under way; `unacknowledged` is called when 64*T1 pass without an ACK."""

    def __init__(
        self,
        station: Station,
        timers: Timers,
        transaction: ServerTransaction,
        response: Draft,
        unacknowledged: Callable[[], None],
    ) -> None:
        self.cseq = transaction.request.cseq
        self._station = station
        self._timers = timers
        self._transaction = transaction
        self._response = response
        self._unacknowledged = unacknowledged
        self._interval = timers.t1
        self._again: Alarm | None = None
        self._limit: Alarm | None = None

    def begin(self) -> None:
        """Send the 2xx for the first time."""
        self._limit = self._station.after(64 * self._timers.t1, self._give_up)
        self._transmit()

    def end(self) -> None:
        """Its ACK has come, or nobody waits for it any more."""
        for alarm in (self._again, self._limit):
            if alarm is not None:
                alarm.cancel()

    def _transmit(self) -> None:
        self._again = self._station.after(self._interval, self._transmit)
        self._interval = min(2 * self._interval, self._timers.t2)
        self._transaction.respond(self._response)

    def _give_up(self) -> None:
        self.end()
        self._unacknowledged()
