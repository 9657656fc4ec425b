"""Other spellings of an MSRP message, each of which says the same by the clause it names."""

import re
from collections.abc import Callable

from tests.laws.spelling import Line, Spelling, mixed_case

Respelling = Callable[[Spelling], None]


def msrp_names_in_other_case(message: Spelling) -> None:
    """RFC 4975 section 9: names are literals of ABNF, without case (RFC 5234 section 2.3)."""
    for line in message.lines:
        line.name = mixed_case(line.name, message.chance)


def msrp_fields_in_other_order(message: Spelling) -> None:
    """RFC 4975 section 9: any order behind the paths, but that Content-Type ends the head."""
    middle = [line for line in message.lines[2:] if line.long != "content-type"]
    last = message.find("content-type")
    message.chance.shuffle(middle)
    message.lines = [*message.lines[:2], *middle, *last]


def msrp_foreign_fields(message: Spelling) -> None:
    """RFC 4975 section 9: ext-header, ignored by who does not know it."""
    for line in (Line("X-Path", "msrp://nowhere.example/none;tcp"), Line("Subject", "none")):
        message.lines.insert(message.chance.randrange(2, len(message.lines[:3]) + 1), line)


def msrp_defaults_written_out(message: Spelling) -> None:
    """RFC 4975 sections 7.1.1 and 7.1.2: no success reports, all failures."""
    if message.start.endswith(" SEND"):
        for name, value in (("Success-Report", "no"), ("Failure-Report", "yes")):
            if not message.find(name.lower()):
                message.lines.insert(2, Line(name, value))


def msrp_open_ranges(message: Spelling) -> None:
    """RFC 4975 section 7.1.1: "*" where a chunk may be interrupted."""
    if message.start.endswith(" SEND") and message.body:
        for line in message.find("byte-range"):
            line.value = re.sub(r"-\d+/", "-*/", line.value)


def msrp_ranges_left_out(message: Spelling) -> None:
    """RFC 4975 section 7.1.1: without Byte-Range a SEND begins with the first octet."""
    whole = f"1-{len(message.body)}/{len(message.body)}"
    if message.start.endswith(" SEND") and message.end.endswith(b"$\r\n"):
        ranges = message.find("byte-range")
        if ranges and ranges[0].value == whole:
            message.lines = [line for line in message.lines if line is not ranges[0]]


def msrp_other_comments(message: Spelling) -> None:
    """RFC 4975 section 7.2: a comment is for people, and may be absent."""
    found = re.match(r"(MSRP \S+ \d{3})\b", message.start)
    if found:
        message.start = found[1] + message.chance.choice(["", " SEND it was", " Согласен"])


def msrp_paths_in_other_case(message: Spelling) -> None:
    """RFC 4975 section 6.1: scheme, host and transport are case-insensitive."""
    for line in message.find("to-path", "from-path"):
        line.value = line.value.replace("msrp:", "MSRP:").replace(";tcp", ";TCP")


MSRP: dict[str, Respelling] = {
    one.__name__: one
    for one in (
        msrp_ranges_left_out,
        msrp_open_ranges,
        msrp_defaults_written_out,
        msrp_other_comments,
        msrp_paths_in_other_case,
        msrp_foreign_fields,
        msrp_fields_in_other_order,
        msrp_names_in_other_case,
    )
}
"""Respellings by name, in an order in which any of them may follow another."""


def chunked(octets: bytes, sizes: Callable[[], int]) -> list[bytes]:
    """A SEND in smaller chunks, each a transaction of its own (RFC 4975 sections 5.1, 7.1.1)."""
    at = octets.rindex(b"\r\n-------")
    head, blank, body = octets[:at].partition(b"\r\n\r\n")
    found = re.search(rb"(?i)byte-range: (\d+)-(?:\d+|\*)/(\d+|\*)", head)
    start = octets.split(b" ", 2)[1]
    if b" SEND\r\n" not in head or not blank or found is None or not body:
        return [octets]
    flag, first, pieces = octets[-3:-2], int(found[1]), []
    while body:
        size = sizes()
        piece, body = body[:size], body[size:]
        last = first + len(piece) - 1
        ranged = head.replace(found[0], b"Byte-Range: %d-%d/%s" % (first, last, found[2]))
        name = chunk_name(start, len(pieces))
        mark = flag if not body else b"+"
        pieces.append(
            ranged.replace(start, name, 1) + blank + piece + b"\r\n-------" + name + mark + b"\r\n"
        )
        first += len(piece)
    return pieces if len(pieces) > 1 else [octets]


def chunk_name(start: bytes, number: int) -> bytes:
    """The transaction id of one chunk of many."""
    return start[:28] + b"%03d" % number
