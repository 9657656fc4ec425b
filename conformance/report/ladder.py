"""The layout of a ladder: columns for parties, rows for messages seen and steps that are missing.

The console and the SVG draw from the same layout.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.report.legible import one_line
from conformance.report.wording import role_name
from conformance.verifier.verdict import (
    Finding,
    InstanceResult,
    ShownMessage,
    Status,
    StepResult,
    Verdict,
)

_RANK = {
    role: place
    for place, role in enumerate(
        [
            Role.REMOTE,
            Role.CLIENT,
            Role.CORE,
            Role.PF,
            Role.ISF,
            Role.IWF,
            Role.NONCPM,
            Role.CORE_B,
            Role.PF_B,
            Role.CLIENT_B,
        ]
    )
}
_SENDS = re.compile(r"\bsends (.{1,80}?) to\b")
_ANSWERS = re.compile(r"\banswers (\S{1,20}) with (\S{1,20})")
_ABSENT = frozenset((Status.MISSING, Status.PENDING))
_FIGURE = _ABSENT | {Status.UNOBSERVED}
_DEVICES = {Role.CLIENT, Role.CLIENT_B, Role.NONCPM}


class Look(StrEnum):
    """How a row is drawn."""

    STEP = "step"
    IMPLIED = "implied"
    VIOLATED = "violated"
    MISSING = "missing"
    PENDING = "pending"
    EXPECTED = "expected"
    FOLDED = "folded"
    PAUSE = "pause"


_ABSENT_LOOKS = {
    Status.MISSING: Look.MISSING,
    Status.PENDING: Look.PENDING,
    Status.UNOBSERVED: Look.EXPECTED,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A party: its name and the hosts that were seen to play it."""

    name: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An arrow from one column to another; `message` is its index in the instance's ladder.

    `step` is the label of the printed step, `marks` the numbers of the findings that belong here;
    `parts` marks the row at which the instance leaves the flow.
    """

    look: Look
    start: int
    end: int
    label: str
    text: str
    time: int | None = None
    frames: tuple[int, ...] = ()
    message: int | None = None
    folded: int = 0
    parts: bool = False
    step: str = ""
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns from left to right, rows from top to bottom; `begin` is the first row's time."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    begin: int


def layout(instance: InstanceResult, *, figure: bool = False) -> Layout:
    """The ladder of one instance: what was seen, with what should have been seen in between.

    With `figure`, hops of the printed figure that no capture shows have their rows too.
    """
    absent = _FIGURE if figure else _ABSENT
    columns = _Columns(instance, absent)
    cause = first_cause(instance)
    rows = [_seen(message, place, columns) for place, message in enumerate(instance.ladder)]
    merged = _with_missing(instance, rows, columns, absent)
    parting = _parting(instance, merged, cause)
    final = tuple(
        replace(row, parts=True) if place == parting else row
        for place, (row, _) in enumerate(merged)
    )
    begin = min((message.time for message in instance.ladder), default=instance.first_time)
    return Layout(columns.made(), final, begin)


def first_cause(instance: InstanceResult) -> Finding | None:
    """The finding that explains the verdict: the first failing one that is no consequence.

    A SHOULD or MAY is named only where nothing else explains it.
    """
    causes = [
        found
        for found in instance.findings
        if found.verdict in (Verdict.FAIL, Verdict.INCONC) and not found.consequence
    ]
    return min(causes, key=lambda found: _weight(found, instance.verdict), default=None)


def _weight(found: Finding, verdict: Verdict) -> int:
    if found.verdict is Verdict.FAIL and found.level not in (Level.SHOULD, Level.MAY):
        return 0
    # Under --strict a SHOULD has failed the instance; else it cannot be what left it open.
    return 1 if (found.verdict is Verdict.FAIL) is (verdict is Verdict.FAIL) else 2


def told(instance: InstanceResult) -> tuple[Finding, ...]:
    """The findings but for mere notes: causes first, then consequences, then what is unsure."""
    shown = [found for found in instance.findings if found.verdict is not Verdict.PASS]
    return tuple(sorted(shown, key=lambda found: (-found.verdict.badness, found.consequence)))


class _Columns:
    """The columns of one instance: a role each, but devices and unknown hosts one by one."""

    def __init__(self, instance: InstanceResult, absent: frozenset[Status]) -> None:
        self._hosts: dict[tuple[str, str], list[str]] = {}
        for message in instance.ladder:
            self._note(message.sender, message.source)
            self._note(message.receiver, message.destination)
        for step in instance.steps:
            if _is_drawn(step, absent):
                self._need(step.sender)
                self._need(step.receiver)
        order = sorted(self._hosts, key=_rank)
        self._places = {key: place for place, key in enumerate(order)}

    def _note(self, role: str, address: str) -> None:
        hosts = self._hosts.setdefault(_key(role, address), [])
        host = _host(address)
        if host not in hosts:
            hosts.append(host)

    def _need(self, role: Role | None) -> None:
        if role is not None and not any(known == role for known, _ in self._hosts):
            self._hosts[role, ""] = []

    def of(self, role: str, address: str) -> int:
        return self._places[_key(role, address)]

    def of_role(self, role: Role) -> int:
        return next(place for (known, _), place in self._places.items() if known == role)

    def made(self) -> tuple[Column, ...]:
        ordered = sorted(self._places, key=self._places.__getitem__)
        return tuple(
            Column(role_name(role) if role else "unknown role", tuple(self._hosts[role, host]))
            for role, host in ordered
        )


def _key(role: str, address: str) -> tuple[str, str]:
    return (role, _host(address)) if not role or role in _DEVICES else (role, "")


def _host(address: str) -> str:
    host, colon, port = address.rpartition(":")
    return host.strip("[]") if colon and port.isdigit() else address


def _rank(key: tuple[str, str]) -> int:
    # Unknown hosts stand at the right, in the order in which they appeared (sorting is stable).
    return next((_RANK[role] for role in Role if role == key[0]), len(_RANK))


def _is_drawn(step: StepResult, absent: frozenset[Status]) -> bool:
    wanted = step.status in absent
    return wanted and not step.frames and step.sender is not None and step.receiver is not None


def _seen(message: ShownMessage, place: int, columns: _Columns) -> Row:
    look = Look.STEP if message.label or message.step else Look.IMPLIED
    return Row(
        look=Look.VIOLATED if message.violated else look,
        start=columns.of(message.sender, message.source),
        end=columns.of(message.receiver, message.destination),
        label=message.label,
        # The version is the same in every line and would only push the rest out of sight.
        text=one_line(message.summary.replace("SIP/2.0", ""), 120),
        time=message.time,
        frames=message.frames,
        message=place,
        folded=message.folded,
        step=message.step,
    )


def _with_missing(
    instance: InstanceResult, rows: list[Row], columns: _Columns, absent: frozenset[Status]
) -> list[tuple[Row, StepResult | None]]:
    """The rows, each absent step behind the last row of a step printed before it."""
    row_of = {
        (message.capture, frame): place
        for place, message in enumerate(instance.ladder)
        for frame in message.frames
    }
    behind: dict[int, list[tuple[Row, StepResult | None]]] = {}
    last = -1
    for step in instance.steps:
        seen = [row_of.get((ref.capture, ref.frame), -1) for ref in step.frames]
        last = max([last, *seen])
        if _is_drawn(step, absent):
            behind.setdefault(last, []).append((_absent(step, columns), step))
    merged = list(behind.get(-1, []))
    for place, row in enumerate(rows):
        merged.append((row, None))
        merged.extend(behind.get(place, []))
    return merged


def _absent(step: StepResult, columns: _Columns) -> Row:
    sender, receiver = step.sender, step.receiver
    return Row(
        look=_ABSENT_LOOKS[step.status],
        start=0 if sender is None else columns.of_role(sender),
        end=0 if receiver is None else columns.of_role(receiver),
        label=step.number,
        text=_brief(step.text),
        step=step.label,
    )


def _brief(sentence: str) -> str:
    """What a step's sentence sends, without who sends it: the arrow shows that."""
    flat = one_line(sentence, 300)
    if answered := _ANSWERS.search(flat):
        return f"{answered[2]} to {answered[1]}"
    if " ends the session" in flat:
        return "BYE"
    sent = _SENDS.search(flat)
    return one_line(sent[1] if sent else flat, 120)


def _parting(
    instance: InstanceResult,
    rows: list[tuple[Row, StepResult | None]],
    cause: Finding | None,
) -> int | None:
    """The row at which the first cause shows: its own step's, else its last frame's."""
    if cause is None or cause.verdict is not Verdict.FAIL:
        return None
    for place, (row, step) in enumerate(rows):
        if step is not None and row.look is Look.MISSING and cause.step in ("", step.label):
            return place
    frames = {(ref.capture, ref.frame) for ref in cause.frames}
    found = None
    for place, (row, _) in enumerate(rows):
        if row.message is not None:
            capture = instance.ladder[row.message].capture
            if any((capture, frame) in frames for frame in row.frames):
                found = place
    return found
