"""A leg that carries texts in segments: one after the other out, put together in."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.body.sms_user_data import UserData
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.legs.leg import TAKEN, Cause, LegUser, NonCpmMessage, Outcome
from conformance.reference.legs.short_message import MAX_ASSEMBLIES, Assemblies, segments

PATIENCE = 25 * SECOND
"""How long an acknowledgement is awaited: less than timer F of whoever waits for the gateway."""

MAX_TRACKED = 4_096
"""Segments of which a final report is awaited at once."""

SegmentDone = Callable[[Outcome, str], None]
"""Told how a segment was answered, and the token by which a report on it will name it."""


@dataclass(slots=True)
class _Tracked:
    """A text of which reports are awaited, one a segment."""

    identity: str
    left: int


class SegmentedLeg(ABC):
    """What the short message services have in common, whatever carries the segments."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.user: LegUser | None = None
        self.assemblies: Assemblies[tuple[str, str]] = Assemblies()
        self._tracked: dict[str, _Tracked] = {}
        self._asked: dict[tuple[str, str, int, int], list[str]] = {}
        self._text_reference = station.chance.below(256)

    @property
    def is_up(self) -> bool:
        """Whether the service can be reached by it now."""
        return True

    def start(self) -> None:
        """Connect, where the service needs a connection."""
        return

    @abstractmethod
    def send_segment(
        self, message: NonCpmMessage, data: UserData, *, more: bool, done: SegmentDone
    ) -> None:
        """Send one segment; `more` says that others of the text follow."""

    def submit(self, message: NonCpmMessage, done: Callable[[Outcome], None]) -> None:
        """Send a text in as many segments as it needs; `done` is told once how it was answered.

        Each segment waits for the acknowledgement of the one before; the first that is not
        taken ends it.
        """
        try:
            parts = self.segments_of(message)
        except ValueError as error:
            done(Outcome(Cause.TOO_LONG, detail=str(error)))
            return
        _Submission(self, message, parts, done).send_next()

    def segments_of(self, message: NonCpmMessage) -> tuple[UserData, ...]:
        """The segments of a message; ValueError if it is too long for the service."""
        self._text_reference = (self._text_reference + 1) % 256
        return segments(message.text, self._text_reference)

    def gather(
        self, ends: tuple[str, str], data: UserData, asked: str = ""
    ) -> tuple[UserData | None, tuple[str, ...]]:
        """Add a segment that came: its text's user data once all are there.

        `ends` are who sent it and to whom; `asked` is under what name a report on this segment
        was asked for. The names of all segments come with the whole.
        """
        place = data.concatenation
        key = (*ends, place.reference, place.total) if place else (*ends, -1, 0)
        while len(self._asked) >= MAX_ASSEMBLIES and key not in self._asked:
            del self._asked[next(iter(self._asked))]
        held = self._asked.setdefault(key, [])
        if asked and asked not in held:
            held.append(asked)
        whole = self.assemblies.add(ends, data, self.station.now)
        if whole is None:
            return None, ()
        del self._asked[key]
        return whole, tuple(held)

    def track(self, token: str, tracked: _Tracked) -> None:
        """Expect a report under a token; the oldest gives way where there are too many."""
        self._tracked.pop(token, None)
        while len(self._tracked) >= MAX_TRACKED:
            del self._tracked[next(iter(self._tracked))]
        self._tracked[token] = tracked

    def take_report(self, token: str, *, delivered: bool) -> bool:
        """A final report on a segment came; False if none was awaited under this token."""
        tracked = self._tracked.pop(token, None)
        if tracked is None:
            return False
        if tracked.left == 0:
            return True
        tracked.left = tracked.left - 1 if delivered else 0
        if tracked.left == 0 and self.user is not None:
            self.user.reported(tracked.identity, delivered=delivered)
        return True


class _Submission:
    """A text on its way, segment by segment."""

    def __init__(
        self,
        leg: SegmentedLeg,
        message: NonCpmMessage,
        parts: Sequence[UserData],
        done: Callable[[Outcome], None],
    ) -> None:
        self._leg = leg
        self._message = message
        self._parts = parts
        self._sent = 0
        self._done = done
        self._tracked = _Tracked(message.identity, len(parts))

    def send_next(self) -> None:
        """Send the next segment."""
        part = self._parts[self._sent]
        self._sent += 1
        more = self._sent < len(self._parts)
        self._leg.send_segment(self._message, part, more=more, done=self._answered)

    def _answered(self, outcome: Outcome, token: str) -> None:
        if not outcome.is_taken:
            self._tracked.left = 0
            self._done(outcome)
            return
        if token and self._message.wants_report:
            self._leg.track(token, self._tracked)
        if self._sent < len(self._parts):
            self.send_next()
        else:
            self._done(outcome if outcome.is_delivered else TAKEN)
