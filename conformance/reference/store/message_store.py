"""The Message Storage Server, as far as deferred messages come into it."""

from typing import NamedTuple, Self

from conformance.cpm.identity import user_key
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.store.database import Database
from conformance.reference.store.stored_message import from_text, to_text

_SCHEMA = (
    """CREATE TABLE kept (
        number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, user TEXT NOT NULL,
        message TEXT NOT NULL, why TEXT NOT NULL, stored_at INTEGER NOT NULL)""",
    "CREATE INDEX kept_by_user ON kept (key, number)",
)


class Kept(NamedTuple):
    """A stored message: since when (ns since 1970-01-01 UTC) and for which reason."""

    message: CpmMessage
    why: str
    stored_at: int


class MessageStore:
    """What is stored for users, in memory or in a file; StoreError for a file that is not ours.

    A user is named by any of their URIs.
    """

    def __init__(self, path: str = ":memory:") -> None:
        self._database = Database(path, "message store", 2, _SCHEMA)

    def store(self, user: str, message: CpmMessage, why: str, now: int) -> None:
        """Store a message for a user."""
        statement = "INSERT INTO kept (key, user, message, why, stored_at) VALUES (?, ?, ?, ?, ?)"
        values = (user_key(user), user, to_text(message), why, now)
        self._database.change((statement, values))

    def list(self, user: str) -> tuple[Kept, ...]:
        """What is stored for a user, in the order in which it came."""
        rows = self._database.rows(
            "SELECT message, why, stored_at FROM kept WHERE key = ? ORDER BY number",
            user_key(user),
        )
        try:
            return tuple(Kept(from_text(text), why, at) for text, why, at in rows)
        except ValueError as error:
            raise self._database.broken(str(error)) from error

    def users(self) -> tuple[str, ...]:
        """The users for whom something is stored."""
        rows = self._database.rows("SELECT min(number), user FROM kept GROUP BY key ORDER BY 1")
        return tuple(str(user) for _, user in rows)

    def close(self) -> None:
        """Close the file; twice is no matter."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
