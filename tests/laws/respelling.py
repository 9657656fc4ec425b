"""Another spelling of a whole trace: every message says the same in other octets."""

from dataclasses import replace
from random import Random
from zlib import crc32

from conformance.msrp.parser import parse as parse_msrp
from conformance.observation.packet import Transport
from conformance.observation.trace import Observation, Shown, Trace
from conformance.sip.parser import parse as parse_sip
from conformance.wire.malformed import Malformed
from tests.ladder import Ladder
from tests.laws.respelling_bodies import BODIES
from tests.laws.respelling_bodies import respell as respell_body
from tests.laws.respelling_msrp import MSRP, chunk_name, chunked
from tests.laws.respelling_sip import SIP
from tests.laws.spelling import Spelling

CHUNKS = "smaller_chunks"
"""The respelling that makes many messages of one: RFC 4975 section 5.1."""

RESPELLINGS = (*BODIES, *SIP, *MSRP, CHUNKS)
"""The names of all respellings, in the order in which they are made."""


def respelled_octets(octets: bytes, names: set[str], seed: int, *, is_datagram: bool) -> bytes:
    """One message under these respellings; the same octets are respelled the same."""
    message = Spelling.of(octets, seed, is_datagram=is_datagram)
    respell_body(message, names)
    for name, respell in (MSRP if message.is_msrp else SIP).items():
        if name in names:
            respell(message)
    return message.octets()


def respelled_ladder(ladder: Ladder, names: set[str], seed: int = 0) -> Ladder:
    """The ladder with every message respelled, each still one message."""
    other = ladder.named(ladder.variant)
    other.shots = [
        replace(
            shot,
            octets=respelled_octets(
                shot.octets, names, seed, is_datagram=shot.transport is Transport.UDP
            ),
        )
        for shot in ladder.shots
    ]
    return other


def respelled(trace: Trace, names: set[str], seed: int = 0) -> Trace:
    """The trace with every message that can be read respelled."""
    items: list[Shown] = []
    split: dict[bytes, int] = {}
    for item in trace.items:
        if not isinstance(item, Observation) or isinstance(item.message, Malformed):
            items.append(item)
            continue
        is_datagram = item.transport is Transport.UDP
        octets = respelled_octets(item.message.octets, names, seed, is_datagram=is_datagram)
        pieces = _in_chunks(octets, split, seed) if CHUNKS in names else [octets]
        for place, piece in enumerate(pieces):
            items.append(_observed(item, piece, place))
    for number, one in enumerate((x for x in items if isinstance(x, Observation)), 1):
        one.number = number
    return Trace(items, replace(trace.health))


def _observed(item: Observation, octets: bytes, place: int) -> Observation:
    is_msrp = octets.startswith(b"MSRP ")
    mirror = item.mirror
    if mirror is not None and is_msrp:
        mirror = mirror * 64 + place
    message = (parse_msrp if is_msrp else parse_sip)(octets)
    return replace(item, message=message, time=item.time + place, mirror=mirror)


def _in_chunks(octets: bytes, split: dict[bytes, int], seed: int) -> list[bytes]:
    """A SEND as several, and the answer to it as one to each."""
    if not octets.startswith(b"MSRP "):
        return [octets]
    start = octets.split(b" ", 2)[1]
    if start in split and b" SEND\r\n" not in octets[:80]:
        pieces = [
            octets.replace(start, chunk_name(start, number)) for number in range(split[start])
        ]
        return pieces
    chance = Random(f"{seed} {crc32(octets)}")
    pieces = chunked(octets, lambda: chance.choice([60, 200, 500, 900]))
    if len(pieces) > 1:
        split[start] = len(pieces)
    return pieces
