"""The list of deferred messages in a NOTIFY, and the actions chosen for them in an INVITE.

The published texts name neither media type nor schema, so a profile tells where in a document a
message's identity and action stand; the default reads every sensible form.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from conformance.body.xml_document import (
    BLANK,
    document,
    escape,
    local_name,
    parse_root,
    text_of,
)
from conformance.wire.malformed import Malformed

LIST_TYPE = "application/vnd.oma.cpm-deferred-list+xml"
"""Our media type of the list."""

ACTIONS_TYPE = "application/vnd.oma.cpm-deferred-actions+xml"
"""Our media type of the actions."""

ACTIONS = frozenset({"retrieve", "interwork", "discard", "store", "keep"})
"""What a user may choose for a deferred message (System Description 5.2.2.2.1)."""

_SYNONYMS = {
    "keepdeferred": "keep",
    "retain": "keep",
    "defer": "keep",
    "delete": "discard",
    "remove": "discard",
    "fetch": "retrieve",
    "interworking": "interwork",
}
_LIST_NAMESPACE = "urn:oma:xml:cpm:deferred-list"
_ACTIONS_NAMESPACE = "urn:oma:xml:cpm:deferred-actions"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_PLAIN_STEP = re.compile(r"@?[A-Za-z_][A-Za-z0-9_.-]*\Z")
_NAMESPACE = re.compile(r"\{[^{}]*\}")
# Each step of a path is a generator inside the one before, in ElementTree.
_LONGEST_PATH = 256


def _element_path(path: str) -> str:
    return path[1:] if _PLAIN_STEP.match(path) else path.rpartition("/@")[0] or path


def _check(path: str) -> None:
    if len(_NAMESPACE.sub("", path)) > _LONGEST_PATH:
        raise ValueError(f"no path that can be used: it is too long: {path[:_LONGEST_PATH]}…")
    try:
        list(Element("document").iterfind(path))
    except (SyntaxError, KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"no path that can be used: {path!r}: {error}") from error


@dataclass(frozen=True, slots=True)
class IdentityPaths:
    """Where entries, their identity and their action stand, as a profile tells.

    `element` is an ElementTree path from the document (`{*}` stands for any namespace).
    `identity` and `action` are tried in order below an entry. A plain `name` or `@name` there
    means a child or attribute of any namespace, whatever the case and hyphens of its name; all
    else is an ElementTree path, whose last step may be `/@name`. A path that cannot be used
    gives a ValueError that names it. `types` are the media types that hold a list; none named
    means any XML.
    """

    element: str = ".//{*}message"
    identity: tuple[str, ...] = ("@id", "message-id", "@message-id")
    action: tuple[str, ...] = ("@action", "action")
    types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for path in (self.element, *(_element_path(p) for p in (*self.identity, *self.action))):
            _check(path)


DEFAULT = IdentityPaths()


@dataclass(frozen=True, slots=True)
class Entry:
    """One deferred message: its identity, the action for it if any, and what else is told.

    `action` is one of ACTIONS, or the text as written where it is none of them. `fields` are
    local names with their text: attributes first, then children in order.
    """

    identity: str
    action: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


def identities(octets: bytes, paths: IdentityPaths = DEFAULT) -> tuple[Entry, ...] | Malformed:
    """Read the entries of a list, or of chosen actions, in the order of the document.

    An empty root is an empty list. A document in which nothing is found where the profile
    looks, or an entry without identity, is Malformed: it must not pass for an empty list.
    """
    root = parse_root(octets, "deferred list")
    if isinstance(root, Malformed):
        return root
    found = _elements(root, paths.element)
    if not found and len(root):
        return _malformed(octets, f"nothing found at {paths.element}")
    entries: list[Entry] = []
    inside: set[Element] = set()
    for element in found:
        if element in inside:
            continue
        identity = _first(element, paths.identity)
        if not identity:
            return _malformed(octets, f"an entry without identity at {paths.identity}")
        # What lies inside an entry, such as a message text, is no further entry.
        inside.update(element.iter())
        action = _first(element, paths.action)
        fields = tuple(_fields(element, paths))
        entries.append(Entry(identity, normal_action(action) if action else None, fields))
    return tuple(entries)


def normal_action(text: str) -> str:
    """The action that a text means, in whatever case; the stripped text if it is none."""
    folded = _folded(text.strip(BLANK))
    if folded in ACTIONS:
        return folded
    return _SYNONYMS.get(folded, text.strip(BLANK))


def write_list(entries: Iterable[Entry]) -> bytes:
    """Write a list of deferred messages in the form of our own traces."""
    return _write("deferred-list", _LIST_NAMESPACE, tuple(entries))


def write_actions(entries: Iterable[Entry]) -> bytes:
    """Write the actions chosen for deferred messages in the form of our own traces."""
    return _write("deferred-actions", _ACTIONS_NAMESPACE, tuple(entries))


def _write(root: str, namespace: str, entries: tuple[Entry, ...]) -> bytes:
    written = "".join(_written(entry) for entry in entries)
    octets = document(f'<{root} xmlns="{namespace}">{written}</{root}>')
    if identities(octets) != entries:
        raise ValueError(f"no {root} can say {entries!r}")
    return octets


def _written(entry: Entry) -> str:
    action = "" if entry.action is None else f' action="{escape(entry.action)}"'
    for name, _ in entry.fields:
        if not _NAME.match(name):
            raise ValueError(f"no name of an element: {name!r}")
    fields = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in entry.fields)
    return f'<message id="{escape(entry.identity)}"{action}>{fields}</message>'


def _elements(root: Element, path: str) -> list[Element]:
    # Paths lead downwards, and the root itself may be an entry.
    top = Element("document")
    top.append(root)
    return list(dict.fromkeys(top.iterfind(path)))


def _first(element: Element, paths: tuple[str, ...]) -> str:
    return next((text for path in paths if (text := _text_at(element, path))), "")


def _text_at(element: Element, path: str) -> str:
    if _PLAIN_STEP.match(path):
        return _plain(element, path)
    steps, _, attribute = path.rpartition("/@")
    found = element.find(steps or path)
    if found is None:
        return ""
    return _plain(found, "@" + attribute) if steps else text_of(found)


def _plain(element: Element, step: str) -> str:
    wanted = _folded(step.removeprefix("@"))
    if step.startswith("@"):
        return next((v.strip(BLANK) for k, v in element.items() if _folded(k) == wanted), "")
    return next((text_of(child) for child in element if _folded(child.tag) == wanted), "")


def _fields(element: Element, paths: IdentityPaths) -> Iterator[tuple[str, str]]:
    used = {_folded(path) for path in (*paths.identity, *paths.action) if _PLAIN_STEP.match(path)}
    for name, value in element.items():
        if "@" + _folded(name) not in used:
            yield local_name(name), value.strip(BLANK)
    for child in element:
        if _folded(child.tag) not in used:
            yield local_name(child.tag), text_of(child)


def _folded(name: str) -> str:
    return local_name(name).replace("-", "").replace("_", "").lower()


def _malformed(octets: bytes, rule: str) -> Malformed:
    return Malformed("deferred list", octets, 0, f"profile: {rule}")
