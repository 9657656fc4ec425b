"""Whether two traces are the same but for the identities that were drawn and the times.

All that a link shows in one direction is compared in its order, whatever conversation it belongs
to, and so is which messages share a connection, and who closed one. Between links the order is
free: nothing orders what happens at different ends of a network.

What is seen elsewhere than in the middle of a link keeps the order of each connection only: TCP
and UDP overtake each other, and what is written before a connection is open leaves later. Where
two runs take different times, that of each conversation is left: which of two is sent first is how
long what caused each was on its way. UDP promises no order (RFC 768), and TCP that in which a
sender wrote (RFC 9293 section 2.2), in which such runs differ.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat, zip_longest
from typing import Literal

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import session_id
from conformance.observation.packet import Transport
from conformance.observation.trace import Closing, Gap, Observation, Trace
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

Link = tuple[str, str]

Within = Literal["link", "connection", "conversation"]
"""Within what the order is compared."""

_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(rb"(?mi)^Date:[^\r\n]*")
_LEFT = re.compile(rb"(?i)expires=\d+")
_WORD = re.compile(rb"[0-9A-Za-z]+")
_DRAWN = re.compile(rb"(?=.*[0-9])[0-9A-Za-z]{5,}")
"""What may be an identity that was drawn: a word of some length with a digit in it."""


class _Names:
    """Which identity of one trace is which of the other: one for one."""

    def __init__(self) -> None:
        self._forth: dict[bytes, bytes] = {}
        self._back: dict[bytes, bytes] = {}

    def agree(self, one: bytes, other: bytes) -> bool:
        """Whether two words are the same, or names of the same thing."""
        drawn = _DRAWN.fullmatch(one) and _DRAWN.fullmatch(other)
        if not drawn:
            return one == other
        return self._pair(one, other)

    def share_a_way(self, one: Observation, other: Observation) -> bool:
        """Whether the connection of one is that of the other, as far as is known."""
        ours, theirs = (
            b"-".join(sorted(str(end).encode() for end in (seen.source, seen.destination)))
            for seen in (one, other)
        )
        return self._pair(ours, theirs)

    def would_agree(self, ours: Sequence[Observation], theirs: Sequence[Observation]) -> bool:
        """Whether two parts are the same; their names are kept if they are."""
        if len(ours) != len(theirs):
            return False
        before = dict(self._forth), dict(self._back)
        if not any(map(_difference, ours, theirs, repeat(self))):
            return True
        self._forth, self._back = before
        return False

    def _pair(self, one: bytes, other: bytes) -> bool:
        return self._forth.setdefault(one, other) == other and (
            self._back.setdefault(other, one) == one
        )


def differences(one: Trace, other: Trace, *, within: Within = "link") -> list[str]:
    """What differs after renaming, a sentence each; nothing where the traces are the same.

    `within`: what keeps its order in both; all but a link is of messages only, not of gaps.
    """
    match within:
        case "link":
            return _in_order(one, other)
        case "connection":
            return _by_part(one, other, _connection)
        case "conversation":
            return _by_part(one, other, _conversation)


def _in_order(one: Trace, other: Trace) -> list[str]:
    first, second = _by_link(one), _by_link(other)
    names = _Names()
    found = []
    for link in dict.fromkeys([*first, *second]):
        ours, theirs = first.get(link, []), second.get(link, [])
        for number, pair in enumerate(zip_longest(ours, theirs), 1):
            difference = _difference(*pair, names) or _other_way(*pair, names)
            if difference:
                found.append(f"{link[0]} to {link[1]}, message {number}: {difference}")
                break
    return (
        found
        + _uneven("has", map(_blind, _gaps(one)), map(_blind, _gaps(other)))
        + _uneven("shows that", _closings(one), _closings(other))
    )


def _by_part(one: Trace, other: Trace, part: Callable[[Observation], str]) -> list[str]:
    first, second = _parts(one, part), _parts(other, part)
    names = _Names()
    found = []
    for link in dict.fromkeys([*first, *second]):
        left, right = first.get(link, []), second.get(link, [])
        for ours in [*left]:
            theirs = next((more for more in right if names.would_agree(ours, more)), None)
            if theirs is not None:
                left.remove(ours)
                right.remove(theirs)
        found += [
            f"{link[0]} to {link[1]}: {_first_difference(ours, theirs, names)}"
            for ours, theirs in zip_longest(left, right, fillvalue=())
        ]
    return found


def _first_difference(
    ours: Sequence[Observation], theirs: Sequence[Observation], names: _Names
) -> str:
    for number, (left, right) in enumerate(zip_longest(ours, theirs), 1):
        difference = _difference(left, right, names)
        if difference:
            return f"message {number}: {difference}"
    return "identities that were drawn do not correspond"


def _by_link(trace: Trace) -> dict[Link, list[Observation]]:
    links: dict[Link, list[Observation]] = {}
    for item in trace.items:
        if isinstance(item, Observation):
            link = item.source.host, item.destination.host
            links.setdefault(link, []).append(item)
    return links


def _parts(
    trace: Trace, part: Callable[[Observation], str]
) -> dict[Link, list[list[Observation]]]:
    """The parts of what each link shows, in the order of their beginnings."""
    found = {}
    for link, items in _by_link(trace).items():
        parts: dict[str, list[Observation]] = {}
        for item in items:
            parts.setdefault(part(item), []).append(item)
        found[link] = [*parts.values()]
    return found


def _uneven(verb: str, ours: Iterable[str], theirs: Iterable[str]) -> list[str]:
    """What one of two traces shows more often than the other."""
    first, second = Counter(ours), Counter(theirs)
    return [
        *(f"only the first {verb} {one}" for one in (first - second).elements()),
        *(f"only the second {verb} {one}" for one in (second - first).elements()),
    ]


def _closings(trace: Trace) -> Iterator[str]:
    """Who closed a connection, and how."""
    for one in trace.items:
        if isinstance(one, Closing):
            how = "reset" if one.reset else "closed"
            yield f"{one.source.host} {how} a connection with {one.destination.host}"


def _gaps(trace: Trace) -> list[Gap]:
    return [item for item in trace.items if isinstance(item, Gap)]


def _blind(gap: Gap) -> str:
    ends = [end.host for end in (gap.source, gap.destination) if end is not None]
    return " ".join([f"a gap, {gap.reason}", *(["from", " to ".join(ends)] if ends else [])])


def _other_way(left: Observation | None, right: Observation | None, names: _Names) -> str:
    """Whether two messages came over connections that do not correspond, or by other ports."""
    if left is None or right is None:
        return ""
    same = [
        left.source.port == right.source.port,
        left.destination.port == right.destination.port,
    ]
    # The port of who opened a connection is drawn; that of who listens never is.
    drawn = left.transport is not Transport.UDP and any(same)
    if (all(same) or drawn) and names.share_a_way(left, right):
        return ""
    return f"{_start(left)} came {_way(left)}, and {_way(right)}"


def _way(seen: Observation) -> str:
    return f"from port {seen.source.port} to {seen.destination.port}"


def _connection(seen: Observation) -> str:
    """What the messages of one connection share; of one pair of ports, for UDP."""
    return f"{seen.transport} {seen.source} {seen.destination}"


def _conversation(seen: Observation) -> str:
    """What the messages of one conversation share: the Call-ID, or the session at either end."""
    match seen.message:
        case SipRequest() | SipResponse() as message:
            return message.call_id or ""
        case MsrpRequest() | MsrpResponse() as message:
            ends = sorted(map(session_id, (*message.to_path[:1], *message.from_path[:1])))
            return " ".join(ends)
        case Malformed() as message:
            return message.protocol


def _difference(left: Observation | None, right: Observation | None, names: _Names) -> str:
    if left is None or right is None:
        there = left or right
        only = "the first" if right is None else "the second"
        return f"only {only} has {_start(there)}" if there is not None else ""
    if left.transport is not right.transport:
        return f"{_start(left)} over {left.transport}, and over {right.transport}"
    ours, theirs = _settled(left), _settled(right)
    if _WORD.sub(b"", ours) == _WORD.sub(b"", theirs):
        pairs = zip(_WORD.findall(ours), _WORD.findall(theirs), strict=True)
        wrong = [pair for pair in pairs if not names.agree(*pair)]
        if not wrong:
            return ""
        words = " and ".join(word.decode() for word in wrong[0])
        return f"{_start(left)}: {words} are not the same"
    return f"{_start(left)} and {_start(right)}"


def _settled(seen: Observation) -> bytes:
    """The octets of a message, its times left out."""
    octets = _TIME.sub(b"TIME", bytes(seen.message.octets))
    return _LEFT.sub(b"expires=", _DATE.sub(b"Date:", octets))


def _start(seen: Observation) -> str:
    message = seen.message
    if isinstance(message, Malformed):
        return f"malformed {message.protocol}"
    return message.start_line
