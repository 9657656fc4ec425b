"""The TCP and TLS connections of components: opened, accepted, written to, closed."""

import asyncio
import errno
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial

from conformance.live.clock import Timekeeper
from conformance.live.datagrams import Hand, refusal
from conformance.live.errors import PlumbingError
from conformance.live.recorder import Recorder
from conformance.live.tls import Security, check
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.component import Accepted, Closed, Connection, Octets, Opened
from conformance.reference.network.simulation import Hosted

MAX_CONNECTIONS = 16_384
"""Connections at once; more are refused."""

MAX_UNREAD = 16 * 1_048_576
"""Octets that wait for a peer which does not read; with more, its connection is ended."""

PATIENCE = 10.0
"""Real seconds that a connection and a TLS handshake may take."""

_BACKLOG = 1_024
_TAKEN = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)

Complain = Callable[[Hosted, str], None]
"""Is told what went wrong with a connection that its component never sees."""


@dataclass(eq=False, slots=True)
class _Stream:
    """A connection: as its component names it, and, once it is open, as it really is.

    `early`, `ended`: what came of the peer, and how it ended, before the component was told that
    it is open. Over TLS the first request may arrive together with the end of the handshake.
    """

    component: Hosted
    connection: Connection
    real: Connection | None = None
    transport: asyncio.Transport | None = None
    waiting: list[bytes] = field(default_factory=list)
    waits: int = 0
    early: list[bytes] = field(default_factory=list)
    ended: str | None = None
    closes: bool = False
    sent: int = 0
    came: int = 0
    fingerprint: str = ""


