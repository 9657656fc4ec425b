"""Text logs of SIP as people have them: Kamailio's sipdump, and what sngrep exports as text.

Both write a few lines of who, whom and when above each message. sngrep writes call by call and in
local time: messages are put in order, and a time without a zone is taken for UTC.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from conformance.capture.chunks import CHUNK, Chunks
from conformance.capture.decode import Decoder
from conformance.capture.shelf import Shelf
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import CaptureHealth, GapReason, Shown
from conformance.sip.frames import looks_like_sip
from conformance.sip.parser import parse
from conformance.wire.limits import MAX_BODY, MAX_HEAD, MAX_TEXT_LOG

SNIFF = 160
"""Octets at a file's beginning that tell whether it is such a log."""

_DUMP_BEGIN = b"====================\n"
_DUMP_MIDDLE = b"~~~~~~~~~~~~~~~~~~~~\n"
_DUMP_END = b"||||||||||||||||||||\n"
_DUMP_START = re.compile(rb"^={20}\n(?=tag: )", re.MULTILINE)
_EXPORT_START = re.compile(
    rb"^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6})(?: ([A-Z]{2,4}))? (\S{1,64}):(\d{1,5}) -> "
    rb"(\S{1,64}):(\d{1,5})\r?\n",
    re.MULTILINE,
)
_FIELD = re.compile(rb"^(time|proto|srcip|srcport|dstip|dstport): (\S+)", re.MULTILINE)
_SECONDS = re.compile(rb"(\d{1,11})\.(\d{6})")
_VIA = re.compile(
    rb"\n(?:via|v)[ \t]*:[ \t]*sip[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*([a-z]+)", re.IGNORECASE
)
_MAX_ENTRY = 2 * (MAX_HEAD + MAX_BODY)
_LATEST = 2**63 - 1
_MAX_BROKEN = 10_000
_TRANSPORTS = {one.value: one for one in Transport} | {"WSS": Transport.WS}


class _Record(NamedTuple):
    number: int
    time: int
    transport: Transport
    ends: tuple[Endpoint, Endpoint]
    octets: bytes


class _Broken(NamedTuple):
    number: int
    at: int


def is_text_log(first: bytes) -> bool:
    """Whether a file that begins with these octets is a log of one of the two kinds."""
    return bool(_DUMP_START.match(first) or _EXPORT_START.match(first))


class TextLogSource:
    """One text log; iterate once. `Observation.frames` counts its messages from 1."""

    def __init__(
        self,
        health: CaptureHealth,
        index: int,
        open_file: Callable[[], BinaryIO],
        first: bytes = b"",
    ) -> None:
        self.health = health
        self._index = index
        self._open = open_file
        self._first = first

    def __iter__(self) -> Iterator[Shown]:
        health = self.health
        decoder = Decoder(health, self._index)
        shelf = Shelf[_Record]()
        broken: list[_Broken] = []
        with closing(self._open()) as file, closing(shelf):
            chunks = Chunks(file, health, self._first)
            for found in _read(chunks):
                health.packets += 1
                if isinstance(found, _Broken):
                    broken.append(found)
                else:
                    shelf.put(found.time, found)
            chunks.finish()
            for one in shelf:
                decoder.frame, decoder.time = one.number, one.time
                message = parse(one.octets)
                decoder.message(message, one.transport, one.ends, (one.number,), one.time, None)
                yield decoder.out.pop()
            health.first_time, health.last_time = shelf.first, shelf.last
        for damaged in broken[:_MAX_BROKEN]:
            where = f"the entry at octet {damaged.at} of the log is damaged and was passed over"
            decoder.gap(GapReason.CUT_FILE, where, after=damaged.number - 1)
        if chunks.trouble:
            decoder.gap(*chunks.trouble)
        if chunks.position + len(chunks.octets) > MAX_TEXT_LOG:
            decoder.gap(GapReason.LIMIT, f"limit: the log exceeds {MAX_TEXT_LOG} octets")
        yield from decoder.out


