"""SIP messages as lazy views over their octets (RFC 3261 section 7).

Nothing is read until asked for; what identifies a message is kept once read. A mandatory field
that is absent reads as "", None or -1: whether that is a fault is for `check` to say.
"""

import re
from functools import lru_cache
from sys import intern
from typing import ClassVar, Self

from conformance.sip import head
from conformance.sip.grammar import split_list
from conformance.wire.spooled import Spooled

# How nearly everybody writes the fields that identify a message, in a regular head in lower case.
# Each finds the first field of its name; a group is set only if that one is written so, and if
# none is, the careful way reads it.
_QUICK_CALL_ID = re.compile(rb"\ncall-id:(?:[ \t]*+([^\s]++)[ \t]*+[\r\n])?")
_QUICK_CSEQ = re.compile(rb"\ncseq:(?:[ \t]*+(\d{1,20})[ \t]++([^\s]++)[ \t]*+[\r\n])?")
_QUICK_BRANCH = re.compile(
    rb"\nvia:(?:[^\";,\r\n]*+(?:;(?!branch)[^\";,\r\n]*+)*+;branch=([^\s\";,]++))?"
)
_QUICK_FROM, _QUICK_TO = (
    re.compile(
        rb"\n" + name + rb":(?:[ \t]*+(?:\"[^\"\\\r\n]*+\")?+[^\">\r\n]*+>"
        rb"(?:;tag=([^\s\";,>]++)(?=[\r\n]|;[^\">\r\n]*+[\r\n])|()(?=[\r\n])))?"
    )
    for name in (b"from", b"to")
)
_BRANCH = re.compile(rb";[ \t]*+branch[ \t]*+=[ \t]*+([^ \t;,\"]++)", re.IGNORECASE)
_TAG = re.compile(rb";[ \t]*+tag[ \t]*+=[ \t]*+([^ \t;,\"]++)", re.IGNORECASE)
_CSEQ = re.compile(rb"(\d{1,20})[ \t]++([^ \t]++)")
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)
_PLAIN = re.compile(rb"[^\s\";,]++(?=[;,\r\n])")
_BLANK = b" \t\r\n"
_UNREAD = "not read yet"


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


@lru_cache(maxsize=256)
def _word(octets: bytes) -> str:
    """A method: few serve a whole capture."""
    return _text(octets)


@lru_cache(maxsize=1024)
def _quick_cseq(value: bytes) -> tuple[int, str] | None:
    """The number and method of a CSeq that is written as nearly everyone writes it."""
    number, _, method = value.strip(_BLANK).partition(b" ")
    if number.isdigit() and len(number) < 21 and method.isalpha():
        return int(number), _word(method)
    return None


def _without_quotes(value: bytes) -> bytes:
    """A value whose quoted strings are emptied; one with a quote left open stays as it is."""
    if b'"' not in value:
        return value
    if any(not found[1] for found in _QUOTED.finditer(value)):
        return value
    return _QUOTED.sub(b'""', value)


