"""Other spellings of what a message carries: multiparts, CPIM, text, and the documents in them."""

import re
from base64 import encodebytes
from collections.abc import Callable
from random import Random

from tests.laws.entity import Entity, Visit, lines_of, written
from tests.laws.respelling_documents import DOCUMENTS
from tests.laws.spelling import Line, Spelling, members, mixed_case


def respell(message: Spelling, names: set[str]) -> None:
    """Respell all that a message carries; of MSRP, only what came in one chunk."""
    visits = [visit for name, visit in BODIES.items() if name in names]
    if not message.body or not visits or (message.is_msrp and not _is_single(message)):
        return
    entity = Entity(message.lines, message.body, message.body_chance)
    _walk(entity, visits)
    message.body = entity.body
    for line in message.find("byte-range") if message.is_msrp else ():
        line.value = f"1-{len(message.body)}/{len(message.body)}"


def _walk(entity: Entity, visits: list[Visit]) -> None:
    """Visit everything that lies within, and then the entity."""
    if entity.kind.startswith("multipart/"):
        pieces = [_walked(entity.inner(piece), visits) for piece in entity.pieces()]
        entity.put_pieces(pieces, entity.boundary)
    elif entity.kind == "message/cpim":
        headers, _, inner = entity.body.partition(b"\r\n\r\n")
        entity.body = headers + b"\r\n\r\n" + _walked(entity.inner(inner), visits)
    for visit in visits:
        visit(entity)


def _walked(entity: Entity, visits: list[Visit]) -> bytes:
    _walk(entity, visits)
    return entity.octets()


def _is_single(message: Spelling) -> bool:
    ranges = message.find("byte-range")
    whole = f"1-{len(message.body)}/{len(message.body)}"
    return message.end.endswith(b"$\r\n") and bool(ranges) and ranges[0].value == whole


def media_types_otherwise(entity: Entity) -> None:
    """RFC 2045 section 5.1: type and parameter names in any case, values quoted or not."""
    first, *parameters = members(entity.content_type, ";")
    written = [mixed_case(first, entity.chance)]
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        text = value.strip('"')
        quoted = value if name.lower() == "boundary" else entity.chance.choice([text, f'"{text}"'])
        if name.lower() == "charset":
            quoted = mixed_case(quoted, entity.chance)
        written.append(f"{mixed_case(name, entity.chance)}={quoted}")
    if first.startswith("text/"):
        written.append("format=flowed")
        written[1:] = entity.chance.sample(written[1:], len(written) - 1)
    if first:
        entity.content_type = entity.chance.choice([";", "; ", " ; "]).join(written)


def part_heads_otherwise(entity: Entity) -> None:
    """RFC 2045 section 3: names in any case, any order, folded, and further fields."""
    if not entity.depth:
        return
    for line in entity.lines:
        line.name = mixed_case(line.name, entity.chance)
        line.colon = entity.chance.choice([":", ": ", ":\r\n  "])
    entity.lines.append(Line("Content-ID", "<1@nowhere.example>"))
    entity.lines.append(Line("Content-Description", "Content-Type: none/none"))
    entity.chance.shuffle(entity.lines)
    entity.lines[:] = [line for line in entity.lines if line.long != "content-length"]


def parts_in_base64(entity: Entity) -> None:
    """RFC 2045 section 6.8: a transfer encoding, undone before anything is compared."""
    if entity.depth and not entity.kind.startswith("multipart/"):
        entity.body = encodebytes(entity.body).replace(b"\n", b"\r\n")
        entity.lines.append(Line("Content-Transfer-Encoding", "BASE64"))


def multiparts_otherwise(entity: Entity) -> None:
    """RFC 2046 section 5.1.1: any boundary, padding, preamble and epilogue."""
    if entity.kind.startswith("multipart/"):
        blank = entity.chance.choice(["", " ", " \t"])
        entity.put_pieces(entity.pieces(), "=_Part (1) '?", blank)
        preamble = b"This is a message in parts.\r\n--=_Part (1) '?!\r\n"
        entity.body = preamble + entity.body + b"Nothing follows.\r\n--none\r\n"


