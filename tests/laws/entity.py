"""What describes itself: a message's body, a part of it, what CPIM wraps."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.laws.spelling import Line


@dataclass(slots=True)
class Entity:
    """Header fields and the octets they describe: a message's body, a part, or what CPIM wraps."""

    lines: list[Line]
    body: bytes
    chance: Random
    depth: int = 0

    def line(self, name: str) -> Line | None:
        """The field of that long name in lower case."""
        return next((line for line in self.lines if line.long == name), None)

    @property
    def content_type(self) -> str:
        """The whole Content-Type, "" without one."""
        line = self.line("content-type")
        return line.value if line else ""

    @content_type.setter
    def content_type(self, value: str) -> None:
        line = self.line("content-type")
        if line:
            line.value = value

    @property
    def kind(self) -> str:
        """The media type in lower case."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def boundary(self) -> str:
        """The boundary of a multipart."""
        found = re.search(r'boundary="?([^";]+)"?', self.content_type, re.IGNORECASE)
        return found[1] if found else ""

    def pieces(self) -> list[bytes]:
        """The parts of a multipart, each with its head."""
        mark = f"--{self.boundary}".encode()
        pieces = (b"\r\n" + self.body).split(b"\r\n" + mark)[1:-1]
        return [piece.removeprefix(b"\r\n") for piece in pieces]

    def put_pieces(self, pieces: list[bytes], boundary: str, blank: str = "") -> None:
        """Be the multipart of these parts; `blank` is padding behind each delimiter."""
        self.content_type = f'multipart/mixed;boundary="{boundary}"'
        mark = f"--{boundary}{blank}\r\n".encode()
        self.body = b"".join(mark + piece + b"\r\n" for piece in pieces)
        self.body += f"--{boundary}--{blank}\r\n".encode()

    def octets(self) -> bytes:
        """Header fields, empty line, body."""
        length = self.line("content-length")
        if length:
            length.value = str(len(self.body))
        return written(self.lines) + b"\r\n" + self.body

    def inner(self, octets: bytes) -> "Entity":
        """What stands within this one, taken apart."""
        head, _, body = octets.partition(b"\r\n\r\n")
        return Entity(lines_of(head), body, self.chance, self.depth + 1)


def lines_of(head: bytes) -> list[Line]:
    return [Line(*text.split(": ", 1)) for text in head.decode().split("\r\n") if text]


def written(lines: list[Line]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


Visit = Callable[[Entity], None]
