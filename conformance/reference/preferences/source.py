"""Where a participating function gets a user's preferences (5.4): an XDMS, or what it holds."""

from collections.abc import Callable, Mapping
from typing import Protocol

from conformance.cpm.identity import user_key
from conformance.reference.preferences.profiles import Preferences

Told = Callable[[Preferences | None], None]
"""What is told of the preferences; None where nobody knows them."""


class PreferencesSource(Protocol):
    """Who answers a retrieval request for a user's preferences."""

    def fetch(self, user: str, then: Told) -> None:
        """Ask for the preferences of a user; `then` is told once, at once or later."""
        ...


class EmbeddedPreferences:
    """Preferences by setting, answered at once; `default` holds for everybody else."""

    def __init__(
        self,
        users: Mapping[str, Preferences] | None = None,
        default: Preferences | None = None,
    ) -> None:
        self._users = {user_key(user): found for user, found in (users or {}).items()}
        self._default = Preferences() if default is None else default

    def fetch(self, user: str, then: Told) -> None:
        """Tell the preferences of a user at once."""
        then(self._users.get(user_key(user), self._default))


class UnknownPreferences:
    """Nobody knows them: everything that the specification allows is possible."""

    def fetch(self, user: str, then: Told) -> None:
        """Tell at once that they are not known."""
        then(None)