def further_parts(entity: Entity) -> None:
    """RFC 3261 section 7.4.1: what a part says to others is nobody else's concern."""
    if entity.kind == "multipart/mixed" and entity.chance.random() < 0.8:
        further = b"Content-Type: text/x-none\r\nContent-Disposition: render\r\n\r\nnone"
        entity.put_pieces([*entity.pieces(), further], entity.boundary)


def text_in_utf_16(entity: Entity) -> None:
    """RFC 2046 section 4.1.2: the charset says what the octets of a text are."""
    if entity.depth and entity.kind == "text/plain":
        coding = entity.chance.choice(["utf-16be", "utf-16le", "UTF-16"])
        entity.body = entity.body.decode().encode(coding)
        entity.content_type = f"text/plain; charset={coding}"


def _of_cpim(change: Callable[[list[Line], Random], list[Line]]) -> Visit:
    def visit(entity: Entity) -> None:
        if entity.kind == "message/cpim":
            head, blank, inner = entity.body.partition(b"\r\n\r\n")
            headers = change(lines_of(head), entity.chance)
            entity.body = written(headers) + blank[2:] + inner

    visit.__name__, visit.__doc__ = change.__name__, change.__doc__
    return visit


def cpim_headers_in_other_order(headers: list[Line], chance: Random) -> list[Line]:
    """RFC 3862 section 2.1: in any order, but that NS stands above what it names."""
    spaces = [line for line in headers if line.name == "NS"]
    others = [line for line in headers if line.name != "NS"]
    plain = [line for line in others if "." not in line.name]
    chance.shuffle(others)
    first = chance.sample(plain, min(1, len(plain)))
    return [*first, *spaces, *(line for line in others if line not in first)]


def cpim_prefixes(headers: list[Line], chance: Random) -> list[Line]:
    """RFC 3862 section 3.4: any prefix stands for its namespace."""
    prefix = chance.choice(["x", "Disposition", "imdn2"])
    for line in headers:
        line.name = re.sub(r"^imdn\.", f"{prefix}.", line.name)
        if line.name == "NS":
            line.value = line.value.replace("imdn ", f"{prefix} ", 1)
    return headers


def foreign_cpim_headers(headers: list[Line], chance: Random) -> list[Line]:
    """RFC 3862 section 2.2 and 4.7: what is not known and not required is ignored."""
    foreign = [
        Line("NS", "maap <http://www.gsma.com/rcs/maap/>"),
        Line("maap.Traffic-Type", "premium"),
        Line("NS", "other <urn:example:other>"),
        Line("other.Message-ID", "none"),
        Line("message-id", "none"),
        Line("Subject", "imdn.Message-ID: none"),
        Line("cc", "Carol <sip:carol@nowhere.example>"),
    ]
    at = chance.randrange(len(headers) + 1)
    return [*headers[:at], *foreign, *headers[at:]]


def cpim_values_otherwise(headers: list[Line], chance: Random) -> list[Line]:
    """RFC 3862 section 4, RFC 5438 section 6.2, RFC 3339: names, lists, offsets."""
    for line in headers:
        if line.name in ("From", "To"):
            line.value = chance.choice(["", '"A <b>; c" ', "Alice "]) + line.value
        elif line.name == "DateTime":
            line.value = line.value.replace("Z", chance.choice([".000Z", "+00:00", "-00:00"]))
        elif line.name.endswith(".Disposition-Notification"):
            values = members(line.value)
            chance.shuffle(values)
            line.value = chance.choice([",", ", ", " , "]).join(values)
    return headers


BODIES: dict[str, Visit] = {
    one.__name__: one
    for one in (
        *DOCUMENTS,
        _of_cpim(cpim_values_otherwise),
        _of_cpim(foreign_cpim_headers),
        _of_cpim(cpim_headers_in_other_order),
        _of_cpim(cpim_prefixes),
        text_in_utf_16,
        further_parts,
        multiparts_otherwise,
        media_types_otherwise,
        parts_in_base64,
        part_heads_otherwise,
    )
}
"""Respellings of one entity by name, in an order in which any may follow another."""
