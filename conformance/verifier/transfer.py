"""MSRP messages of one session: chunks put together, answers joined, who sent what.

RFC 4975: a message is known by its Message-ID, a chunk by its transaction id; `$` ends the
message, `#` aborts it. Only a beginning of each body is kept: enough for CPIM and IMDN.
"""

from dataclasses import dataclass, field
from sys import intern

from conformance.body.deferred_list import IdentityPaths
from conformance.cpm.role import Role
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import session_id
from conformance.observation.content import Content
from conformance.observation.packet import Endpoint
from conformance.observation.trace import Closing, Observation

KEPT = 262_144
"""Octets kept of one message's body."""

_MAX_RANGES = 256
_MAX_WAYS = 16


@dataclass(slots=True)
class Transfer:
    """One MSRP message as far as it was seen; `first` and `last` are its observations."""

    message_id: str
    sender: Role
    first: Observation
    last: Observation
    request: MsrpRequest
    kept: bytearray = field(default_factory=bytearray)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    total: int | None = None
    closed: bool = False
    aborted: bool = False
    answered: bool = False
    refused: int = 0
    told: bool = False
    frames: list[int] = field(default_factory=list)
    content_type: str = field(init=False)
    failure_report: str = field(init=False)

    def __post_init__(self) -> None:
        # Asked for long after the octets were let go, time and again.
        self.content_type = intern(self.request.header("Content-Type") or "")
        self.failure_report = self.request.failure_report

    @property
    def complete(self) -> bool:
        """Whether every octet up to the `$` chunk was seen."""
        if not self.closed or self.aborted:
            return False
        if len(self.ranges) != 1 or self.ranges[0][0] > 1:
            return self.ranges == [] and self.total in (None, 0)
        return self.total is None or self.ranges[0][1] >= self.total

    @property
    def confirmed(self) -> bool:
        """Whether the receiver is known to have taken it all."""
        return self.complete and not self.refused and (self.answered or not self.owed_answer)

    @property
    def is_acknowledged(self) -> bool:
        """Whether its sender was told so, or is told of every failure."""
        return self.answered or self.failure_report != "no"

    @property
    def owed_answer(self) -> bool:
        """Whether a 200 is due (RFC 4975 section 7.1.1: Failure-Report)."""
        return self.failure_report == "yes"

    def content(self, paths: IdentityPaths) -> Content:
        """What the message carries, as far as it is kept."""
        return Content(
            self.request,
            paths,
            body=bytes(self.kept),
            content_type=self.content_type,
            whole=self.complete and len(self.kept) < KEPT,
        )

    def add(self, chunk: MsrpRequest, observation: Observation) -> None:
        """Take one chunk, seen for the first time or again."""
        self.last = observation
        self.frames.extend(observation.frames[:8])
        self.aborted = chunk.flag == "#"
        self.closed = self.closed or chunk.flag == "$"
        place = chunk.byte_range
        start = place.start if place else 1
        if place is not None and place.total is not None:
            self.total = place.total
        body = chunk.body
        if start <= len(self.kept) + 1 and len(self.kept) < KEPT:
            self.kept[start - 1 : start - 1 + len(body)] = body
        if body:
            self._cover(start, start + len(body) - 1)

    def _cover(self, start: int, end: int) -> None:
        ranges = self.ranges
        if ranges and ranges[-1][0] <= start <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
            return
        if len(ranges) >= _MAX_RANGES:
            return
        ranges.append((start, end))
        ranges.sort()
        merged = ranges[:1]
        for low, high in ranges[1:]:
            if low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        self.ranges = merged


