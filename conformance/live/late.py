"""A party whose answers come late."""

from collections.abc import Callable
from heapq import heappop, heappush

from conformance.reference.engine.component import Datagram, Effect, Octets
from conformance.reference.network.network import Hosted
from conformance.reference.network.wrapped import Wrapped
from conformance.sip.frames import looks_like_sip
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse

Which = Callable[[SipRequest | SipResponse], bool]
"""Says whether a SIP message is one that is held back."""


class AnswersLate(Wrapped):
    """A component whose SIP messages of one kind leave `delay` ns later than it sends them."""

    def __init__(self, component: Hosted, which: Which, delay: int) -> None:
        super().__init__(component)
        self._which = which
        self._delay = delay
        self._held: list[tuple[int, int, Effect]] = []
        self._count = 0

    def wake(self, now: int) -> list[Effect]:
        """Let what is due happen, and what was held long enough leave."""
        left = super().wake(now)
        due = []
        while self._held and self._held[0][0] <= now:
            due.append(heappop(self._held)[2])
        return [*left, *due]

    def next_deadline(self) -> int | None:
        """When to wake it next; None for never."""
        own = super().next_deadline()
        held = self._held[0][0] if self._held else None
        return min((time for time in (own, held) if time is not None), default=None)

    def _passed(self, effects: list[Effect]) -> list[Effect]:
        left: list[Effect] = []
        for effect in effects:
            if isinstance(effect, Datagram | Octets) and self._is_one(effect.octets):
                self._count += 1
                heappush(self._held, (self._now + self._delay, self._count, effect))
            else:
                left.append(effect)
        return left

    def _is_one(self, octets: bytes) -> bool:
        message = parse(octets) if looks_like_sip(octets) else None
        return isinstance(message, SipRequest | SipResponse) and self._which(message)
