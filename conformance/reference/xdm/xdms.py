"""An XDMS: keeps users' preferences as documents, and gives them by XCAP (RFC 4825)."""

from collections.abc import Mapping
from hashlib import sha256

from conformance.body.mime import media_type
from conformance.body.xml_document import document, escape, parse_root
from conformance.cpm.identity import user_key
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Alarm, Connection, Datagram, Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.document import MEDIA_TYPE, PreferencesError, read, write
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.xdm.http_message import HttpRequest, HttpResponse, HttpStream
from conformance.reference.xdm.xcap_uri import AUID, DOCUMENT, Selector, select
from conformance.wire.malformed import Malformed

MAX_USERS = 10_000
"""Users whose documents are kept."""

MAX_KEPT = 67_108_864
"""Octets of all documents that clients may put."""

MAX_CONNECTIONS = 64
"""Connections at once; another one is closed at once."""

ERROR_TYPE = "application/xcap-error+xml"
"""The media type of what explains a 409 (RFC 4825 section 11)."""

_ERROR_NAMESPACE = "urn:ietf:params:xml:ns:xcap-error"
_IDLE = 60 * SECOND
_METHODS = "GET, PUT, DELETE"


class _Peer:
    """One connection: what came of it, and until when it may be idle."""

    def __init__(self) -> None:
        self.stream = HttpStream(requests=True)
        self.idle: Alarm | None = None


