"""What a role's MSRP sessions carried: in the trace by whole messages, and in the replay."""

from dataclasses import dataclass, field

from conformance.body import cpim
from conformance.body.mime import media_type
from conformance.body.multipart import find
from conformance.msrp.chunking import Reassembly
from conformance.msrp.message import MsrpRequest
from conformance.oracle.view import Item
from conformance.wire.malformed import Malformed

_MAX_OPEN = 1_000


@dataclass(slots=True)
class Whole:
    """A whole MSRP message: when its last chunk passed, and between which paths."""

    time: int
    incoming: bool
    from_path: str
    to_path: str
    content_type: str
    body: bytes
    item: Item

    @property
    def identity(self) -> str:
        """Its imdn.Message-ID, "" if there is none."""
        return message_id(self.content_type, self.body)

    @property
    def kind(self) -> str:
        """The media type of its content, "" if it is no CPIM message."""
        return kind_in(self.content_type, self.body)


@dataclass(slots=True)
class Channels:
    """Puts chunks together as they pass; `sessions` are the paths on which anything was seen."""

    sessions: set[str] = field(default_factory=set)
    _parts: dict[tuple[str, str, str], Reassembly] = field(default_factory=dict)

    def take(self, item: Item) -> Whole | None:
        """The message that this item completes, if it does."""
        message = item.message
        if not isinstance(message, MsrpRequest) or message.method != "SEND":
            return None
        from_path = message.from_path[0] if message.from_path else ""
        to_path = message.to_path[-1] if message.to_path else ""
        self.sessions.update((from_path, to_path))
        if message.is_empty:
            return None
        key = from_path, to_path, message.message_id or message.transaction_id
        if len(self._parts) >= _MAX_OPEN and key not in self._parts:
            self._parts.pop(next(iter(self._parts)))
        parts = self._parts.setdefault(key, Reassembly())
        parts.add(message)
        body = parts.body
        if body is None:
            return None
        del self._parts[key]
        kind = message.header("Content-Type") or ""
        return Whole(item.time, item.incoming, from_path, to_path, kind, body, item)


def message_id(content_type: str, body: bytes) -> str:
    """The imdn.Message-ID of a CPIM message, "" if there is none."""
    read = _envelope(content_type, body)
    return "" if read is None else read.message_id or ""


def kind_in(content_type: str, body: bytes) -> str:
    """The media type of what a CPIM message brings, "" if there is none."""
    read = _envelope(content_type, body)
    return "" if read is None else media_type(read.content_type)


def _envelope(content_type: str, body: bytes) -> cpim.Cpim | None:
    part = find(content_type, body, "message/cpim")
    read = None if part is None else cpim.parse(part.content)
    return None if isinstance(read, Malformed) else read