class SipMessage(Spooled):
    """A SIP request or response: `octets` exactly as seen, head and body.

    `lower_head` is the head in lower case, `regular` says that it can be searched the short way
    (see `head`), `body_start` is the offset of the body. Who knows already where a regular head
    ends says so (`regular_end`).
    """

    __slots__ = (
        "_branch",
        "_call_id",
        "_cseq",
        "_length",
        "_tags",
        "_vias",
        "body_start",
        "lower_head",
        "regular",
    )
    is_request: ClassVar[bool]

    def __init__(self, octets: bytes, regular_end: int = 0) -> None:
        self.octets = octets
        self._reread = None
        end = regular_end or head.regular_end(octets)
        self.regular = end > 0
        if end:
            self.body_start = end + 2
        else:
            end, self.body_start = head.find_end(octets)
            if end < 0:
                end = self.body_start = len(octets)
        self.lower_head = octets[:end].lower()
        self._call_id: str | None = None
        self._cseq: tuple[int, str] | None = None
        self._tags: tuple[str | None, str | None] | None = None
        self._branch: str | None = None
        self._vias: tuple[str, ...] | None = None
        self._length: int | str | None = _UNREAD

    def __getattr__(self, name: str) -> bytes:
        # Only what `slim` let go of is ever missing.
        if name == "octets":
            return self.octets_again()
        if name != "lower_head":
            raise AttributeError(name)
        lower = self.octets[: self.body_start - 2].lower()
        if self.is_held:
            self.lower_head = lower
        return lower

    def slim(self) -> None:
        """Let go of what can be made again from the octets: for messages that are kept long."""
        if self.regular:
            # The head of such a message ends two octets before its body; it may be gone by now.
            try:  # noqa: SIM105 - asked of every message
                del self.lower_head
            except AttributeError:
                pass
            self._vias = self._tags = None
            self.forget_octets()

    def again(self, octets: bytes) -> Self:
        """The same message, regular, with the octets that it let go."""
        fresh = type(self)(octets, self.body_start - 2)
        fresh._call_id, fresh._cseq, fresh._length = self._call_id, self._cseq, self._length
        return fresh

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SipMessage):
            return NotImplemented
        return self.is_request is other.is_request and self.octets == other.octets

    def __hash__(self) -> int:
        return hash(self.octets)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.octets!r})"

    @property
    def head(self) -> bytes:
        """Start line and header fields, each with its line end, without the empty line."""
        return self.octets[: len(self.lower_head)]

    @property
    def start_line(self) -> str:
        """The request line or status line, without its line end."""
        end = self.octets.find(b"\n")
        return _text(self.octets[: end if end >= 0 else None].rstrip(b"\r"))

    @property
    def body(self) -> bytes:
        """The body: Content-Length octets after the empty line, all of them if it is absent."""
        start = self.body_start
        length = self.content_length
        if length == 0:
            return b""
        return self.octets[start : start + length if isinstance(length, int) else None]

    @property
    def content_length(self) -> int | str | None:
        """Content-Length; None if absent, a sentence where it is broken (see `head`)."""
        found = self._length
        if found is _UNREAD:
            found = self._length = head.content_length(self.lower_head, self.regular)
        return found

    def header(self, name: str) -> str | None:
        """The first value of a field, unfolded and stripped; None if absent.

        The name may be long or compact, in any case. Of a list, it is the first element.
        """
        wanted = head.wanted(name)
        if self.regular:
            at = self.lower_head.find(wanted.mark)
            if at < 0:
                return None
            begin = at + wanted.size
            value = self.octets[begin : self.octets.find(b"\n", begin)].strip(_BLANK)
        else:
            found = head.first_value(self.octets, self.lower_head, name, False)
            if found is None:
                return None
            value = found
        text = value.decode("utf-8", "surrogateescape")
        if wanted.is_list and "," in text:
            return next(iter(split_list(text)), "")
        return text

    def headers(self, name: str) -> tuple[str, ...]:
        """All values of a field in order; a list's commas are split (RFC 3261 section 7.3.1)."""
        if self.regular and name != "Via" and head.wanted(name).mark not in self.lower_head:
            return ()
        raw = head.raw_values(self.octets, self.lower_head, name, self.regular)
        texts = [_text(value) for value in raw]
        if not head.wanted(name).is_list:
            return tuple(texts)
        found: list[str] = []
        for text in texts:
            # Values without a comma, such as each Via with its branch, stay out of the cache.
            if "," in text:
                found += split_list(text)
            elif text:
                found.append(text)
        return tuple(found)

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Every field in order, the name as written; lines without a colon are left out."""
        found = []
        head_end = len(self.lower_head)
        at = self.octets.find(b"\n", 0, head_end) + 1 or head_end
        while at < head_end:
            line, end = head.value_at(self.octets, at, head_end)
            name, colon, value = line.partition(b":")
            if colon:
                found.append((_text(name.rstrip(b" \t")), _text(value.strip(b" \t"))))
            at = end + 1
        return tuple(found)

    @property
    def call_id(self) -> str:
        """Call-ID, "" if absent."""
        found = self._call_id
        if found is None:
            quick = _QUICK_CALL_ID.search(self.lower_head) if self.regular else None
            if quick and quick.lastindex:
                found = self._part(quick, 1)
            else:
                found = _text(self._raw("call-id"))
            self._call_id = found
        return found

    @property
    def transaction(self) -> tuple[str, str, int, str]:
        """What the messages of a transaction share: branch, Call-ID, CSeq number and method."""
        if self._cseq is None and self.regular:
            self._read_quickly()
        return self.branch, self.call_id, self.cseq, self.cseq_method

    @property
    def cseq(self) -> int:
        """The sequence number of CSeq, -1 if absent or unreadable."""
        return (self._cseq or self._read_cseq())[0]

    @property
    def cseq_method(self) -> str:
        """The method of CSeq, "" if absent or unreadable."""
        return (self._cseq or self._read_cseq())[1]

    @property
    def from_tag(self) -> str | None:
        """The tag of From."""
        return (self._tags or self._read_tags())[0]

    @property
    def to_tag(self) -> str | None:
        """The tag of To."""
        return (self._tags or self._read_tags())[1]

    @property
    def branch(self) -> str:
        """The branch of the top Via, "" if there is none."""
        found = self._branch
        if found is None:
            quick = _QUICK_BRANCH.search(self.lower_head) if self.regular else None
            if quick is None or not quick.lastindex:
                found = self._careful_branch()
            else:
                found = self._part(quick, 1)
            self._branch = found
        return found

    @property
    def vias(self) -> tuple[str, ...]:
        """The values of Via, top first."""
        found = self._vias
        if found is None:
            found = self._vias = self.headers("Via")
        return found

    @property
    def content_type(self) -> str:
        """The media type "type/subtype" of the body in lower case, without parameters."""
        value = head.first_value(self.lower_head, self.lower_head, "content-type", self.regular)
        return _text(value.partition(b";")[0].strip()).replace(" ", "") if value else ""

    def _part(self, match: re.Match[bytes], group: int) -> str:
        """What a match in the lower-case head stands for, as it was written."""
        begin, end = match.span(group)
        return self.octets[begin:end].decode("utf-8", "surrogateescape")

    def _read_quickly(self) -> None:
        """Read what identifies a transaction, where it is written as nearly everyone writes it."""
        lower, octets = self.lower_head, self.octets
        at = lower.find(b"\ncseq:") + 6
        if at > 6:
            self._cseq = _quick_cseq(octets[at : lower.find(b"\n", at)])
        at = lower.find(b"\ncall-id:") + 9
        if at > 9:
            value = octets[at : lower.find(b"\n", at)].strip(_BLANK)
            # A conversation's messages share it: they are held by the ten thousand.
            self._call_id = intern(value.decode("utf-8", "surrogateescape"))
        at = lower.find(b"\nvia:")
        begin = lower.find(b";branch=", at, lower.find(b"\n", at + 1))
        if at > 0 and begin > 0:
            before = lower[at:begin]
            if b'"' not in before and b"," not in before:
                found = _PLAIN.match(octets, begin + 8)
                self._branch = None if found is None else _text(found[0])

    def _read_cseq(self) -> tuple[int, str]:
        quick = _QUICK_CSEQ.search(self.lower_head) if self.regular else None
        if quick and quick.lastindex:
            found = int(quick[1]), self._part(quick, 2)
        else:
            match = _CSEQ.fullmatch(self._raw("cseq"))
            found = (int(match[1]), _text(match[2])) if match else (-1, "")
        self._cseq = found
        return found

    def _read_tags(self) -> tuple[str | None, str | None]:
        found = self._tag(_QUICK_FROM, "from"), self._tag(_QUICK_TO, "to")
        self._tags = found
        return found

    def _tag(self, pattern: re.Pattern[bytes], name: str) -> str | None:
        quick = pattern.search(self.lower_head) if self.regular else None
        if quick and quick.lastindex:
            return self._part(quick, 1) if quick.lastindex == 1 else None
        value = _without_quotes(self._raw(name))
        match = _TAG.search(value, value.rfind(b">") + 1)
        return _text(match[1]) if match else None

    def _careful_branch(self) -> str:
        value = _without_quotes(self._raw("via"))
        match = _BRANCH.search(value.partition(b",")[0])
        return _text(match[1]) if match else ""

    def _raw(self, name: str) -> bytes:
        return head.first_value(self.octets, self.lower_head, name, self.regular) or b""


class SipRequest(SipMessage):
    """A SIP request (RFC 3261 section 7.1); `method` is the method, as written."""

    __slots__ = ("method",)
    is_request: ClassVar[bool] = True

    def __init__(self, octets: bytes, regular_end: int = 0) -> None:
        super().__init__(octets, regular_end)
        end = octets.find(b" ")
        # Asked for of every request more often than anything else.
        self.method = _word(octets[: end if end >= 0 else None])

    @property
    def uri(self) -> str:
        """The Request-URI, as written."""
        return self.start_line.partition(" ")[2].rpartition(" ")[0]


class SipResponse(SipMessage):
    """A SIP response (RFC 3261 section 7.2); `status` is the status code, -1 if unreadable."""

    __slots__ = ("status",)
    is_request: ClassVar[bool] = False

    def __init__(self, octets: bytes, regular_end: int = 0) -> None:
        super().__init__(octets, regular_end)
        digits = octets[8:11]
        self.status = int(digits) if digits.isdigit() else -1

    @property
    def reason(self) -> str:
        """The reason phrase."""
        return self.start_line[12:]
