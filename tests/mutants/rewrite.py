"""Mutants by content: a status, an identifier or a header field is not what it was."""

import re
from collections.abc import Iterator
from dataclasses import replace

from conformance.observation.packet import Transport
from tests.ladder import Ladder, Shot
from tests.mutants.mutant import Mutant, harmless, undecided, violation
from tests.scenarios import catalogue
from tests.scenarios.variations import DEPARTURES, REFUSALS

ANSWERS = {
    "push-pager": ("4-5",),
    "push-large": ("4-5",),
    "push": ("4-5",),
    "pull": ("4-5", "8-9", "12-13"),
    "pull-notify": ("4-5", "8-9"),
    "chat-deferred": ("3-4",),
    "undelivered": ("4-5", "9-10"),
    "interwork-out": ("7-8",),
    "interwork-in": ("6-10",),
}
"""The answering steps of each flow."""

REMOVED = {
    "pull": (
        ("NOTIFY", "Subscription-State", "RFC6665-state"),
        ("NOTIFY", "Event", "RFC6665-event"),
        ("SUBSCRIBE", "Max-Forwards", ""),
    ),
    "pull-notify": (("NOTIFY", "Subscription-State", "RFC6665-state"),),
    "chat-deferred": (
        ("INVITE", "Conversation-ID", "CF-7.3.12-3-conversation-id"),
        ("INVITE", "Contribution-ID", ""),
    ),
    "push": (("INVITE", "Contribution-ID", ""), ("INVITE", "Referred-By", "")),
    "push-large": (("INVITE", "Conversation-ID", ""),),
    "push-pager": (("MESSAGE", "Conversation-ID", ""), ("MESSAGE", "P-Asserted-Identity", "")),
}
"""(method, header field, requirement that asks for it); empty: no text that can fail asks."""


def relabelled(flow: str) -> Iterator[Mutant]:
    """Each answer with another status, as its sender would have sent it."""
    build = catalogue.FLOWS[flow].VARIANTS["base"]
    for step in ANSWERS[flow]:
        for code in (400, 500):
            ladder = build(departs=(step, code, DEPARTURES[code]))
            why = "no well-formed request is answered so"
            yield violation(f"{step} answered {code}", ladder, why, f"{flow}/{step}")
        for code in (404, 480, 486, 503, 603):
            ladder = build(departs=(step, code, REFUSALS[code]))
            yield _declined(flow, f"{step} answered {code}", ladder, code)


def _declined(flow: str, name: str, ladder: Ladder, code: int) -> Mutant:
    if flow == "chat-deferred" and code == 480:
        return harmless(name, ladder, "480 is the answer for not wishing to receive now (7.3.12)")
    if flow == "chat-deferred" and code == 603:
        why = "unwilling, and said otherwise than by 480 (7.3.12)"
        return violation(name, ladder, why, "CF-7.3.12-3-decline")
    return undecided(name, ladder, "declining is the peer's or the network's own choice")


def accepted(flow: str, ladder: Ladder) -> Iterator[Mutant]:
    """Each OK turned into 202 at every hop, and each 202 into 200."""
    for step in ANSWERS[flow]:
        old, new = (
            (b"202 Accepted", b"200 OK") if step == _deferring(flow) else (b"200 OK", b"202 OK")
        )
        changed = _each(ladder, lambda shot, s=step: shot.step == s, old, new)
        name = f"{step} answered {new[:3].decode()}"
        if flow == "chat-deferred":
            why = "7.3.12 says 200 to accept"
            yield violation(name, changed, why, "CF-7.3.12-3-accept")
        elif step == _deferring(flow):
            why = "a message that was not delivered is accepted, not OK"
            yield violation(name, changed, why, f"{flow}/{step}")
        else:
            yield harmless(name, changed, "OK is any success; another than 200 is advised against")


def _deferring(flow: str) -> str:
    return "4-5" if flow == "undelivered" else ""


