"""Index files: what each capture of a folder shows, and which verdict it must get."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from conformance.flow.errors import did_you_mean
from conformance.observation.topology import RoleRule
from conformance.report.ladder import first_cause
from conformance.report.model import IndexResult
from conformance.suite import toml_file
from conformance.suite.errors import ConformanceError
from conformance.suite.setting import roles_of
from conformance.verifier.verdict import InstanceResult, Verdict, worst


@dataclass(frozen=True, slots=True)
class Entry:
    """One capture: its path, what it shows, and what must come of it.

    `flow` may be empty: then the capture shows none. `requirement` is that of the first finding,
    empty where it does not matter. `profile`, `preferences` (a file: what the reference
    implementation is to keep to) and `roles` hold for this capture alone.
    """

    path: str
    shows: str
    flow: str
    verdict: Verdict
    requirement: str = ""
    profile: str = ""
    roles: tuple[RoleRule, ...] = ()
    preferences: str = ""


_KEYS = ("path", "shows", "flow", "verdict", "requirement", "profile", "roles", "preferences")


def read_index(path: str) -> tuple[Entry, ...]:
    """The `[[capture]]` entries of an index; their paths are relative to it."""
    table = toml_file.read_toml(path)
    toml_file.only(table, ("capture",), path)
    listed = table.get("capture", [])
    if not isinstance(listed, list) or not listed:
        raise ConformanceError("it lists no [[capture]]", path)
    entries = tuple(
        _entry(item, f"{path}: capture {number}", Path(path).parent)
        for number, item in enumerate(listed, 1)
    )
    seen: set[str] = set()
    for entry in entries:
        if entry.path in seen:
            raise ConformanceError(f"{entry.path} is listed twice", path)
        seen.add(entry.path)
    return entries


def _entry(item: object, place: str, folder: Path) -> Entry:
    if not isinstance(item, dict):
        raise ConformanceError("an entry is a table", place)
    toml_file.only(item, _KEYS, place)
    relative = toml_file.text(item, "path", place)
    if not relative:
        raise ConformanceError("path is missing", place)
    verdict = toml_file.text(item, "verdict", place)
    if verdict not in list(Verdict):
        raise ConformanceError(
            f"verdict must be one of {', '.join(Verdict)}{did_you_mean(verdict, list(Verdict))}",
            place,
        )
    preferences = toml_file.text(item, "preferences", place)
    return Entry(
        path=os.path.normpath(folder / relative),
        shows=toml_file.text(item, "shows", place),
        flow=toml_file.text(item, "flow", place),
        verdict=Verdict(verdict),
        requirement=toml_file.text(item, "requirement", place),
        profile=toml_file.text(item, "profile", place),
        roles=roles_of(toml_file.subtable(item, "roles", place), place),
        preferences=os.path.normpath(folder / preferences) if preferences else "",
    )


def match(entries: Iterable[Entry], captures: Iterable[str], index: str) -> dict[str, Entry]:
    """Each capture's entry; a capture not listed, or listed and absent, is an error."""
    by_path = {entry.path: entry for entry in entries}
    found = {path: by_path.get(os.path.normpath(path)) for path in captures}
    for path, entry in found.items():
        if entry is None:
            raise ConformanceError(f"{path} is not listed in this index", index)
    present = {os.path.normpath(path) for path in found}
    for path in by_path:
        if path not in present:
            raise ConformanceError(f"{path} is listed, but was not among the captures", index)
    return {path: entry for path, entry in found.items() if entry is not None}


@dataclass(slots=True)
class Outcome:
    """What came of one capture, gathered as its instances settle."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    requirements: dict[str, str] = field(default_factory=dict)
    by_oracle: set[str] = field(default_factory=set)

    def add(self, instance: InstanceResult) -> None:
        """Take one instance into account."""
        cause = first_cause(instance)
        for flow in (instance.flow, *instance.also):
            before = self.verdicts.get(flow, Verdict.NONE)
            if instance.verdict.badness > before.badness:
                self.verdicts[flow] = instance.verdict
                self.requirements[flow] = "" if cause is None else cause.requirement

    def add_opinion(self, requirement: str, verdict: Verdict) -> None:
        """Take what the oracle says of the capture into account, whatever the flow."""
        if verdict is Verdict.FAIL:
            self.by_oracle.add(requirement)
        if verdict.badness > self.verdicts.get("", Verdict.NONE).badness:
            self.verdicts[""] = verdict
            self.requirements[""] = requirement

    def against(self, entry: Entry, capture: int) -> IndexResult:
        """Compare with what the index expects."""
        overall = worst(self.verdicts.values())
        # Where preferences are named, what the oracle says is what the entry is about, too.
        about = (entry.flow, "") if entry.preferences else (entry.flow,)
        key = max(about, key=lambda one: self.verdicts.get(one, Verdict.NONE).badness)
        got = self.verdicts.get(key, Verdict.NONE) if entry.flow else overall
        requirement = self.requirements.get(key, "")
        if entry.preferences and entry.requirement in self.by_oracle:
            requirement = entry.requirement
        sentence = self._difference(entry, got, requirement, overall)
        return IndexResult(
            capture=capture,
            shows=entry.shows,
            flow=entry.flow,
            expected_verdict=entry.verdict,
            expected_requirement=entry.requirement,
            verdict=got,
            requirement=requirement,
            as_expected=not sentence,
            sentence=sentence,
        )

    def _difference(self, entry: Entry, got: Verdict, requirement: str, overall: Verdict) -> str:
        if got is not entry.verdict:
            return f"verdict {got}, the index expects {entry.verdict}"
        if entry.requirement and requirement != entry.requirement:
            seen = requirement or "none"
            return f"first finding {seen}, the index expects {entry.requirement}"
        if overall.badness > got.badness:
            others = sorted(
                flow or "the reference" for flow, one in self.verdicts.items() if one is overall
            )
            return f"also {overall}: {', '.join(others)}, which the index does not expect"
        return ""
