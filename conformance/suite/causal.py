"""What is held of copied traffic, in the order of its times, and no effect before its cause.

Whoever mirrors what passes through it stamps what it sent itself once that is sent: another of
its processes may have stamped the answer by then. The request was sent all the same before its
answer came (RFC 3261 section 17), what a proxy passed on was there before (sections 16.6 and
16.7), and an ACK follows the answer that it acknowledges (section 13.2.2.4).
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from conformance.observation.packet import Endpoint
from conformance.observation.trace import Observation, Shown
from conformance.sip.grammar import parse_via, split_list
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

BEHIND = 1_000_000_000
"""Nanoseconds for which what is copied waits for what must have come before it."""

_MOST_HELD = 20_000
_MOST = 200_000
"""How many messages that were given are known, so that no repetition is taken for the first."""

# A capture, a branch or two hosts, Call-ID, CSeq number, and what it is.
_Name = tuple[int, str, str, int, str]
SipMessage = SipRequest | SipResponse


class Sorted(deque[Shown]):
    """Several probes tell of one event; each of them may tell of it in disorder.

    A cause that is held is given before its effect, and at the effect's time if its own is later.
    """

    def __init__(self) -> None:
        super().__init__()
        self._named: dict[_Name, Observation] = {}
        self._given: dict[_Name, None] = {}
        self._ahead: set[int] = set()

    def append(self, item: Shown) -> None:
        """Put an item behind all that are not later."""
        if isinstance(item, Observation):
            for name in _names(item):
                if name not in self._given:
                    self._named.setdefault(name, item)
        if not self or self[-1].time <= item.time:
            super().append(item)
            return
        at = bisect_right(self, item.time, key=lambda held: held.time)
        self.insert(at, item)

    def popleft(self) -> Shown:
        """The first item, or what it must have come from if that is held behind it."""
        found = first = self[0]
        if isinstance(first, Observation):
            found = self._origin(first)
            self._forget(found)
        if found is first:
            super().popleft()
        else:
            self._ahead.add(id(found))
            # A copy: what was read may be kept, and read again.
            found = replace(found, time=first.time)
        while self and id(self[0]) in self._ahead:
            self._ahead.remove(id(super().popleft()))
        return found

    def _origin(self, item: Observation) -> Observation:
        """The earliest of the held causes of an item; itself if there is none."""
        seen = {id(item)}
        while True:
            held = (self._named.get(name) for name in _causes(item))
            cause = next((one for one in held if one is not None and id(one) not in seen), None)
            if cause is None:
                return item
            seen.add(id(cause))
            item = cause

    def _forget(self, item: Observation) -> None:
        for name in _names(item):
            if self._named.get(name) is item:
                del self._named[name]
            self._given[name] = None
        while len(self._given) > _MOST:
            del self._given[next(iter(self._given))]


def in_order(items: Iterable[Shown]) -> Iterator[Shown]:
    """What a capture shows; from the first copy by HEP on, no effect before its cause."""
    source = iter(items)
    for item in source:
        if isinstance(item, Observation) and item.copied:
            yield from _ordered(chain([item], source))
            return
        yield item


def _ordered(items: Iterable[Shown]) -> Iterator[Shown]:
    held = Sorted()
    newest = 0
    for item in items:
        held.append(item)
        newest = max(newest, item.time)
        while held and (held[0].time < newest - BEHIND or len(held) > _MOST_HELD):
            yield held.popleft()
    while held:
        yield held.popleft()


def _names(item: Observation) -> Iterator[_Name]:
    """By what the effects of a message know it."""
    message = item.message
    if isinstance(message, SipRequest):
        if message.method != "ACK" and message.branch:
            yield item.capture, *message.transaction
    elif isinstance(message, SipResponse):
        branch = _second_branch(message)
        if branch:
            yield _passed_on(item, message, branch)
        if message.status >= 200 and message.cseq_method == "INVITE":
            yield _answer(item, message, item.source, item.destination)


def _causes(item: Observation) -> Iterator[_Name]:
    """The names of what must have come before a message."""
    message = item.message
    if isinstance(message, SipResponse):
        yield item.capture, *message.transaction
        yield _passed_on(item, message, message.branch)
    elif isinstance(message, SipRequest):
        _, call_id, cseq, method = message.transaction
        if message.method == "ACK":
            yield _answer(item, message, item.destination, item.source)
            return
        if message.method == "CANCEL":
            yield item.capture, message.branch, call_id, cseq, "INVITE"
        branch = _second_branch(message)
        if branch:
            yield item.capture, branch, call_id, cseq, method


def _answer(item: Observation, message: SipMessage, source: Endpoint, to: Endpoint) -> _Name:
    hosts = f"{source.host} {to.host}"
    return item.capture, hosts, message.call_id, message.cseq, "answer"


def _passed_on(item: Observation, message: SipResponse, branch: str) -> _Name:
    """A response as who is next on its way back knows it."""
    what = f"{message.status} {message.cseq_method}"
    return item.capture, branch, message.call_id, message.cseq, what


def _second_branch(message: SipMessage) -> str:
    """The branch one hop nearer to the sender of the request (RFC 3261 section 16.6 step 8)."""
    values = [value for line in message.vias[:2] for value in split_list(line)]
    if len(values) < 2:
        return ""
    via = parse_via(values[1])
    return "" if isinstance(via, Malformed) else via.branch