class _Protocol(asyncio.Protocol):
    """One open connection, told to its stream."""

    def __init__(self, streams: "Streams", stream: _Stream) -> None:
        self._streams = streams
        self._stream = stream

    def data_received(self, data: bytes) -> None:
        """Take octets, cut anywhere."""
        self._streams.took(self._stream, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is no more."""
        self._streams.lost(self._stream, _reason(exc) if exc is not None else "")


class _Door(asyncio.Protocol):
    """A connection that a peer has opened; nothing of it is read before it is let in."""

    def __init__(self, let_in: Callable[[asyncio.Transport], None]) -> None:
        self._let_in = let_in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer knocks."""
        assert isinstance(transport, asyncio.Transport)
        self._let_in(transport)


class Streams:
    """The connections of components; `secure` names the endpoints that speak TLS."""

    def __init__(
        self,
        clock: Timekeeper,
        recorder: Recorder,
        hand: Hand,
        complain: Complain,
        *,
        security: Security,
        secure: frozenset[Endpoint],
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self._hand = hand
        self._complain = complain
        self._security = security
        self._secure = secure
        self._servers: dict[Endpoint, asyncio.Server] = {}
        self._streams: dict[tuple[int, Connection], _Stream] = {}
        self._open: dict[tuple[Endpoint, Endpoint], _Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """Connections that are open or being opened."""
        return len(self._streams)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is on its way between our own endpoints."""
        return not self._tasks and all(map(self._is_quiet, self._streams.values()))

    async def listen(self, component: Hosted, endpoint: Endpoint) -> None:
        """Accept connections for a component. PlumbingError for what cannot be had."""
        is_secure = endpoint in self._secure
        if is_secure and self._security.server is None:
            raise PlumbingError(f"TLS {endpoint} cannot be listened at: there is no certificate")
        let_in = partial(self._let_in, component, endpoint)
        try:
            self._servers[endpoint] = await asyncio.get_running_loop().create_server(
                lambda: _Door(let_in), *endpoint, backlog=_BACKLOG
            )
        except (OSError, OverflowError) as error:
            raise PlumbingError(refusal("TLS" if is_secure else "TCP", endpoint, error)) from error

    def open(self, component: Hosted, connection: Connection, fingerprint: str = "") -> None:
        """Open a connection; the component is told Opened or Closed."""
        stream = _Stream(component, connection, fingerprint=fingerprint)
        if len(self._streams) >= MAX_CONNECTIONS:
            self._later(stream, f"there are {MAX_CONNECTIONS} connections already")
            return
        self._streams[id(component), connection] = stream
        self._start(self._connect(stream))

    def write(self, component: Hosted, connection: Connection, octets: bytes) -> None:
        """Send octets, once it is open; one whose peer reads nothing is ended."""
        stream = self._streams.get((id(component), connection))
        if stream is None or stream.closes:
            return
        if stream.transport is None:
            stream.waiting.append(octets)
            stream.waits += len(octets)
        else:
            self._send(stream, octets)
        buffered = stream.transport.get_write_buffer_size() if stream.transport else stream.waits
        if buffered > MAX_UNREAD:
            self._abort(stream)

    def close(self, component: Hosted, connection: Connection) -> None:
        """Close a connection once what was sent has left."""
        stream = self._streams.get((id(component), connection))
        if stream is None:
            return
        stream.closes = True
        if stream.transport is not None:
            self._finish(stream)

    async def stop(self) -> None:
        """Close everything; components are told nothing more."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()
        for stream in tuple(self._streams.values()):
            if stream.transport is not None:
                stream.transport.abort()
        self._streams.clear()
        self._open.clear()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Sockets close in the next turn of the loop.
        await asyncio.sleep(0)

    def drop(self, component: Hosted) -> None:
        """End the connections of a component that is no more, without a word to it."""
        for key, stream in tuple(self._streams.items()):
            if key[0] == id(component):
                self._forget(stream)
                if stream.transport is not None:
                    stream.transport.abort()

    # What sockets tell.

    def took(self, stream: _Stream, octets: bytes) -> None:
        """Hand on what a peer sent."""
        real = stream.real
        if real is None:
            stream.early.append(octets)
            return
        stream.came += len(octets)
        if not self._is_ours(real.remote, real.local):
            back = Connection(real.remote, real.local, real.transport)
            self._recorder.octets(self._clock.now(), back, octets)
        if not stream.closes:
            self._hand(stream.component, Octets(stream.connection, octets))

    def lost(self, stream: _Stream, why: str) -> None:
        """A connection is no more."""
        real = stream.real
        if real is None:
            stream.ended = why
        elif self._forget(stream):
            ended_by = real if stream.closes else Connection(real.remote, real.local)
            self._recorder.closed(self._clock.now(), ended_by, reset=bool(why))
            self._hand(stream.component, Closed(stream.connection, why))

    # Within.

    def _let_in(self, component: Hosted, endpoint: Endpoint, transport: asyncio.Transport) -> None:
        peer = transport.get_extra_info("peername")
        if peer is None or len(self._streams) + len(self._tasks) >= MAX_CONNECTIONS:
            self._complain(component, "a connection is refused: there are too many")
            transport.abort()
            return
        remote = Endpoint(*peer[:2])
        if endpoint not in self._secure:
            self._accepted(component, Connection(endpoint, remote), transport)
            return
        transport.pause_reading()
        connection = Connection(endpoint, remote, Transport.TLS)
        self._start(self._shake_hands(component, connection, transport))

    async def _shake_hands(
        self, component: Hosted, connection: Connection, transport: asyncio.Transport
    ) -> None:
        context = self._security.server
        stream = _Stream(component, connection)
        protocol = _Protocol(self, stream)
        if context is None:
            transport.abort()
            return
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport, protocol, context, server_side=True, ssl_handshake_timeout=PATIENCE
            )
        except (OSError, TimeoutError) as error:
            why = _reason(error) or "it went away"
            self._complain(component, f"no TLS with {connection.remote}: {why}")
            transport.abort()
            return
        if secured is None:
            self._complain(component, f"no TLS with {connection.remote}: it went away")
            return
        self._accepted(component, connection, secured, stream)

    def _accepted(
        self,
        component: Hosted,
        connection: Connection,
        transport: asyncio.Transport,
        stream: _Stream | None = None,
    ) -> None:
        if stream is None:
            stream = _Stream(component, connection)
            transport.set_protocol(_Protocol(self, stream))
        stream.transport, stream.real = transport, connection
        self._streams[id(component), connection] = stream
        self._open[connection.local, connection.remote] = stream
        opener = Connection(connection.remote, connection.local, connection.transport)
        self._recorder.opened(self._clock.now(), opener)
        self._hand(component, Accepted(connection))
        self._catch_up(stream)

    async def _connect(self, stream: _Stream) -> None:
        try:
            transport = await asyncio.wait_for(self._socket(stream), PATIENCE)
        except (OSError, TimeoutError, OverflowError) as error:
            why = _reason(error) or "it could not be opened in time"
            if self._forget(stream):
                if stream.connection.transport is Transport.TLS:
                    remote = stream.connection.remote
                    self._complain(stream.component, f"no TLS with {remote}: {why}")
                self._hand(stream.component, Closed(stream.connection, why))
            return
        if self._streams.get((id(stream.component), stream.connection)) is not stream:
            # Given up in the meantime: its component has been told, or is no more.
            transport.abort()
            return
        local = Endpoint(*transport.get_extra_info("sockname")[:2])
        stream.real = real = stream.connection._replace(local=local)
        stream.transport = transport
        self._open[real.local, real.remote] = stream
        self._recorder.opened(self._clock.now(), real)
        for octets in stream.waiting:
            self._send(stream, octets)
        stream.waiting.clear()
        if stream.closes:
            self._finish(stream)
        else:
            self._hand(stream.component, Opened(stream.connection))
        self._catch_up(stream)

    def _catch_up(self, stream: _Stream) -> None:
        """Tell what came before the component knew of the connection."""
        for octets in stream.early:
            self.took(stream, octets)
        stream.early.clear()
        if stream.ended is not None:
            self.lost(stream, stream.ended)

    async def _socket(self, stream: _Stream) -> asyncio.Transport:
        """The open connection, from the port that it is named for or, that taken, from any."""
        connection = stream.connection
        context = (
            self._security.context(stream.fingerprint)
            if connection.transport is Transport.TLS
            else None
        )
        connect = partial(
            asyncio.get_running_loop().create_connection,
            lambda: _Protocol(self, stream),
            *connection.remote,
            ssl=context,
        )
        try:
            transport, _ = await connect(local_addr=connection.local)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            transport, _ = await connect(local_addr=(connection.local.host, 0))
        if context is not None and stream.fingerprint:
            check(transport, stream.fingerprint)
        return transport

    def _send(self, stream: _Stream, octets: bytes) -> None:
        if stream.transport is not None and stream.real is not None:
            stream.sent += len(octets)
            self._recorder.octets(self._clock.now(), stream.real, octets)
            stream.transport.write(octets)

    def _finish(self, stream: _Stream) -> None:
        if stream.transport is not None:
            if stream.real is not None:
                self._recorder.closed(self._clock.now(), stream.real)
            stream.transport.close()

    def _abort(self, stream: _Stream) -> None:
        if self._forget(stream):
            if stream.transport is not None:
                stream.transport.abort()
            self._later(stream, "the peer does not read")

    def _later(self, stream: _Stream, why: str) -> None:
        """Tell a component that a connection is closed, once it has done what it is about."""
        event = Closed(stream.connection, why)
        asyncio.get_running_loop().call_soon(self._hand, stream.component, event)

    def _forget(self, stream: _Stream) -> bool:
        if stream.real is not None:
            self._open.pop((stream.real.local, stream.real.remote), None)
        key = id(stream.component), stream.connection
        if self._streams.get(key) is not stream:
            return False
        del self._streams[key]
        return True

    def _is_ours(self, remote: Endpoint, local: Endpoint) -> bool:
        return (remote, local) in self._open or remote in self._servers

    def _is_quiet(self, stream: _Stream) -> bool:
        real = stream.real
        if real is None or stream.closes:
            return False
        other = self._open.get((real.remote, real.local))
        if other is None:
            return real.remote not in self._servers
        return stream.sent == other.came

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused"
    strerror = getattr(error, "strerror", None)
    return strerror or str(error)
