"""Adapting the content of a message to a device, as its user wants it (5.4 B)."""

import re
from dataclasses import replace
from html import unescape

from conformance.body import cpim
from conformance.body.mime import Headers, media_type
from conformance.body.multipart import Part
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.preferences.profiles import Device, Preferences
from conformance.wire.malformed import Malformed

PLAIN = "text/plain;charset=UTF-8"

_TAG = re.compile(r"<(/?)([A-Za-z!][A-Za-z0-9]*+)?[^<>]*+>")
_HIDDEN = frozenset({"script", "style", "head"})
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_MOST = 1_000_000


def adapted(message: CpmMessage, device: Device, preferences: Preferences | None) -> CpmMessage:
    """The message as a device is to get it; the same where no wish applies or can be met.

    Text can become plain text; no other kind of content can be turned into another here.
    """
    wish = None if preferences is None else preferences.adaptation(message, device)
    if wish is None or media_type(wish.to) != "text/plain":
        return message
    kind = media_type(message.content_type)
    if not kind.startswith("text/") or len(message.body) > _MOST:
        return message
    text = plain(message.text) if kind == "text/html" else message.text
    return with_content(message, PLAIN, text.encode("utf-8", "replace"))


def with_content(message: CpmMessage, content_type: str, body: bytes) -> CpmMessage:
    """The message with another content in the envelope that it has."""
    envelope = cpim.parse(message.envelope) if message.envelope else None
    octets = b""
    if envelope is not None and not isinstance(envelope, Malformed):
        fields = (("Content-Type", content_type), ("Content-Length", str(len(body))))
        octets = cpim.write(cpim.Cpim(envelope.headers, Part(Headers(fields), body)))
    return replace(message, body=body, content_type=content_type, envelope=octets)


def plain(html: str) -> str:
    """The text of an HTML document, its markup left out; linear in its length."""
    pieces: list[str] = []
    hidden, at = "", 0
    for tag in _TAG.finditer(html):
        pieces.append("" if hidden else html[at : tag.start()])
        at = tag.end()
        name = (tag[2] or "").lower()
        if not hidden and name in _HIDDEN and not tag[1]:
            hidden = name
        elif name == hidden and tag[1]:
            hidden = ""
        elif name in _BREAKS:
            pieces.append("\n")
    pieces.append("" if hidden else html[at:])
    lines = (" ".join(line.split()) for line in unescape("".join(pieces)).splitlines())
    return "\n".join(line for line in lines if line)
