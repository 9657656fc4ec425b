"""The UDP endpoints of components."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from conformance.live.clock import Timekeeper
from conformance.live.errors import PlumbingError
from conformance.live.recorder import Recorder
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Datagram, Event
from conformance.reference.network.simulation import Hosted

Hand = Callable[[Hosted, Event], None]
"""Hands an event to a component."""

_BUFFER = 4 * 1_048_576


class _Protocol(asyncio.DatagramProtocol):
    """The datagrams of one endpoint."""

    def __init__(self, took: Callable[[bytes, Endpoint], None]) -> None:
        self._took = took

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a datagram and where it came from."""
        self._took(data, Endpoint(addr[0].partition("%")[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """What ICMP says is no news to a transaction: its timers will find out."""


class Datagrams:
    """UDP sockets by endpoint; what peers send that are not among them is recorded as it comes.

    `flying`: datagrams between our own endpoints that have not arrived.
    """

    def __init__(self, clock: Timekeeper, recorder: Recorder, hand: Hand) -> None:
        self.flying = 0
        self._clock = clock
        self._recorder = recorder
        self._hand = hand
        self._sockets: dict[Endpoint, asyncio.DatagramTransport] = {}

    async def listen(self, component: Hosted, endpoint: Endpoint) -> None:
        """Take datagrams for a component. PlumbingError for an endpoint that cannot be had."""
        took = partial(self._took, component, endpoint)
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _Protocol(took), local_addr=endpoint
            )
        except (OSError, OverflowError) as error:
            raise PlumbingError(refusal("UDP", endpoint, error)) from error
        socket = transport.get_extra_info("socket")
        with suppress(OSError):
            # The kernel may grant less, and that will do.
            socket.setsockopt(1, 8, _BUFFER)
        self._sockets[endpoint] = transport

    def send(self, datagram: Datagram) -> None:
        """Send a datagram from an endpoint of ours; from another it is lost."""
        transport = self._sockets.get(datagram.source)
        if transport is None or transport.is_closing():
            return
        self._recorder.datagram(self._clock.now(), datagram)
        if datagram.destination in self._sockets:
            self.flying += 1
        with suppress(OSError, ValueError):
            # A destination of the other family, or no route: as if it were lost on the way.
            transport.sendto(datagram.octets, datagram.destination)

    async def stop(self) -> None:
        """Take no more."""
        for transport in self._sockets.values():
            transport.close()
        self._sockets.clear()
        # Sockets close in the next turn of the loop.
        await asyncio.sleep(0)

    def _took(
        self, component: Hosted, endpoint: Endpoint, octets: bytes, source: Endpoint
    ) -> None:
        event = Datagram(source, endpoint, octets)
        if source in self._sockets:
            self.flying = max(0, self.flying - 1)
        else:
            self._recorder.datagram(self._clock.now(), event)
        self._hand(component, event)


def refusal(kind: str, endpoint: Endpoint, error: Exception) -> str:
    """The sentence about an endpoint that cannot be had."""
    reason = getattr(error, "strerror", None) or str(error)
    words = {98: "it is in use", 99: "it is no address of this machine", 13: "it is forbidden"}
    reason = words.get(getattr(error, "errno", 0), reason)
    return f"{kind} {endpoint} cannot be listened at: {reason}"
