"""Where a text crosses from CPM to another service: there stands an interworking function.

A short message has only its text in common with the CPM message that it becomes. The place that
took the one in and sent the other out is the interworking function; beyond it is no CPM client.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.cpm.role import Role
from conformance.observation.content import Content
from conformance.sip.message import SipRequest
from conformance.wire.malformed import Malformed

_KEPT = 512
_PLAIN = frozenset({"text/plain", "application/vnd.3gpp.sms"})


@dataclass(frozen=True, slots=True)
class _Sent:
    source: str
    destination: str
    message: SipRequest


@dataclass(slots=True)
class Texts:
    """The last pager messages of each kind; nothing is opened until both kinds were seen."""

    cpm: deque[_Sent] = field(default_factory=lambda: deque(maxlen=_KEPT))
    plain: deque[_Sent] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def take(
        self, message: SipRequest, source: str, destination: str, frame: int
    ) -> Iterator[tuple[str, Role, str]]:
        """The roles that one more message shows, each with a sentence."""
        if message.method != "MESSAGE":
            return
        is_plain = message.content_type in _PLAIN
        sent = _Sent(source, destination, message)
        others = self.cpm if is_plain else self.plain
        (self.plain if is_plain else self.cpm).append(sent)
        text = text_of(Content(message)) if others else ""
        if not text:
            return
        for other in others:
            crossing = {source, destination} & {other.source, other.destination}
            if len(crossing) != 1 or text_of(Content(other.message)) != text:
                continue
            place = crossing.pop()
            outside = sent if is_plain else other
            beyond = outside.source if outside.destination == place else outside.destination
            yield place, Role.IWF, f"turns a CPM message into another service's (frame {frame})"
            yield beyond, Role.NONCPM, f"is beyond the interworking function (frame {frame})"


def text_of(content: Content) -> str:
    """The text that a pager message or a short message carries, "" when it has none."""
    if content.sms is not None:
        carried = getattr(content.sms, "tpdu", None)
        return getattr(getattr(carried, "data", None), "text", None) or ""
    wrapped = content.cpim
    if wrapped is not None and not isinstance(wrapped, Malformed):
        text = wrapped.content if wrapped.content_type.startswith("text/plain") else b""
    else:
        plain = content.part("text/plain")
        text = plain.content if plain is not None else b""
    return text.decode("utf-8", "replace")
