"""MSRP messages as lazy views over their octets (RFC 4975 section 7).

Nothing is read until asked for; what identifies a message is kept once read. A mandatory field
that is absent reads as "", None or -1.
"""

import re
from functools import lru_cache
from typing import ClassVar, Literal, NamedTuple

from conformance.wire.spooled import Spooled

_BYTE_RANGE = re.compile(rb"(\d{1,18})-(\d{1,18}|\*)/(\d{1,18}|\*)")
_STATUS = re.compile(rb"(\d{3}) (\d{3})(?: (.*))?", re.DOTALL)
_BLANK = b" \t\r\n"


class ByteRange(NamedTuple):
    """Byte-Range (RFC 4975 section 7.1.1): octets count from 1; None stands for "*"."""

    start: int
    end: int | None
    total: int | None


class Status(NamedTuple):
    """The Status of a REPORT (RFC 4975 section 7.1.2): namespace 0 is that of the RFC."""

    namespace: int
    code: int
    comment: str


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


@lru_cache(maxsize=1024)
def _mark(name: str) -> bytes:
    """What stands before the value of a field in a head in lower case."""
    return f"\r\n{name.lower()}:".encode("utf-8", "surrogateescape")


class MsrpMessage(Spooled):
    """An MSRP request or response: `octets` exactly as seen, from start line to end-line.

    `lower_head` is the head in lower case, `body_start` and `body_end` are offsets of the body.
    """

    __slots__ = (
        "_from_path",
        "_message_id",
        "_to_path",
        "body_end",
        "body_start",
        "lower_head",
    )
    is_request: ClassVar[bool]

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._reread = None
        # The end-line is the last line; the CRLF before it is no part of the body.
        last = octets.rfind(b"\r\n-------")
        end = last if last >= 0 else len(octets)
        head_end = octets.find(b"\r\n\r\n", 0, end + 4)
        if head_end < 0:
            head_end = self.body_start = self.body_end = end
        else:
            self.body_start = head_end + 4
            self.body_end = max(end, self.body_start)
        self.lower_head = octets[: head_end + 2].lower()
        self._to_path: tuple[str, ...] | None = None
        self._from_path: tuple[str, ...] | None = None
        self._message_id: str | None = None

    def __getattr__(self, name: str) -> bytes:
        # Only what `slim` let go of is ever missing.
        if name == "octets":
            return self.octets_again()
        if name != "lower_head":
            raise AttributeError(name)
        octets, start = self.octets, self.body_start
        # Where no empty line ends the head, the end-line does, and the body is nowhere.
        is_ended = octets.endswith(b"\r\n\r\n", 0, start)
        lower = octets[: start - 2 if is_ended else start + 2].lower()
        if self.is_held:
            self.lower_head = lower
        return lower

    def slim(self) -> None:
        """Let go of what can be read again: for messages that are kept long."""
        # They may be gone by now.
        try:  # noqa: SIM105 - asked of every message
            del self.lower_head
        except AttributeError:
            pass
        self.forget_octets()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MsrpMessage):
            return NotImplemented
        return self.is_request is other.is_request and self.octets == other.octets

    def __hash__(self) -> int:
        return hash(self.octets)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.octets!r})"

    @property
    def start_line(self) -> str:
        """The request line or response line, without its line end."""
        return _text(self.octets.partition(b"\r\n")[0])

    @property
    def transaction_id(self) -> str:
        """The transaction identifier, of start line and end-line."""
        return _text(self.octets[5:100].split(b" ", 1)[0])

    @property
    def flag(self) -> str:
        """The continuation flag: "$" the last chunk, "+" more to come, "#" given up."""
        return _text(self.octets[-3:-2])

    @property
    def body(self) -> bytes:
        """The octets between the empty line and the CRLF before the end-line."""
        return self.octets[self.body_start : self.body_end]

    def header(self, name: str) -> str | None:
        """The first value of a field, stripped; None if absent. The name may be in any case."""
        value = self._raw(name)
        return None if value is None else _text(value)

    def headers(self, name: str) -> tuple[str, ...]:
        """The value of every field of this name, in order."""
        lower = name.lower()
        return tuple([value for field, value in self.fields() if field.lower() == lower])

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Every field in order, the name as written; lines without a colon are left out."""
        lines = self.octets[: len(self.lower_head)].split(b"\r\n")[1:]
        split = [line.partition(b":") for line in lines]
        return tuple(
            [(_text(n.strip()), _text(v.strip(_BLANK))) for n, colon, v in split if colon]
        )

    @property
    def to_path(self) -> tuple[str, ...]:
        """The URIs of To-Path, in order."""
        found = self._to_path
        if found is None:
            found = self._to_path = tuple((self.header("To-Path") or "").split())
        return found

    @property
    def from_path(self) -> tuple[str, ...]:
        """The URIs of From-Path, in order."""
        found = self._from_path
        if found is None:
            found = self._from_path = tuple((self.header("From-Path") or "").split())
        return found

    @property
    def message_id(self) -> str | None:
        """Message-ID."""
        found = self._message_id
        if found is None:
            found = self._message_id = self.header("Message-ID") or ""
        return found or None

    @property
    def content_type(self) -> str:
        """The media type "type/subtype" in lower case, without parameters; "" if absent."""
        value = (self._raw("Content-Type") or b"").partition(b";")[0]
        return _text(value.strip(_BLANK).lower())

    @property
    def byte_range(self) -> ByteRange | None:
        """Byte-Range; None if absent or unreadable."""
        match = _BYTE_RANGE.fullmatch(self._raw("Byte-Range") or b"")
        if match is None:
            return None
        end, total = (None if part == b"*" else int(part) for part in match.group(2, 3))
        return ByteRange(int(match[1]), end, total)

    def _raw(self, name: str) -> bytes | None:
        mark = _mark(name)
        at = self.lower_head.find(mark)
        if at < 0:
            return None
        begin = at + len(mark)
        return self.octets[begin : self.lower_head.find(b"\r\n", begin)].strip(_BLANK)


class MsrpRequest(MsrpMessage):
    """An MSRP request: SEND, REPORT, AUTH, NICKNAME or another (RFC 4975 section 7.1)."""

    __slots__ = ()
    is_request: ClassVar[bool] = True

    @property
    def method(self) -> str:
        """The method, as written."""
        return self.start_line.rpartition(" ")[2]

    @property
    def success_report(self) -> bool:
        """Whether a success report is asked for; no by default."""
        return (self._raw("Success-Report") or b"").lower() == b"yes"

    @property
    def failure_report(self) -> Literal["yes", "no", "partial"]:
        """Which failures are to be reported; "yes" by default."""
        value = (self._raw("Failure-Report") or b"").lower()
        if value == b"no":
            return "no"
        return "partial" if value == b"partial" else "yes"

    @property
    def status(self) -> Status | None:
        """The Status of a REPORT; None if absent or unreadable."""
        match = _STATUS.fullmatch(self._raw("Status") or b"")
        return Status(int(match[1]), int(match[2]), _text(match[3] or b"")) if match else None

    @property
    def is_empty(self) -> bool:
        """Whether this is a SEND without content, as binds a connection (RFC 4975 section 5.4)."""
        return self.body_start == self.body_end and self.method == "SEND"


class MsrpResponse(MsrpMessage):
    """An MSRP response (RFC 4975 section 7.2)."""

    __slots__ = ()
    is_request: ClassVar[bool] = False

    @property
    def status(self) -> int:
        """The status code, -1 if unreadable."""
        code = self.start_line.split(" ")[2:3]
        return int(code[0]) if code and code[0].isdecimal() else -1

    @property
    def comment(self) -> str:
        """The comment after the status code."""
        return " ".join(self.start_line.split(" ")[3:])
