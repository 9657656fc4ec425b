"""The preferences of a CPM user, and what they ask for in each situation (5.4)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.content import ANONYMOUS as ANONYMOUS_SENDER
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.preferences.rules import (
    ALL_DEVICES,
    Adaptation,
    Delivery,
    Device,
    Disposal,
    Expiry,
    Kind,
    MediaRule,
    Rule,
    Selection,
    Stored,
    matches_sender,
    wanted_media,
)

__all__ = [
    "Adaptation",
    "Delivery",
    "Device",
    "Disposal",
    "Expiry",
    "Kind",
    "MediaRule",
    "Preferences",
    "Profile",
    "Rule",
    "Selection",
    "Stored",
]

T = TypeVar("T")

WHEN_UNAVAILABLE = (Disposal.DEFER, Disposal.STORE, Disposal.DISCARD, Disposal.INTERWORK)
"""What may become of a message while its user is unavailable (5.4 A 2)."""

SESSION_WHEN_UNAVAILABLE = (Disposal.REJECT, Disposal.INTERWORK)
"""What may become of a session's invitation while its user is unavailable (5.4 D 2)."""

WHEN_EXPIRED = (Expiry.DISCARD, Expiry.STORE, Expiry.EXTEND)
"""What may become of a deferred message that expires (5.4 C, 5.2.2.2)."""

EVERY_DELIVERY = (Delivery.MESSAGE, Delivery.NOTIFICATION)
"""The two options of 5.2.2.2: pushing and notifying."""

_DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Profile:
    """A User Preference Profile: 5.4's A to F, and the interworking selection's A.

    An empty tuple of choices leaves the matter open: the network's policy decides. The field
    order is that of 5.4; `extend_by` is in ns.
    """

    identifier: str = "default"
    display_name: str = ""
    # A 1: when the user is available.
    blacklist: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    # A 2 and A 3.
    when_unavailable: tuple[Disposal, ...] = ()
    deferred_media: tuple[MediaRule, ...] = ()
    # B.
    adaptations: tuple[Adaptation, ...] = ()
    # C.
    when_expired: tuple[Expiry, ...] = ()
    extend_by: int = _DAY
    extend_times: int = 1
    # D.
    session_media: tuple[MediaRule, ...] = ()
    session_when_unavailable: tuple[Disposal, ...] = ()
    # E: what is named is stored or not; the rest is open.
    stored: frozenset[Stored] = frozenset()
    not_stored: frozenset[Stored] = frozenset()
    # F.
    deliveries: tuple[Delivery, ...] = ()
    messages_to: Selection = ALL_DEVICES
    sessions_to: Selection = ALL_DEVICES
    notifications_to: Selection = ALL_DEVICES
    reports_to: Selection = ALL_DEVICES
    # Interworking selection A 1: the first comes first.
    noncpm_services: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _among("when_unavailable", self.when_unavailable, WHEN_UNAVAILABLE)
        _among("session_when_unavailable", self.session_when_unavailable, SESSION_WHEN_UNAVAILABLE)
        for rule in self.rules:
            _among("rules", (rule.action,), _RULE_ACTIONS)
            if rule.action is Disposal.REDIRECT and not rule.redirect_to:
                raise ValueError("rules: a redirection without redirect_to")
        if both := self.stored & self.not_stored:
            raise ValueError(f"stored and not_stored both name {', '.join(sorted(both))}")
        if self.extend_by < 1 or self.extend_times < 0:
            raise ValueError("extend_by is at least 1 ns, and extend_times at least 0")

    def disposal(self, message: CpmMessage, *, available: bool) -> tuple[Disposal, ...]:
        """What may become of a message, the user's own wish first (5.4 A)."""
        if available:
            return (self.when_available(message),)
        allowed = self.when_unavailable or WHEN_UNAVAILABLE
        if Disposal.DEFER in allowed and not self.keeps(message.content_type):
            kept = tuple(option for option in allowed if option is not Disposal.DEFER)
            allowed = (Disposal.DISCARD, *(o for o in kept if o is not Disposal.DISCARD))
        if self.is_blacklisted(message):
            # The blacklist names those "whose messages would be rejected", and A 2 says no word.
            allowed = (Disposal.REJECT, *allowed)
        return allowed

    def when_available(self, message: CpmMessage) -> Disposal:
        """What becomes of a message while the user is available (5.4 A 1)."""
        if self.is_blacklisted(message):
            return Disposal.REJECT
        rule = self.rule_for(message)
        return Disposal.DELIVER if rule is None else rule.action

    def is_blacklisted(self, message: CpmMessage) -> bool:
        """Whether its sender's messages are to be rejected; `anonymous` means who hides."""
        if message.anonymous and matches_sender(self.blacklist, ANONYMOUS_SENDER):
            return True
        return matches_sender(self.blacklist, message.sender)

    def rule_for(self, message: CpmMessage) -> Rule | None:
        """The first rule on size and content type that applies."""
        size = len(message.body)
        return next((r for r in self.rules if r.applies(message.content_type, size)), None)

    def keeps(self, media_type: str) -> bool:
        """Whether media of a type is kept when its message is deferred (5.4 A 3)."""
        return wanted_media(self.deferred_media, media_type) is not False

    def expiry(self, *, extended: int = 0) -> tuple[Expiry, ...]:
        """What may become of a message that expires, after so many extensions (5.4 C)."""
        allowed = self.when_expired or WHEN_EXPIRED
        if extended < self.extend_times:
            return allowed
        return tuple(o for o in allowed if o is not Expiry.EXTEND) or (Expiry.DISCARD,)

    def stores(self, what: Stored) -> bool | None:
        """Whether something is stored by itself; None where the user did not say (5.4 E)."""
        if what in self.stored:
            return True
        return False if what in self.not_stored else None

    def selection(self, kind: Kind) -> Selection:
        """The devices that something goes to (5.4 F)."""
        return {
            Kind.MESSAGE: self.messages_to,
            Kind.SESSION: self.sessions_to,
            Kind.NOTIFICATION: self.notifications_to,
            Kind.REPORT: self.reports_to,
        }[kind]


