"""Several taps of one event as one capture: clocks aligned, copies of a message folded."""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from conformance.observation.trace import CaptureHealth, Closing, Gap, Observation, Shown, Skew
from conformance.suite.alignment import Clock, Pair, fit
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Input
from conformance.suite.setting import Setting

Print = tuple[int, int]

WINDOW = 250_000_000
"""Nanoseconds within which equal octets on one link are one message: T1 of RFC 3261 is twice
that, so that no retransmission is taken for a copy."""

STEADY = 1_000_000
"""Nanoseconds of doubt up to which aligned clocks count as one: half of what a profile bears."""

_MOST = 131_072
"""Messages of a capture by which its clock is aligned; of more, a part chosen by octets."""


@dataclass(slots=True)
class _Seen:
    """A message whose copies are awaited, and the captures that showed it."""

    item: Observation
    captures: set[int]


class _Held(NamedTuple):
    """What is held until no copy can come: in the order of time, and of arrival."""

    time: int
    place: int
    item: Gap | Closing | _Seen


@dataclass(slots=True)
class Merger:
    """Joins captures by their clocks; `exact` where packets are told apart by more than octets."""

    clocks: dict[int, Clock]
    exact: bool = True
    _held: list[_Held] = field(default_factory=list, init=False)
    _count: int = field(default=0, init=False)
    _known: dict[Print, list[_Seen]] = field(default_factory=dict, init=False)

    @property
    def domains(self) -> dict[int, int]:
        """Captures whose times may be compared share a clock; the others have one each."""
        first = min(self.clocks)
        steady = all(clock.doubt <= STEADY for clock in self.clocks.values())
        return {index: first if steady else index for index in self.clocks}

    def merged(self, streams: Sequence[Iterable[Shown]]) -> Iterator[Shown]:
        """Several captures as one in the order of time, each message once.

        Of copies the one of the capture named first stays, at its own time.
        """
        self._held.clear()
        self._known.clear()
        aligned = [map(self._aligned, stream) for stream in streams]
        for item in heapq.merge(*aligned, key=lambda item: item.time):
            yield from self._due(item.time - WINDOW)
            self._take(item)
        yield from self._due(None)

    def extent(self, index: int, time: int | None) -> int | None:
        """A time of a capture as it is aligned."""
        return None if time is None else self.clocks[index].ours(time)

    def _aligned(self, item: Shown) -> Shown:
        time = self.clocks[item.capture].ours(item.time)
        # A copy: what was read may be kept, and read again.
        return replace(item, time=time)

    def _take(self, item: Shown) -> None:
        if not isinstance(item, Observation):
            self._hold(item.time, item)
            return
        known = self._known.setdefault(fingerprint(item, exact=self.exact), [])
        for one in known:
            if item.capture not in one.captures:
                one.captures.add(item.capture)
                if item.capture < one.item.capture:
                    one.item = item
                    self._hold(item.time, one)
                return
        seen = _Seen(item, {item.capture})
        known.append(seen)
        self._hold(item.time, seen)

    def _hold(self, time: int, item: Gap | Closing | _Seen) -> None:
        self._count += 1
        heapq.heappush(self._held, _Held(time, self._count, item))

    def _due(self, until: int | None) -> Iterator[Shown]:
        """What can have no more copies."""
        while self._held and (until is None or self._held[0].time < until):
            time, _, item = heapq.heappop(self._held)
            if not isinstance(item, _Seen):
                yield item
            elif item.item.time == time and item.captures:
                self._forget(item)
                yield item.item

    def _forget(self, seen: _Seen) -> None:
        key = fingerprint(seen.item, exact=self.exact)
        known = self._known.get(key, [])
        known[:] = [one for one in known if one is not seen]
        # Held at another time too, where a copy of a capture named earlier took its place.
        seen.captures = set()
        if not known:
            self._known.pop(key, None)


def fingerprint(item: Observation, *, exact: bool) -> Print:
    """What the copies of a message have in common: octets, link, and the packet's own number."""
    return (
        hash((item.source, item.destination, item.message.octets)),
        -1 if item.mirror is None or not exact else item.mirror,
    )


def align(captures: Sequence[Input], setting: Setting, healths: Sequence[CaptureHealth]) -> Merger:
    """The merger of these captures; each one's health tells its skew against the first.

    ConformanceError where a capture shares no message with the others.
    """
    if len(captures) < 2:
        raise ConformanceError("there is nothing to merge: name two captures or more", "--merge")
    exact = True
    clocks = _clocks([_prints(capture.open(setting), exact=True) for capture in captures])
    if len(clocks) < len(captures):
        # Copies in logs and by HEP keep no packet's number.
        exact = False
        clocks = _clocks([_prints(capture.open(setting), exact=False) for capture in captures])
    if len(clocks) < len(captures):
        lonely = next(place for place in range(len(captures)) if place not in clocks)
        sentence = (
            f"{captures[lonely].path} has no message in common with {captures[0].path}: their "
            "clocks cannot be aligned. Taps of one event share a link on which both saw the same "
            "octets between the same addresses"
        )
        raise ConformanceError(sentence, "--merge")
    for place, clock in list(clocks.items())[1:]:
        healths[place].skew = Skew(
            captures[0].path, clock.offset, round(clock.drift * 1e9), clock.doubt, clock.common
        )
    return Merger({captures[place].index: clock for place, clock in clocks.items()}, exact)


_Prints = dict[Print, tuple[tuple[str, str], int]]


def _prints(source: Iterable[Shown], *, exact: bool) -> _Prints:
    """The messages that occur once, with direction and time; a bounded number of them."""
    found: _Prints = {}
    again: set[Print] = set()
    mask = 0
    for item in source:
        if not isinstance(item, Observation):
            continue
        key = fingerprint(item, exact=exact)
        if key[0] & mask or key in again:
            continue
        if key in found:
            del found[key]
            again.add(key)
            continue
        found[key] = ((str(item.source), str(item.destination)), item.time)
        if len(found) + len(again) > _MOST:
            # The same part in every capture: by the octets' own hash.
            mask = mask << 1 | 1
            found = {one: value for one, value in found.items() if not one[0] & mask}
            again = {one for one in again if not one[0] & mask}
    return found


def _clocks(prints: Sequence[_Prints]) -> dict[int, Clock]:
    """Each capture's clock against the first one's, over others where they share no message."""
    clocks = {0: Clock()}
    reached = deque([0])
    while reached:
        known = reached.popleft()
        for place, other in enumerate(prints):
            if place in clocks:
                continue
            pairs = [
                Pair(way, here, other[key][1])
                for key, (way, here) in prints[known].items()
                if key in other
            ]
            if pairs:
                clocks[place] = fit(pairs).behind(clocks[known])
                reached.append(place)
    return dict(sorted(clocks.items()))
