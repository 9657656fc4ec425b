"""What a user preference can say, and what about (System Description 5.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from conformance.body.mime import media_type as essence_of
from conformance.cpm.identity import is_anonymous, uri_of, user_key

ANONYMOUS = "anonymous"
"""The entry of a blacklist that means every sender who hides."""


class Disposal(StrEnum):
    """What becomes of a message, or of a session's invitation, that comes for the user."""

    DELIVER = "deliver"
    DEFER = "defer"
    DISCARD = "discard"
    STORE = "store"
    INTERWORK = "interwork"
    REJECT = "reject"
    REDIRECT = "redirect"


class Expiry(StrEnum):
    """What becomes of a deferred message that expires."""

    DISCARD = "discard"
    STORE = "store"
    EXTEND = "extend"


class Kind(StrEnum):
    """What is delivered to some of a user's devices (5.4 F)."""

    MESSAGE = "message"
    SESSION = "session"
    NOTIFICATION = "notification"
    REPORT = "report"


class Delivery(StrEnum):
    """How a deferred message reaches a device: itself, or a notification of it (5.4 F 1)."""

    MESSAGE = "message"
    NOTIFICATION = "notification"


class Stored(StrEnum):
    """What may be stored by itself (5.4 E)."""

    MESSAGE = "message"
    SESSION = "session"
    CONVERSATION = "conversation"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Device:
    """A registered device: its `+sip.instance`, its contact, its active profile's identifier.

    `tags` are its feature tags; `registered_at` is in ns since 1970-01-01 UTC. A `profile` of ""
    leaves it to the preferences which profile is active on it.
    """

    instance: str
    contact: str
    profile: str = ""
    tags: tuple[str, ...] = ()
    registered_at: int = 0

    def is_instance(self, name: str) -> bool:
        """Whether a URN names this device: its feature tag has it in angle brackets (RFC 5626)."""
        return bool(name) and _urn(name) == _urn(self.instance)


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on a message with what is to be done: 5.4 A 1. What is left out is any.

    It applies to a message that is longer than `larger_than` octets and of one of the media
    types (`image/*` stands for every image). `redirect_to` is a URI, for REDIRECT.
    """

    action: Disposal
    larger_than: int | None = None
    content_types: tuple[str, ...] = ()
    redirect_to: str = ""

    def applies(self, content_type: str, size: int) -> bool:
        """Whether it applies to a message of this type and of so many octets."""
        if self.larger_than is not None and size <= self.larger_than:
            return False
        return not self.content_types or matches_media(self.content_types, content_type)


@dataclass(frozen=True, slots=True)
class MediaRule:
    """Whether media of a type is wanted; the first rule that matches counts."""

    pattern: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """All of a user's devices, or a subset: 5.4 F. What is left out chooses all.

    A device is in it whose instance is one of `instances`, that has all of the `tags`, and that
    is among the `latest` so many to register.
    """

    instances: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    latest: int | None = None

    def holds(self, device: Device, devices: Sequence[Device]) -> bool:
        """Whether a device is in it; `devices` are all that are registered."""
        if self.instances and not any(device.is_instance(name) for name in self.instances):
            return False
        if not set(self.tags) <= set(device.tags):
            return False
        if self.latest is None:
            return True
        newer = [other for other in devices if other.registered_at > device.registered_at]
        return len(newer) < self.latest


ALL_DEVICES = Selection()


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A wish that content be adapted before it is delivered: 5.4 B.

    It is meant for the `devices` (device setting) and, where `without_tag` is given, for those
    that lack this feature tag (communication capability). `to` is the media type to become.
    """

    content_types: tuple[str, ...]
    to: str
    larger_than: int | None = None
    devices: Selection = ALL_DEVICES
    without_tag: str = ""

    def applies(self, content_type: str, size: int, device: Device) -> bool:
        """Whether a message of this type and of so many octets is adapted for a device."""
        if self.larger_than is not None and size <= self.larger_than:
            return False
        if self.without_tag and self.without_tag in device.tags:
            return False
        if not matches_media(self.content_types, content_type):
            return False
        return self.devices.holds(device, (device,))


def matches_media(patterns: Sequence[str], content_type: str) -> bool:
    """Whether a Content-Type is of one of the types; `image/*` and `*` match as they read."""
    media = essence_of(content_type) or content_type.strip().lower()
    return any(_alike(pattern.strip().lower(), media) for pattern in patterns)


def wanted_media(rules: Sequence[MediaRule], content_type: str) -> bool | None:
    """What the first matching rule says of a media type; None where none says anything."""
    return next(
        (rule.wanted for rule in rules if matches_media((rule.pattern,), content_type)), None
    )


def matches_sender(patterns: Sequence[str], sender: str) -> bool:
    """Whether a sender is in a list of URIs; `*` stands for any text, as in `sip:*@a.example`."""
    key, uri = user_key(sender), uri_of(sender).lower()
    names = (key, key.partition(":")[2], uri, uri.partition(":")[2])
    for pattern in patterns:
        if pattern == ANONYMOUS:
            if is_anonymous(sender):
                return True
        elif "*" not in pattern:
            if key == user_key(pattern):
                return True
        elif any(_alike(pattern.lower(), name) for name in names):
            return True
    return False


def _alike(pattern: str, text: str) -> bool:
    # Only the star is special: addresses may hold a bracket and a question mark.
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def _urn(instance: str) -> str:
    return instance.strip().strip('"<>').lower()
