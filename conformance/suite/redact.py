"""Captures seen through pseudonyms: what is judged and reported never holds what it hides.

The disguise lies before the judge, so that no sentence of any report can tell more than the
messages that it was made from. What is equal stays equal: the verdicts are those of the capture.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from conformance.msrp.chunking import Reassembly
from conformance.msrp.message import MsrpRequest
from conformance.observation.packet import Endpoint
from conformance.observation.topology import RoleRule
from conformance.observation.trace import CaptureHealth, Closing, Gap, Observation, Shown, Source
from conformance.suite.credentials import may_hold_secrets
from conformance.suite.disguise import Disguise
from conformance.suite.disguised import Disguised, without_secrets
from conformance.suite.errors import ConformanceError
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.segmented import Segments
from conformance.verifier.verdict import InstanceResult

MIN_KEY = 16
"""Octets that a key of pseudonyms has at least."""

_MAX_PIECES = 67_108_864
"""Octets of MSRP messages in several chunks that are held to be disguised whole."""


class Pieces:
    """What came in several pieces, and must be hidden whole: a word may lie across two of them.

    MSRP messages in chunks, and texts in several short messages, which `disguised` knows.
    """

    def __init__(self, disguise: Disguise) -> None:
        self._segments = Segments(disguise)
        self.disguised = Disguised(disguise, self._segments)
        self._begun: dict[tuple[str, ...], tuple[str, Reassembly]] = {}
        self._whole: dict[tuple[str, ...], bytes] = {}
        self._held = 0

    def add(self, message: object) -> None:
        """Take note of a chunk or a segment; what is no piece of several is passed over."""
        self._segments.add(message)
        if not _is_chunk(message) or self._held > _MAX_PIECES:
            return
        kind = message.header("Content-Type") or ""
        known, reassembly = self._begun.setdefault(_key(message), (kind, Reassembly()))
        if kind and not known:
            self._begun[_key(message)] = (kind, reassembly)
        reassembly.add(message)
        self._held += len(message.body)

    def finish(self) -> None:
        """Disguise what was put together."""
        self._segments.finish()
        for key, (kind, reassembly) in self._begun.items():
            self._whole[key] = self.disguised.body(kind, reassembly.prefix)
        self._begun.clear()

    def body_of(self, message: object) -> bytes | None:
        """What stands for a chunk's body; None for what is no chunk of several."""
        if not _is_chunk(message):
            return None
        whole = self._whole.get(_key(message), b"")
        start = message.byte_range.start - 1 if message.byte_range else 0
        size = len(message.body)
        if 0 <= start <= len(whole) - size:
            return whole[start : start + size]
        return self.disguised.disguise.pseudonyms.stream(message.body)


def _is_chunk(message: object) -> TypeGuard[MsrpRequest]:
    """Whether a message is a chunk of several."""
    if not isinstance(message, MsrpRequest) or message.method != "SEND" or message.is_empty:
        return False
    place = message.byte_range
    return message.flag != "$" or (place is not None and place.start != 1)


def _key(message: MsrpRequest) -> tuple[str, ...]:
    return (*message.from_path[-1:], *message.to_path[-1:], message.message_id or "")


@dataclass(frozen=True, slots=True)
class Redaction:
    """The pseudonyms of one run, for every capture and every pass over it."""

    pseudonyms: Pseudonyms
    _pieces: dict[str, Pieces] = field(default_factory=dict)

    @property
    def disguised(self) -> Disguised:
        """Messages by these pseudonyms."""
        return Disguised(Disguise(self.pseudonyms))

    def source(self, name: str, open_source: Callable[[], Source]) -> "RedactedSource":
        """The capture of this name in disguise; `open_source` may be called twice."""
        return RedactedSource(self, name, open_source)

    def pieces(self, name: str, open_source: Callable[[], Source]) -> Pieces:
        """What came in pieces in a capture, read once before anything is told of it."""
        if name not in self._pieces:
            found = Pieces(Disguise(self.pseudonyms))
            for item in open_source():
                if isinstance(item, Observation):
                    found.add(item.message)
            found.finish()
            self._pieces[name] = found
        return self._pieces[name]

    def rules(self, rules: tuple[RoleRule, ...]) -> tuple[RoleRule, ...]:
        """Roles that the user gave, by the pseudonyms of their addresses."""
        try:
            return tuple(found for rule in rules for found in self.pseudonyms.rules(rule))
        except ValueError as error:
            raise ConformanceError(str(error), "--redact") from None

    def text(self, text: str) -> str:
        """What the user gave to find on the wire: a URI or an identifier."""
        return self.disguised.disguise.address(text)


class RedactedSource:
    """A source whose observations, gaps and closings are in disguise."""

    def __init__(self, redaction: Redaction, name: str, open_source: Callable[[], Source]) -> None:
        self._redaction = redaction
        self._name = name
        self._open = open_source
        self._source = open_source()
        self._told = 0
        self.health: CaptureHealth = self._source.health

    def __iter__(self) -> Iterator[Shown]:
        pieces = self._redaction.pieces(self._name, self._open)
        disguised = pieces.disguised
        for item in self._source:
            if isinstance(item, Gap):
                self._tell()
                yield self._gap(item)
                continue
            ends = map(self._redaction.pseudonyms.endpoint, (item.source, item.destination))
            source, destination = ends
            if isinstance(item, Closing):
                yield replace(item, source=source, destination=destination)
                continue
            message = disguised.message(item.message, pieces.body_of(item.message))
            yield replace(item, message=message, source=source, destination=destination)
        self._tell()
        names = [self._interface(name) for name in self.health.interfaces]
        self.health.interfaces[:] = names

    def _tell(self) -> None:
        """Put the gaps that people read in disguise as well."""
        gaps = self.health.gaps
        for place in range(self._told, len(gaps)):
            gaps[place] = self._gap(gaps[place])
        self._told = len(gaps)

    def _gap(self, gap: Gap) -> Gap:
        source, destination = self._other(gap.source), self._other(gap.destination)
        where = self._redaction.disguised.disguise.hosts(gap.where)
        return replace(gap, where=where, source=source, destination=destination)

    def _other(self, end: Endpoint | None) -> Endpoint | None:
        return None if end is None else self._redaction.pseudonyms.endpoint(end)

    def _interface(self, name: str) -> str:
        """The name of an interface; the number of its link type stays."""
        before, colon, link = name.rpartition(":")
        return f"{self._redaction.disguised.disguise.hide(before)}{colon}{link}"


def credentials_hidden(instance: InstanceResult) -> InstanceResult:
    """The instance without the credentials and keys in its messages: no report shows those."""
    if not any(may_hold_secrets(line.octets) for line in instance.ladder):
        return instance
    found = [without_secrets(line.octets) for line in instance.ladder]
    if all(octets is line.octets for octets, line in zip(found, instance.ladder, strict=True)):
        return instance
    ladder = (
        replace(line, octets=octets, message=None)
        for line, octets in zip(instance.ladder, found, strict=True)
    )
    return replace(instance, ladder=tuple(ladder))
