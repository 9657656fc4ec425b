"""From the elements of a preferences document to preferences; every fault with its place."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar
from xml.etree.ElementTree import Element

from conformance.body.xml_document import BLANK, local_name, text_of
from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.rules import (
    Adaptation,
    Delivery,
    Disposal,
    Expiry,
    MediaRule,
    Rule,
    Selection,
    Stored,
)

NAMESPACE = "urn:oma:xml:cpm:user-preferences"
"""The namespace of our documents; elements in none are read as well."""

ROOT = "user-preferences"

_SECONDS = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?\Z", re.ASCII)
_COUNT = re.compile(r"\d{1,15}\Z", re.ASCII)
Word = TypeVar("Word", bound=StrEnum)


class PreferencesError(ValueError):
    """A document of preferences that cannot be used; the text says where and why."""


class Node:
    """An element with the way to it; it gives what is asked for, and refuses what is strange.

    Elements of other namespaces are passed over, as an extension may bring them.
    """

    def __init__(self, element: Element, path: str) -> None:
        self.name = local_name(element.tag)
        self.path = path
        self._element = element

    @property
    def text(self) -> str:
        """Its text; PreferencesError where it has none, or elements in it."""
        text = text_of(self._element)
        if len(self._element) or not text:
            raise self.error("a text is needed here, and nothing else")
        return text

    def error(self, why: str) -> PreferencesError:
        """What to raise about it."""
        return PreferencesError(f"{self.path}: {why}")

    def children(self, *allowed: str) -> list["Node"]:
        """Its children in order, which must be of these names."""
        found = []
        for element in self._element:
            namespace, _, name = element.tag.rpartition("}")
            if namespace not in ("", "{" + NAMESPACE):
                continue
            if name not in allowed:
                raise self.error(f"<{name}> is none of {_listed(allowed)}")
            found.append(Node(element, f"{self.path} > {name}"))
        return found

    def single(self, *allowed: str) -> dict[str, "Node"]:
        """Its children by name, at most one of each."""
        found: dict[str, Node] = {}
        for node in self.children(*allowed):
            if node.name in found:
                raise self.error(f"<{node.name}> stands here twice")
            found[node.name] = node
        return found

    def attributes(self, *allowed: str) -> dict[str, str]:
        """Its attributes, which must be of these names."""
        found = {k: v.strip(BLANK) for k, v in self._element.items() if "}" not in k}
        for name in found:
            if name not in allowed:
                raise self.error(f"the attribute {name} is none of {_listed(allowed)}")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of its children, which must all be of this name."""
        return tuple(node.text for node in self.children(name))

    def word(self, words: type[Word], text: str) -> Word:
        """One of these words."""
        try:
            return words(text)
        except ValueError:
            raise self.error(f"{text!r} is none of {_listed(tuple(words))}") from None

    def words(self, name: str, words: type[Word]) -> tuple[Word, ...]:
        """Its children's texts as these words, each at most once."""
        found = tuple(node.word(words, node.text) for node in self.children(name))
        if len(set(found)) < len(found):
            raise self.error("a choice stands here twice")
        return found

    def number(self, text: str | None) -> int | None:
        """A whole number, or None for None."""
        if text is not None and not _COUNT.match(text):
            raise self.error(f"{text!r} is no whole number")
        return None if text is None else int(text)

    def nanoseconds(self, text: str) -> int:
        """The ns of a number of seconds, with up to nine decimals."""
        match = _SECONDS.match(text)
        if match is None:
            raise self.error(f"{text!r} is no number of seconds")
        return int(match[1]) * SECOND + int((match[2] or "").ljust(9, "0"))


def read_root(root: Element, name: str) -> Preferences:
    """The preferences in a document, which `name` names in a PreferencesError."""
    node = Node(root, f"{name}: {ROOT}" if name else ROOT)
    attributes = node.attributes("default")
    profiles: list[Profile] = []
    active: list[tuple[str, str]] = []
    for child in node.children("active", "profile"):
        if child.name == "profile":
            profiles.append(_profile(child))
        else:
            pair = child.attributes("device", "profile")
            if len(pair) < 2:
                raise child.error("the attributes device and profile are needed")
            active.append((pair["device"], pair["profile"]))
    try:
        return Preferences(tuple(profiles), attributes.get("default", ""), tuple(active))
    except ValueError as error:
        raise node.error(str(error)) from error


_PARTS = (
    "display-name",
    "message-handling",
    "content-adaptation",
    "expired-messages",
    "session-handling",
    "storage",
    "devices",
    "interworking",
)


