"""What differs between CPM, the RCS dialects and vendors: names, timers, what is relaxed.

A profile is a TOML file; `extends = "cpm"` takes over what it does not say itself. Times are in
seconds. Keys in the file are written with hyphens.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

from conformance.body.deferred_list import IdentityPaths
from conformance.flow.errors import ProfileError, did_you_mean

Toml = Any
"""A value of a TOML file, of any kind until it is looked at."""

MAX_SECONDS = 30 * 86_400
"""No timer of a profile is longer than a month."""

RELAXED_PARTS = ("order", "step", "condition")
"""What of a requirement a profile may relax: its order, its being owed, or its condition."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A requirement (or step) that this profile does not hold against anyone, and why."""

    id: str
    part: str
    because: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The settings that flows and the judge ask for; the defaults are OMA CPM's."""

    name: str = "cpm"
    title: str = ""
    deferred_event: str = "deferred-messages"
    pager_tags: tuple[str, ...] = ("oma.cpm.msg", "oma.cpm.deferred")
    large_tags: tuple[str, ...] = ("oma.cpm.largemsg", "oma.cpm.deferred")
    push_tags: tuple[str, ...] = ("oma.cpm.deferred",)
    chat_tags: tuple[str, ...] = ("oma.cpm.session",)
    list_types: tuple[str, ...] = ()
    list_element: str = IdentityPaths().element
    identity_paths: tuple[str, ...] = IdentityPaths().identity
    action_paths: tuple[str, ...] = IdentityPaths().action
    t1: float = 0.5
    t1_client: float = 2.0
    client_leg: float = 128.0
    network_leg: float = 32.0
    timer_c: float = 180.0
    notify: float = 32.0
    teardown: float = 180.0
    linger: float = 32.0
    order_tolerance: float = 0.002
    declined: tuple[str, ...] = (
        *("403", "404", "408", "410", "480", "486", "487", "488", "503", "504", "6xx"),
    )
    departure: tuple[str, ...] = (
        *("400", "405", "415", "420", "481", "482", "483", "500", "501", "505", "513"),
    )
    open_refusals: tuple[str, ...] = ()
    retried: tuple[str, ...] = (*("3xx", "401", "407", "421", "422", "423", "491", "494"),)
    relaxes: tuple[Relaxation, ...] = field(default=())

    def value(self, name: str) -> tuple[str, ...]:
        """The values of a setting as flows name it (`deferred-event`); KeyError when unknown."""
        key = name.replace("-", "_")
        if key not in _KINDS:
            raise KeyError(name)
        found = getattr(self, key)
        if isinstance(found, tuple):
            return tuple(str(one) for one in found if isinstance(one, str))
        return (f"{found:g}",) if isinstance(found, float) else (str(found),)

    def seconds(self, name: str) -> float:
        """A timer's length in seconds; KeyError when no timer has this name."""
        key = name.replace("-", "_")
        if _KINDS.get(key) != "seconds":
            raise KeyError(name)
        return float(getattr(self, key))

    def declines(self, status: int) -> bool:
        """True for a final answer that is the responder's or the network's own choice."""
        return _listed(status, self.declined)

    def retries(self, status: int) -> bool:
        """True for an answer after which the requester tries again: implied traffic."""
        return _listed(status, self.retried)

    def departs(self, status: int) -> bool:
        """True for a final answer that rejects a request as if it were not well formed."""
        return _listed(status, self.departure)

    def paths(self) -> IdentityPaths:
        """Where the list of deferred messages has its entries, identities and actions."""
        return _paths(self)

    def relaxed_ids(self) -> frozenset[str]:
        """The requirements that are not held against anyone at all."""
        return frozenset(one.id for one in self.relaxes if one.part != "order")

    def relaxes_order(self, requirement: str) -> bool:
        """True for a step whose place in the order is not held against anyone."""
        return any(one.id == requirement for one in self.relaxes)


@lru_cache(maxsize=16)
def _paths(profile: Profile) -> IdentityPaths:
    return IdentityPaths(
        profile.list_element, profile.identity_paths, profile.action_paths, profile.list_types
    )


def _listed(status: int, codes: tuple[str, ...]) -> bool:
    return str(status) in codes or f"{status // 100}xx" in codes


_KINDS: dict[str, str] = {
    one.name: ("seconds" if one.type in (float, "float") else "words")
    if one.type not in (str, "str")
    else "word"
    for one in fields(Profile)
    if one.name not in ("name", "relaxes")
}


