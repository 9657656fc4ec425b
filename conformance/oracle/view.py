"""A trace as one role lived it: what came to it and what left it, each message once."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Observation, Shown
from conformance.sip.message import SipRequest, SipResponse

_MIRRORED = 200_000_000
"""Nothing is sent again so soon, in ns; a mirror's copy comes sooner."""

Message = SipRequest | SipResponse | MsrpRequest | MsrpResponse


class Item(NamedTuple):
    """One message at the role's border; `time` in ns UTC."""

    time: int
    incoming: bool
    message: Message
    transport: Transport
    local: Endpoint
    remote: Endpoint
    capture: int
    number: int
    frames: tuple[int, ...]


class View(tuple[Item, ...]):
    """The items in the order of time; `repeated` is when the first one left that came again.

    None where nothing was: then nothing that the tap saw was lost behind it.
    """

    repeated: int | None = None


def of_place(items: Iterable[Shown], is_own: Callable[[Endpoint], bool]) -> View:
    """What passed the border of the place whose endpoints `is_own` knows, in the order of time.

    A message seen again, as a retransmission or a mirror's copy, and what passes inside the
    place, are left out; so are malformed ones, of which the verifier speaks. A request that had
    to be sent again counts from its last copy before its answer: an earlier one may be lost.
    """
    found: dict[tuple[bool, Endpoint, bytes], Item] = {}
    copies: dict[tuple[bool, Endpoint, bytes], list[Item]] = {}
    first_seen: dict[tuple[bool, Endpoint, bytes], int] = {}
    for one in items:
        item = _item(one, is_own)
        if item is None:
            continue
        key = (item.incoming, item.remote, item.message.octets)
        first_seen.setdefault(key, item.time)
        if key in found:
            copies.setdefault(key, []).append(item)
        else:
            found[key] = item
    answers = _answers(found.values())
    for key, later in copies.items():
        found[key] = _received(found[key], later, answers)
    view = View(sorted(found.values(), key=lambda item: item.time))
    again = [
        first_seen[key]
        for key, later in copies.items()
        for item in later
        if item.time - first_seen[key] >= _MIRRORED
    ]
    view.repeated = min(again, default=None)
    return view


def _item(one: Shown, is_own: Callable[[Endpoint], bool]) -> Item | None:
    if not isinstance(one, Observation) or not isinstance(one.message, Message):
        return None
    leaves, comes = is_own(one.source), is_own(one.destination)
    if leaves == comes:
        return None
    local, remote = (one.destination, one.source) if comes else (one.source, one.destination)
    rest = (one.transport, local, remote, one.capture, one.number, one.frames)
    return Item(one.time, comes, one.message, *rest)


def _answers(items: Iterable[Item]) -> dict[tuple[str, str], int]:
    """When the role first answered each transaction."""
    found: dict[tuple[str, str], int] = {}
    for item in items:
        message = item.message
        if not item.incoming and isinstance(message, SipResponse):
            found.setdefault((message.branch, message.cseq_method), item.time)
    return found


def _received(first: Item, later: list[Item], answers: dict[tuple[str, str], int]) -> Item:
    """The copy of an incoming request that was answered."""
    message = first.message
    if not first.incoming or not isinstance(message, SipRequest):
        return first
    answered = answers.get((message.branch, message.method))
    before = [one for one in later if answered is not None and one.time < answered]
    return before[-1] if before else first
