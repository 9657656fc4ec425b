"""The policy of a gate: which levels count, which issues are known, how much may stay open."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from conformance.flow.errors import did_you_mean
from conformance.flow.program import Level
from conformance.report.essence import essence
from conformance.suite import toml_file
from conformance.suite.errors import ConformanceError


class Action(StrEnum):
    """What a departure does to the gate."""

    FAIL = "fail"
    WARN = "warn"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Known:
    """A known issue: who answers for it, why, until which day, and what is seen of it.

    `message` must be found in the finding's text, frames and addresses apart. `flow` and
    `capture` (a pattern like `lab/*.pcapng`) narrow it; empty, they match any.
    """

    requirement: str
    owner: str
    reason: str
    expires: date
    message: str
    flow: str = ""
    capture: str = ""

    def covers(self, requirement: str, flow: str, capture: str) -> bool:
        """Whether it speaks of this requirement, flow and capture."""
        return (
            self.requirement == requirement
            and self.flow in ("", flow)
            and (not self.capture or fnmatchcase(capture, self.capture))
        )

    def says(self, pinned: str) -> bool:
        """Whether the fault is still the one that was pinned."""
        return essence(self.message) in pinned


_MILD = frozenset({Level.SHOULD, Level.MAY})


@dataclass(frozen=True, slots=True)
class Policy:
    """The default: what fails a run closes, nothing may stay inconclusive. None is no limit."""

    levels: dict[Level, Action] = field(default_factory=dict)
    inconclusive_shalls: int | None = 0
    inconclusive_instances: int | None = 0
    allow_nothing: bool = False
    lost: Action = Action.WARN
    known: tuple[Known, ...] = ()

    def action(self, level: Level, *, strict: bool) -> Action:
        """What a departure at this level does; unsaid, SHOULD and MAY warn unless strict."""
        mild = level in _MILD and not strict
        return self.levels.get(level, Action.WARN if mild else Action.FAIL)


_KEYS = ("levels", "limits", "baseline", "known")
_LIMITS = ("inconclusive-shalls", "inconclusive-instances", "allow-nothing")
_KNOWN = ("requirement", "owner", "reason", "expires", "message", "flow", "capture")


def read_policy(path: str) -> Policy:
    """The policy of a TOML file."""
    table = toml_file.read_toml(path)
    toml_file.only(table, _KEYS, path)
    place = f"{path}: [limits]"
    limits = toml_file.subtable(table, "limits", path)
    toml_file.only(limits, _LIMITS, place)
    # A limit on SHALLs alone lets the instances be as many as they are.
    unsaid = None if _LIMITS[0] in limits or _LIMITS[1] in limits else 0
    baseline = toml_file.subtable(table, "baseline", path)
    toml_file.only(baseline, ("lost",), f"{path}: [baseline]")
    listed = table.get("known", [])
    if not isinstance(listed, list):
        raise ConformanceError("write each known issue as [[known]]", path)
    return Policy(
        levels=_levels(toml_file.subtable(table, "levels", path), f"{path}: [levels]"),
        inconclusive_shalls=_limit(limits, _LIMITS[0], place, unsaid),
        inconclusive_instances=_limit(limits, _LIMITS[1], place, unsaid),
        allow_nothing=toml_file.flag(limits, "allow-nothing", place),
        lost=_action(baseline, "lost", f"{path}: [baseline]", Action.WARN),
        known=tuple(
            _known(item, f"{path}: known issue {number}") for number, item in enumerate(listed, 1)
        ),
    )


def _levels(table: toml_file.Table, place: str) -> dict[Level, Action]:
    toml_file.only(table, list(Level), place)
    return {Level(name): _action(table, name, place, Action.FAIL) for name in table}


def _action(table: toml_file.Table, key: str, place: str, default: Action) -> Action:
    said = toml_file.text(table, key, place, default)
    if said not in list(Action):
        hint = did_you_mean(said, list(Action))
        raise ConformanceError(f"{key} must be one of {', '.join(Action)}{hint}", place)
    return Action(said)


def _limit(table: toml_file.Table, key: str, place: str, default: int | None) -> int | None:
    value = table.get(key, default)
    if isinstance(value, bool) or not (value is None or isinstance(value, int)):
        raise ConformanceError(f"{key} must be a whole number", place)
    if value is not None and value < 0:
        raise ConformanceError(f"{key} must not be negative", place)
    return value


def _known(item: object, place: str) -> Known:
    if not isinstance(item, dict):
        raise ConformanceError("an entry is a table", place)
    toml_file.only(item, _KNOWN, place)
    said = {key: toml_file.text(item, key, place) for key in _KNOWN if key != "expires"}
    for key in ("requirement", "owner", "reason", "message"):
        if not said[key].strip():
            raise ConformanceError(f"{key} is missing", place)
    if not essence(said["message"]).strip("# ,;:.()"):
        raise ConformanceError("message holds nothing that stays the same from run to run", place)
    return Known(expires=_day(item.get("expires"), place), **said)


def _day(value: object, place: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if value is None:
        raise ConformanceError("expires is missing", place)
    raise ConformanceError("expires must be a date like 2026-12-31, without quotes", place)
