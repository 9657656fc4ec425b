"""Whether two traces are the same but for the identities that were drawn and the times.

The messages of each conversation on each link are compared in their order; between links, and
between conversations, the order is free: nothing orders what happens at different ends of a
network, and which of two that have nothing to do with each other comes first is how long each
was on its way.
"""

import re
from collections.abc import Sequence
from itertools import repeat, zip_longest

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import session_id
from conformance.observation.trace import Message, Observation, Trace
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

Link = tuple[str, str]

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
        return self._forth.setdefault(one, other) == other and (
            self._back.setdefault(other, one) == one
        )

    def would_agree(self, ours: Sequence[Observation], theirs: Sequence[Observation]) -> bool:
        """Whether two conversations are the same; their names are kept if they are."""
        if len(ours) != len(theirs):
            return False
        before = dict(self._forth), dict(self._back)
        if not any(map(_difference, ours, theirs, repeat(self))):
            return True
        self._forth, self._back = before
        return False


def differences(one: Trace, other: Trace) -> list[str]:
    """What differs after renaming, a sentence each; nothing where the traces are the same."""
    first, second = _by_link(one), _by_link(other)
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


def _by_link(trace: Trace) -> dict[Link, list[list[Observation]]]:
    """The conversations on each link, in the order of their beginnings."""
    links: dict[Link, dict[str, list[Observation]]] = {}
    for item in trace.items:
        if isinstance(item, Observation):
            link = item.source.host, item.destination.host
            talk = links.setdefault(link, {}).setdefault(_conversation(item.message), [])
            talk.append(item)
    return {link: [*talks.values()] for link, talks in links.items()}


def _conversation(message: Message) -> str:
    """What the messages of one conversation share: the Call-ID, or the session at either end."""
    match message:
        case SipRequest() | SipResponse():
            return message.call_id or ""
        case MsrpRequest() | MsrpResponse():
            ends = sorted(map(session_id, (*message.to_path[:1], *message.from_path[:1])))
            return " ".join(ends)
        case Malformed():
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
