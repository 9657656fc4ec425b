"""The GSM 7 bit default alphabet with its extension table, and its packing (TS 23.038)."""

_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_SEPTETS = {
    **{char: bytes([value]) for value, char in enumerate(_DEFAULT) if value != _ESCAPE},
    **{char: bytes([_ESCAPE, value]) for value, char in _EXTENSION.items()},
}


def decode(septets: bytes) -> str:
    """The text of septets, one an octet (TS 23.038 section 6.2.1).

    An escape before a septet that the extension table does not hold shows the character of the
    default table; a last escape, or one before another, shows a space.
    """
    text: list[str] = []
    escaped = False
    for septet in septets:
        value = septet & 0x7F
        if escaped:
            text.append(_EXTENSION.get(value) or _shown(value))
            escaped = False
        elif value == _ESCAPE:
            escaped = True
        else:
            text.append(_DEFAULT[value])
    return "".join(text) + (" " if escaped else "")


def encode(text: str) -> bytes | None:
    """The septets of a text, one an octet; None where a character is in neither table."""
    try:
        return b"".join(_SEPTETS[char] for char in text)
    except KeyError:
        return None


def pack(septets: bytes, fill: int = 0) -> bytes:
    """Pack septets into octets behind `fill` zero bits (TS 23.038 section 6.1.2.1.1)."""
    packed = bytearray()
    bits, held = 0, fill
    for septet in septets:
        bits |= (septet & 0x7F) << held
        held += 7
        if held >= 8:
            packed.append(bits & 0xFF)
            bits >>= 8
            held -= 8
    if held:
        packed.append(bits)
    return bytes(packed)


def unpack(octets: bytes, count: int, fill: int = 0) -> bytes:
    """Unpack `count` septets, or as many as there are, behind `fill` bits; one an octet."""
    septets = bytearray()
    bits, held = 0, -fill
    for octet in octets:
        bits |= octet << max(held, 0) if held >= 0 else octet >> -held
        held += 8
        while held >= 7 and len(septets) < count:
            septets.append(bits & 0x7F)
            bits >>= 7
            held -= 7
        if len(septets) == count:
            break
    return bytes(septets)


def _shown(value: int) -> str:
    return " " if value == _ESCAPE else _DEFAULT[value]
