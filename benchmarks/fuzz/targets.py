"""What is fuzzed: each target takes octets and must neither raise nor run away.

A target refuses what is wrong with the input by a value, or by the errors that it is told to
use; every other exception is a finding. `reader` writes nothing: it reads from memory.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO

from conformance.body import (
    cpim,
    deferred_list,
    imdn,
    iscomposing,
    mime,
    multipart,
    resource_lists,
    sdp,
    sms,
)
from conformance.capture.errors import CaptureError
from conformance.capture.hep import unwrap
from conformance.capture.hep_stream import HepFramer
from conformance.capture.link import IP_START, Link
from conformance.capture.packets import tcp_segment, udp_frames
from conformance.capture.source import STDIN, open_capture
from conformance.capture.writer import PcapWriter
from conformance.cpm.identity import user_key
from conformance.flow.errors import FlowError
from conformance.flow.profile import Profile, parse_profile
from conformance.flow.syntax import parse as parse_flow
from conformance.msrp import parser as msrp_parser
from conformance.msrp.frames import MsrpStream
from conformance.msrp.uri import parse_uri as parse_msrp_uri
from conformance.observation.packet import Endpoint
from conformance.reference.legs import smpp_segments
from conformance.reference.preferences import document as preferences_document
from conformance.reference.smpp import pdu as smpp
from conformance.reference.smpp import text as smpp_text
from conformance.reference.smpp.pdu import SmppStream
from conformance.reference.xdm.http_message import HttpStream
from conformance.report.place import ReportError
from conformance.report.read_json import read_json
from conformance.sip import parser as sip_parser
from conformance.sip.check import faults
from conformance.sip.frames import SipStream
from conformance.sip.grammar import parse_challenge, parse_name_addr, parse_via
from conformance.sip.uri import parse_uri
from conformance.suite.anonymize import anonymize
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.redact import Redaction
from conformance.wire.malformed import Malformed

Target = Callable[[bytes], object]
_REDACTION = Redaction(Pseudonyms(bytes(32)))
_DISGUISED = _REDACTION.disguised
_A, _B = Endpoint("10.0.1.10", 5_060), Endpoint("10.0.2.20", 5_061)
_LINKS = sorted(IP_START)
_PORTS = (5_060, 2_152, 4_789, 6_081, 4_500, 9_060)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def sip_message(octets: bytes) -> None:
    """A datagram: the message, every field, every fault."""
    message = sip_parser.parse(octets)
    sip_parser.parse(octets, truncated=True)
    if not isinstance(message, Malformed):
        faults(message)
        list(multipart.walk(message.header("Content-Type") or "", message.body))
        for name in ("Via", "Contact", "To", "CSeq"):
            message.headers(name)


def sip_grammar(octets: bytes) -> None:
    """Values of header fields."""
    text = _text(octets)
    for parse in (parse_uri, parse_name_addr, parse_via, parse_challenge, user_key):
        parse(text)


def msrp_message(octets: bytes) -> None:
    """An MSRP message, its paths and its body."""
    message = msrp_parser.parse(octets)
    if not isinstance(message, Malformed):
        for path in (*message.to_path, *message.from_path):
            parse_msrp_uri(path)
        cpim.parse(message.body)


def streams(octets: bytes) -> None:
    """A stream of messages in pieces of 7 octets: the same as in one piece."""
    for make in (SipStream, MsrpStream):
        whole, pieces = make(), make()
        first = [str(one) for one in whole.feed(octets)]
        second: list[str] = []
        for at in range(0, len(octets), 7):
            second += [str(one) for one in pieces.feed(octets[at : at + 7])]
        if first != second:
            raise AssertionError(f"{make.__name__}: pieces matter: {first} {second}")


def bodies(octets: bytes) -> None:
    """Every body format."""
    for parse in (
        cpim.parse, imdn.parse, iscomposing.parse, resource_lists.parse, sdp.parse,
        deferred_list.identities, mime.parse_headers,
    ):  # fmt: skip
        parse(octets)
    mime.parse_content_type(_text(octets))
    for kind in ("multipart/mixed;boundary=b", "message/cpim"):
        list(multipart.walk(kind, octets))


def short_message(octets: bytes) -> None:
    """An RP message with what it carries."""
    message = sms.parse(octets)
    carried = getattr(message, "tpdu", None)
    getattr(getattr(carried, "data", None), "text", None)


def reader(octets: bytes) -> None:
    """A capture file."""
    try:
        list(open_capture(STDIN, reader="native", stdin=BytesIO(octets)))
    except CaptureError:
        return


def _pieces(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """The octets as pieces: one octet that steers, two of length, so many octets."""
    at = 0
    while at + 3 <= len(octets):
        size = int.from_bytes(octets[at + 1 : at + 3])
        yield octets[at], octets[at + 3 : at + 3 + size]
        at += 3 + size


def _read_frames(found: Iterable[bytes], link: int = Link.ETHERNET) -> None:
    file = BytesIO()
    writer = PcapWriter(file, link=Link.ETHERNET)
    for number, frame in enumerate(found):
        writer.write(number * 1_000_000, frame)
    whole = bytearray(file.getvalue())
    whole[20:24] = link.to_bytes(4, "little")
    reader(bytes(whole))


def frames(octets: bytes) -> None:
    """Frames of any link type, of any octets."""
    if octets:
        link = _LINKS[octets[0] % len(_LINKS)]
        _read_frames((piece for _, piece in _pieces(octets[1:])), link)


def carried(octets: bytes) -> None:
    """Datagrams, and segments both ways: lost, late, repeated, overlapping, of any flags."""
    _read_frames(frame for steer, piece in _pieces(octets) for frame in _carry(steer, piece))


def _carry(steer: int, piece: bytes) -> list[bytes]:
    ends = (_A, _B) if steer & 1 else (_B, _A)
    if steer & 2:
        to = Endpoint(_B.host, _PORTS[(steer >> 4) % len(_PORTS)])
        mtu = 576 if steer & 4 else 65_535
        return udp_frames(_A, to, piece[:60_000], identification=1 + steer, mtu=mtu)
    # Two octets of sequence number, one of flags.
    sequence, flags = int.from_bytes(piece[:2]), piece[2] if len(piece) > 2 else 16
    segment = tcp_segment(*ends, piece[3:60_000], sequence=sequence, acknowledgement=sequence ^ 8,
                          flags=flags)  # fmt: skip
    return [segment] * (1 + (steer >> 2 & 1))


def flow(octets: bytes) -> None:
    """A file of the flow language."""
    try:
        parse_flow(octets.decode("utf-8", "replace"), "fuzz.flow")
    except FlowError:
        return


def profile(octets: bytes) -> None:
    """A profile."""
    try:
        parse_profile(octets.decode("utf-8", "replace"), "fuzz.toml", "fuzz", _no_profile)
    except FlowError:
        return


def setting(octets: bytes) -> None:
    """Preferences of a user, and a report: what is read from files of the user."""
    with suppress(ValueError):
        preferences_document.read(octets)
    try:
        read_json(octets.decode("utf-8", "replace"))
    except ReportError:
        return


def http(octets: bytes) -> None:
    """HTTP in pieces of 7 octets, requests and responses: the same as in one piece."""
    for requests in (True, False):
        whole, pieces = HttpStream(requests=requests), HttpStream(requests=requests)
        first = [_told(one) for one in whole.feed(octets)]
        second: list[str] = []
        for at in range(0, len(octets), 7):
            second += [_told(one) for one in pieces.feed(octets[at : at + 7])]
        if first != second:
            raise AssertionError(f"HTTP: pieces matter: {first} {second}")
        whole.end()


def _told(message: object) -> str:
    # What is broken is given up with all that is at hand: how much that is, the pieces decide.
    return message.rule if isinstance(message, Malformed) else str(message)


def short_message_centre(octets: bytes) -> None:
    """SMPP: a stream of PDUs, and what each of them carries."""
    stream = SmppStream()
    for at in range(0, len(octets), 7):
        for whole in stream.feed(octets[at : at + 7]):
            _pdu(whole)
    _pdu(octets)


def _pdu(octets: bytes) -> None:
    pdu = smpp.parse(octets)
    if not isinstance(pdu, Malformed) and isinstance(pdu.body, smpp.ShortMessage):
        smpp_text.text_of(pdu)
        smpp_text.receipt_of(pdu)
        smpp_segments.user_data_of(pdu)


def copies(octets: bytes) -> None:
    """HEP over TCP, and copies in datagrams."""
    framer = HepFramer(0)
    for at in range(0, len(octets), 7):
        framer.feed(octets[at : at + 7], (1,), 0)
    unwrap(octets)


def _no_profile(name: str) -> Profile:
    raise FlowError("fuzz.toml", 0, 0, f"there is no profile {name}")


def disguise(octets: bytes) -> None:
    """A message in disguise is as long as it was."""
    for protocol in ("SIP", "MSRP"):
        found = _DISGUISED.message(Malformed(protocol, octets, 0, ""))
        if len(found.octets) != len(octets):
            raise AssertionError(f"{protocol}: {len(octets)} octets became {len(found.octets)}")


def anonymized(octets: bytes) -> None:
    """A capture file in disguise is no longer than it was, and a capture file still."""
    try:
        found = anonymize("fuzz", octets, _REDACTION)
    except CaptureError:
        return
    if len(found.octets) > len(octets):
        raise AssertionError(f"{len(octets)} octets became {len(found.octets)}")
    reader(found.octets)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        sip_message, sip_grammar, msrp_message, streams, bodies, short_message, reader, frames,
        carried, flow, profile, disguise, anonymized, setting, http, short_message_centre, copies,
    )
}  # fmt: skip
