"""A collector of HEP: what probes and proxies mirror to us over UDP and TCP, as a live source."""

import selectors
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from conformance.capture import hep
from conformance.capture.decode import Decoder
from conformance.capture.errors import CaptureError
from conformance.live.follow import Asked, Pause
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Shown
from conformance.sip.frames import looks_like_sip
from conformance.sip.parser import parse

_SIZE = 65_535
_HEAD = 6
_HELD = 67_108_864
_MAX_PROBES = 256
_MAX_CONNECTIONS = 1_024
_BUFFER = 33_554_432
_DAY = 86_400_000_000_000
_WAIT = 0.1
_PIECE = 256
# Linux tells with each datagram how many did not fit before it (socket(7)).
_OVERFLOW = getattr(socket, "SO_RXQ_OVFL", 40)


@dataclass(slots=True)
class _Peer:
    """One TCP connection, and what of a packet has come."""

    connection: socket.socket
    octets: bytearray = field(default_factory=bytearray)


class HepServer:
    """Listens on UDP and TCP; a thread takes what comes, whoever asks gets it in that order.

    `now` gives ns since 1970-01-01 UTC. What does not fit in 64 MiB is counted and let go.
    CaptureError where the address cannot be had.
    """

    def __init__(self, host: str, port: int, now: Callable[[], int]) -> None:
        self.lost = 0
        self._now = now
        # Each is written by one thread only: what is held is what lies between them.
        self._kept = 0
        self._taken = 0
        self._overflow = 0
        self._arrived: deque[tuple[int, bytes]] = deque()
        self._selector = selectors.DefaultSelector()
        self._ending = False
        self._peers = 0
        self._open(host, port)
        self._thread = threading.Thread(target=self._serve, name="hep", daemon=True)
        self._thread.start()

    def _open(self, host: str, port: int) -> None:
        sockets: list[socket.socket] = []
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            sockets.append(socket.socket(family, socket.SOCK_DGRAM))
            sockets[0].bind(address)
            self.port = int(sockets[0].getsockname()[1])
            sockets.append(socket.socket(family, socket.SOCK_STREAM))
            sockets[1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sockets[1].bind((address[0], self.port))
            sockets[1].listen(64)
        except OSError as error:
            for one in sockets:
                one.close()
            place, reason = f"{host}:{port}", error.strerror or str(error)
            raise CaptureError(place, f"nothing can listen there: {reason}") from None
        self._udp, self._tcp = sockets
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._udp.setsockopt(socket.SOL_SOCKET, _OVERFLOW, 1)
        for one in sockets:
            one.setblocking(False)
            self._selector.register(one, selectors.EVENT_READ)

    def take(self) -> tuple[int, bytes] | None:
        """The next packet and when it came (ns UTC); None where none waits."""
        try:
            arrived = self._arrived.popleft()
        except IndexError:
            return None
        self._taken += len(arrived[1])
        return arrived

    @property
    def waiting(self) -> int:
        """Packets that wait to be taken."""
        return len(self._arrived)

    def close(self) -> None:
        """Listen no more; what has come can still be taken."""
        self._ending = True
        self._thread.join()

    # ------------------------------------------------------------ the thread

    def _serve(self) -> None:
        while not self._ending:
            for key, _ in self._selector.select(_WAIT):
                if key.fileobj is self._udp:
                    self._datagrams()
                elif key.fileobj is self._tcp:
                    self._accept()
                else:
                    self._stream(key.data)
        self._datagrams()
        for key in list(self._selector.get_map().values()):
            if isinstance(key.data, _Peer):
                self._stream(key.data)
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _datagrams(self) -> None:
        for _ in range(1_000):
            try:
                octets, told, _, _ = self._udp.recvmsg(_SIZE, 64)
            except OSError:
                return
            for level, kind, value in told:
                if level == socket.SOL_SOCKET and kind == _OVERFLOW and len(value) >= 4:
                    self._overflowed(struct.unpack_from("=I", value)[0])
            self._keep(octets)

    def _overflowed(self, total: int) -> None:
        self.lost += (total - self._overflow) & 0xFFFF_FFFF
        self._overflow = total

    def _accept(self) -> None:
        try:
            connection, _ = self._tcp.accept()
        except OSError:
            return
        if self._peers >= _MAX_CONNECTIONS:
            connection.close()
            return
        connection.setblocking(False)
        self._peers += 1
        self._selector.register(connection, selectors.EVENT_READ, _Peer(connection))

    def _stream(self, peer: _Peer) -> None:
        try:
            octets = peer.connection.recv(_SIZE)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        peer.octets += octets
        is_hep = self._packets(peer)
        if not is_hep:
            # It is told of, and heard no more.
            self._keep(bytes(peer.octets[:_HEAD]))
        elif not octets and peer.octets:
            # So is what the end of the connection has cut off.
            self._keep(bytes(peer.octets))
        if not octets or not is_hep:
            self._selector.unregister(peer.connection)
            peer.connection.close()
            self._peers -= 1

    def _packets(self, peer: _Peer) -> bool:
        """Keep the whole packets of a stream; False for what is no HEP."""
        held = peer.octets
        while len(held) >= _HEAD:
            size = int.from_bytes(held[4:6])
            if not held.startswith(hep.MAGIC) or size < _HEAD:
                return False
            if len(held) < size:
                return True
            self._keep(bytes(held[:size]))
            del held[:size]
        return hep.MAGIC.startswith(bytes(held[:4]))

    def _keep(self, octets: bytes) -> None:
        if self._kept - self._taken > _HELD:
            self.lost += 1
            return
        self._kept += len(octets)
        self._arrived.append((self._now(), octets))


class HepSource:
    """What a collector is sent, as observations; iterate once. Each probe has its own clock.

    `healths` has one entry a probe, in the order in which they appear. `meanwhile` is called now
    and then while packets come, whether messages are in them or not.
    """

    def __init__(
        self,
        name: str,
        server: HepServer,
        pause: Pause,
        stop: Asked,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        self.healths = [CaptureHealth(name, "hep")]
        self.health = self.healths[0]
        self.lost = 0
        self._name = name
        self._server = server
        self._pause = pause
        self._stop = stop
        self._meanwhile = meanwhile
        self._probes: dict[int, tuple[Decoder, CaptureHealth]] = {}
        self._strays = 0
        self._first: Gap | None = None

    def pending(self) -> int:
        """Packets that have come and wait."""
        return self._server.waiting

    def __iter__(self) -> Iterator[Shown]:
        closed, count = False, 0
        while True:
            # However many come, the end is not put off by them.
            if not closed and self._stop():
                self._server.close()
                closed = True
            arrived = self._server.take()
            if arrived is not None:
                yield from self._read(*arrived)
                count += 1
            if self._server.lost > self.lost:
                yield from self._losses()
            if arrived is None and closed:
                self._sum_up()
                return
            if arrived is None:
                self._pause()
            elif self._meanwhile is not None and not count % _PIECE:
                self._meanwhile()

    def _read(self, arrival: int, octets: bytes) -> Iterator[Shown]:
        copy = hep.unwrap(octets)
        if copy is None:
            self.health.packets += 1
            self.health.octets += len(octets)
            self._strays += 1
            if self._strays == 1:
                yield from self._stray(arrival)
            return
        decoder, health = self._probe(copy.probe)
        health.octets += len(octets)
        health.packets += 1
        decoder.frame += 1
        payload = copy.payload.lstrip(b"\r\n")
        if not looks_like_sip(payload):
            return
        told = copy.time
        # A clock that nobody has set would make every timer run out.
        decoder.time = told if told is not None and abs(told - arrival) < _DAY else arrival
        health.first_time = health.first_time or decoder.time
        health.last_time = max(decoder.time, health.last_time or 0)
        decoder.message(
            parse(payload),
            copy.transport,
            copy.ends,
            (decoder.frame,),
            decoder.time,
            None,
            copied=True,
        )
        yield from decoder.out
        decoder.out.clear()

    def _stray(self, arrival: int) -> Iterator[Gap]:
        """Tell of the first packet that nobody can read: what it copies is not seen."""
        where = "a packet came that is no HEP"
        self._first = Gap(self.health.packets, arrival, 0, where, GapReason.DROPPED)
        self.health.gaps.append(self._first)
        yield self._first

    def _sum_up(self) -> None:
        """Say how many could not be read, where it was said of the first."""
        if self._first is not None and self._strays > 1:
            gaps = self.health.gaps
            more = f"{self._first.where}, and {self._strays - 1} more like it"
            gaps[gaps.index(self._first)] = replace(self._first, where=more)

    def _probe(self, number: int) -> tuple[Decoder, CaptureHealth]:
        """The decoder and the health of a probe; beyond a limit, those of the last one."""
        if len(self._probes) == _MAX_PROBES and number not in self._probes:
            number = next(reversed(self._probes))
        known = self._probes.get(number)
        if known is None:
            name = f"{self._name} (probe {number})"
            if self._probes:
                self.healths.append(CaptureHealth(name, "hep"))
            health = self.healths[-1]
            health.path = name
            known = self._probes[number] = Decoder(health, len(self._probes)), health
        return known

    def _losses(self) -> Iterator[Shown]:
        count = self._server.lost - self.lost
        if not self._probes:
            # There is no clock yet to say when.
            return
        self.lost = self._server.lost
        sentence = f"the collector lost {count} packets here: more came than it could take"
        for decoder, _ in self._probes.values():
            decoder.gap(GapReason.DROPPED, sentence)
            yield from decoder.out
            decoder.out.clear()
