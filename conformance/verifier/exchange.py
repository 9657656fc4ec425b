"""From observations to events: copies folded, retransmissions counted, answers joined.

What counts once (RFC 3261 section 17): a request retransmission has the branch, CSeq and method
of the first; a response retransmission its status, To tag and RSeq besides. A mirrored copy is
the same packet seen twice within a second.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, ClassVar

from conformance.body.deferred_list import IdentityPaths
from conformance.cpm.role import Role
from conformance.observation.content import Content
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.sparse import Sparse
from conformance.wire.limits import MAX_TRANSACTIONS

SECOND = 1_000_000_000
_HORIZON = 200 * SECOND

Key = tuple[str, str, int, str]


class Repeats(list[int]):
    """When the copies of a message were seen; some are remembered beyond it (`is_shared`)."""

    __slots__ = ("__weakref__", "is_shared", "number")

    def __init__(self, times: Iterable[int] = ()) -> None:
        super().__init__(times)
        self.is_shared = False
        self.number: int | None = None

    def shared(self) -> "Repeats":
        """These times, for somebody who remembers them: they go on to grow."""
        self.is_shared = True
        return self


class Event(Sparse):
    """One SIP message at one hop, with its roles and the transaction it belongs to.

    `repeats` are the times of its retransmissions. `claims` are the instances that took it, each
    with the hop it took there, or -1 for implied traffic (typed loosely: they know events).
    """

    _sparse: ClassVar[Mapping[str, Callable[[], object]]] = {"repeats": Repeats}
    __slots__ = (
        "_content",
        "_lasting_keys",
        "_pairs",
        "_paths",
        "_tie_keys",
        "ambiguous",
        "claims",
        "message",
        "observation",
        "place_from",
        "place_to",
        "receivers",
        "repeats",
        "senders",
        "time",
        "transaction",
    )

    def __init__(
        self,
        observation: Observation,
        message: SipRequest | SipResponse,
        places: tuple[str, str],
        senders: frozenset[Role],
        receivers: frozenset[Role],
        paths: IdentityPaths,
    ) -> None:
        self.observation = observation
        self.message = message
        self.time = observation.time
        self.place_from, self.place_to = places
        self.senders = senders
        self.receivers = receivers
        self.transaction: Transaction | None = None
        self.repeats: Repeats
        self.claims: tuple[tuple[Any, int], ...] = ()
        self._paths = paths
        self._content: Content | None = None
        self._tie_keys: list[tuple[str, str]] | None = None
        self._lasting_keys: list[tuple[str, str]] | None = None
        self._pairs: tuple[tuple[Role, Role], ...] | None = None
        self.ambiguous = False

    def tie_keys(self, read: Callable[["Event"], list[tuple[str, str]]]) -> list[tuple[str, str]]:
        """The keys that tie this message to others, read once."""
        if self._tie_keys is None:
            self._tie_keys = read(self)
        return self._tie_keys

    def lasting_keys(
        self, read: Callable[["Event"], list[tuple[str, str]]]
    ) -> list[tuple[str, str]]:
        """The keys by which later messages find what took this one, read once."""
        if self._lasting_keys is None:
            self._lasting_keys = read(self)
        return self._lasting_keys

    @property
    def content(self) -> Content:
        """The message's content, opened on demand."""
        if self._content is None:
            self._content = Content(self.message, self._paths)
        return self._content

    def rest(self) -> None:
        """Be kept in little room, for what repeats this message or answers it.

        What no instance took lets its transaction go: it is that which holds the event.
        """
        if not self._is_awaited():
            self.message.slim()
        self._tie_keys = self._lasting_keys = None
        if not self.claims:
            self.transaction = None
            self._content = None
        elif self._content is not None:
            self._content.rest()

    def _is_awaited(self) -> bool:
        """Whether the answer will ask what the request said: a registration's bindings."""
        if not self.message.is_request or self.message.cseq_method != "REGISTER":
            return False
        return self.transaction is not None and not self.transaction.final

    def pairs(self) -> tuple[tuple[Role, Role], ...]:
        """The (sender, receiver) roles that this event may stand for."""
        found = self._pairs
        if found is None:
            found = self._pairs = role_pairs(self.senders, self.receivers)
        return found