def _read(chunks: Chunks) -> Iterator[_Record | _Broken]:
    """The entries of a log in the order of the file, one at a time in memory."""
    chunks.need(SNIFF)
    is_dump = chunks.octets.startswith(_DUMP_BEGIN)
    start, read = (_DUMP_START, _dump_entry) if is_dump else (_EXPORT_START, _export_entry)
    for number, (at, octets) in enumerate(_entries(chunks, start), 1):
        yield read(number, octets) or _Broken(number, at)


def _entries(chunks: Chunks, start: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each entry from its start to the next one's, with its offset in the log."""
    size, told = CHUNK, False
    while True:
        room = MAX_TEXT_LOG - chunks.position
        more = chunks.need(min(size, room + 1)) and len(chunks.octets) <= room
        octets, position = chunks.octets[:room], chunks.position
        starts = [found.start() for found in start.finditer(octets)]
        for begin, end in pairwise(starts):
            yield position + begin, octets[begin:end]
        last = starts[-1] if starts else 0
        told = told and not starts
        if not more:
            if octets[last:] and not told:
                yield position + last, octets[last:]
            return
        # What is larger than any message is no entry: its end is not waited for.
        if len(octets) - last > _MAX_ENTRY:
            if not told:
                yield position + last, octets[last : last + SNIFF]
            told = True
            last = max(octets.rfind(b"\n", last), last + 1)
        chunks.drop(last)
        size = max(CHUNK, 2 * len(chunks.octets))


def _dump_entry(number: int, entry: bytes) -> _Record | None:
    """An entry of a file of Kamailio's module sipdump."""
    middle = entry.find(_DUMP_MIDDLE)
    end = entry.rfind(_DUMP_END)
    fields = dict(_FIELD.findall(entry, 0, middle)) if 0 <= middle < end else {}
    return _dumped(number, fields, entry[middle + len(_DUMP_MIDDLE) : end])


def _export_entry(number: int, entry: bytes) -> _Record | None:
    """A message of a text export of sngrep."""
    start = _EXPORT_START.match(entry)
    if start is None:
        return None
    octets = entry[start.end() :].removesuffix(b"\n\n")
    if b"\r\n" not in octets:
        # A terminal or an editor took the carriage returns away.
        octets = octets.replace(b"\n", b"\r\n")
    return _exported(number, start, octets)


def _dumped(number: int, fields: dict[bytes, bytes], octets: bytes) -> _Record | None:
    seconds = _SECONDS.fullmatch(fields.get(b"time", b""))
    source = _endpoint(fields.get(b"srcip", b""), fields.get(b"srcport", b""))
    destination = _endpoint(fields.get(b"dstip", b""), fields.get(b"dstport", b""))
    if seconds is None or source is None or destination is None or not looks_like_sip(octets):
        return None
    time = int(seconds[1]) * 1_000_000_000 + int(seconds[2]) * 1_000
    if time > _LATEST:
        return None
    transport = _TRANSPORTS.get(fields.get(b"proto", b"").decode("ascii", "replace").upper())
    return _Record(number, time, transport or Transport.UDP, (source, destination), octets)


def _exported(number: int, start: re.Match[bytes], octets: bytes) -> _Record | None:
    when, protocol, source_host, source_port, host, port = start.groups()
    source, destination = _endpoint(source_host, source_port), _endpoint(host, port)
    time = _time(when.decode())
    if time is None or source is None or destination is None or not looks_like_sip(octets):
        return None
    via = _VIA.search(octets)
    name = protocol or (via[1] if via else b"")
    transport = _TRANSPORTS.get(name.decode().upper(), Transport.UDP)
    return _Record(number, time, transport, (source, destination), octets)


def _time(text: str) -> int | None:
    try:
        moment = datetime.strptime(text, "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None
    seconds = int(moment.replace(microsecond=0).timestamp())
    time = seconds * 1_000_000_000 + moment.microsecond * 1_000
    return time if 0 <= time <= _LATEST else None


def _endpoint(host: bytes, port: bytes) -> Endpoint | None:
    """The endpoint of an address and a port; a host that is no address keeps its name."""
    text = host.decode("ascii", "replace").strip("[]")
    if not text or not port.isdigit() or int(port) > 65_535:
        return None
    try:
        text = str(ip_address(text))
    except ValueError:
        return Endpoint(text, int(port))
    return Endpoint(text, int(port))
