"""A SIP or MSRP message in the parts that a spelling is made of.

Its author is a stranger to our parsers and writers: only what the tests' own traces hold need be
read, a head of `Name: value` lines without folding.
"""

import re
from dataclasses import dataclass
from random import Random
from zlib import crc32

COMPACT = {
    "accept-contact": "a",
    "allow-events": "u",
    "call-id": "i",
    "contact": "m",
    "content-encoding": "e",
    "content-length": "l",
    "content-type": "c",
    "event": "o",
    "from": "f",
    "refer-to": "r",
    "referred-by": "b",
    "reject-contact": "j",
    "request-disposition": "d",
    "session-expires": "x",
    "subject": "s",
    "supported": "k",
    "to": "t",
    "via": "v",
}
"""Long name to compact form (RFC 3261 section 7.3.3, RFC 3515, 3841, 3892, 4028, 6665)."""

_LONG = {compact: name for name, compact in COMPACT.items()}
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>|[^",;<]+|[,;]')


@dataclass(slots=True)
class Line:
    """One header field: its name and value as they will be written, and what stands between."""

    name: str
    value: str
    colon: str = ": "

    @property
    def long(self) -> str:
        """The long name in lower case, by which a field is known."""
        lower = self.name.lower()
        return _LONG.get(lower, lower)

    def __str__(self) -> str:
        return f"{self.name}{self.colon}{self.value}"


@dataclass(slots=True)
class Spelling:
    """A message taken apart; `end` is the end-line of MSRP.

    `chance` differs from message to message, and is the same for a message sent again;
    `body_chance` is the same for all that carry one body, since who forwards it may not touch it.
    """

    start: str
    lines: list[Line]
    body: bytes
    is_msrp: bool
    is_datagram: bool
    chance: Random
    body_chance: Random
    end: bytes = b""

    @classmethod
    def of(cls, octets: bytes, seed: int, *, is_datagram: bool) -> "Spelling":
        """Take a message apart; `seed` tells one respelling from another."""
        is_msrp = octets.startswith(b"MSRP ")
        end = b""
        if is_msrp:
            at = octets.rindex(b"\r\n-------")
            octets, end = octets[: at + 2], octets[at + 2 :]
        head, blank, body = octets.partition(b"\r\n\r\n")
        if is_msrp and blank:
            body = body[:-2]
        start, *texts = head.decode().rstrip("\r\n").split("\r\n")
        lines = [Line(*text.split(": ", 1)) for text in texts]
        return cls(
            start,
            lines,
            body,
            is_msrp,
            is_datagram,
            Random(f"{seed} {crc32(octets + end)}"),
            Random(f"{seed} {crc32(body)}"),
            end,
        )

    def find(self, *names: str) -> list[Line]:
        """The fields of these long names, in order."""
        return [line for line in self.lines if line.long in names]

    @property
    def media_type(self) -> str:
        """The type of the body in lower case, "" without one."""
        found = self.find("content-type")
        return found[0].value.partition(";")[0].strip().lower() if found else ""

    def octets(self) -> bytes:
        """The message as it is spelled now."""
        if self.is_msrp:
            head = "".join(f"{line}\r\n" for line in [self.start, *self.lines]).encode()
            has_body = bool(self.find("content-type"))
            return head + (b"\r\n" + self.body + b"\r\n" if has_body else b"") + self.end
        for line in self.find("content-length"):
            line.value = str(len(self.body))
        head = "".join(f"{line}\r\n" for line in [self.start, *self.lines])
        return head.encode() + b"\r\n" + self.body


def members(value: str, mark: str = ",") -> list[str]:
    """The members of a list, or with ";" a value and its parameters."""
    found = [""]
    for piece in _PIECE.findall(value):
        if piece == mark:
            found.append("")
        else:
            found[-1] += piece
    return [member.strip() for member in found]


def mixed_case(text: str, chance: Random) -> str:
    """The text in some other case."""
    return chance.choice([text.lower(), text.upper(), text.swapcase(), text.title()])