class Channel:
    """The MSRP session of one SIP session: whose paths, which transfers, what was seen.

    `orphaned`: an answer was seen to a chunk that was not, so that the capture lacks some. `ways`:
    from where to where messages went, and who sent them; `closed`: who closed a connection first.
    """

    def __init__(self, step: int, offerer: Role, answerer: Role) -> None:
        self.step = step
        self.offerer = offerer
        self.answerer = answerer
        self.owners: dict[str, Role] = {}
        self.setup: dict[Role, str] = {}
        self.direction: dict[Role, str] = {}
        self.listening: dict[Role, tuple[str, int]] = {}
        self.transfers: dict[tuple[Role, str], Transfer] = {}
        self.chunks: dict[str, tuple[Transfer | None, bool]] = {}
        self.orphaned = False
        self.seen_from: dict[Role, Observation] = {}
        self.last_time = 0
        self.ways: dict[tuple[Endpoint, Endpoint], Role] = {}
        self.closed: dict[Role, Closing] = {}

    def other(self, role: Role) -> Role:
        """The party at the other end."""
        return self.answerer if role is self.offerer else self.offerer

    def sender(self, message: MsrpRequest | MsrpResponse) -> Role | None:
        """Who sent a message, by whose path it names; None if neither path is known."""
        paths = message.from_path
        owner = self.owners.get(session_id(paths[-1])) if paths else None
        if owner is not None:
            return owner
        paths = message.to_path
        receiver = self.owners.get(session_id(paths[-1])) if paths else None
        return None if receiver is None else self.other(receiver)

    def take(self, observation: Observation, sender: Role) -> Transfer | None:
        """Take a message of the session; gives the transfer that a content chunk belongs to."""
        message = observation.message
        self.seen_from.setdefault(sender, observation)
        self.last_time = observation.time
        if isinstance(message, MsrpResponse):
            self._answer(message)
            return None
        if isinstance(message, MsrpRequest) and message.method == "REPORT":
            self._report(message, sender)
        if not isinstance(message, MsrpRequest) or message.method != "SEND":
            return None
        if message.is_empty:
            self.chunks[message.transaction_id] = (None, False)
            return None
        name = message.message_id or message.transaction_id
        transfer = self.transfers.get((sender, name))
        if transfer is None:
            transfer = Transfer(name, sender, observation, observation, message)
            self.transfers[sender, name] = transfer
        transfer.add(message, observation)
        self.chunks[message.transaction_id] = (transfer, message.flag == "$")
        return transfer

    def leads(self, observation: Observation, sender: Role) -> bool:
        """Whether a message shows a connection that was not known to carry this session."""
        way = observation.source, observation.destination
        if way in self.ways or len(self.ways) >= _MAX_WAYS:
            return False
        self.ways[way] = sender
        if way[::-1] in self.ways:
            return False
        # The session goes on, whatever connection it had before.
        self.closed.clear()
        return True

    def close(self, closing: Closing) -> None:
        """Take the end of a connection that carries this session, by the one side or the other."""
        way = closing.source, closing.destination
        if any(
            seen.capture == closing.capture and seen.time > closing.time
            for seen in self.seen_from.values()
        ):
            # An earlier connection between the same ports; or one that both sides had used up.
            return
        closer = self.ways.get(way)
        if closer is None:
            sender = self.ways.get(way[::-1])
            closer = None if sender is None else self.other(sender)
        known = None if closer is None else self.closed.get(closer)
        if closer is not None and (known is None or closing.time < known.time):
            self.closed[closer] = closing

    def is_answered(self, transfer: Transfer) -> bool:
        """Whether every chunk of a message that was seen has had its answer."""
        return all(one is not transfer for one, _ in self.chunks.values())

    def _answer(self, response: MsrpResponse) -> None:
        if response.transaction_id not in self.chunks:
            self.orphaned = True
            return
        transfer, closing = self.chunks.pop(response.transaction_id)
        if transfer is None:
            return
        if 200 <= response.status < 300:
            transfer.answered = transfer.answered or closing
        else:
            transfer.refused = response.status

    def _report(self, report: MsrpRequest, sender: Role) -> None:
        """What the receiver, or a relay in its place, says of a whole message (section 7.1.2)."""
        transfer = self.transfers.get((self.other(sender), report.message_id or ""))
        if transfer is None or report.status is None:
            return
        if not 200 <= report.status.code < 300:
            transfer.refused = report.status.code
        elif report.byte_range is None or report.byte_range.end == transfer.total:
            transfer.answered = True

    def from_role(self, role: Role) -> list[Transfer]:
        """The transfers that a role began, in order."""
        return [transfer for (sender, _), transfer in self.transfers.items() if sender is role]
