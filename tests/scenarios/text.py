"""SIP messages as lists of header fields, so that a node can change them like a proxy does."""

import re
from dataclasses import dataclass, field

COMPACT = {
    "Via": "v",
    "From": "f",
    "To": "t",
    "Call-ID": "i",
    "Contact": "m",
    "Content-Type": "c",
    "Content-Length": "l",
    "Supported": "k",
    "Event": "o",
    "Allow-Events": "u",
    "Accept-Contact": "a",
    "Request-Disposition": "d",
    "Referred-By": "b",
    "Session-Expires": "x",
    "Content-Encoding": "e",
    "Subject": "s",
}
"""RFC 3261 7.3.3, RFC 3841, RFC 3892, RFC 4028, RFC 6665."""


@dataclass(slots=True)
class Draft:
    """One SIP message before it becomes octets; Via and routes hold one value a field."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def copy(self) -> "Draft":
        return Draft(self.start, list(self.headers), self.body)

    def get(self, name: str) -> str:
        """The first value, empty if there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.headers)

    def remove(self, *names: str) -> None:
        self.headers = [pair for pair in self.headers if pair[0] not in names]

    def put(self, name: str, value: str) -> None:
        """Set the first field of that name, or add it at the end."""
        for index, (key, _) in enumerate(self.headers):
            if key == name:
                self.headers[index] = (name, value)
                return
        self.headers.append((name, value))

    def put_all(self, name: str, values: list[str]) -> None:
        """Replace every field of that name by these, at the place of the first one."""
        place = next((i for i, (key, _) in enumerate(self.headers) if key == name), None)
        self.remove(name)
        if place is None:
            vias = [i for i, (key, _) in enumerate(self.headers) if key == "Via"]
            place = vias[-1] + 1 if vias and name != "Via" else 0
        self.headers[place:place] = [(name, value) for value in values]

    def push(self, name: str, value: str) -> None:
        """Add a field above all others of that name."""
        self.put_all(name, [value, *self.all(name)])

    @property
    def method(self) -> str:
        return self.get("CSeq").split()[1]

    @property
    def uri(self) -> str:
        return self.start.split(" ")[1]

    @uri.setter
    def uri(self, value: str) -> None:
        self.start = f"{self.start.split(' ')[0]} {value} SIP/2.0"

    def octets(self, *, compact: bool = False) -> bytes:
        fields = [*self.headers, ("Content-Length", str(len(self.body)))]
        lines = [self.start]
        for name, value in fields:
            shown = COMPACT.get(name, name) if compact else name
            lines.append(f"{shown}: {value}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def tag_of(value: str) -> str:
    """The tag parameter of a From or To value, empty if there is none."""
    found = re.search(r";tag=([^;\s]+)", value)
    return found[1] if found else ""


def with_tag(value: str, tag: str) -> str:
    """The value with this tag in place of whatever it had."""
    bare = re.sub(r";tag=[^;\s]+", "", value)
    return f"{bare};tag={tag}" if tag else bare


def address_of(value: str) -> str:
    """The URI inside the angle brackets."""
    found = re.search(r"<([^>]*)>", value)
    return found[1] if found else value


def replace_header(octets: bytes, name: str, value: str | None) -> bytes:
    """Octets with one field's value replaced, or the field taken out."""
    head, gap, body = octets.partition(b"\r\n\r\n")
    kept: list[bytes] = []
    for line in head.split(b"\r\n"):
        if line.split(b":")[0].decode() != name:
            kept.append(line)
        elif value is not None:
            kept.append(f"{name}: {value}".encode())
    return b"\r\n".join(kept) + gap + body


def replace_status(octets: bytes, status: int, reason: str) -> bytes:
    """A response's octets with another status line."""
    _, gap, rest = octets.partition(b"\r\n")
    return f"SIP/2.0 {status} {reason}".encode() + gap + rest


def replace_body(octets: bytes, body: bytes) -> bytes:
    """Octets with another body and the Content-Length that it has."""
    head, gap, _ = octets.partition(b"\r\n\r\n")
    return replace_header(head + gap, "Content-Length", str(len(body))) + body