def renamed(ladder: Ladder) -> Iterator[Mutant]:
    """The Call-ID of one request at its last hop alone; a To tag of one answer at its last hop."""
    why = "an identifier that differs at one hop: a back-to-back user agent, or a fault of no role"
    for index, shot in enumerate(ladder.shots):
        if shot.kind != "step" or shot.is_msrp:
            continue
        other = re.sub(rb"(?m)^(Call-ID: ).", rb"\1Z", shot.octets, count=1)
        name = f"{index + 1} {shot.label} with another Call-ID"
        yield undecided(name, ladder.replace(index, other), why)
        if shot.start.startswith("SIP/2.0") and b";tag=" in shot.octets:
            tagged = re.sub(rb"(?m)^(To: .*;tag=).", rb"\1Z", shot.octets, count=1)
            name = f"{index + 1} {shot.label} with another To tag"
            yield undecided(name, ladder.replace(index, tagged), why)


def without_headers(flow: str, ladder: Ladder) -> Iterator[Mutant]:
    """A header field taken away at every hop."""
    for method, field, requirement in REMOVED.get(flow, ()):
        changed = ladder.named(ladder.variant)
        changed.shots = [_without(shot, method, field) for shot in ladder.shots]
        name = f"{method} without {field}"
        if requirement:
            yield violation(name, changed, f"{requirement} asks for it", requirement)
        else:
            yield harmless(name, changed, "no requirement that can fail asks for it")


def content_from_client(flow: str, ladder: Ladder) -> Iterator[Mutant]:
    """The client sends a message of its own behind the last one it was sent."""
    sends = [i for i, s in enumerate(ladder.shots) if s.is_msrp and s.sender == "pf" and s.step]
    if not sends:
        return
    last = ladder.shots[sends[-1]]
    answer = next(s for s in ladder.shots[sends[-1] :] if s.is_msrp and s.sender == "client")
    begin = answer.time + 50_000
    changed = ladder.delay(lambda shot: shot.time > answer.time, 100_000_000)
    changed.shots = sorted([*changed.shots, _turned(last, begin)], key=lambda shot: shot.time)
    if flow == "chat-deferred":
        why = "a reply is a session of its own (7.3.12 NOTE)"
        yield violation("the client replies", changed, why, "CF-7.3.12-note-reply")
    else:
        why = "no requirement of this flow is about the client's content"
        yield undecided("the client sends content", changed, why)


def _turned(shot: Shot, time: int) -> Shot:
    """A SEND the other way: paths and addresses exchanged, identifiers new."""
    to_path, from_path = re.findall(rb"(?m)^(?:To|From)-Path: (.*)\r$", shot.octets)
    octets = shot.octets.replace(to_path, b"@@").replace(from_path, to_path)
    octets = octets.replace(b"@@", from_path)
    tid = shot.octets.split(b" ", 2)[1]
    octets = octets.replace(tid, tid[::-1])
    octets = re.sub(rb"(?m)^(Message-ID: ).", rb"\1Q", octets)
    return replace(
        shot,
        time=time,
        source=shot.destination,
        destination=shot.source,
        sender=shot.receiver,
        receiver=shot.sender,
        octets=octets,
        label="",
        step="",
        kind="implied",
    )


def _each(ladder: Ladder, chosen: object, old: bytes, new: bytes) -> Ladder:
    changed = ladder.named(ladder.variant)
    changed.shots = [
        replace(shot, octets=shot.octets.replace(old, new, 1)) if chosen(shot) else shot
        for shot in ladder.shots
    ]
    return changed


def _without(shot: Shot, method: str, field: str) -> Shot:
    if shot.transport is not Transport.UDP or not shot.start.startswith(f"{method} "):
        return shot
    pattern = rb"(?mi)^" + field.encode() + rb": .*\r\n"
    head, blank, body = shot.octets.partition(b"\r\n\r\n")
    head = re.sub(pattern, b"", head + b"\r\n").removesuffix(b"\r\n")
    return replace(shot, octets=head + blank + body)
