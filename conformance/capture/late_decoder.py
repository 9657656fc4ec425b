"""The decoder beside Wireshark: only at the end is it known what keys have opened."""

from dataclasses import dataclass

from conformance.capture.decode import Decoder
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import CaptureHealth, GapReason, Message
from conformance.wire.limits import MAX_STREAMS


@dataclass(slots=True)
class _Sealed:
    """What keys did not open: between whom, where it begins, and whether data was seen in it."""

    ends: tuple[Endpoint, Endpoint]
    frame: int
    time: int
    data: bool


class LateDecoder(Decoder):
    """Says only at the end what could not be decrypted, and what tshark complained of."""

    def __init__(self, health: CaptureHealth, capture: int) -> None:
        super().__init__(health, capture)
        self.complaint = ""
        self._opened: set[frozenset[Endpoint]] = set()
        self._closed: dict[tuple[frozenset[Endpoint], str], _Sealed] = {}
        self._inside_tls = False

    def open(self, ends: tuple[Endpoint, Endpoint]) -> None:
        """Take note of a connection that keys opened."""
        self._opened.add(frozenset(ends))

    def inside(self, tls: bool) -> None:
        """Whether the messages that come were inside TLS."""
        self._inside_tls = tls

    def message(
        self,
        message: Message,
        transport: Transport,
        ends: tuple[Endpoint, Endpoint],
        frames: tuple[int, ...],
        time: int,
        mirror: int | None,
        *,
        copied: bool = False,
    ) -> None:
        """Hand on one message, by TLS where it was inside."""
        if self._inside_tls:
            # The place in the decrypted stream tells no packet apart.
            transport = Transport.TLS if transport is Transport.TCP else transport
            mirror = None
        super().message(message, transport, ends, frames, time, mirror, copied=copied)

    def sealed(self, ends: tuple[Endpoint, Endpoint], what: str, *, data: bool = True) -> None:
        """Keep in mind what is encrypted; a handshake alone may hold no `data`."""
        if len(self._closed) < MAX_STREAMS:
            known = (frozenset(ends), what)
            first = self._closed.setdefault(known, _Sealed(ends, self.frame, self.time, data))
            first.data |= data

    def finish(self, damage_is_known: bool) -> None:
        """Report what was kept back, where it was met."""
        hosts = {frozenset(end.host for end in ends) for ends in self._opened}
        for (ends, what), first in self._closed.items():
            # The keys open a connection only after its handshake; one may have nothing behind it.
            if ends in self._opened or (
                frozenset(end.host for end in ends) in hosts and not first.data
            ):
                continue
            self.frame, self.time = first.frame, first.time
            super().sealed(first.ends, what)
        if self.complaint and not damage_is_known:
            self.gap(GapReason.CUT_FILE, f"tshark stopped: {self.complaint}")