def _profile(node: Node) -> Profile:
    identifier = node.attributes("id").get("id", "")
    if not identifier:
        raise node.error("the attribute id is needed")
    node.path += f" {identifier!r}"
    parts = node.single(*_PARTS)
    values: dict[str, object] = {"identifier": identifier}
    if "display-name" in parts:
        values["display_name"] = parts.pop("display-name").text
    for name, part in parts.items():
        values |= _READERS[name](part)
    try:
        return Profile(**values)  # type: ignore[arg-type]
    except PreferencesError:
        raise
    except ValueError as error:
        raise node.error(str(error)) from error


def _message_handling(node: Node) -> dict[str, object]:
    parts = node.single("when-available", "when-unavailable", "when-deferring")
    found: dict[str, object] = {}
    if available := parts.get("when-available"):
        blacklist: list[str] = []
        rules: list[Rule] = []
        for child in available.children("blacklist", "rule"):
            if child.name == "rule":
                rules.append(_rule(child))
            else:
                blacklist.extend(child.texts("sender"))
        found |= {"blacklist": tuple(blacklist), "rules": tuple(rules)}
    if unavailable := parts.get("when-unavailable"):
        found["when_unavailable"] = unavailable.words("do", Disposal)
    if deferring := parts.get("when-deferring"):
        found["deferred_media"] = _media_rules(deferring, "keep", "delete")
    return found


def _rule(node: Node) -> Rule:
    attributes = node.attributes("action", "larger-than", "to")
    return Rule(
        node.word(Disposal, attributes.get("action", "")),
        node.number(attributes.get("larger-than")),
        node.texts("media"),
        attributes.get("to", ""),
    )


def _media_rules(node: Node, wanted: str, unwanted: str) -> tuple[MediaRule, ...]:
    children = node.children(wanted, unwanted)
    return tuple(MediaRule(child.text, child.name == wanted) for child in children)


def _content_adaptation(node: Node) -> dict[str, object]:
    found = []
    for child in node.children("adapt"):
        attributes = child.attributes("to", "larger-than", "without-tag")
        if not attributes.get("to"):
            raise child.error("the attribute to is needed")
        inside = child.children("media", "devices")
        devices = [part for part in inside if part.name == "devices"]
        found.append(
            Adaptation(
                tuple(part.text for part in inside if part.name == "media"),
                attributes["to"],
                child.number(attributes.get("larger-than")),
                _selection(devices[0]) if devices else Selection(),
                attributes.get("without-tag", ""),
            )
        )
    return {"adaptations": tuple(found)}


def _expired(node: Node) -> dict[str, object]:
    attributes = node.attributes("extend-by", "extend-times")
    found: dict[str, object] = {"when_expired": node.words("do", Expiry)}
    if "extend-by" in attributes:
        found["extend_by"] = node.nanoseconds(attributes["extend-by"])
    if "extend-times" in attributes:
        found["extend_times"] = node.number(attributes["extend-times"])
    return found


def _sessions(node: Node) -> dict[str, object]:
    parts = node.single("media", "when-unavailable")
    found: dict[str, object] = {}
    if media := parts.get("media"):
        found["session_media"] = _media_rules(media, "accept", "reject")
    if unavailable := parts.get("when-unavailable"):
        found["session_when_unavailable"] = unavailable.words("do", Disposal)
    return found


def _storage(node: Node) -> dict[str, object]:
    found: dict[str, set[Stored]] = {"store": set(), "do-not-store": set()}
    for child in node.children(*found):
        found[child.name].add(child.word(Stored, child.text))
    return {"stored": frozenset(found["store"]), "not_stored": frozenset(found["do-not-store"])}


_SELECTIONS = {
    "messages": "messages_to",
    "sessions": "sessions_to",
    "notifications": "notifications_to",
    "reports": "reports_to",
}


def _devices(node: Node) -> dict[str, object]:
    parts = node.single("deferred-messages", *_SELECTIONS)
    found: dict[str, object] = {
        _SELECTIONS[name]: _selection(part) for name, part in parts.items() if name in _SELECTIONS
    }
    if deferred := parts.get("deferred-messages"):
        found["deliveries"] = deferred.words("deliver", Delivery)
    return found


def _selection(node: Node) -> Selection:
    latest = node.number(node.attributes("latest").get("latest"))
    children = node.children("instance", "tag")
    return Selection(
        tuple(child.text for child in children if child.name == "instance"),
        tuple(child.text for child in children if child.name == "tag"),
        latest,
    )


def _interworking(node: Node) -> dict[str, object]:
    return {"noncpm_services": node.texts("service")}


_READERS = {
    "message-handling": _message_handling,
    "content-adaptation": _content_adaptation,
    "expired-messages": _expired,
    "session-handling": _sessions,
    "storage": _storage,
    "devices": _devices,
    "interworking": _interworking,
}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none, as none may stand here"
