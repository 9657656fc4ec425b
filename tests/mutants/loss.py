"""Mutants by what is not there: frames lost, hops never sent, packets sent again."""

from collections.abc import Iterator
from dataclasses import replace

from conformance.observation.packet import Transport
from tests.ladder import Ladder
from tests.mutants.mutant import Mutant, harmless, undecided, violation
from tests.scenarios import catalogue

T1 = 500_000_000

STARTS = {
    "push-pager": "2",
    "push-large": "2",
    "push": "2",
    "pull": "2",
    "pull-notify": "2",
    "chat-deferred": "1",
    "interwork-in": "1",
}
"""The first hop: never sent, there is nothing to judge."""

UNTOLD = {
    "undelivered": ("2", "3", "7"),
    "interwork-out": ("1", "2", "3", "4"),
}
"""Hops without which the flow is never identified."""

CHOICES = {"pull": "10", "pull-notify": "6"}
"""The client's invitation, which its user may leave out."""

OPEN_ENDS = frozenset({"chat-deferred"})
"""Flows whose text says nobody must end the session, nor when."""


def lost(ladder: Ladder) -> Iterator[Mutant]:
    """Each step's hop lost by the capture: plain UDP frames, no other sign."""
    why = "one frame lost is the capture's fault: nobody sent it again, nothing shows silence"
    for index, shot in enumerate(ladder.shots):
        if shot.kind == "step" and shot.transport is Transport.UDP:
            name = f"hop {shot.label} lost ({index + 1})"
            yield undecided(name, ladder.drop(index), why)


def silent(flow: str) -> Iterator[Mutant]:
    """Each hop never sent, with all that a silent peer causes."""
    build = catalogue.FLOWS[flow].VARIANTS["base"]
    base = catalogue.ladder("VARIANTS", flow, "base")
    for label in dict.fromkeys(shot.label for shot in base.shots if shot.label):
        if base.shots[0].label == label:
            continue  # nothing at all would be left
        ladder = build(silent=label)
        name = f"hop {label} never sent"
        if STARTS.get(flow) == label or label in UNTOLD.get(flow, ()):
            yield undecided(name, ladder, "what identifies the flow is never seen")
        elif CHOICES.get(flow) == label:
            yield harmless(name, ladder, "the user may choose nothing (5.2.1.1.1)")
        elif label == "end" and flow in OPEN_ENDS:
            yield undecided(name, ladder, "no text says that the session must be ended, or when")
        else:
            yield violation(name, ladder, "a printed hop, awaited past every deadline")


def repeated(ladder: Ladder) -> Iterator[Mutant]:
    """Each SIP message over UDP sent again as a timer sends it (another IP identification)."""
    why = "retransmissions count once (RFC 3261 section 17)"
    for index, shot in enumerate(ladder.shots):
        if shot.transport is Transport.UDP:
            again = replace(
                shot, time=shot.time + T1, identification=shot.identification % 60_000 + 777
            )
            name = f"{index + 1} {shot.label} sent again"
            yield harmless(name, _with(ladder, again), why)


def mirrored(ladder: Ladder) -> Iterator[Mutant]:
    """Each packet seen twice."""
    for index, shot in enumerate(ladder.shots):
        name = f"{index + 1} {shot.label} mirrored"
        yield harmless(name, ladder.duplicate(index, 40_000), "one packet seen twice is one")


def cut(ladder: Ladder) -> Iterator[Mutant]:
    """The capture ends before any one of the flow's messages, or begins with it."""
    why = "what lies outside the capture accuses nobody"
    for index, shot in enumerate(ladder.shots):
        if index and shot.kind == "step":
            yield undecided(f"ends before {shot.label}", ladder.cut_behind(index - 1), why)
            yield undecided(f"begins with {shot.label}", ladder.cut_before(index), why)


def _with(ladder: Ladder, *more: object) -> Ladder:
    changed = ladder.named(ladder.variant)
    changed.shots = sorted([*ladder.shots, *more], key=lambda shot: shot.time)
    return changed
