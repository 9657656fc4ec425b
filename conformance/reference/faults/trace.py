"""Faults of the capture: messages dropped, doubled, swapped, relabelled, and the capture cut.

What a capture does not show was not left undone: only what it shows in the wrong order, or where
it cannot be, is held against a role.
"""

from collections.abc import Callable

from conformance.reference.engine.component import Datagram
from conformance.reference.faults.fault import Edit, Fault
from conformance.reference.network.medium import Passed

Choice = Callable[[Passed], bool]


def message(start: bytes, sender: str, receiver: str, about: bytes = b"") -> Choice:
    """The datagrams that begin so between two parties, and hold some octets."""

    def chosen(passed: Passed) -> bool:
        packet = passed.packet
        ends = passed.sender, passed.receiver
        if not isinstance(packet, Datagram) or ends != (sender, receiver):
            return False
        return packet.octets.startswith(start) and about in packet.octets

    return chosen


def drop(chosen: Choice) -> Edit:
    """The capture lacks them."""
    return lambda recording: [passed for passed in recording if not chosen(passed)]


def double(recording: list[Passed]) -> list[Passed]:
    """Everything comes twice, as a mirror port shows it."""
    later = [passed._replace(time=passed.time + 20_000) for passed in recording]
    return [*recording, *later]


def swap(first: Choice, second: Choice) -> Edit:
    """Two messages, each at the other's time."""

    def swapped(recording: list[Passed]) -> list[Passed]:
        one = next(passed for passed in recording if first(passed))
        two = next(passed for passed in recording if second(passed))
        times = {one: two.time, two: one.time}
        return [passed._replace(time=times.get(passed, passed.time)) for passed in recording]

    return swapped


def relabel(chosen: Choice, old: bytes, new: bytes) -> Edit:
    """They say something else."""

    def relabelled(recording: list[Passed]) -> list[Passed]:
        return [_said(p, old, new) if chosen(p) else p for p in recording]

    return relabelled


def _said(passed: Passed, old: bytes, new: bytes) -> Passed:
    packet = passed.packet
    return passed._replace(packet=packet._replace(octets=packet.octets.replace(old, new)))


def cut_behind(chosen: Choice) -> Edit:
    """The capture ends with the first of them."""

    def ended(recording: list[Passed]) -> list[Passed]:
        last = next(passed.time for passed in recording if chosen(passed))
        return [passed for passed in recording if passed.time <= last]

    return ended


def cut_before(chosen: Choice) -> Edit:
    """The capture begins with the first of them."""

    def begun(recording: list[Passed]) -> list[Passed]:
        first = next(passed.time for passed in recording if chosen(passed))
        return [passed for passed in recording if passed.time >= first]

    return begun


PUSHED = message(b"MESSAGE", "pf", "core")
BROUGHT = message(b"MESSAGE", "core", "client")
TAKEN = message(b"SIP/2.0 200", "client", "core", b"MESSAGE")
CONFIRMED = message(b"SIP/2.0 200", "core", "pf", b"MESSAGE")
LISTED = message(b"NOTIFY", "core", "client")
ASKED = message(b"SUBSCRIBE", "core", "pf")
HELD = message(b"SIP/2.0 202", "pf", "core")
TOLD = message(b"SIP/2.0 202", "core", "remote")


def accepted(passed: Passed) -> bool:
    """Both hops of the answer to what was deferred."""
    return HELD(passed) or TOLD(passed)


FAULTS = (
    Fault("trace-drops-pushed", "", edit=drop(PUSHED)),
    Fault("trace-drops-confirmation", "", edit=drop(CONFIRMED)),
    Fault("trace-drops-list", "", edit=drop(LISTED)),
    Fault("trace-drops-subscription", "", edit=drop(ASKED)),
    Fault("trace-doubles-all", "", edit=double),
    Fault("trace-swaps-answers", "", edit=swap(TAKEN, CONFIRMED)),
    Fault("trace-swaps-push", "", edit=swap(PUSHED, BROUGHT)),
    Fault("trace-relabels-tag", "", edit=relabel(PUSHED, b"oma.cpm.msg", b"oma.cpm.xyz")),
    Fault("trace-relabels-answer", "", edit=relabel(accepted, b"202 Accepted", b"200 OK")),
    Fault("trace-cuts-behind-push", "", edit=cut_behind(BROUGHT)),
    Fault("trace-cuts-before-list", "", edit=cut_before(LISTED)),
)
