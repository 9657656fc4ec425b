"""Captures judged one by one, when somebody asks for one: what a test runner works with."""

import glob
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from conformance.capture.errors import CaptureError
from conformance.capture.source import expand
from conformance.flow.errors import FlowError
from conformance.flow.library import load
from conformance.report.model import Report
from conformance.suite.assertion import verified
from conformance.suite.campaign import Stamp
from conformance.suite.errors import ConformanceError
from conformance.suite.ics import read_ics
from conformance.suite.index import Entry, read_index
from conformance.suite.setting import Grouping, Setting, parse_role, read_setting

OF_THE_USER = (CaptureError, ConformanceError, FlowError)
"""Exceptions that tell the user of a mistake; any other is ours."""

_KEPT = 8


@dataclass(slots=True)
class Batch:
    """Captures by absolute path, with the path that reports show, and how they are judged.

    `index` holds what each capture must yield, by the path shown; it may be empty.
    """

    setting: Setting
    captures: dict[Path, str]
    index: dict[str, Entry]
    stamp: Stamp
    report: Callable[[str], Report] = field(init=False)

    def __post_init__(self) -> None:
        # Some reports are kept: questions about one capture mostly follow one another.
        self.report = lru_cache(maxsize=_KEPT)(self._report)

    def _report(self, path: str) -> Report:
        return self.judge([path])

    def judge(self, paths: Iterable[str]) -> Report:
        """The report over these captures, by the paths shown, each judged alone."""
        chosen = list(paths)
        index = {path: self.index[path] for path in chosen if path in self.index}
        return verified(chosen, self.setting, stamp=self.stamp, index=index)


def make_setting(
    *,
    file: str | None = None,
    roles: Iterable[str] = (),
    profile: str | None = None,
    flow: Iterable[str] = (),
    expect: Iterable[str] = (),
    ics: str | None = None,
    strict: bool = False,
    compare: bool = False,
    preferences: str | None = None,
) -> Setting:
    """The setting of a file with options, which go before it; each capture is judged alone.

    `roles` as `--role` has them, `ics` a statement's file. `preferences`, a file, imply
    `compare`: asking the reference implementation.
    """
    if preferences:
        # A file that holds none is told before anything is judged.
        from conformance.suite.preferences import read_preferences

        read_preferences(preferences)
    setting = read_setting(file) if file else Setting()
    given = [rule for option in roles for rule in parse_role(option)]
    named = {rule.role for rule in given}
    return replace(
        setting,
        roles=(*given, *(rule for rule in setting.roles if rule.role not in named)),
        profile=profile or setting.profile,
        flow=tuple(flow) or setting.flow,
        expect=tuple(expect) or setting.expect,
        strict=setting.strict or strict,
        grouping=Grouping.SEPARATE,
        compare=compare or bool(preferences),
        preferences=preferences or "",
        unclaimed=read_ics(ics, load(setting.flows).flows) if ics else (),
    )


def find_captures(patterns: Iterable[str], folder: Path) -> dict[Path, str]:
    """The captures that patterns match (`**` for folders), relative to a folder, each once.

    A folder that matches stands for the captures in it. ConformanceError when nothing matches.
    """
    found: dict[Path, str] = {}
    for pattern in patterns:
        matches = sorted(glob.glob(os.path.join(folder, pattern), recursive=True))
        if not matches:
            raise ConformanceError("nothing matches", pattern)
        for path in expand(matches):
            absolute = Path(os.path.abspath(path))
            found[absolute] = os.path.relpath(absolute, folder)
    return found


def find_entries(index: str, folder: Path, captures: dict[Path, str]) -> dict[str, Entry]:
    """The index file's entry of each capture, by the path shown; entries of others do not matter.

    ConformanceError for a capture that it does not list.
    """
    listed = {
        Path(os.path.abspath(entry.path)): entry
        for entry in read_index(os.path.join(folder, index))
    }
    for absolute, shown in captures.items():
        if absolute not in listed:
            raise ConformanceError(f"{shown} is not listed in this index", index)
    return {shown: listed[absolute] for absolute, shown in captures.items()}
