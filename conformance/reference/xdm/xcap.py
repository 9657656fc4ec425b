"""An XCAP client: asks an XDMS for users' preferences (RFC 4825, System Description 5.4)."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from conformance.cpm.identity import user_key
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Alarm, Connection, Datagram, Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.document import MEDIA_TYPE, PreferencesError, read, write
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.xdm.http_message import Fields, HttpRequest, HttpResponse, HttpStream
from conformance.reference.xdm.xcap_uri import document_path
from conformance.wire.malformed import Malformed

MAX_WAITING = 1_000
"""Requests that wait for the connection; what comes beyond is not answered."""

MAX_REMEMBERED = 10_000
"""Users whose document is remembered with its entity tag."""

TIMEOUT = 10 * SECOND
"""How long an answer is awaited, in ns."""

Told = Callable[[Preferences | None], None]
"""Is told the preferences, or None where nobody knows them."""


@dataclass(slots=True)
class _Asked:
    request: HttpRequest
    answered: Callable[[HttpResponse | None], None]
    is_repeated: bool = False


class XcapClient:
    """The client: one connection, one request at a time; a Listener on its station.

    A user without a document has the preferences `default`. Nobody knows them where the server
    cannot be reached, answers late, or answers something else than a document.
    """

    def __init__(
        self,
        station: Station,
        server: Endpoint,
        *,
        root: str = "",
        host: str = "",
        identity: str = "",
        default: Preferences | None = None,
        timeout: int = TIMEOUT,
    ) -> None:
        self.station = station
        self.server = server
        self.root = root
        self.host = host or str(server)
        self.identity = identity
        self.default = default
        self.timeout = timeout
        self._remembered: OrderedDict[str, tuple[str, Preferences]] = OrderedDict()
        self._waiting: deque[_Asked] = deque()
        self._asked: _Asked | None = None
        self._alarm: Alarm | None = None
        self._connection: Connection | None = None
        self._is_used = False
        self._stream = HttpStream(requests=False)

    # Commands.

    def fetch(self, user: str, then: Told) -> None:
        """Ask for a user's preferences; `then` is told them once (5.4)."""
        fields: Fields = ()
        if known := self._remembered.get(user_key(user)):
            fields = (("If-None-Match", known[0]),)
        request = self.compose("GET", user, fields)
        self._ask(_Asked(request, lambda response: then(self.understand(user, response))))

    def put(self, user: str, preferences: Preferences, done: Callable[[int], None]) -> None:
        """Set a user's preferences; `done` is told the status, 0 where no answer came.

        ValueError where no document can say them.
        """
        fields = (("Content-Type", MEDIA_TYPE),)
        request = self.compose("PUT", user, fields, write(preferences))
        self._ask(_Asked(request, lambda response: done(response.status if response else 0)))

    def delete(self, user: str, done: Callable[[int], None]) -> None:
        """Remove a user's preferences; `done` is told the status, 0 where no answer came."""
        request = self.compose("DELETE", user)
        self._ask(_Asked(request, lambda response: done(response.status if response else 0)))

    # What can be made otherwise.

    def compose(
        self, method: str, user: str, fields: Fields = (), content: bytes = b""
    ) -> HttpRequest:
        """A request about a user's document, in the name of `identity` where it is set."""
        asserted = (("X-3GPP-Asserted-Identity", f'"{self.identity}"'),) if self.identity else ()
        fields = (("Host", self.host), *asserted, *fields)
        return HttpRequest(method, document_path(user, self.root), fields, content)

    def understand(self, user: str, response: HttpResponse | None) -> Preferences | None:
        """The preferences that an answer tells."""
        key = user_key(user)
        known = self._remembered.get(key)
        if response is None:
            return None
        if response.status == 304 and known is not None:
            return known[1]
        if response.status != 200:
            self._remembered.pop(key, None)
            return self.default if response.status == 404 else None
        try:
            preferences = read(response.content)
        except PreferencesError as error:
            self.station.note("malformed", user=user, why=str(error))
            return None
        self._remember(key, response.field("etag"), preferences)
        return preferences

    # What comes from the station: a Listener.

    def datagram(self, datagram: Datagram) -> None:
        """XCAP has no datagrams."""

    def opened(self, connection: Connection) -> None:
        """The server is reached; what was asked is on its way already."""

    def octets(self, connection: Connection, octets: bytes) -> None:
        """Take each whole answer."""
        if connection != self._connection:
            return
        for response in self._stream.feed(octets):
            if isinstance(response, Malformed) or self._asked is None:
                self._drop("what came is no answer")
                self._answer(None)
                return
            if isinstance(response, HttpResponse) and response.status >= 200:
                if response.closes:
                    self._drop()
                self._answer(response)
            if connection != self._connection:
                return

    def closed(self, connection: Connection, why: str) -> None:
        """The connection is gone: what it cost is asked once more over a new one."""
        if connection != self._connection:
            return
        last, self._connection = self._stream.end(), None
        asked, was_used = self._asked, self._is_used
        if isinstance(last, HttpResponse):
            self._answer(last)
        elif asked is not None and was_used and not asked.is_repeated:
            asked.is_repeated = True
            self._send(asked)
        else:
            self._answer(None)

    # Inside.

    def _ask(self, asked: _Asked) -> None:
        if len(self._waiting) >= MAX_WAITING:
            asked.answered(None)
            return
        self._waiting.append(asked)
        self._advance()

    def _advance(self) -> None:
        if self._asked is None and self._waiting:
            self._asked = self._waiting.popleft()
            self._send(self._asked)

    def _send(self, asked: _Asked) -> None:
        self._stop_waiting()
        if self._connection is None:
            self._stream, self._is_used = HttpStream(requests=False), False
            self._connection = self.station.connect(self.server, self)
        self._alarm = self.station.after(self.timeout, self._late)
        self.station.write(self._connection, asked.request.write())

    def _late(self) -> None:
        self._drop("no answer came in time")
        self._answer(None)

    def _drop(self, why: str = "") -> None:
        if why:
            self.station.note("dropped", why=why)
        connection, self._connection = self._connection, None
        if connection is not None:
            self.station.close(connection)

    def _answer(self, response: HttpResponse | None) -> None:
        self._stop_waiting()
        self._is_used = True
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.answered(response)
        self._advance()

    def _stop_waiting(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _remember(self, key: str, tag: str, preferences: Preferences) -> None:
        if tag:
            self._remembered[key] = (tag, preferences)
            self._remembered.move_to_end(key)
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)
