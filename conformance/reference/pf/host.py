"""What the parts of a participating function share: its station, its stores, who decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from conformance.cpm.service import feature_tag, urn
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions, Point
from conformance.reference.messaging.content import ANONYMOUS, CpmMessage
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.pf.availability import Availability
from conformance.reference.pf.push_enabler import PushEnabler
from conformance.reference.pf.settings import PfSettings
from conformance.reference.preferences.profiles import Device
from conformance.reference.preferences.source import PreferencesSource
from conformance.reference.store.deferred_queue import DeferredQueue
from conformance.reference.store.message_store import MessageStore
from conformance.reference.transactions.transaction import Transactions
from conformance.reference.user_agents.user_agent import UserAgent

T = TypeVar("T")
Fields = list[tuple[str, str]]


@dataclass(slots=True)
class PfHost:
    """The means of a participating function."""

    station: Station
    settings: PfSettings
    decisions: Decisions
    agent: UserAgent
    transactions: Transactions
    link: MsrpLink
    availability: Availability
    queue: DeferredQueue
    preferences: PreferencesSource
    store: MessageStore
    enabler: PushEnabler

    @property
    def now(self) -> int:
        """The time in ns since 1970-01-01 UTC."""
        return self.station.now

    @property
    def chance(self) -> Chance:
        """The station's chance."""
        return self.station.chance

    def choose(self, point: Point, options: Sequence[T], about: str = "") -> T:
        """Let it be decided where the specification leaves a choice."""
        return self.decisions.choose(point, options, about)

    def note(self, what: str, message: CpmMessage, **details: str) -> None:
        """Say what no message shows of a CPM Message."""
        self.station.note(what, message=message.message_id, **details)

    def fields(self, message: CpmMessage, service: str, device: Device | None = None) -> Fields:
        """What a request of ours says of the message that it brings, and for which device."""
        return [
            *self.identity_fields(message.sender, service),
            *self.target_fields(device),
            *([("Privacy", "id")] if message.anonymous else []),
            *conversation_fields(message),
        ]

    def identity_fields(self, asserted: str, service: str) -> Fields:
        """Who is asserted to send (RFC 3325), and which service it is (RFC 6050, RFC 3841)."""
        icid = f"icid-value=pf-{self.chance.token(12)};orig-ioi={self.settings.home}"
        return [
            ("P-Asserted-Identity", f"<{asserted}>"),
            ("P-Asserted-Service", urn(service)),
            ("P-Charging-Vector", icid),
            ("Accept-Contact", f"*;{feature_tag(service)}"),
        ]

    def contact(self, service: str) -> tuple[str, str]:
        """Our Contact in a request that begins a session or brings a list."""
        return "Contact", f"<{self.agent.identity.contact}>;{feature_tag(service)}"

    def target_fields(self, device: Device | None) -> Fields:
        """What leads a request to one device of a user (RFC 3841)."""
        if device is None or not device.instance:
            return []
        instance = device.instance.replace('"', "")
        return [("Accept-Contact", f'*;+sip.instance="{instance}";require;explicit')]

    def shown_sender(self, message: CpmMessage) -> str:
        """Whom From names: the sender, unless that one hides."""
        return ANONYMOUS if message.anonymous else message.sender


def conversation_fields(message: CpmMessage) -> Fields:
    """The identities of a message's conversation and contribution."""
    found: Fields = []
    if message.conversation_id:
        found.append(("Conversation-ID", message.conversation_id))
    if message.contribution_id:
        found.append(("Contribution-ID", message.contribution_id))
    return found


def device_key(device: Device) -> str:
    """What tells a user's devices apart."""
    return device.instance or device.contact
