"""What both directions of an Interworking Function share: its means, and its side to the core."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions, Settled
from conformance.reference.engine.timer import SECOND
from conformance.reference.interworking.selection import InterworkingSelection
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.legs.leg import Leg
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage, feature, icsi, imdn
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipResponse

MAX_REMEMBERED = 4_096
"""Messages of which the gateway remembers where their reports go, in each direction."""

Answered = Callable[[SipResponse | Failure], None]
Fields = list[tuple[str, str]]

V = TypeVar("V")


class Remembered(Generic[V]):
    """What is known of the latest messages; the oldest give way."""

    def __init__(self, limit: int = MAX_REMEMBERED) -> None:
        self._limit = limit
        self._held: dict[str, V] = {}

    def __len__(self) -> int:
        return len(self._held)

    def put(self, key: str, value: V) -> None:
        """Remember something; what was known under the key is forgotten."""
        self._held.pop(key, None)
        while len(self._held) >= self._limit:
            del self._held[next(iter(self._held))]
        self._held[key] = value

    def get(self, key: str) -> V | None:
        """What is known under a key."""
        return self._held.get(key)

    def pop(self, key: str) -> V | None:
        """What was known under a key, which is forgotten."""
        return self._held.pop(key, None)


class Gateway:
    """The means of an Interworking Function: a user agent to the core, legs to the services.

    `legs` by the name of their service; where the settings name no order, theirs counts.
    """

    def __init__(
        self,
        station: Station,
        agent: UserAgent,
        legs: Mapping[str, Leg],
        settings: IwfSettings | None = None,
        *,
        decisions: Decisions | None = None,
        selection: InterworkingSelection | None = None,
    ) -> None:
        self.station = station
        self.agent = agent
        self.legs = dict(legs)
        self.settings = settings or IwfSettings()
        self.decisions = decisions or Settled()
        self.selection = selection or InterworkingSelection(decisions=self.decisions)

    def available_services(self) -> tuple[str, ...]:
        """The services that can be used now, in the network's order of preference."""
        order = self.settings.services or tuple(self.legs)
        return tuple(name for name in order if name in self.legs and self.legs[name].is_up)

    def to_core(self, message: CpmMessage, answered: Answered) -> None:
        """Send a CPM Message towards its recipient, by way of the core."""
        headers = self.asserted_fields(message.sender)
        headers += self.conversation_fields(message)
        if message.expires_at is not None:
            left = max(message.expires_at - self.station.now, 0) // SECOND
            headers.append(("Expires", str(left)))
        self._send(message, Content(CPIM_TYPE, message.cpim()), headers, answered)

    def notify(self, message: CpmMessage, status: str, answered: Answered) -> None:
        """Tell the sender of a CPM Message what became of it (RFC 5438)."""
        octets = imdn(message, status, "delivery", self.station.chance, self.station.now)
        told = CpmMessage("", message.recipient, message.sender, b"")
        headers = self.asserted_fields(message.recipient)
        self._send(told, Content(CPIM_TYPE, octets), headers, answered)

    def asserted_fields(self, sender: str, service: str = "msg") -> Fields:
        """Who sends, as the network asserts it, and by which service (RFC 3325, RFC 6050)."""
        return [
            ("P-Asserted-Identity", f"<{sender}>"),
            ("P-Asserted-Service", icsi(service)),
            ("Accept-Contact", f"*;{feature(service)}"),
        ]

    def conversation_fields(self, message: CpmMessage) -> Fields:
        """The identities of a message's conversation and contribution."""
        return [
            ("Conversation-ID", message.conversation_id),
            ("Contribution-ID", message.contribution_id),
        ]

    @property
    def routes(self) -> tuple[str, ...]:
        """The way to the core."""
        return (f"<{self.settings.core};lr>",)

    def _send(
        self, message: CpmMessage, content: Content, headers: Fields, answered: Answered
    ) -> None:
        self.agent.request(
            "MESSAGE",
            message.recipient,
            to=message.recipient,
            sender=message.sender,
            headers=headers,
            content=content,
            answered=answered,
            routes=self.routes,
        )


def said(answer: SipResponse | Failure) -> str:
    """What a final answer says, or why there is none."""
    if isinstance(answer, SipResponse):
        return f"{answer.status} {answer.reason}"
    return str(answer)