@lru_cache(maxsize=1024)
def role_pairs(
    senders: frozenset[Role], receivers: frozenset[Role]
) -> tuple[tuple[Role, Role], ...]:
    """Every sender with every receiver: few sets of roles serve a whole capture."""
    return tuple((sender, receiver) for sender in senders for receiver in receivers)


class Transaction:
    """A request at one hop with its responses at that hop."""

    __slots__ = ("final", "provisional", "request")

    def __init__(self, request: Event | None) -> None:
        self.request = request
        # Most have one answer, or two: held by the ten thousand, lists would weigh more.
        self.provisional: tuple[Event, ...] = ()
        self.final: tuple[Event, ...] = ()

    @property
    def key(self) -> Key:
        """What its messages share; one is there, at least."""
        first = (self.request or (*self.provisional, *self.final)[0]).message
        key = first.transaction
        if isinstance(first, SipRequest) and first.method != key[3]:
            return (*key[:3], first.method)
        return key

    def add(self, event: Event, message: SipResponse) -> None:
        """Take one more response."""
        if message.status < 200:
            self.provisional += (event,)
        else:
            self.final += (event,)

    def response(self, message: SipResponse) -> Event | None:
        """An earlier response that this one repeats."""
        group = self.provisional if message.status < 200 else self.final
        for event in group:
            first = event.message
            if (
                isinstance(first, SipResponse)
                and first.status == message.status
                and first.to_tag == message.to_tag
                and first.header("RSeq") == message.header("RSeq")
            ):
                return event
        return None


class Exchanges:
    """The transactions of a capture, forgotten when a horizon has passed.

    `too_soon` is told the time when there are so many that they are forgotten before.
    """

    def __init__(self, too_soon: Callable[[int], None] = lambda _now: None) -> None:
        self._young: dict[Key, Transaction] = {}
        self._old: dict[Key, Transaction] = {}
        self._turned = 0
        self._turns = 0
        self.too_soon = too_soon

    def join(self, event: Event) -> Event:
        """Put an event into its transaction; returns the event that it repeats, or itself."""
        message = event.message
        transaction = self._find(message, event.time)
        if isinstance(message, SipRequest):
            first = transaction.request
            if first is None:
                transaction.request = event
        else:
            first = transaction.response(message)
            if first is None:
                transaction.add(event, message)
        event.transaction = transaction
        if first is None:
            return event
        if not _is_copy(first.observation, event.observation):
            first.repeats.append(event.time)
        return first

    def _find(self, message: SipRequest | SipResponse, now: int) -> Transaction:
        if now - self._turned > _HORIZON:
            self._turn(now)
        elif len(self._young) > MAX_TRANSACTIONS // 2:
            if self._old:
                self.too_soon(now)
            self._turn(now)
        key = message.transaction
        if isinstance(message, SipRequest) and message.method != key[3]:
            key = (*key[:3], message.method)
        found = self._young.get(key) or self._old.get(key)
        if found is None:
            found = Transaction(None)
        self._young[key] = found
        return found

    def _turn(self, now: int) -> None:
        self._old, self._young, self._turned = self._young, {}, now
        self._turns += 1

    def take_out(self, transaction: Transaction) -> int | None:
        """Forget a transaction for a while; gives its age for `put_back`, None if unknown."""
        key = transaction.key
        is_young = self._young.get(key) is transaction
        is_old = self._old.get(key) is transaction
        if is_young:
            del self._young[key]
        if is_old:
            del self._old[key]
        if is_young:
            return self._turns
        return self._turns - 1 if is_old else None

    def put_back(self, transaction: Transaction, age: int | None) -> None:
        """Know a transaction again, unless it would have been forgotten meanwhile."""
        if age == self._turns:
            self._young[transaction.key] = transaction
        elif age == self._turns - 1:
            self._old[transaction.key] = transaction


def _is_copy(first: Observation, again: Observation) -> bool:
    """Whether both are one packet, seen twice by mirroring."""
    if abs(again.time - first.time) > SECOND:
        return False
    if first.mirror is None or again.mirror is None:
        return abs(again.time - first.time) < SECOND // 20
    return first.mirror == again.mirror
