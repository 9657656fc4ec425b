"""The history of runs in an SQLite file: verdicts by flow and requirement, run after run."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from conformance.flow.errors import did_you_mean
from conformance.report.comparison import Change, direction
from conformance.report.model import Report
from conformance.suite.errors import ConformanceError
from conformance.verifier.verdict import Verdict

APPLICATION = 0x63706D68
VERSION = 1

_TABLES = """
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  made TEXT NOT NULL,
  tool TEXT NOT NULL,
  profile TEXT NOT NULL,
  verdict TEXT NOT NULL,
  captures INTEGER NOT NULL
);
CREATE TABLE result (
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  place INTEGER NOT NULL,
  id TEXT NOT NULL,
  level TEXT NOT NULL,
  verdict TEXT NOT NULL,
  passed INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  inconclusive INTEGER NOT NULL,
  PRIMARY KEY (run, kind, id)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it was added."""

    id: int
    label: str
    made: str
    tool: str
    profile: str
    verdict: Verdict
    captures: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One flow or requirement over the runs shown; None where a run does not know it."""

    kind: str
    id: str
    level: str
    verdicts: tuple[Verdict | None, ...]

    @property
    def moved(self) -> bool:
        """Whether it is not the same in every run."""
        return len({one or Verdict.NONE for one in self.verdicts}) > 1

    @property
    def last(self) -> Verdict:
        """The verdict of the latest run."""
        return (self.verdicts[-1] if self.verdicts else None) or Verdict.NONE

    @property
    def change(self) -> Change | None:
        """Which way it went since the run before the latest."""
        if len(self.verdicts) < 2:
            return None
        before = self.verdicts[-2] or Verdict.NONE
        return None if before is self.last else direction(before, self.last)


def add(path: str, report: Report, text: str, label: str = "") -> int | None:
    """Keep a report's results; the run's number, or None when it was added before.

    `text` is the report's JSON: its digest tells runs apart.
    """
    digest = sha256(text.encode()).hexdigest()
    with _opened(path, create=True) as base, base:
        if base.execute("SELECT 1 FROM run WHERE digest = ?", (digest,)).fetchone():
            return None
        values = (
            digest,
            label,
            report.made,
            f"{report.tool} {report.version}",
            report.profile,
            report.verdict,
            len(report.captures),
        )
        made = base.execute(
            "INSERT INTO run (digest, label, made, tool, profile, verdict, captures)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        number = made.lastrowid or 0
        base.executemany(
            "INSERT OR IGNORE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((number, *row) for row in _rows(report)),
        )
    return number


def _rows(report: Report) -> Iterator[tuple[str | int, ...]]:
    named = [
        *(("flow", one.id, "", one.verdict, one.counts) for one in report.flows),
        *(
            ("requirement", one.id, one.level, one.verdict, one.counts)
            for one in report.requirements
        ),
    ]
    for place, (kind, id_, level, verdict, counts) in enumerate(named):
        yield (
            kind,
            place,
            id_,
            level,
            verdict,
            *(counts.get(one, 0) for one in (Verdict.PASS, Verdict.FAIL, Verdict.INCONC)),
        )


def show(path: str, last: int, only: str = "") -> tuple[tuple[Run, ...], tuple[Trend, ...]]:
    """The latest runs, oldest first by their date, and the trend of what they judged.

    `only` names one flow or requirement.
    """
    with _opened(path, create=False) as base:
        found = base.execute(
            "SELECT id, label, made, tool, profile, verdict, captures FROM run"
            " ORDER BY made DESC, id DESC LIMIT ?",
            (last,),
        ).fetchall()
        runs = tuple(
            Run(id_, label, made, tool, profile, _verdict(verdict, path), captures)
            for id_, label, made, tool, profile, verdict, captures in reversed(found)
        )
        trends = tuple(_trends(base, runs, path))
    if not only:
        return runs, trends
    chosen = tuple(trend for trend in trends if trend.id == only)
    if not chosen:
        hint = did_you_mean(only, [trend.id for trend in trends])
        raise ConformanceError(f"these runs know no flow or requirement '{only}'{hint}", path)
    return runs, chosen


def _trends(base: sqlite3.Connection, runs: tuple[Run, ...], path: str) -> Iterator[Trend]:
    levels: dict[tuple[str, str], str] = {}
    verdicts: dict[tuple[str, str], dict[int, Verdict]] = {}
    # The newest first: what it knows gives the order and the level.
    for run in reversed(runs):
        rows = base.execute(
            "SELECT kind, id, level, verdict FROM result WHERE run = ? ORDER BY place", (run.id,)
        )
        for kind, id_, level, verdict in rows:
            levels.setdefault((kind, id_), level)
            verdicts.setdefault((kind, id_), {})[run.id] = _verdict(verdict, path)
    for (kind, id_), by_run in verdicts.items():
        shown = tuple(by_run.get(run.id) for run in runs)
        yield Trend(kind, id_, levels[kind, id_], shown)


def _verdict(text: str, path: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise ConformanceError(f"it holds an unknown verdict '{text}'", path) from None


@contextmanager
def _opened(path: str, *, create: bool) -> Iterator[sqlite3.Connection]:
    """The database, ours and of this version; whatever SQLite says becomes one clear line."""
    place = Path(path)
    if not create and not place.is_file():
        raise ConformanceError("there is no such history", path)
    try:
        with closing(sqlite3.connect(place, timeout=10)) as base:
            base.execute("PRAGMA foreign_keys = ON")
            # One writer at a time, so that two first runs do not both make the tables.
            base.execute("BEGIN IMMEDIATE" if create else "BEGIN")
            _prepare(base, path)
            yield base
    except sqlite3.Error as error:
        raise ConformanceError(f"it cannot be used as a history: {error}", path) from None


def _prepare(base: sqlite3.Connection, path: str) -> None:
    application, version, tables = (
        base.execute(question).fetchone()[0]
        for question in (
            "PRAGMA application_id",
            "PRAGMA user_version",
            "SELECT count(*) FROM sqlite_master",
        )
    )
    if not tables:
        for statement in _TABLES.split(";"):
            base.execute(statement)
        base.execute(f"PRAGMA application_id = {APPLICATION}")
        base.execute(f"PRAGMA user_version = {VERSION}")
    elif application != APPLICATION:
        raise ConformanceError("it is a database of something else", path)
    elif version != VERSION:
        raise ConformanceError(f"its version is {version}, this cpmspec reads {VERSION}", path)
    base.commit()
