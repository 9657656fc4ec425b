"""Where a text crosses from CPM to another service: there stands an interworking function.

A short message has only its text in common with the CPM message that it becomes. The place that
took the one in and sent the other out is the interworking function; beyond it is no CPM client.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.cpm.role import Role
from conformance.observation.content import Content
from conformance.sip.message import SipRequest
from conformance.verifier.segments import segment_of, text_of

_KEPT = 512
_ALIKE = 32
"""How many with one text are looked at, the latest: a mailing says the same to thousands."""
_HEAD = 60
"""Characters of a text that a first segment holds at least."""
_PLAIN = frozenset({"text/plain", "application/vnd.3gpp.sms"})


@dataclass(slots=True, eq=False)
class _Sent:
    source: str
    destination: str
    message: SipRequest
    is_plain: bool
    texts: tuple[str, ...] = ()


class _Kind:
    """The last messages of one kind, in order; found by their text once somebody asks."""

    def __init__(self) -> None:
        self._all: deque[_Sent] = deque()
        self._by_text: dict[str, list[_Sent]] | None = None

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, sent: _Sent) -> None:
        """Keep a message; the oldest goes when there are too many."""
        if len(self._all) == _KEPT:
            self._drop(self._all.popleft())
        self._all.append(sent)
        if self._by_text is not None:
            self._index(self._by_text, sent)

    def saying(self, texts: Iterable[str]) -> list[_Sent]:
        """Those with one of these texts, in order."""
        if self._by_text is None:
            self._by_text = {}
            for sent in self._all:
                self._index(self._by_text, sent)
        return [sent for text in texts for sent in self._by_text.get(text, ())[-_ALIKE:]]

    def _index(self, by_text: dict[str, list[_Sent]], sent: _Sent) -> None:
        sent.texts = _texts(Content(sent.message))
        for text in sent.texts:
            by_text.setdefault(text, []).append(sent)

    def _drop(self, sent: _Sent) -> None:
        if self._by_text is None:
            return
        for text in sent.texts:
            group = self._by_text[text]
            group.remove(sent)
            if not group:
                del self._by_text[text]


@dataclass(slots=True)
class Texts:
    """The last pager messages of each kind; nothing is opened until both kinds were seen."""

    cpm: _Kind = field(default_factory=_Kind)
    plain: _Kind = field(default_factory=_Kind)

    def keep(self, message: SipRequest, source: str, destination: str) -> _Sent | None:
        """Take a message of which nothing is asked now; None for what is no pager message."""
        if message.method != "MESSAGE":
            return None
        sent = _Sent(source, destination, message, message.content_type in _PLAIN)
        (self.plain if sent.is_plain else self.cpm).add(sent)
        return sent

    def take(
        self, message: SipRequest, source: str, destination: str, frame: int
    ) -> Iterator[tuple[str, Role, str]]:
        """The roles that one more message shows, each with a sentence."""
        sent = self.keep(message, source, destination)
        if sent is None:
            return
        is_plain = sent.is_plain
        others = self.cpm if is_plain else self.plain
        texts = _texts(Content(message), wanted=True) if others else ()
        for other in others.saying(texts):
            crossing = {source, destination} & {other.source, other.destination}
            if len(crossing) != 1:
                continue
            place = crossing.pop()
            outside = sent if is_plain else other
            beyond = outside.source if outside.destination == place else outside.destination
            yield place, Role.IWF, f"turns a CPM message into another service's (frame {frame})"
            yield beyond, Role.NONCPM, f"is beyond the interworking function (frame {frame})"


def _texts(content: Content, *, wanted: bool = False) -> tuple[str, ...]:
    """By what a message is found, or finds others: its text; its beginning if only a part came.

    Of the segments behind the first nothing is said: a few words at an end stand in many texts.
    """
    text, place = text_of(content), segment_of(content)
    is_part = place is not None
    if not text or (place is not None and place.sequence != 1):
        return ()
    head = (f"{is_part is not wanted} {text[:_HEAD]}",) if len(text) >= _HEAD else ()
    return head if is_part else (text, *head)
