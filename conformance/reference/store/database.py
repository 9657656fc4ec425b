"""One SQLite file, or memory, that a store keeps its rows in."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

_APPLICATION = 0x43504D53
_TIMEOUT_S = 5.0


class StoreError(Exception):
    """A store's file cannot be used; the text says which and why."""


class Database:
    """An SQLite database of ours with a schema; every failure is a StoreError.

    A file that is new gets the schema. One that another program made, or that holds another
    store or version, is refused. Each change is on the disk when its call returns.
    """

    def __init__(self, path: str, what: str, version: int, schema: Sequence[str]) -> None:
        self.path = path
        self._what = what
        try:
            self._connection = sqlite3.connect(path, timeout=_TIMEOUT_S, isolation_level=None)
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(f"{path}: no {what} can be opened: {error}") from error
        try:
            self._prepare(version, schema)
        except StoreError:
            self._connection.close()
            raise

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Carry out one statement; its rows, each a tuple."""
        with self._told():
            return self._connection.execute(statement, values).fetchall()

    def change(self, *statements: tuple[str, Sequence[object]]) -> int:
        """Carry out statements, all of them or none; how many rows the last one changed."""
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                changed = 0
                for statement, values in statements:
                    changed = self._connection.execute(statement, values).rowcount
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            return changed

    def broken(self, why: str) -> StoreError:
        """The error to raise for content that is none of ours."""
        return StoreError(f"{self.path}: this {self._what} is broken: {why}")

    def close(self) -> None:
        """Close the file; twice is no matter."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepare(self, version: int, schema: Sequence[str]) -> None:
        if self.rows("PRAGMA quick_check(1)") != [("ok",)]:
            raise self.broken("SQLite's own check fails")
        found = self._number("application_id"), self._number("user_version")
        is_new = not self.rows("SELECT 1 FROM sqlite_schema LIMIT 1")
        if is_new and found == (0, 0):
            self.change(
                *((statement, ()) for statement in schema),
                (f"PRAGMA application_id = {_APPLICATION}", ()),
                (f"PRAGMA user_version = {version}", ()),
            )
        elif found != (_APPLICATION, version):
            raise StoreError(f"{self.path}: holds something else than a {self._what} of ours")

    def _number(self, pragma: str) -> int:
        return int(self.rows(f"PRAGMA {pragma}")[0][0])

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise StoreError(f"{self.path}: this {self._what} fails: {error}") from error
