"""Messages and gaps as they are found: numbered, counted, handed on."""

from conformance.capture import hep
from conformance.capture.ip import Fragments, address, endpoints
from conformance.capture.sctp import UserMessage
from conformance.capture.upper_pdu import Exported
from conformance.msrp.frames import looks_like_msrp
from conformance.msrp.parser import parse as parse_msrp
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import (
    CaptureHealth,
    Closing,
    Gap,
    GapReason,
    Message,
    Observation,
    Shown,
)
from conformance.sip.frames import looks_like_sip, may_become_sip
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse, parse_started
from conformance.wire.malformed import Malformed

_MAX_GAPS = 10_000
_MAX_PAIRS = 4_096
# As a tuple: a union would be made anew for each message.
_SIP = (SipRequest, SipResponse)
_LINE_ENDS = (b"\r", b"\n")
# Fewer octets than these could begin anything.
_PREFIX = 7
# A handshake or application data in a record of DTLS 1.0 or 1.2 (RFC 6347 section 4.1).
_DTLS_RECORDS = (b"\x16\xfe\xff", b"\x16\xfe\xfd", b"\x17\xfe\xff", b"\x17\xfe\xfd")
_HELP = {
    "TLS": ": give a key log (--keylog), or tap where it is decrypted",
    "DTLS": ": give a key log (--keylog), or tap where it is decrypted",
    "ESP": ": give its keys (--esp-keys), agree on a null cipher, or tap where it is decrypted",
}
_KEYS_INSIDE = ": the file carries keys, which the reader tshark can use"


