"""Mutants by order: a step that leaves before the one printed above it has arrived."""

from collections.abc import Iterator
from itertools import pairwise

from conformance.flow.library import load
from conformance.flow.program import Program
from conformance.observation.packet import Transport
from tests.ladder import Ladder, Shot
from tests.mutants.mutant import Class, Mutant

FORWARDED = "a request forwarded before it was received shows a fault of the capture"
ANSWERED = "an answer that leaves before the answer that it waits for has arrived"
UNORDERED = "no cause binds the two: a figure is a partial order"
REPEATED = "what it waits for may have come in a lost frame, and this be its retransmission"
ACKNOWLEDGED = "an ACK comes again only for a 200 that comes again, and none does"
USES = "it leaves before what its sender itself had to send or receive first, by TCP"


def swapped(flow: str, ladder: Ladder) -> Iterator[Mutant]:
    """Each step's hop sent at the time of the hop printed before it, which comes 200 ms later."""
    steps = [index for index, shot in enumerate(ladder.shots) if shot.kind == "step"]
    for earlier, later in pairwise(steps):
        one, two = ladder.shots[earlier], ladder.shots[later]
        if one.label == two.label and one.is_msrp is two.is_msrp:
            continue  # two packets of one stream, or the two hops of one BYE
        changed = ladder.hasten(later, earlier)
        kind, why = classified(load().flow(flow), one, two)
        yield Mutant(f"{two.label} before {one.label}", changed, kind, why)


def classified(program: Program, one: Shot, two: Shot) -> tuple[Class, str]:
    """What it is that `two` leaves before `one`, which is printed before it."""
    meets = one.receiver == two.sender or one.sender == two.sender
    if not meets or not _bound(program, one, two):
        return Class.HARMLESS, UNORDERED
    answers = two.start.startswith("SIP/2.0")
    if answers and one.start.startswith("SIP/2.0"):
        return Class.VIOLATION, ANSWERED
    if not answers and (one.step == two.step or _forwards(program, two.step)) and not one.is_msrp:
        return Class.INCONCLUSIVE, FORWARDED
    if one.start.startswith("ACK "):
        return Class.VIOLATION, ACKNOWLEDGED
    if one.transport is Transport.UDP and one.receiver == two.sender:
        return Class.INCONCLUSIVE, REPEATED
    return Class.VIOLATION, USES


def _bound(program: Program, one: Shot, two: Shot) -> bool:
    """Whether the hop of `two` may only come later than that of `one`."""
    firsts = [hop for hop in program.hops if hop.number == one.label]
    seconds = [hop.index for hop in program.hops if hop.number == two.label]
    return any(program.after[first.index] >> index & 1 for first in firsts for index in seconds)


def _forwards(program: Program, label: str) -> bool:
    return any(step.label == label and step.forwards is not None for step in program.steps)
