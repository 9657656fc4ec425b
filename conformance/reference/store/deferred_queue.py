"""The queue of deferred messages that a participating function keeps (5.2.2.2)."""

from typing import Any, Literal, NamedTuple, Self

from conformance.cpm.identity import user_key
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.store.database import Database
from conformance.reference.store.stored_message import from_text, to_text

DeferredKind = Literal["pager", "large", "chat"]
"""How the message came: in a MESSAGE, over MSRP, in a session."""

MAX_PER_USER = 10_000
"""Messages that the queue takes for one user."""

_SCHEMA = (
    """CREATE TABLE deferred (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL,
        deferred_at INTEGER NOT NULL, expires_at INTEGER, extended INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX deferred_by_user ON deferred (key, number)",
    "CREATE INDEX deferred_by_expiry ON deferred (expires_at)",
    """CREATE TABLE delivered (
        id TEXT NOT NULL REFERENCES deferred (id) ON DELETE CASCADE, instance TEXT NOT NULL,
        PRIMARY KEY (id, instance)) WITHOUT ROWID""",
)
_COLUMNS = "id, user, kind, message, deferred_at, expires_at, extended"


class QueueFullError(Exception):
    """A user has as many deferred messages as the queue takes: ask `has_room` before."""


class Deferred(NamedTuple):
    """A message in the queue; times in ns since 1970-01-01 UTC, `extended` counts extensions.

    `delivered_to` are the instances of the devices that have it already.
    """

    id: str
    message: CpmMessage
    kind: DeferredKind
    deferred_at: int
    expires_at: int | None
    delivered_to: frozenset[str]
    user: str = ""
    extended: int = 0


class DeferredQueue:
    """The queue, in memory or in a file; each change is kept when its call returns.

    A user is named by any of their URIs. StoreError where the file is broken or not ours.
    """

    def __init__(self, path: str = ":memory:") -> None:
        self._database = Database(path, "queue of deferred messages", 1, _SCHEMA)
        self._database.rows("PRAGMA foreign_keys = ON")

    def has_room(self, user: str) -> bool:
        """Whether the queue takes one more message for a user."""
        found = self._database.rows("SELECT count(*) FROM deferred WHERE key = ?", user_key(user))
        return bool(found[0][0] < MAX_PER_USER)

    def add(
        self, user: str, message: CpmMessage, kind: DeferredKind, now: int, expires_at: int | None
    ) -> str:
        """Queue a message; its identity: its Message-ID, or one made of it where that is taken.

        QueueFullError where there is no room for this user.
        """
        if not self.has_room(user):
            raise QueueFullError(f"{MAX_PER_USER} messages are deferred for {user}")
        identity = self._fresh(message.message_id or "deferred")
        values = (identity, user_key(user), user, kind, to_text(message), now, expires_at)
        names = "id, key, user, kind, message, deferred_at, expires_at"
        self._database.change(
            (f"INSERT INTO deferred ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        )
        return identity

    def list(self, user: str) -> tuple[Deferred, ...]:
        """A user's deferred messages, in the order in which they came."""
        return self._found("WHERE key = ? ORDER BY number", user_key(user))

    def get(self, id: str) -> Deferred | None:
        """The message of an identity; None where it is not in the queue."""
        return next(iter(self._found("WHERE id = ?", id)), None)

    def mark_delivered(self, id: str, instance: str) -> bool:
        """Note that a device has a message; False where that is not in the queue."""
        statement = (
            "INSERT OR IGNORE INTO delivered (id, instance)"
            " SELECT id, ? FROM deferred WHERE id = ? AND true"
        )
        if self.get(id) is None:
            return False
        self._database.change((statement, (instance, id)))
        return True

    def remove(self, id: str) -> bool:
        """Take a message out of the queue; False where it is not in it."""
        return self._database.change(("DELETE FROM deferred WHERE id = ?", (id,))) > 0

    def extend(self, id: str, expires_at: int | None) -> bool:
        """Give a message more time, and count that; False where it is not in the queue."""
        statement = "UPDATE deferred SET expires_at = ?, extended = extended + 1 WHERE id = ?"
        return self._database.change((statement, (expires_at, id))) > 0

    def expired(self, now: int) -> tuple[Deferred, ...]:
        """The messages whose time is over, in the order in which it ended."""
        return self._found("WHERE expires_at <= ? ORDER BY expires_at, number", now)

    def next_expiry(self) -> int | None:
        """When the next message's time is over; None where none's ever is."""
        found = self._database.rows("SELECT min(expires_at) FROM deferred")[0][0]
        return None if found is None else int(found)

    def users(self) -> tuple[str, ...]:
        """The users who have a deferred message, the one who waits longest first."""
        found = self._database.rows(
            "SELECT user FROM deferred WHERE number IN"
            " (SELECT min(number) FROM deferred GROUP BY key) ORDER BY number"
        )
        return tuple(str(row[0]) for row in found)

    def close(self) -> None:
        """Close the file; twice is no matter."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _found(self, where: str, value: object) -> tuple[Deferred, ...]:
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM deferred {where}", value)
        return tuple(self._deferred(row) for row in rows)

    def _deferred(self, row: tuple[Any, ...]) -> Deferred:
        identity, user, kind, text, deferred_at, expires_at, extended = row
        devices = self._database.rows("SELECT instance FROM delivered WHERE id = ?", identity)
        try:
            message = from_text(text)
        except ValueError as error:
            raise self._database.broken(f"{identity}: {error}") from error
        delivered_to = frozenset(str(device[0]) for device in devices)
        return Deferred(
            identity, message, kind, deferred_at, expires_at, delivered_to, user, extended
        )

    def _fresh(self, wanted: str) -> str:
        identity, count = wanted, 1
        while self._database.rows("SELECT 1 FROM deferred WHERE id = ?", identity):
            count += 1
            identity = f"{wanted}-{count}"
        return identity
