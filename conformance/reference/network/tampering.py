"""What leaves a party may be changed, held back or doubled on its way out: planted faults.

The party itself knows nothing of it; its state machines have done what is right before.
"""

from collections.abc import Callable

from conformance.msrp.frames import MsrpStream, looks_like_msrp
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import (
    Close,
    Connection,
    Datagram,
    Effect,
    Octets,
)
from conformance.reference.network.network import Hosted
from conformance.reference.network.wrapped import Wrapped
from conformance.sip.frames import SipStream, looks_like_sip

Tamper = Callable[[bytes, Endpoint], bytes | list[bytes] | None]
"""Takes a whole SIP or MSRP message and where it goes; gives what goes there instead.

None holds it back; a list sends several.
"""


class Tampered(Wrapped):
    """A component whose outgoing SIP and MSRP messages pass through a `Tamper`.

    Streams are cut into messages first; streams of other protocols pass as they are.
    """

    def __init__(self, component: Hosted, tamper: Tamper) -> None:
        super().__init__(component)
        self._tamper = tamper
        self._streams: dict[Connection, SipStream | MsrpStream | None] = {}

    def _passed(self, effects: list[Effect]) -> list[Effect]:
        changed: list[Effect] = []
        for effect in effects:
            match effect:
                case Datagram(_, destination, octets) if looks_like_sip(octets):
                    changed += [
                        effect._replace(octets=one) for one in self._ask(octets, destination)
                    ]
                case Octets(connection, octets):
                    changed += [Octets(connection, one) for one in self._cut(connection, octets)]
                case Close(connection):
                    self._streams.pop(connection, None)
                    changed.append(effect)
                case _:
                    changed.append(effect)
        return changed

    def _cut(self, connection: Connection, octets: bytes) -> list[bytes]:
        """The messages that these octets of a stream complete, each changed."""
        stream = self._streams.get(connection)
        keeps_alive = not octets.strip(b"\r\n") and not (stream and stream.pending)
        if not keeps_alive and connection not in self._streams:
            stream = self._streams[connection] = _stream(octets)
        if keeps_alive or stream is None:
            return [octets]
        remote = connection.remote
        return [one for found in stream.feed(octets) for one in self._ask(found.octets, remote)]

    def _ask(self, octets: bytes, towards: Endpoint) -> list[bytes]:
        answer = self._tamper(octets, towards)
        if answer is None:
            return []
        return [answer] if isinstance(answer, bytes) else answer


def _stream(octets: bytes) -> SipStream | MsrpStream | None:
    """What cuts a stream that begins so; None where it is neither SIP nor MSRP."""
    if looks_like_msrp(octets):
        return MsrpStream()
    return SipStream() if looks_like_sip(octets) else None