_RULE_ACTIONS = (Disposal.DELIVER, Disposal.REJECT, Disposal.REDIRECT)


@dataclass(frozen=True, slots=True)
class Preferences:
    """All profiles of a user, and which is active where.

    `active` pairs a device's instance with a profile; a device that it does not name has the
    default profile, as has a user without a registered device. Where the active profiles of
    several devices differ, all that one of them allows is allowed: the choice of the device
    that registered last comes first. ValueError for a name of no profile, or of two.
    """

    profiles: tuple[Profile, ...] = field(default_factory=lambda: (Profile(),))
    default: str = ""
    active: tuple[tuple[str, str], ...] = ()
    _named: dict[str, Profile] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = {profile.identifier: profile for profile in self.profiles}
        if len(named) != len(self.profiles) or not named:
            raise ValueError("at least one profile is needed, each with an identifier of its own")
        for name in (self.default, *(name for _, name in self.active)):
            if name and name not in named:
                raise ValueError(f"there is no profile {name!r}")
        object.__setattr__(self, "_named", named)

    @classmethod
    def of(cls, profile: Profile) -> "Preferences":
        """The preferences of a user with this one profile."""
        return cls((profile,))

    @property
    def default_profile(self) -> Profile:
        """The profile that holds when no device is registered; the first where none is named."""
        return self._named.get(self.default, self.profiles[0])

    def profile_of(self, device: Device) -> Profile:
        """The profile that is active on a device."""
        named = (profile for instance, profile in self.active if device.is_instance(instance))
        name = device.profile or next(named, "")
        return self._named.get(name, self.default_profile)

    def profiles_of(self, devices: Iterable[Device]) -> tuple[Profile, ...]:
        """The active profiles of devices, that of the last to register first."""
        latest = sorted(devices, key=lambda device: device.registered_at, reverse=True)
        found = {p.identifier: p for p in (self.profile_of(device) for device in latest)}
        return tuple(found.values()) or (self.default_profile,)

    def disposal(
        self, message: CpmMessage, *, available: bool, now: int = 0, devices: Sequence[Device] = ()
    ) -> tuple[Disposal, ...]:
        """What may become of a message: what is to be done first, then what is left open (5.4 A).

        A message whose time is over (`now` in ns) has expired: it is not deferred any more.
        """
        allowed = self._allowed(devices, lambda p: p.disposal(message, available=available))
        is_over = message.expires_at is not None and message.expires_at <= now
        if not is_over or available:
            return allowed
        return tuple(o for o in allowed if o is not Disposal.DEFER) or (Disposal.DISCARD,)

    def redirection(self, message: CpmMessage, devices: Sequence[Device] = ()) -> str:
        """The URI that a message is redirected to; "" where it is not."""
        for profile in self.profiles_of(devices):
            rule = profile.rule_for(message)
            if rule is not None and rule.action is Disposal.REDIRECT:
                return rule.redirect_to
        return ""

    def when_expired(
        self, message: CpmMessage, *, extended: int = 0, devices: Sequence[Device] = ()
    ) -> tuple[Expiry, ...]:
        """What may become of a message that expires, after so many extensions (5.4 C).

        Media that is not to be kept when deferred is not extended either.
        """
        allowed = self._allowed(devices, lambda p: p.expiry(extended=extended))
        if self.keeps(message.content_type, devices):
            return allowed
        return tuple(o for o in allowed if o is not Expiry.EXTEND) or (Expiry.DISCARD,)

    def extension(self, devices: Sequence[Device] = ()) -> int:
        """By how many ns a message's time is extended (5.4 C)."""
        return self.profiles_of(devices)[0].extend_by

    def keeps(self, media_type: str, devices: Sequence[Device] = ()) -> bool:
        """Whether media of a type is kept when its message is deferred (5.4 A 3)."""
        return any(profile.keeps(media_type) for profile in self.profiles_of(devices))

    def adaptation(self, message: CpmMessage, device: Device) -> Adaptation | None:
        """How a message is to be adapted for a device; None for not at all (5.4 B)."""
        size = len(message.body)
        wishes = self.profile_of(device).adaptations
        return next((w for w in wishes if w.applies(message.content_type, size, device)), None)

    def accepts_media(self, media_type: str, devices: Sequence[Device] = ()) -> bool | None:
        """Whether media in a session is accepted by itself; None: the user is asked (5.4 D 1)."""
        answers = (wanted_media(p.session_media, media_type) for p in self.profiles_of(devices))
        return next((answer for answer in answers if answer is not None), None)

    def session_when_unavailable(self, devices: Sequence[Device] = ()) -> tuple[Disposal, ...]:
        """What may become of a session's invitation: REJECT, INTERWORK (5.4 D 2)."""
        return self._allowed(
            devices, lambda p: p.session_when_unavailable or SESSION_WHEN_UNAVAILABLE
        )

    def stores(self, what: Stored, devices: Sequence[Device] = ()) -> bool | None:
        """Whether something is stored by itself; None where the user did not say (5.4 E)."""
        answers = (profile.stores(what) for profile in self.profiles_of(devices))
        return next((answer for answer in answers if answer is not None), None)

    def deliveries(self, devices: Sequence[Device] = ()) -> tuple[Delivery, ...]:
        """How deferred messages reach the devices: MESSAGE, NOTIFICATION (5.4 F 1)."""
        return self._allowed(devices, lambda p: p.deliveries or EVERY_DELIVERY)

    def targets(self, kind: Kind, devices: Sequence[Device]) -> tuple[Device, ...]:
        """The devices that something goes to, each by its own active profile (5.4 F)."""
        return tuple(
            device
            for device in devices
            if self.profile_of(device).selection(kind).holds(device, devices)
        )

    @property
    def noncpm_services(self) -> tuple[str, ...]:
        """The services to be interworked with, the first comes first; () for any."""
        return self.default_profile.noncpm_services

    def services(self, devices: Sequence[Device]) -> tuple[str, ...]:
        """The services to be interworked with by the active profiles, in their priority."""
        profiles = self.profiles_of(devices)
        return tuple(dict.fromkeys(name for p in profiles for name in p.noncpm_services))

    def _allowed(
        self, devices: Sequence[Device], ask: Callable[[Profile], tuple[T, ...]]
    ) -> tuple[T, ...]:
        options = (option for profile in self.profiles_of(devices) for option in ask(profile))
        return tuple(dict.fromkeys(options))


def _among(name: str, chosen: Sequence[Disposal], allowed: Sequence[Disposal]) -> None:
    for option in chosen:
        if option not in allowed:
            raise ValueError(f"{name}: {option} is none of {', '.join(allowed)}")
