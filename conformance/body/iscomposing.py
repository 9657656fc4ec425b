"""Indication that a message is being composed (application/im-iscomposing+xml, RFC 3994)."""

from dataclasses import dataclass

from conformance.body.xml_document import check_root, child, document, escape, text_of
from conformance.wire.malformed import Malformed

MEDIA_TYPE = "application/im-iscomposing+xml"
"""The media type of an indication (RFC 3994)."""

NAMESPACE = "urn:ietf:params:xml:ns:im-iscomposing"


@dataclass(frozen=True, slots=True)
class IsComposing:
    """The state of a composer.

    `state` is `active` or `idle`; another token counts as idle (RFC 3994).
    `refresh` is in seconds; optional elements are None where absent.
    """

    state: str
    refresh: int | None = None
    content_type: str | None = None
    last_active: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether a message is being composed."""
        return self.state == "active"


def parse(octets: bytes) -> IsComposing | Malformed:
    """Read an indication; elements of other namespaces are ignored."""
    root = check_root(octets, "is-composing", "isComposing", NAMESPACE, "RFC 3994 section 6")
    if isinstance(root, Malformed):
        return root
    values = {}
    for name in ("state", "refresh", "contenttype", "lastactive"):
        element = child(root, name, NAMESPACE)
        values[name] = None if element is None else text_of(element)
    state, refresh = values["state"], values["refresh"]
    if not state:
        return Malformed("is-composing", octets, 0, "RFC 3994 section 6: no state")
    seconds = _seconds(refresh) if refresh is not None else None
    if refresh is not None and seconds is None:
        rule = "RFC 3994 section 6: refresh is no number of seconds"
        return Malformed("is-composing", octets, 0, rule)
    return IsComposing(state.lower(), seconds, values["contenttype"], values["lastactive"])


def write(composing: IsComposing) -> bytes:
    """Write an indication; ValueError where it would not be read back as it is."""
    refresh = None if composing.refresh is None else str(composing.refresh)
    elements = (
        ("state", composing.state),
        ("lastactive", composing.last_active),
        ("contenttype", composing.content_type),
        ("refresh", refresh),
    )
    written = "".join(
        f"<{name}>{escape(text)}</{name}>" for name, text in elements if text is not None
    )
    octets = document(f'<isComposing xmlns="{NAMESPACE}">{written}</isComposing>')
    if parse(octets) != composing:
        raise ValueError(f"no indication can say {composing!r}")
    return octets


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
