"""What the judge remembers beyond one instance: registrations, deliveries, what was handled."""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TypeVar

from conformance.cpm.identity import user_key
from conformance.cpm.role import Role
from conformance.observation.places import endpoint_of
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier import lifetimes
from conformance.verifier.exchange import SECOND, Event
from conformance.wire.malformed import Malformed

K = TypeVar("K")
V = TypeVar("V")

_LIMIT = 200_000
PER_MESSAGE = 64
_ORPHANS = 4096


@dataclass(slots=True)
class Registration:
    """A registration of one user seen on one access link; `asked` is when its request was."""

    user: str
    client: str
    core: str
    until: int
    seen: Observation
    removed: bool = False
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that a client confirmed: when it was sent, when confirmed, over which Call-ID.

    `sure` is False where that may not mean that the client has it: nobody is convicted by it.
    """

    client: str
    user: str
    sent: int
    time: int
    call_id: str
    observation: Observation
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Copies:
    """A message as far as it is remembered, and when it was seen again: of one list with it.

    `passed_on`: what it ended was to be handed to another service, which may have failed;
    `sure` is False where a lost message may have kept it from being begun.
    """

    observation: Observation
    repeats: list[int]
    passed_on: bool = False
    sure: bool = True

    @property
    def last(self) -> int:
        """When the last copy was seen: an earlier one may not have arrived."""
        return self.repeats[-1] if self.repeats else self.observation.time


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery by MESSAGE as the participating function knows of it: asked, and answered.

    A request that is sent again after its answer was seen says that this answer was lost.
    """

    asked: Copies
    answered: list[Copies] = field(default_factory=list)

    def before(self, time: int) -> bool:
        """Whether it had an answer by then."""
        repeats = [one for one in self.asked.repeats if one < time]
        asked = repeats[-1] if repeats else self.asked.observation.time
        return any(
            asked < copy < time
            for one in self.answered
            for copy in (one.observation.time, *one.repeats)
        )


