"""What our own parties sent and were sent, as a capture: true frames around the octets."""

from typing import BinaryIO

from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, udp_frames
from conformance.capture.writer import PcapngWriter
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Connection, Datagram

_MTU = 65_535
_MAX_DATAGRAM = 65_507

_Ends = frozenset[Endpoint]


class Recorder:
    """Writes a pcapng file of what passes; without a file it only counts. Times in ns UTC.

    Streams are recorded from `opened` to `closed`; what is said of others is left out.
    """

    def __init__(
        self, file: BinaryIO | None = None, comment: str | None = None, *, name: str = "bench"
    ) -> None:
        self.messages = 0
        self.octets_seen = 0
        self._writer = (
            PcapngWriter(file, link=Link.ETHERNET, interface=name, comment=comment)
            if file is not None
            else None
        )
        self._identification = 0
        self._opened = 0
        self._streams: dict[_Ends, tuple[Endpoint, TcpConversation]] = {}

    def datagram(self, time: int, datagram: Datagram) -> None:
        """Record a datagram; one that no UDP packet holds is left out."""
        self._count(datagram.octets)
        if self._writer is None or len(datagram.octets) > _MAX_DATAGRAM:
            return
        self._identification = self._identification % 65_535 + 1
        self._write(
            time,
            udp_frames(
                datagram.source,
                datagram.destination,
                datagram.octets,
                identification=self._identification,
                mtu=_MTU,
            ),
        )

    def opened(self, time: int, connection: Connection) -> None:
        """Record that `local` has opened a stream to `remote`; once is enough."""
        ends = frozenset((connection.local, connection.remote))
        if self._writer is None or ends in self._streams:
            return
        self._opened += 1
        conversation = TcpConversation(connection.local, connection.remote, seed=self._opened)
        self._streams[ends] = connection.local, conversation
        self._write(time, conversation.open())

    def octets(self, time: int, connection: Connection, octets: bytes) -> None:
        """Record octets of a stream that go from `local` to `remote`."""
        self._count(octets)
        found = self._streams.get(frozenset((connection.local, connection.remote)))
        if found is not None:
            opener, conversation = found
            self._write(time, conversation.send(opener == connection.local, octets))

    def closed(self, time: int, connection: Connection, *, reset: bool = False) -> None:
        """Record that `local` ends a stream, by a FIN or a reset; once for both its ends."""
        found = self._streams.pop(frozenset((connection.local, connection.remote)), None)
        if found is not None:
            opener, conversation = found
            end = conversation.reset if reset else conversation.close
            self._write(time, end(opener == connection.local))

    def _count(self, octets: bytes) -> None:
        self.messages += 1
        self.octets_seen += len(octets)

    def _write(self, time: int, frames: list[bytes]) -> None:
        if self._writer is not None:
            for frame in frames:
                self._writer.write(time, frame)
