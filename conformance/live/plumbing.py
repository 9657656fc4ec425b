"""Components on asyncio sockets: their effects become datagrams and connections, and back.

The components are those of the simulation; only the clock and the wires are real. What a peer
sends is handed on as it comes, whatever it is; a socket's error becomes a closed connection.
"""

import asyncio
from collections.abc import Callable, Iterable

from conformance.live.clock import Timekeeper
from conformance.live.datagrams import Datagrams
from conformance.live.errors import PlumbingError
from conformance.live.recorder import Recorder
from conformance.live.streams import Streams
from conformance.live.tls import Security
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import (
    Close,
    Datagram,
    Effect,
    Event,
    Note,
    Octets,
    Open,
)
from conformance.reference.network.simulation import Hosted

__all__ = ["Plumbing", "PlumbingError", "Security"]

Told = Callable[[Hosted, Note], None]
"""Is told what a component notes."""


class Plumbing:
    """Runs components; `secure` names endpoints that speak TLS. Times in ns UTC by `clock`.

    `error` is the first exception of a component, which is an error of ours; nothing more is
    handed to any component then.
    """

    def __init__(
        self,
        components: Iterable[Hosted],
        clock: Timekeeper,
        *,
        recorder: Recorder | None = None,
        security: Security | None = None,
        secure: frozenset[Endpoint] = frozenset(),
        told: Told | None = None,
    ) -> None:
        self.components = list(components)
        self.clock = clock
        self.recorder = recorder or Recorder()
        self.error: Exception | None = None
        self.last_event = clock.now()
        self._secure = secure
        self._told = told
        self._datagrams = Datagrams(clock, self.recorder, self.hand)
        self._streams = Streams(
            clock,
            self.recorder,
            self.hand,
            self._complain,
            security=security or Security(),
            secure=secure,
        )
        self._alarms: dict[int, tuple[int, asyncio.TimerHandle]] = {}

    @property
    def connections(self) -> int:
        """Connections that are open or being opened."""
        return self._streams.count

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is on its way between our own endpoints."""
        return self._datagrams.flying == 0 and self._streams.is_quiet

    def next_deadline(self) -> int | None:
        """When a component wants to be woken next; None for never."""
        found = (component.next_deadline() for component in self.components)
        return min((time for time in found if time is not None), default=None)

    async def start(self) -> None:
        """Bind every endpoint that listens. PlumbingError for one that cannot be had."""
        try:
            for component in self.components:
                await self._bind(component)
        except PlumbingError:
            await self.stop()
            raise
        self.settle()

    async def stop(self) -> None:
        """Close everything; components are told nothing more."""
        for _, alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        await self._datagrams.stop()
        await self._streams.stop()

    def drop(self, component: Hosted) -> None:
        """End a component's connections, without a word to it."""
        self._streams.drop(component)

    def settle(self) -> None:
        """Let due alarms pass, and carry out what commands to components left to be done."""
        for component in self.components:
            self._settle(component)

    def hand(self, component: Hosted, event: Event) -> None:
        """Let a component take an event."""
        if self.error is not None:
            return
        self.last_event = now = self.clock.arrival()
        try:
            effects = component.receive(now, event)
        except Exception as error:  # noqa: BLE001 - kept for who runs us: no peer may end the loop
            self.error = error
            return
        self._carry_out(component, effects)

    def _settle(self, component: Hosted) -> None:
        if self.error is not None:
            return
        try:
            effects = [*component.wake(self.clock.now()), *component.effects()]
        except Exception as error:  # noqa: BLE001 - as above
            self.error = error
            return
        self._carry_out(component, effects)

    async def _bind(self, component: Hosted) -> None:
        for endpoint in component.listening:
            if endpoint not in self._secure:
                await self._datagrams.listen(component, endpoint)
            await self._streams.listen(component, endpoint)

    def _carry_out(self, component: Hosted, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Datagram():
                    self._datagrams.send(effect)
                case Open(connection, fingerprint):
                    self._streams.open(component, connection, fingerprint)
                case Octets(connection, octets):
                    self._streams.write(component, connection, octets)
                case Close(connection):
                    self._streams.close(component, connection)
                case Note():
                    self._tell(component, effect)
        self._arm(component)

    def _tell(self, component: Hosted, note: Note) -> None:
        if self._told is not None:
            self._told(component, note)

    def _complain(self, component: Hosted, sentence: str) -> None:
        self._tell(component, Note("refused", (("why", sentence),)))

    def _arm(self, component: Hosted) -> None:
        """Wake a component at its next deadline, where time passes by itself."""
        deadline = component.next_deadline()
        found = self._alarms.get(id(component))
        if found is not None:
            if found[0] == deadline:
                return
            self._alarms.pop(id(component))[1].cancel()
        seconds = None if deadline is None else self.clock.seconds_until(deadline)
        if deadline is None or seconds is None:
            return
        alarm = asyncio.get_running_loop().call_later(seconds, self._ring, component)
        self._alarms[id(component)] = deadline, alarm

    def _ring(self, component: Hosted) -> None:
        self._alarms.pop(id(component), None)
        self._settle(component)
