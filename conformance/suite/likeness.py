"""Whether two traces are the same but for the identities that were drawn and the times.

The messages of each link are compared in their order; between links the order is free, since
nothing orders what happens at different ends of a network.
"""

import re
from itertools import zip_longest

from conformance.observation.trace import Observation, Trace
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


def differences(one: Trace, other: Trace) -> list[str]:
    """What differs after renaming, a sentence each; nothing where the traces are the same."""
    first, second = _by_link(one), _by_link(other)
    names = _Names()
    found = []
    for link in dict.fromkeys([*first, *second]):
        pairs = zip_longest(first.get(link, ()), second.get(link, ()))
        for number, (left, right) in enumerate(pairs, 1):
            difference = _difference(left, right, names)
            if difference:
                found.append(f"{link[0]} to {link[1]}, message {number}: {difference}")
                break
    return found


def _by_link(trace: Trace) -> dict[Link, list[Observation]]:
    links: dict[Link, list[Observation]] = {}
    for item in trace.items:
        if isinstance(item, Observation):
            link = item.source.host, item.destination.host
            links.setdefault(link, []).append(item)
    return links


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