@dataclass(slots=True)
class Memory:
    """Facts of the whole capture, each bounded: the oldest goes first.

    `registering`: (user, client) to a registration that was asked for and not answered yet.
    `deliveries`: imdn.Message-ID to what clients confirmed; `taken_by`: the last of each user.
    `bindings`: contacts in a user's last registration. `handled`: (user, identity) to the
    end of the session that handled it. `told`: imdn.Message-ID to a participating function's
    MESSAGEs that carried it, by Call-ID and CSeq. `upstream`: until when a delivery towards a
    participating function is unanswered. `clients`: user to its access links (client place,
    core place).
    `orphans`: answers whose request was not captured (time, from, to, method). `is_lossy`: some
    message was sent again, so that of others too copies may have been lost.
    """

    registrations: dict[tuple[str, str], list[Registration]] = field(default_factory=dict)
    registering: dict[tuple[str, str], int] = field(default_factory=dict)
    third_party: dict[str, tuple[int, bool]] = field(default_factory=dict)
    deliveries: dict[str, list[Delivery]] = field(default_factory=dict)
    taken_by: dict[str, tuple[Delivery, ...]] = field(default_factory=dict)
    bindings: dict[str, int] = field(default_factory=dict)
    handled: dict[tuple[str, str], Copies] = field(default_factory=dict)
    told: dict[str, dict[tuple[str, int], Told]] = field(default_factory=dict)
    upstream: dict[str, int] = field(default_factory=dict)
    deferred: dict[str, int] = field(default_factory=dict)
    clients: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    is_lossy: bool = False
    orphans: deque[tuple[int, str, str, str]] = field(
        default_factory=lambda: deque(maxlen=_ORPHANS)
    )

    def orphaned(self, links: list[tuple[str, str]], start: int, end: int, method: str) -> bool:
        """Whether an answer to an unseen request of this method came back over a link."""
        return any(
            (destination, source) in links and name == method and start <= time <= end
            for time, source, destination, name in self.orphans
        )

    def note_response(self, event: Event) -> None:
        """Learn from a final response: registrations, and answers of participating functions."""
        message = event.message
        if not isinstance(message, SipResponse) or message.status < 200:
            return
        if event.transaction is None or event.transaction.request is None:
            self.orphans.append(
                (event.time, event.place_from, event.place_to, message.cseq_method)
            )
        if message.cseq_method == "REGISTER":
            self._register(event, message)
        elif message.cseq_method in ("MESSAGE", "INVITE") and Role.PF in event.senders:
            request = event.transaction.request if event.transaction else None
            if request is not None:
                for key in delivery_keys(request):
                    remember(self.upstream, key, event.time)
                    if message.status == 202:
                        remember(self.deferred, key, event.time)

    def note_request(self, event: Event) -> None:
        """Learn from a request: who sits where, and deliveries on their way to a pf."""
        message = event.message
        if not isinstance(message, SipRequest):
            return
        delivers = message.method in ("MESSAGE", "INVITE") and message.to_tag is None
        if delivers and Role.PF in event.receivers:
            for key in delivery_keys(event):
                remember(self.upstream, key, event.time + 200 * SECOND)
        if Role.CLIENT in event.senders and Role.CORE in event.receivers:
            link = (event.place_from, event.place_to)
            self._sits(user_key(message.header("From") or ""), link)
        if message.method == "REGISTER":
            user = user_key(message.header("To") or "")
            remember(self.registering, (user, event.place_from), event.time)

    def _sits(self, user: str, link: tuple[str, str]) -> None:
        """A user was seen on an access link; who is forgotten is not taken for silent."""
        known = self.clients.get(user)
        if known is None:
            remember(self.clients, user, (link,))
        elif link not in known:
            self.clients[user] = (*known[1 - PER_MESSAGE :], link)

    def open_upstream(self, event: Event) -> bool:
        """Whether the participating function holds this message unanswered: not a deferral."""
        return any(self.upstream.get(key, 0) > event.time for key in delivery_keys(event))

    def deferral_shown(self, event: Event) -> bool:
        """Whether its 202 is in the capture."""
        return any(key in self.deferred for key in delivery_keys(event))

    def history(self, user: str, client: str) -> list[Registration]:
        """The registrations of a user seen at one place, in order."""
        return self.registrations.get((user, client), [])

    def deliver(self, identity: str, delivery: Delivery) -> None:
        """A client confirmed a message."""
        known = self.deliveries.get(identity, [])
        if len(known) < PER_MESSAGE:
            remember(self.deliveries, identity, [*known, delivery])
        group = self.taken_by.get(delivery.user, ())[1 - PER_MESSAGE :]
        remember(self.taken_by, delivery.user, (*group, delivery))

    def doubt(self, identity: str, call_id: str) -> None:
        """What a client seemed to have taken over a Call-ID was reported as failed."""
        known = self.deliveries.get(identity)
        if known is not None:
            self.deliveries[identity] = [
                replace(one, sure=False) if one.call_id == call_id else one for one in known
            ]

    def _register(self, event: Event, message: SipResponse) -> None:
        request = event.transaction.request if event.transaction else None
        user = user_key(message.header("To") or "")
        self.registering.pop((user, event.place_to), None)
        if request is None or not isinstance(request.message, SipRequest) or message.status >= 300:
            return
        asked = request.message
        seconds = lifetimes.seconds(asked, message, endpoint_of(request.place_from).host)
        if Role.PF in event.senders:
            ends = seconds == 0 or (seconds is None and asked.header("Expires") == "0")
            remember(self.third_party, user, (event.time, ends))
        elif Role.CLIENT in event.receivers:
            if seconds is not None:
                self._bind(event, request, user, seconds)
            remember(self.bindings, user, len(message.headers("Contact")))
            self._sits(user, (event.place_to, event.place_from))

    def _bind(self, event: Event, request: Event, user: str, seconds: int) -> None:
        """A client's own binding was granted for so long, or ended."""
        key = (user, event.place_to)
        entry = Registration(
            user,
            event.place_to,
            event.place_from,
            event.time + seconds * SECOND,
            sighting(event.observation),
            removed=seconds == 0,
            asked=request.time,
        )
        before = self.registrations.get(key, [])[1 - PER_MESSAGE :]
        remember(self.registrations, key, [*before, entry])


def delivery_keys(event: Event) -> tuple[str, ...]:
    """What identifies a message on its way, whatever Call-ID a hop gives it."""
    message = event.message
    keys = [f"call {message.call_id}"]
    if isinstance(message, SipRequest) and message.method == "MESSAGE":
        wrapped = event.content.cpim
        identity = getattr(wrapped, "message_id", None)
        if identity:
            keys.append(f"imdn {identity}")
    contribution = message.header("Contribution-ID")
    if contribution:
        keys.append(f"contribution {contribution} {message.cseq_method}")
    return tuple(keys)


_NOTHING = Malformed("", b"", 0, "")


def sighting(observation: Observation) -> Observation:
    """An observation without its octets: what a later finding needs to quote its frames."""
    return Observation(
        observation.number,
        observation.capture,
        observation.time,
        observation.transport,
        observation.source,
        observation.destination,
        _NOTHING,
        observation.frames,
        observation.mirror,
        observation.copied,
    )


def remember(table: dict[K, V], key: K, value: V, *, limit: int = _LIMIT) -> None:
    """Put at the end of a bounded table: the oldest entry goes when it is full."""
    table.pop(key, None)
    table[key] = value
    if len(table) > limit:
        del table[next(iter(table))]
