"""What a capture showed: messages seen, connections closed, and where nothing could be seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.packet import Endpoint, Transport
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

Message = SipRequest | SipResponse | MsrpRequest | MsrpResponse | Malformed


@dataclass(slots=True)
class Observation:
    """One message as one packet or stream showed it.

    `number` counts the messages of one capture from 1; `capture` is the index of the capture;
    `time` is that of the completing frame, in ns since 1970-01-01 UTC; `frames` holds every frame
    that carried a part of it, the last one completing it. `mirror` tells packets apart: the IP
    identification for UDP (None where the header has none), the sequence number for TCP. `copied`:
    a copy by HEP, whose maker stamped what it sent itself once that was sent.
    """

    number: int
    capture: int
    time: int
    transport: Transport
    source: Endpoint
    destination: Endpoint
    message: Message
    frames: tuple[int, ...]
    mirror: int | None = None
    copied: bool = False


class GapReason(StrEnum):
    """Why something could not be seen."""

    TCP_HOLE = "tcp-hole"
    MID_STREAM = "mid-stream"
    MID_DIALOG = "mid-dialog"
    CUT_FILE = "cut-file"
    SNAPLEN = "snaplen"
    FRAGMENT_MISSING = "fragment-missing"
    UNDECRYPTABLE = "undecryptable"
    UNREADABLE_LINK = "unreadable-link"
    DROPPED = "dropped"
    LIMIT = "limit"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where the capture shows less than there was.

    `where` is a sentence for people; `source` and `destination` are None where the gap may
    touch any link (a cut file, packets dropped by the capturing host).
    """

    after_frame: int
    time: int
    capture: int
    where: str
    reason: GapReason
    source: Endpoint | None = None
    destination: Endpoint | None = None

    @property
    def lasts(self) -> bool:
        """Whether it was told once, where it begins, and may hide whatever comes later."""
        if self.reason in (GapReason.UNDECRYPTABLE, GapReason.UNREADABLE_LINK):
            return True
        if self.reason in (GapReason.SNAPLEN, GapReason.LIMIT) and self.source is None:
            return True
        # Of packets lost nobody knows where, a reader says so before the first frame.
        return self.reason is GapReason.DROPPED and self.after_frame == 0


@dataclass(frozen=True, slots=True)
class Closing:
    """One side of a connection that carries messages has closed it: it hides nothing.

    `time`, in ns since 1970-01-01 UTC, and `frame` are those of the segment with FIN, or with RST
    if it is a `reset` (RFC 9293 sections 3.6 and 3.5.2); `source` sends nothing more.
    """

    frame: int
    time: int
    capture: int
    source: Endpoint
    destination: Endpoint
    reset: bool = False


Shown = Observation | Gap | Closing
"""What a source shows, one after another."""


@dataclass(frozen=True, slots=True)
class Skew:
    """How a capture's clock stood against that of the capture `against`, with which it was merged.

    `offset` ns ahead (behind if negative), growing by `drift` ns a second; `doubt`: by how many
    ns the offset may be wrong; `common`: messages seen in both.
    """

    against: str
    offset: int
    drift: int
    doubt: int
    common: int

    @property
    def sentence(self) -> str:
        """The same for people."""
        ahead = "ahead of" if self.offset >= 0 else "behind"
        drift = f", drifting by {self.drift / 1_000:+.1f} ppm" if self.drift else ""
        seen = "message" if self.common == 1 else "messages"
        return (
            f"its clock is {abs(self.offset) / 1e9:.6f} s {ahead} that of {self.against}"
            f"{drift} (by {self.common} {seen} seen in both, ±{self.doubt / 1e6:.3f} ms)"
        )


@dataclass(slots=True)
class CaptureHealth:
    """What a reader says of one capture once it is read; counts are of messages as read."""

    path: str
    reader: str
    sha256: str = ""
    octets: int = 0
    packets: int = 0
    first_time: int | None = None
    last_time: int | None = None
    sip_messages: int = 0
    msrp_messages: int = 0
    malformed: int = 0
    gaps: list[Gap] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    skew: Skew | None = None


class Source(Protocol):
    """A stream of what was seen, in the order in which messages were complete."""

    health: CaptureHealth

    def __iter__(self) -> Iterator[Shown]:
        """Yield every message, every gap and every closing once."""
        ...


@dataclass(slots=True)
class Trace:
    """A whole capture in memory: for the simulated and the small."""

    items: list[Shown]
    health: CaptureHealth

    def __iter__(self) -> Iterator[Shown]:
        return iter(self.items)
