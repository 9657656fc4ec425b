r"""Text from the wire made safe to show: no control, no direction override, no broken octet.

A terminal obeys escape sequences, XML 1.0 forbids most controls, and UTF-8 has no lone
surrogates; each such character is shown as `\xNN` or `\uNNNN` instead.
"""

import re

# Controls but tab and line feed; separators and directions that reorder what is read around
# them (Unicode TR 9); byte order mark; lone surrogates, in which undecodable octets travel;
# noncharacters, which XML refuses.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def legible(text: str) -> str:
    """The text with every unsafe character spelt out; tab and line feed stay."""
    return _UNSAFE.sub(_shown, text)


def one_line(text: str, limit: int = 200) -> str:
    """The text on one line of at most `limit` characters, an ellipsis telling that it was cut."""
    flat = " ".join(legible(text[: limit * 4]).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def octets_as_text(octets: bytes, limit: int = 65_536) -> str:
    """Octets of a message as text for people; what is not UTF-8 is spelt out.

    A longer message ends in a line that says how many octets are not shown.
    """
    shown = octets[:limit].decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    text = legible(shown)
    if len(octets) > limit:
        text += f"\n… {len(octets) - limit} octets more"
    return text