class Decoder:
    """Turns what the layers below found into observations and gaps, in `out`.

    The caller takes `out` and empties it; `frame` and `time` are those of the frame being read;
    `keys_inside` tells that the file carries keys, which this reader cannot use.
    """

    def __init__(self, health: CaptureHealth, capture: int) -> None:
        self.out: list[Shown] = []
        self.frame = 0
        self.time = 0
        self.keys_inside = False
        self._health = health
        self._capture = capture
        self._number = 0
        self._base = 0
        self._sealed: set[tuple[str, str]] = set()

    def turn(self, health: CaptureHealth, capture: int) -> None:
        """Go on with the next file of a ring: what is open stays so, frames count from 1 again.

        What begins in one file and ends in the next belongs to that, by the frames there.
        """
        self._health, self._capture = health, capture
        self._number = 0
        self._base = self.frame

    @property
    def packets(self) -> int:
        """Frames of this file so far."""
        return self.frame - self._base

    def message(
        self,
        message: Message,
        transport: Transport,
        ends: tuple[Endpoint, Endpoint],
        frames: tuple[int, ...],
        time: int,
        mirror: int | None,
        *,
        copied: bool = False,
    ) -> None:
        """Hand on one message."""
        if self._base:
            here = tuple(frame - self._base for frame in frames if frame > self._base)
            # The end of a stream may show what came in the file before.
            frames = here or (max(self.packets, 1),)
        self._number += 1
        self._count(message)
        self.out.append(
            Observation(
                self._number,
                self._capture,
                time,
                transport,
                ends[0],
                ends[1],
                message,
                frames,
                mirror,
                copied,
            )
        )

    def gap(
        self,
        reason: GapReason,
        where: str,
        ends: tuple[Endpoint, Endpoint] | None = None,
        *,
        after: int | None = None,
        time: int | None = None,
    ) -> None:
        """Hand on one gap, after the current frame unless told otherwise."""
        source, destination = ends or (None, None)
        gap = Gap(
            max((self.frame if after is None else after) - self._base, 0),
            self.time if time is None else time,
            self._capture,
            where,
            reason,
            source,
            destination,
        )
        self.out.append(gap)
        # The stream tells all; the list is for people, who read no more than so many.
        listed = self._health.gaps
        if len(listed) < _MAX_GAPS:
            listed.append(gap)
        elif len(listed) == _MAX_GAPS:
            where = f"limit: more than {_MAX_GAPS} gaps: from here on they are not listed"
            listed.append(Gap(gap.after_frame, gap.time, self._capture, where, GapReason.LIMIT))

    def closing(
        self, ends: tuple[Endpoint, Endpoint], frame: int, time: int, *, reset: bool
    ) -> None:
        """Hand on that the first of two ends has closed their connection."""
        place = max(frame - self._base, 1)
        self.out.append(Closing(place, time, self._capture, *ends, reset))

    def remark(self, reason: GapReason, where: str, after: int) -> None:
        """Tell people what hides no message, and so is no gap to judge by."""
        self._health.gaps.append(Gap(after, self.time, self._capture, where, reason))

    def datagram(
        self,
        key: bytes,
        payload: bytes,
        frames: tuple[int, ...],
        mirror: int | None,
        cut: bool = False,
    ) -> None:
        """Read one UDP payload: a SIP message, or none of ours; `cut` by a snap length."""
        if payload[:1] in _LINE_ENDS:
            payload = payload.lstrip(b"\r\n")
        message = parse_started(payload)
        if message is None and not looks_like_sip(payload):
            if payload.startswith(hep.MAGIC) or key[-2:] == hep.PORT:
                self._copy(key, payload, frames, mirror, cut)
            elif payload[:3] in _DTLS_RECORDS:
                self.sealed(endpoints(key), "DTLS")
            elif cut and len(payload) > _PREFIX and may_become_sip(payload):
                self._cut_datagram(endpoints(key), frames)
            return
        if message is None:
            message = parse(payload)
        if cut and _is_unfinished(message):
            self._cut_datagram(endpoints(key), frames)
            return
        self.message(message, Transport.UDP, endpoints(key), frames, self.time, mirror)

    def _copy(
        self, key: bytes, packet: bytes, frames: tuple[int, ...], mirror: int | None, cut: bool
    ) -> None:
        """Read a message that a probe copied to a collector (HEP)."""
        if cut:
            self._cut_datagram(endpoints(key), frames)
            return
        copy = hep.unwrap(packet)
        if copy is None:
            return
        message = copy.message
        if message is not None:
            ends = copy.ends
            self.message(message, copy.transport, ends, frames, self.time, mirror, copied=True)

    def user_message(self, key: bytes, found: UserMessage) -> None:
        """Read one SIP message that came over SCTP."""
        message = parse(found.octets)
        self.message(message, Transport.SCTP, endpoints(key), found.frames, found.time, None)

    def exported(self, found: Exported) -> None:
        """Read one message that was exported without its lower layers."""
        octets = found.octets
        message: Message = parse(octets) if found.protocol == "SIP" else parse_msrp(octets)
        self.message(message, found.transport, found.ends, (self.frame,), self.time, None)

    def _cut_datagram(self, ends: tuple[Endpoint, Endpoint], frames: tuple[int, ...]) -> None:
        where = (
            f"a SIP message from {ends[0]} to {ends[1]} was captured only in part (snap length)"
        )
        self.gap(GapReason.SNAPLEN, where, ends, after=frames[-1])

    def fragments(self, found: Fragments) -> None:
        """Report a datagram that never became whole, unless it is seen to be none of ours."""
        first = found.parts.get(0)
        if first is not None and not may_hold_sip(first[8:]):
            return
        source, destination = address(found.source), address(found.destination)
        where = f"fragments are missing of a datagram from {source} to {destination}"
        if found.refused:
            where = f"limit: {where}, and {found.refused}"
        ends = (Endpoint(source, 0), Endpoint(destination, 0))
        if first is not None and len(first) >= 4:
            ends = endpoints(found.source + found.destination + first[:4])
        self.gap(
            GapReason.LIMIT if found.refused else GapReason.FRAGMENT_MISSING,
            where,
            ends,
            after=found.frames[-1],
            time=found.first_time,
        )

    def sealed(self, ends: tuple[Endpoint, Endpoint], what: str) -> None:
        """Report traffic that cannot be read without keys, once for each pair of hosts."""
        pair = (min(ends[0].host, ends[1].host), max(ends[0].host, ends[1].host))
        if pair in self._sealed or len(self._sealed) > _MAX_PAIRS:
            return
        self._sealed.add(pair)
        if len(self._sealed) > _MAX_PAIRS:
            where = f"limit: more than {_MAX_PAIRS} pairs of hosts have encrypted traffic"
            self.gap(GapReason.UNDECRYPTABLE, where)
            return
        help_ = _KEYS_INSIDE if self.keys_inside else _HELP.get(what, "")
        where = f"{what} between {pair[0]} and {pair[1]} cannot be read without keys{help_}"
        self.gap(GapReason.UNDECRYPTABLE, where, ends)

    def _count(self, message: Message) -> None:
        health = self._health
        if isinstance(message, _SIP):
            health.sip_messages += 1
        elif not isinstance(message, Malformed):
            health.msrp_messages += 1
        else:
            health.malformed += 1
            if looks_like_sip(message.octets):
                health.sip_messages += 1
            elif looks_like_msrp(message.octets):
                health.msrp_messages += 1


def may_hold_sip(payload: bytes) -> bool:
    """Whether a SIP message begins here, as far as the octets tell."""
    return looks_like_sip(payload) or may_become_sip(payload)


def _is_unfinished(message: SipRequest | SipResponse | Malformed) -> bool:
    """Whether octets cut by a snap length lack something: only Content-Length can tell."""
    return isinstance(message, Malformed) or message.header("Content-Length") is None
