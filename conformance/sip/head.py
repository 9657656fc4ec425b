"""The head of a message as octets: where it ends, where a field's value lies.

A head is regular when each of its lines is a long name, a colon and a value. Nearly every head on
a wire is, and then one `find` reaches a value; all others (folding, compact forms, white space
before the colon, lines that are no field) take the careful way.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from conformance.sip.names import COMPACT_FORMS, is_list, long_name

# The first line end that no field of the plain kind follows: where a regular head ends.
_NO_FIELD = re.compile(rb"\n(?![A-Za-z][A-Za-z0-9-]++:)")
_LENGTH = b"\ncontent-length:"
_BLANK = b" \t\r\n"


def regular_end(octets: bytes | bytearray, start: int = 0) -> int:
    """Where a regular head that begins at `start` ends; 0 for any other head."""
    found = _NO_FIELD.search(octets, start)
    if found is None:
        return 0
    end = found.end()
    return end if octets.startswith(b"\r\n", end) else 0


def find_end(octets: bytes | bytearray, start: int = 0, searched: int = 0) -> tuple[int, int]:
    """Where the head that begins at `start` ends and where its body begins; (-1, -1) if unseen.

    A line ends with CRLF; a bare LF is understood too. Octets before `searched` hold no end.
    """
    begin = max(start, searched)
    end = octets.find(b"\n\r\n", begin)
    bare = octets.find(b"\n\n", begin, end + 1 if end >= 0 else len(octets))
    if bare >= 0:
        return bare + 1, bare + 2
    return (end + 1, end + 3) if end >= 0 else (-1, -1)


@lru_cache(maxsize=1024)
def needle(name: str) -> bytes:
    """What stands before the value of a field in a regular head in lower case."""
    return b"\n" + long_name(name).encode("utf-8", "surrogateescape") + b":"


class Wanted(NamedTuple):
    """A field by its name: what stands before its value, how long that is, whether a list."""

    mark: bytes
    size: int
    is_list: bool


@lru_cache(maxsize=1024)
def wanted(name: str) -> Wanted:
    """All that is asked of a name when a field is read from a regular head."""
    mark = needle(name)
    return Wanted(mark, len(mark), is_list(name))


@lru_cache(maxsize=1024)
def careful_needle(name: str) -> re.Pattern[bytes]:
    """What stands before the value of a field in any head in lower case."""
    long = long_name(name)
    names = re.escape(long.encode("utf-8", "surrogateescape"))
    if compact := COMPACT_FORMS.get(long):
        names = b"(?:" + names + b"|" + compact.encode() + b")"
    return re.compile(rb"\n" + names + rb"[ \t]*+:")


def value_at(octets: bytes, begin: int, head_end: int) -> tuple[bytes, int]:
    """The unfolded value that begins at `begin`, and the offset of the LF that ends it."""
    end = octets.find(b"\n", begin, head_end)
    folded = False
    while end >= 0 and end + 1 < head_end and octets[end + 1] in b" \t":
        folded = True
        end = octets.find(b"\n", end + 1, head_end)
    if end < 0:
        end = head_end
    value = octets[begin:end]
    if folded:
        value = b" ".join(line.strip(_BLANK) for line in value.split(b"\n"))
    return value.strip(_BLANK), end


def content_length(lower: bytes, regular: bool) -> int | str | None:
    """Content-Length of a head in lower case; None if absent, a sentence where it is broken.

    RFC 3261 section 20.14: one field, decimal digits only.
    """
    # The field is often the last one.
    at = lower.rfind(_LENGTH) if regular else -1
    if at >= 0 and lower.find(_LENGTH, 0, at) < 0:
        digits = lower[at + len(_LENGTH) : lower.find(b"\n", at + 1)].strip(_BLANK)
    else:
        found = raw_values(lower, lower, "content-length", regular)
        if not found:
            return None
        digits = found[0]
        if any(value != digits for value in found[1:]):
            return "RFC 3261 section 20.14: Content-Length fields that differ"
    if digits.isdigit() and len(digits) <= 18:
        return int(digits)
    return "RFC 3261 section 20.14: Content-Length is no decimal number"


def raw_values(octets: bytes, lower: bytes, name: str, regular: bool) -> list[bytes]:
    """Every value of a field in order, unfolded; `lower` is the head of `octets` in lower case."""
    found = []
    if regular:
        mark = needle(name)
        at = lower.find(mark)
        while at >= 0:
            begin = at + len(mark)
            end = lower.find(b"\n", begin)
            found.append(octets[begin:end].strip(_BLANK))
            at = lower.find(mark, end)
        return found
    at = 0
    pattern = careful_needle(name)
    while match := pattern.search(lower, at):
        value, at = value_at(octets, match.end(), len(lower))
        found.append(value)
    return found


def first_value(octets: bytes, lower: bytes, name: str, regular: bool) -> bytes | None:
    """The first value of a field, unfolded; None if there is no such field."""
    if regular:
        mark = needle(name)
        at = lower.find(mark)
        if at < 0:
            return None
        begin = at + len(mark)
        return octets[begin : lower.find(b"\n", begin)].strip(_BLANK)
    match = careful_needle(name).search(lower)
    return None if match is None else value_at(octets, match.end(), len(lower))[0]
