"""The setting of a run: who is who, which profile, which flows; from a TOML file and options."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cpm.role import ALIASES, Role
from conformance.flow.errors import did_you_mean
from conformance.observation.topology import AddressError, RoleRule, Topology
from conformance.suite import toml_file
from conformance.suite.errors import ConformanceError
from conformance.wire.limits import MAX_OPEN

if TYPE_CHECKING:
    from conformance.suite.redact import Redaction


class Grouping(StrEnum):
    """Which captures are judged together."""

    AUTO = "auto"
    AS_ONE = "as-one"
    SEPARATE = "separate"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is told; the defaults judge every flow against OMA CPM's profile.

    `begin` and `end` in ns UTC; `flow` empty means every flow; `unclaimed` holds the flows that
    the supplier's statement (ICS, ISO/IEC 9646-7) does not claim; `particulars` go into the
    conformance report as they are. `compare`: let the reference implementation say what it would
    have sent; `preferences` is a file with the user preferences that it is to keep to. `max_open`:
    open conversations at most, each counted once for every flow that it may be of.
    """

    roles: tuple[RoleRule, ...] = ()
    profile: str = "cpm"
    flows: str | None = None
    strict: bool = False
    flow: tuple[str, ...] = ()
    expect: tuple[str, ...] = ()
    explain: tuple[str, ...] = ()
    unclaimed: tuple[str, ...] = ()
    user: str = ""
    call_id: str = ""
    begin: int | None = None
    end: int | None = None
    grouping: Grouping = Grouping.AUTO
    reader: str = "auto"
    keylog: str | None = None
    esp_keys: str | None = None
    everything: bool = False
    redaction: "Redaction | None" = None
    particulars: tuple[tuple[str, str], ...] = ()
    compare: bool = False
    preferences: str = ""
    max_open: int = MAX_OPEN


_KEYS = ("profile", "flows", "strict", "flow", "expect", "roles", "report")
_PARTICULARS = ("number", "laboratory", "client", "supplier", "product", "version", "remarks")


def read_setting(path: str) -> Setting:
    """The setting of a TOML file; paths in it are relative to it."""
    table = toml_file.read_toml(path)
    toml_file.only(table, _KEYS, path)
    flows = toml_file.text(table, "flows", path)
    return Setting(
        roles=roles_of(toml_file.subtable(table, "roles", path), path),
        profile=_profile(toml_file.text(table, "profile", path, "cpm"), path),
        flows=str(Path(path).parent / flows) if flows else None,
        strict=toml_file.flag(table, "strict", path),
        flow=toml_file.texts(table, "flow", path),
        expect=toml_file.texts(table, "expect", path),
        particulars=_particulars(toml_file.subtable(table, "report", path), path),
    )


def _particulars(table: toml_file.Table, path: str) -> tuple[tuple[str, str], ...]:
    place = f"{path}: [report]"
    toml_file.only(table, _PARTICULARS, place)
    return tuple((name, toml_file.text(table, name, place)) for name in table)


def _profile(name: str, path: str) -> str:
    """A profile's name as it is, a profile's file as seen from the setting's folder."""
    return str(Path(path).parent / name) if name.endswith(".toml") else name


def roles_of(table: toml_file.Table, place: str) -> tuple[RoleRule, ...]:
    """Role rules of a `[roles]` table: role = ["address", …]."""
    return tuple(
        rule
        for name in table
        for rule in _rules(name, toml_file.texts(table, name, place), f"{place}: [roles]")
    )


def parse_role(option: str) -> tuple[RoleRule, ...]:
    """The rules of one `--role NAME=ADDR[,ADDR…]`."""
    name, equals, addresses = option.partition("=")
    if not equals:
        raise ConformanceError("write NAME=ADDRESS[,ADDRESS…]", f"--role {option}")
    return _rules(name.strip(), addresses.split(","), f"--role {option}")


def _rules(name: str, addresses: Iterable[str], place: str) -> tuple[RoleRule, ...]:
    role = _role(name, place)
    rules = tuple(RoleRule(role, address.strip(), given=True) for address in addresses)
    if not rules:
        raise ConformanceError(f"{name} has no address", place)
    try:
        Topology(rules)
    except AddressError as error:
        raise ConformanceError(str(error), place) from None
    return rules


def _role(name: str, place: str) -> Role:
    known = {role.value: role for role in Role} | ALIASES
    if name not in known:
        hint = did_you_mean(name, known) or f": there are {', '.join(known)}"
        raise ConformanceError(f"unknown role '{name}'{hint}", place)
    return known[name]


def changed(setting: Setting, changes: Mapping[str, object]) -> Setting:
    """The setting with fields changed: one flow may stand for a list; ConformanceError if none."""
    wanted = dict(changes)
    for name in ("flow", "expect", "explain"):
        if isinstance(wanted.get(name), str):
            wanted[name] = (wanted[name],)
    if wanted.get("preferences"):
        wanted.setdefault("compare", True)
    try:
        return replace(setting, **wanted)  # type: ignore[arg-type]
    except TypeError:
        names = ", ".join(name for name in wanted if not hasattr(setting, name))
        raise ConformanceError(f"a setting has no {names}") from None


def write_setting(rules: Iterable[RoleRule], profile: str) -> str:
    """A setting file with these roles, each with its evidence as a comment, to look at."""
    lines = [
        "# Roles as cpmspec read them from the capture. Look at each before you rely on it.",
        f'profile = "{profile}"',
        "",
        "[roles]",
    ]
    by_role: dict[Role, list[RoleRule]] = {}
    for rule in rules:
        by_role.setdefault(rule.role, []).append(rule)
    for role in Role:
        found = by_role.get(role, [])
        lines.extend(f"# {rule.address}: {_comment(rule)}" for rule in found if _comment(rule))
        if found:
            addresses = ", ".join(f'"{rule.address}"' for rule in found)
            lines.append(f"{role} = [{addresses}]")
    return "\n".join(lines) + "\n"


def _comment(rule: RoleRule) -> str:
    # One line, whatever the evidence quotes from the wire.
    said = "".join(char if char.isprintable() else "?" for char in rule.evidence)
    return said or ("given" if rule.given else "")
