"""Deferred messages on their way over MSRP: one after the other, each told when it has arrived."""

from collections import deque
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Protocol

from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.messaging.offer import Agreement
from conformance.reference.pf.host import PfHost
from conformance.reference.store.deferred_queue import Deferred

LINGER = 30 * SECOND
"""How long the answer to a message is awaited after the end of its session."""


class Recipient(Protocol):
    """Who has messages carried."""

    def arrived(self, deferred: Deferred) -> None:
        """A message has arrived whole."""
        ...

    def refused_message(self, deferred: Deferred, status: int) -> None:
        """A message was refused or did not arrive."""
        ...

    def emptied(self) -> None:
        """Nothing is left to be carried."""
        ...

    def cut_off(self, why: str) -> None:
        """The channel is no more."""
        ...


class Courier:
    """The sender of one MSRP session; `form_of` gives a message as the client is to get it."""

    def __init__(
        self,
        host: PfHost,
        recipient: Recipient,
        chunk: int,
        form_of: Callable[[Deferred], CpmMessage] = attrgetter("message"),
    ) -> None:
        self.host = host
        self.form_of = form_of
        self.recipient = recipient
        self.chunk = chunk
        self.session = MsrpSession(host.station, user=self, link=host.link)
        self.is_open = False
        self._load: deque[Deferred] = deque()
        self._current: Deferred | None = None
        self._wound_up: Callable[[], None] | None = None

    @property
    def path(self) -> str:
        """The MSRP URI of our end."""
        return self.session.path

    def start(self, agreement: Agreement, load: Iterable[Deferred]) -> None:
        """Set the channel up, and carry these messages over it."""
        self._load.extend(load)
        # The first one is there before the connection is, so that it binds the session.
        self._next()
        self.session.start(agreement)

    def close(self) -> None:
        """Give the channel up; nothing more is told."""
        self._load.clear()
        self._current = None
        self.session.close()

    def wind_up(self, then: Callable[[], None]) -> None:
        """The session is over: wait for the answer to what has left already, then close.

        The other end may have taken it, and it is not to come twice.
        """
        self._load.clear()
        if self._current is None or not self.is_open or self.session.is_closed:
            self.close()
            then()
            return
        self._wound_up = then
        self.host.station.after(LINGER, self._leave)

    def send(self, deferred: Deferred) -> None:
        """Send a message in its envelope."""
        self.session.send(self.form_of(deferred).cpim(), CPIM_TYPE, chunk=self.chunk)

    # As the user of the MSRP session.

    def opened(self, session: MsrpSession) -> None:
        """The channel is there."""
        self.is_open = True
        if self._current is None:
            self.recipient.emptied()

    def received(
        self, session: MsrpSession, message_id: str, content_type: str, body: bytes
    ) -> None:
        """Nothing is awaited from the other end."""

    def reported(self, session: MsrpSession, message_id: str, status: int) -> None:
        """No report is asked for."""

    def sent(self, session: MsrpSession, message_id: str) -> None:
        """The message under way has arrived."""
        arrived, self._current = self._current, None
        if arrived is not None:
            self.recipient.arrived(arrived)
            self._go_on()

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None:
        """The message under way was refused, or there is no telling."""
        lost, self._current = self._current, None
        if lost is not None:
            self.recipient.refused_message(lost, status)
            self._go_on()

    def closed(self, session: MsrpSession, why: str) -> None:
        """The other end closed the connection, or it never came to be."""
        self._load.clear()
        if self._wound_up is not None:
            self._leave()
        else:
            self.recipient.cut_off(why)

    def _leave(self) -> None:
        then, self._wound_up = self._wound_up, None
        if then is not None:
            self.close()
            then()

    def _go_on(self) -> None:
        if self._wound_up is not None:
            self._leave()
            return
        self._next()
        if self._current is None and not self.session.is_closed:
            self.recipient.emptied()

    def _next(self) -> None:
        if self._load and not self.session.is_closed:
            self._current = self._load.popleft()
            self.send(self._current)