def setting_names() -> frozenset[str]:
    """The names by which flows may ask for a setting."""
    return frozenset(name.replace("_", "-") for name in _KINDS)


def timer_names() -> frozenset[str]:
    """The settings that are lengths of time."""
    return frozenset(n.replace("_", "-") for n, kind in _KINDS.items() if kind == "seconds")


Loader = Callable[[str], Profile]
"""Gives the profile that another one extends, by name."""


def parse_profile(text: str, file: str, name: str, load: Loader) -> Profile:
    """The profile of a TOML text; ProfileError with the place of what is wrong."""
    table = _table(text, file)
    base_name = table.pop("extends", None)
    if base_name is not None and not isinstance(base_name, str):
        raise _wrong(text, file, "extends", "extends is the name of another profile")
    base = Profile() if base_name is None else load(base_name)
    changes: dict[str, Any] = {"name": name}
    for key, value in table.items():
        changes |= _change(text, file, key, value, base)
    made = replace(base, **changes)
    try:
        made.paths()
    except ValueError as wrong:
        raise _wrong(text, file, "paths", str(wrong)) from None
    return made


def _table(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        lines = text.split("\n")
        line, column = _toml_place(str(wrong), lines)
        source = lines[line - 1] if 0 < line <= len(lines) else ""
        said = str(wrong).partition(" (at")[0]
        raise ProfileError(file, line, column, f"this is no TOML: {said}", source) from None
    except RecursionError:
        raise ProfileError(file, 0, 0, "values lie too deep inside one another") from None


def _toml_place(said: str, lines: list[str]) -> tuple[int, int]:
    """The standard library says `(at line 1, column 2)` or `(at end of document)`."""
    words = said.replace(",", " ").replace(")", " ").split()
    if "line" in words and "column" in words:
        return int(words[words.index("line") + 1]), int(words[words.index("column") + 1])
    return len(lines), len(lines[-1]) + 1


def _change(text: str, file: str, key: str, value: Toml, base: Profile) -> dict[str, Any]:
    if key == "relaxes":
        made = _relaxations(text, file, value)
        return {"relaxes": base.relaxes + made}
    kind = _KINDS.get(key.replace("-", "_")) if "_" not in key else None
    if kind is None:
        known = setting_names() | {"extends", "relaxes"}
        raise _wrong(text, file, key, f"unknown key '{key}'{did_you_mean(key, known)}")
    return {key.replace("-", "_"): _typed(text, file, key, kind, value)}


def _typed(text: str, file: str, key: str, kind: str, value: Toml) -> object:
    if kind == "word" and isinstance(value, str):
        return value
    if kind == "seconds" and type(value) in (int, float):
        if 0 <= value <= MAX_SECONDS:
            return float(value)
        raise _wrong(text, file, key, f"{key} is a time between 0 and {MAX_SECONDS} s")
    if (
        kind == "words"
        and isinstance(value, list)
        and all(isinstance(one, str | int) and not isinstance(one, bool) for one in value)
    ):
        return tuple(str(one) for one in value)
    wanted = {"word": "a text", "seconds": "a number of seconds", "words": "a list of texts"}
    raise _wrong(text, file, key, f"{key} must be {wanted[kind]}")


def _relaxations(text: str, file: str, value: Toml) -> tuple[Relaxation, ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _wrong(text, file, "relaxes", "relaxes is a list of tables: id, part, because")
    return tuple(_relaxation(text, file, one) for one in value)


def _relaxation(text: str, file: str, table: dict[str, Any]) -> Relaxation:
    if set(table) != {"id", "part", "because"} or not all(
        isinstance(one, str) and one for one in table.values()
    ):
        raise _wrong(text, file, "relaxes", "a relaxation says id, part and because, as texts")
    if table["part"] not in RELAXED_PARTS:
        known = ", ".join(RELAXED_PARTS)
        raise _wrong(text, file, table["part"], f"a relaxation's part is one of: {known}")
    return Relaxation(table["id"], table["part"], table["because"])


def _wrong(text: str, file: str, key: str, sentence: str) -> ProfileError:
    for number, line in enumerate(text.split("\n"), 1):
        at = line.find(key)
        if at >= 0 and not line.lstrip().startswith("#"):
            return ProfileError(file, number, at + 1, sentence, line)
    return ProfileError(file, 0, 0, sentence)
