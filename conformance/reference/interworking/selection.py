"""The Interworking Selection Function: which non-CPM service a message is handed to (5.4)."""

from collections.abc import Callable, Sequence

from conformance.cpm.identity import user_key
from conformance.reference.engine.decision import Decisions, Point, Settled
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.preferences.source import PreferencesSource, UnknownPreferences

Chosen = Callable[[tuple[str, ...]], None]
"""Told the services to be tried, the first first; () where none may be used."""


class InterworkingSelection:
    """Chooses among services by the CPM User's preferences, and where they are silent by its own.

    5.4: "The Interworking Selection Function SHALL retrieve the CPM User Preferences from the
    XDMS and SHALL take" the "Non-CPM Communication Services to be interworked and their
    priorities" into consideration.
    """

    def __init__(
        self, source: PreferencesSource | None = None, decisions: Decisions | None = None
    ) -> None:
        self.source = source or UnknownPreferences()
        self.decisions = decisions or Settled()

    def select(self, user: str, services: Sequence[str], about: str, then: Chosen) -> None:
        """Find the services for a message `about`, among those that can be used now.

        `user` is the CPM User whose preferences count; `services` are in the order of the
        network's own preference.
        """

        def known(preferences: Preferences | None) -> None:
            then(self.ordered(preferences, services, about))

        self.source.fetch(user_key(user), known)

    def ordered(
        self, preferences: Preferences | None, services: Sequence[str], about: str
    ) -> tuple[str, ...]:
        """The services to be tried, by preferences; None where these are not known."""
        allowed = self.allowed(preferences, services)
        if not allowed:
            return ()
        binds = preferences is not None and bool(self.wanted(preferences))
        options = allowed[:1] if binds else allowed
        first = self.decisions.choose(Point.NONCPM_SERVICE, options, about)
        return (first, *(name for name in allowed if name != first))

    def allowed(self, preferences: Preferences | None, services: Sequence[str]) -> tuple[str, ...]:
        """Those services that may be used, in the user's priority, else in the network's."""
        wanted = () if preferences is None else self.wanted(preferences)
        if not wanted:
            return tuple(services)
        usable = {name.lower(): name for name in services}
        return tuple(usable[name.lower()] for name in wanted if name.lower() in usable)

    def wanted(self, preferences: Preferences) -> tuple[str, ...]:
        """The services that a user has named, the first comes first; () for any."""
        return preferences.noncpm_services
