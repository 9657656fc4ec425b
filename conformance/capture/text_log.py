"""Text logs of SIP as people have them: Kamailio's sipdump, and what sngrep exports as text.

Both write a few lines of who, whom and when above each message. sngrep writes call by call and in
local time: messages are put in order, and a time without a zone is taken for UTC.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import BinaryIO, NamedTuple

from conformance.capture.chunks import Chunks
from conformance.capture.decode import Decoder
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Observation
from conformance.sip.frames import looks_like_sip
from conformance.sip.parser import parse
from conformance.wire.limits import MAX_TEXT_LOG

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

    def __iter__(self) -> Iterator[Observation | Gap]:
        health = self.health
        with closing(self._open()) as file:
            chunks = Chunks(file, health, self._first)
            too_long = chunks.need(MAX_TEXT_LOG + 1)
            text = chunks.octets[:MAX_TEXT_LOG]
            chunks.finish()
        decoder = Decoder(health, self._index)
        trouble = chunks.trouble
        read = _read_dump if text.startswith(_DUMP_BEGIN) else _read_export
        found = list(read(text))
        records = sorted(
            (one for one in found if isinstance(one, _Record)), key=lambda one: one.time
        )
        health.packets = len(found)
        for one in records:
            decoder.frame, decoder.time = one.number, one.time
            message = parse(one.octets)
            decoder.message(message, one.transport, one.ends, (one.number,), one.time, None)
            yield decoder.out.pop()
        if records:
            health.first_time, health.last_time = records[0].time, records[-1].time
        for broken in (one for one in found if isinstance(one, _Broken)):
            where = f"the entry at octet {broken.at} of the log is damaged and was passed over"
            decoder.gap(GapReason.CUT_FILE, where, after=broken.number - 1)
        if trouble:
            decoder.gap(*trouble)
        if too_long:
            decoder.gap(GapReason.LIMIT, f"limit: the log exceeds {MAX_TEXT_LOG} octets")
        yield from decoder.out


def _read_dump(text: bytes) -> Iterator[_Record | _Broken]:
    """The entries of a file of Kamailio's module sipdump."""
    starts = [found.start() for found in _DUMP_START.finditer(text)]
    for number, (start, stop) in enumerate(zip(starts, [*starts[1:], len(text)], strict=False), 1):
        middle = text.find(_DUMP_MIDDLE, start, stop)
        end = text.rfind(_DUMP_END, start, stop)
        fields = dict(_FIELD.findall(text, start, middle)) if 0 <= middle < end else {}
        record = _dumped(number, fields, text[middle + len(_DUMP_MIDDLE) : end])
        yield record or _Broken(number, start)


def _dumped(number: int, fields: dict[bytes, bytes], octets: bytes) -> _Record | None:
    seconds = _SECONDS.fullmatch(fields.get(b"time", b""))
    source = _endpoint(fields.get(b"srcip", b""), fields.get(b"srcport", b""))
    destination = _endpoint(fields.get(b"dstip", b""), fields.get(b"dstport", b""))
    if seconds is None or source is None or destination is None or not looks_like_sip(octets):
        return None
    time = int(seconds[1]) * 1_000_000_000 + int(seconds[2]) * 1_000
    transport = _TRANSPORTS.get(fields.get(b"proto", b"").decode("ascii", "replace").upper())
    return _Record(number, time, transport or Transport.UDP, (source, destination), octets)


def _read_export(text: bytes) -> Iterator[_Record | _Broken]:
    """The messages of a text export of sngrep."""
    starts = list(_EXPORT_START.finditer(text))
    ends = [one.start() for one in starts[1:]] + [len(text)]
    for number, (start, stop) in enumerate(zip(starts, ends, strict=False), 1):
        octets = text[start.end() : stop].removesuffix(b"\n\n")
        if b"\r\n" not in octets:
            # A terminal or an editor took the carriage returns away.
            octets = octets.replace(b"\n", b"\r\n")
        record = _exported(number, start, octets)
        yield record or _Broken(number, start.start())


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
    return (
        int(moment.replace(microsecond=0).timestamp()) * 1_000_000_000 + moment.microsecond * 1_000
    )


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