class Xdms:
    """The server: one document a user, below `root` at `endpoint`; a Listener on its station."""

    def __init__(
        self,
        station: Station,
        endpoint: Endpoint,
        *,
        root: str = "",
        users: Mapping[str, Preferences] | None = None,
    ) -> None:
        self.station = station
        self.endpoint = endpoint
        self.root = root
        self._documents: dict[str, bytes] = {}
        self._peers: dict[Connection, _Peer] = {}
        for user, preferences in (users or {}).items():
            self.keep(user, preferences)
        station.bind(endpoint, self)

    # Commands.

    def keep(self, user: str, preferences: Preferences) -> None:
        """Keep a user's preferences; ValueError where no document can say them."""
        self._documents[user_key(user)] = write(preferences)

    def forget(self, user: str) -> None:
        """Remove a user's document, if there is one."""
        self._documents.pop(user_key(user), None)

    def document(self, user: str) -> bytes | None:
        """A user's document; None where there is none."""
        return self._documents.get(user_key(user))

    # What comes from the station: a Listener.

    def datagram(self, datagram: Datagram) -> None:
        """XCAP has no datagrams."""

    def opened(self, connection: Connection) -> None:
        """A client has connected."""
        if len(self._peers) >= MAX_CONNECTIONS:
            self.station.close(connection)
            return
        self._peers[connection] = _Peer()
        self._keep_open(connection)

    def octets(self, connection: Connection, octets: bytes) -> None:
        """Answer each whole request."""
        peer = self._peers.get(connection)
        if peer is None:
            return
        self._keep_open(connection)
        for request in peer.stream.feed(octets):
            if isinstance(request, Malformed):
                response, closes = self.answer_malformed(request), True
            elif isinstance(request, HttpRequest):
                response, closes = self.answer(request), request.closes
            else:
                continue
            self.station.write(connection, response.write())
            if closes:
                self._close(connection)
                return

    def closed(self, connection: Connection, why: str) -> None:
        """A client is gone."""
        peer = self._peers.pop(connection, None)
        if peer is not None and peer.idle is not None:
            peer.idle.cancel()

    # What can be made otherwise.

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request."""
        if request.minor == 1 and not request.field("host"):
            return HttpResponse(400)
        selector = select(request.target, self.root)
        if selector is None or (selector.auid, selector.document) != (AUID, DOCUMENT):
            return HttpResponse(404)
        if selector.node:
            return HttpResponse(501)
        answers = {"GET": self.answer_get, "PUT": self.answer_put, "DELETE": self.answer_delete}
        answer = answers.get(request.method)
        if answer is None:
            return HttpResponse(405, (("Allow", _METHODS),))
        found = self.document(selector.user)
        if request.method != "GET" and not _holds(request, found):
            return HttpResponse(412)
        response = answer(request, selector)
        self.station.note(
            "preferences", method=request.method, user=selector.user, status=str(response.status)
        )
        return response

    def answer_get(self, request: HttpRequest, selector: Selector) -> HttpResponse:
        """Give a document, unless the client has it (RFC 4825 section 8.3)."""
        found = self.document(selector.user)
        if found is None:
            return HttpResponse(404)
        tag = etag(found)
        if _names(request.field("if-none-match"), tag):
            return HttpResponse(304, (("ETag", tag),))
        return HttpResponse(200, (("Content-Type", MEDIA_TYPE), ("ETag", tag)), found)

    def answer_put(self, request: HttpRequest, selector: Selector) -> HttpResponse:
        """Keep a document, if it is one (RFC 4825 section 8.2)."""
        if media_type(request.field("content-type")) != MEDIA_TYPE:
            return HttpResponse(415)
        is_new = self.document(selector.user) is None
        if not self._has_room(request.content, is_new=is_new):
            return HttpResponse(503)
        try:
            read(request.content)
        except PreferencesError as error:
            return conflict(request.content, str(error))
        self._documents[user_key(selector.user)] = request.content
        return HttpResponse(201 if is_new else 200, (("ETag", etag(request.content)),))

    def answer_delete(self, request: HttpRequest, selector: Selector) -> HttpResponse:
        """Remove a document (RFC 4825 section 8.4)."""
        if self.document(selector.user) is None:
            return HttpResponse(404)
        self.forget(selector.user)
        return HttpResponse(200)

    def answer_malformed(self, malformed: Malformed) -> HttpResponse:
        """The answer to what is no request."""
        self.station.note("malformed", why=malformed.rule)
        return HttpResponse(400, (("Connection", "close"),))

    # Inside.

    def _has_room(self, content: bytes, *, is_new: bool) -> bool:
        kept = sum(len(octets) for octets in self._documents.values())
        return kept + len(content) <= MAX_KEPT and len(self._documents) + is_new <= MAX_USERS

    def _keep_open(self, connection: Connection) -> None:
        peer = self._peers[connection]
        if peer.idle is not None:
            peer.idle.cancel()
        peer.idle = self.station.after(_IDLE, lambda: self._close(connection))

    def _close(self, connection: Connection) -> None:
        self.closed(connection, "")
        self.station.close(connection)


def etag(octets: bytes) -> str:
    """The entity tag of a document (RFC 9110 section 8.8.3)."""
    return f'"{sha256(octets).hexdigest()[:16]}"'


def conflict(octets: bytes, why: str) -> HttpResponse:
    """The 409 to a document that is none, with the reason (RFC 4825 section 11.2)."""
    if isinstance(parse_root(octets, "XCAP"), Malformed):
        told = "<not-well-formed/>"
    else:
        told = f'<schema-validation-error phrase="{escape(_plain(why))}"/>'
    body = document(f'<xcap-error xmlns="{_ERROR_NAMESPACE}">{told}</xcap-error>')
    return HttpResponse(409, (("Content-Type", ERROR_TYPE),), body)


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


def _holds(request: HttpRequest, found: bytes | None) -> bool:
    """Whether the conditions of a change are met (RFC 9110 section 13.1)."""
    tag = "" if found is None else etag(found)
    wanted, unwanted = request.field("if-match"), request.field("if-none-match")
    if wanted and not _names(wanted, tag):
        return False
    return not (unwanted and _names(unwanted, tag))


def _names(value: str, tag: str) -> bool:
    """Whether a list of entity tags, or `*`, names the one of a document; "" is that of none."""
    tags = [part.strip().removeprefix("W/") for part in value.split(",")]
    return bool(tag) and ("*" in tags or tag in tags)
