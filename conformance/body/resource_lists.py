"""Lists of recipients (application/resource-lists+xml, RFC 4826 and RFC 5364)."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from conformance.body.xml_document import BLANK, check_root, child, document, escape, text_of
from conformance.wire.malformed import Malformed

MEDIA_TYPE = "application/resource-lists+xml"
"""The media type of a list (RFC 4826)."""

NAMESPACE = "urn:ietf:params:xml:ns:resource-lists"
COPY_CONTROL = "urn:ietf:params:xml:ns:copyControl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipient; `copy_control` is `to`, `cc` or `bcc` (RFC 5364), or None."""

    uri: str
    display_name: str | None = None
    copy_control: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceLists:
    """Every recipient of a document in its order, lists within lists included."""

    entries: tuple[Entry, ...]

    @property
    def uris(self) -> tuple[str, ...]:
        """The recipients' URIs in order."""
        return tuple(entry.uri for entry in self.entries)


def parse(octets: bytes) -> ResourceLists | Malformed:
    """Read a list of recipients; references to other documents are not followed."""
    root = check_root(
        octets, "resource-lists", "resource-lists", NAMESPACE, "RFC 4826 section 3.1"
    )
    if isinstance(root, Malformed):
        return root
    entries = []
    for element in root.iter():
        if element.tag in (f"{{{NAMESPACE}}}entry", "entry"):
            uri = (element.get("uri") or "").strip(BLANK)
            if not uri:
                rule = "RFC 4826 section 3.1: entry without a uri"
                return Malformed("resource-lists", octets, 0, rule)
            entries.append(_entry(element, uri))
    return ResourceLists(tuple(entries))


def write(lists: ResourceLists) -> bytes:
    """Write one list with every recipient; ValueError where it would not be read back."""
    written = "".join(_written(entry) for entry in lists.entries)
    octets = document(
        f'<resource-lists xmlns="{NAMESPACE}" xmlns:cp="{COPY_CONTROL}">'
        f"<list>{written}</list></resource-lists>"
    )
    if parse(octets) != lists:
        raise ValueError(f"no resource list can say {lists!r}")
    return octets


def _entry(element: Element, uri: str) -> Entry:
    name = child(element, "display-name", NAMESPACE)
    control = element.get(f"{{{COPY_CONTROL}}}copyControl") or element.get("copyControl")
    return Entry(
        uri,
        None if name is None else text_of(name),
        None if control is None else control.strip(BLANK).lower(),
    )


def _written(entry: Entry) -> str:
    control = entry.copy_control
    attribute = "" if control is None else f' cp:copyControl="{escape(control)}"'
    name = entry.display_name
    inner = "" if name is None else f"<display-name>{escape(name)}</display-name>"
    return f'<entry uri="{escape(entry.uri)}"{attribute}>{inner}</entry>'
