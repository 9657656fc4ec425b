"""The Push Enabler: takes notifications for clients that are not registered (5.2.2.2.1)."""

from collections import deque
from typing import NamedTuple

MAX_HANDED_OVER = 100_000
"""Notifications that the enabler remembers; the oldest are forgotten first."""


class PushNotification(NamedTuple):
    """A notification that was handed over, at a time in ns since 1970-01-01 UTC."""

    time: int
    user: str
    identities: tuple[str, ...]
    content_type: str = ""
    body: bytes = b""


class PushEnabler:
    """Records what is handed over; how it reaches a device out of band is not CPM's concern."""

    def __init__(self) -> None:
        self._handed_over: deque[PushNotification] = deque(maxlen=MAX_HANDED_OVER)

    @property
    def handed_over(self) -> tuple[PushNotification, ...]:
        """Every notification in the order in which it came."""
        return tuple(self._handed_over)

    def notify(
        self,
        user: str,
        identities: tuple[str, ...],
        now: int,
        *,
        content_type: str = "",
        body: bytes = b"",
    ) -> PushNotification:
        """Take a notification about deferred messages, which `identities` names."""
        notification = PushNotification(now, user, identities, content_type, body)
        self._handed_over.append(notification)
        return notification
