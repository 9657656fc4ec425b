"""User preferences as an XML document: our own schema, which docs/preferences.md describes."""

from collections.abc import Iterable
from pathlib import Path

from conformance.body.xml_document import check_root, document, escape
from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.reader import (
    NAMESPACE,
    ROOT,
    PreferencesError,
    read_root,
)
from conformance.reference.preferences.rules import (
    ALL_DEVICES,
    Adaptation,
    MediaRule,
    Rule,
    Selection,
)
from conformance.wire.malformed import Malformed

__all__ = ["MEDIA_TYPE", "NAMESPACE", "PreferencesError", "load", "read", "write"]

MEDIA_TYPE = "application/vnd.oma.cpm-user-preferences+xml"
"""Our media type of the document."""

MAX_DOCUMENT = 262_144
"""Octets of one document."""

_DEFAULTS = Profile()


def read(octets: bytes, name: str = "") -> Preferences:
    """Read a document; PreferencesError, which begins with `name`, says where it is wrong."""
    where = f"{name}: " if name else ""
    if len(octets) > MAX_DOCUMENT:
        raise PreferencesError(f"{where}{len(octets)} octets, at most {MAX_DOCUMENT} are read")
    root = check_root(octets, ROOT, ROOT, NAMESPACE, "user preferences")
    if isinstance(root, Malformed):
        raise PreferencesError(f"{where}{root.rule}")
    return read_root(root, name)


def load(path: str) -> Preferences:
    """Read a file; PreferencesError says why it cannot be read, or where it is wrong."""
    try:
        with Path(path).open("rb") as file:
            octets = file.read(MAX_DOCUMENT + 1)
    except (OSError, ValueError) as error:
        raise PreferencesError(f"{path}: {error}") from error
    return read(octets, path)


def write(preferences: Preferences) -> bytes:
    """Write a document; ValueError where it would not be read back equal."""
    default = f' default="{escape(preferences.default)}"' if preferences.default else ""
    active = "".join(
        f'\n  <active device="{escape(device)}" profile="{escape(profile)}"/>'
        for device, profile in preferences.active
    )
    profiles = "".join(_profile(profile) for profile in preferences.profiles)
    octets = document(f'<{ROOT} xmlns="{NAMESPACE}"{default}>{active}{profiles}\n</{ROOT}>')
    try:
        is_same = read(octets) == preferences
    except PreferencesError as error:
        raise ValueError(f"no document can say this: {error}") from error
    if not is_same:
        raise ValueError(f"no document can say {preferences!r}")
    return octets


def _profile(profile: Profile) -> str:
    name = _texts("display-name", [profile.display_name] if profile.display_name else ())
    parts = (
        name,
        _part("message-handling", _message_handling(profile)),
        _part("content-adaptation", [_adaptation(one) for one in profile.adaptations]),
        _expired(profile),
        _part("session-handling", _sessions(profile)),
        _part(
            "storage",
            [
                *_texts("store", sorted(profile.stored)),
                *_texts("do-not-store", sorted(profile.not_stored)),
            ],
        ),
        _part("devices", _devices(profile)),
        _part("interworking", _texts("service", profile.noncpm_services)),
    )
    inside = [line for part in parts for line in part]
    return "".join(
        f"\n  {line}"
        for line in (
            f'<profile id="{escape(profile.identifier)}">',
            *(f"  {line}" for line in inside),
            "</profile>",
        )
    )


def _message_handling(profile: Profile) -> list[str]:
    return [
        *_part(
            "when-available",
            [
                *_part("blacklist", _texts("sender", profile.blacklist)),
                *(line for rule in profile.rules for line in _rule(rule)),
            ],
        ),
        *_part("when-unavailable", _texts("do", profile.when_unavailable)),
        *_part("when-deferring", _media(profile.deferred_media, "keep", "delete")),
    ]


def _rule(rule: Rule) -> list[str]:
    attributes = _attributes(
        ("action", rule.action), ("larger-than", rule.larger_than), ("to", rule.redirect_to)
    )
    return _element("rule", attributes, _texts("media", rule.content_types))


def _adaptation(adaptation: Adaptation) -> str:
    attributes = _attributes(
        ("to", adaptation.to),
        ("larger-than", adaptation.larger_than),
        ("without-tag", adaptation.without_tag),
    )
    inside = [
        *_texts("media", adaptation.content_types),
        *_selection("devices", adaptation.devices),
    ]
    return "".join(_element("adapt", attributes, inside))


def _expired(profile: Profile) -> list[str]:
    by, times = profile.extend_by, profile.extend_times
    attributes = _attributes(
        ("extend-by", None if by == _DEFAULTS.extend_by else _seconds(by)),
        ("extend-times", None if times == _DEFAULTS.extend_times else times),
    )
    inside = _texts("do", profile.when_expired)
    return _element("expired-messages", attributes, inside) if attributes or inside else []


def _sessions(profile: Profile) -> list[str]:
    return [
        *_part("media", _media(profile.session_media, "accept", "reject")),
        *_part("when-unavailable", _texts("do", profile.session_when_unavailable)),
    ]


def _devices(profile: Profile) -> list[str]:
    return [
        *_part("deferred-messages", _texts("deliver", profile.deliveries)),
        *_selection("messages", profile.messages_to),
        *_selection("sessions", profile.sessions_to),
        *_selection("notifications", profile.notifications_to),
        *_selection("reports", profile.reports_to),
    ]


def _selection(name: str, selection: Selection) -> list[str]:
    if selection == ALL_DEVICES:
        return []
    inside = [*_texts("instance", selection.instances), *_texts("tag", selection.tags)]
    return _element(name, _attributes(("latest", selection.latest)), inside)


def _media(rules: Iterable[MediaRule], wanted: str, unwanted: str) -> list[str]:
    return [
        line
        for rule in rules
        for line in _texts(wanted if rule.wanted else unwanted, [rule.pattern])
    ]


def _part(name: str, inside: list[str]) -> list[str]:
    return _element(name, "", inside) if inside else []


def _element(name: str, attributes: str, inside: list[str]) -> list[str]:
    if not inside:
        return [f"<{name}{attributes}/>"]
    return [f"<{name}{attributes}>", *(f"  {line}" for line in inside), f"</{name}>"]


def _texts(name: str, texts: Iterable[str]) -> list[str]:
    return [f"<{name}>{escape(text)}</{name}>" for text in texts]


def _attributes(*pairs: tuple[str, str | int | None]) -> str:
    return "".join(
        f' {name}="{escape(str(value))}"' for name, value in pairs if value not in (None, "")
    )


def _seconds(ns: int) -> str:
    whole, rest = divmod(ns, SECOND)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".") if rest else str(whole)
