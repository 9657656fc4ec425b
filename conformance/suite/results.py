"""What a watch has judged, in a SQLite file as it goes: a process that is killed loses nothing."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from conformance.report import decode
from conformance.report.place import Place, ReportError
from conformance.report.spool import Line
from conformance.suite.errors import ConformanceError
from conformance.verifier.verdict import InstanceResult, Verdict

MAGIC = b"SQLite format 3\0"
"""The first octets of such a file."""

_KIND = 0x63706D73
_TABLES = """
CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE instance (
    number INTEGER PRIMARY KEY, listed INTEGER NOT NULL, id TEXT NOT NULL, flow TEXT NOT NULL,
    verdict TEXT NOT NULL, octets BLOB NOT NULL
);
CREATE INDEX listed ON instance (listed, verdict);
"""


class Results:
    """Instances in a file, each written as it settles; what a `Tally` lists them in.

    `begin` makes a new file, `open_results` opens one. ConformanceError where it cannot be.
    """

    def __init__(self, path: str, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._listed = self._scalar("SELECT count(*) FROM instance WHERE listed = 1")

    @classmethod
    def begin(cls, path: str, about: Mapping[str, object]) -> "Results":
        """A new file, which says what is judged how; one that is there is never overwritten."""
        if Path(path).exists():
            raise ConformanceError("it is there already, and results are not overwritten", path)
        try:
            connection = sqlite3.connect(path, isolation_level=None)
            connection.execute(f"PRAGMA application_id = {_KIND}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_TABLES)
        except sqlite3.Error as error:
            raise ConformanceError(f"results cannot be kept there: {error}", path) from None
        made = cls(path, connection)
        made.tell("about", about)
        return made

    def append(self, instance: InstanceResult) -> None:
        """Add one instance at the end."""
        self.put(Line.of(instance))

    def put(self, line: Line) -> None:
        """Add one instance that is a line already."""
        self._insert(line, listed=1)
        self._listed += 1

    def count(self, instance: InstanceResult) -> None:
        """Keep an instance that no report lists: what it counts for, without its ladder."""
        self._insert(Line.of(replace(instance, steps=())), listed=0)

    def _insert(self, line: Line, *, listed: int) -> None:
        flow = line.id.partition(".")[0]
        try:
            self._connection.execute(
                "INSERT INTO instance (listed, id, flow, verdict, octets) VALUES (?, ?, ?, ?, ?)",
                (listed, line.id, flow, str(line.verdict), line.octets),
            )
        except sqlite3.Error as error:
            raise ConformanceError(f"a result cannot be kept: {error}", self.path) from None

    def tell(self, name: str, value: object) -> None:
        """Keep something about the run, in place of what was kept before."""
        try:
            self._connection.execute(
                "INSERT OR REPLACE INTO run (name, value) VALUES (?, ?)",
                (name, json.dumps(value)),
            )
        except sqlite3.Error as error:
            raise ConformanceError(f"a result cannot be kept: {error}", self.path) from None

    def told(self, name: str) -> object:
        """What was kept about the run under this name, None if nothing was."""
        found = self._connection.execute("SELECT value FROM run WHERE name = ?", (name,))
        row = found.fetchone()
        return json.loads(row[0]) if row else None

    def __len__(self) -> int:
        return self._listed

    def __iter__(self) -> Iterator[InstanceResult]:
        """The listed instances from the first."""
        return self._read("WHERE listed = 1")

    def departures(self) -> Iterator[InstanceResult]:
        """The listed instances that did not pass."""
        return self._read(f"WHERE listed = 1 AND verdict <> '{Verdict.PASS}'")

    def everything(self) -> Iterator[InstanceResult]:
        """Every instance, also those that are only counted."""
        return self._read("")

    def _read(self, where: str) -> Iterator[InstanceResult]:
        last = -1
        word = "AND" if where else "WHERE"
        while True:
            rows = self._connection.execute(
                f"SELECT number, octets FROM instance {where} {word} number > ? "
                "ORDER BY number LIMIT 100",
                (last,),
            ).fetchall()
            if not rows:
                return
            for last, octets in rows:  # noqa: B007 - it is where the next rows begin
                yield decode.instance(Place(json.loads(octets)))

    def _scalar(self, question: str) -> int:
        return int(self._connection.execute(question).fetchone()[0])

    def close(self) -> None:
        """Close the file; everything in it stays."""
        self._connection.close()


def is_results(path: str) -> bool:
    """Whether a file begins like one with results of a watch."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def open_results(path: str) -> Results:
    """The results that a watch has kept, running or not; ReportError if there are none."""
    try:
        connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=rw", uri=True)
        kind = connection.execute("PRAGMA application_id").fetchone()[0]
        if kind != _KIND:
            raise ReportError(path, "it is a SQLite file, and holds no results of a watch")
        return Results(path, connection)
    except sqlite3.Error as error:
        raise ReportError(path, f"the results cannot be read: {error}") from None
