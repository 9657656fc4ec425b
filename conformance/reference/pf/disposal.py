"""Carrying out what is decided about a message that cannot be delivered now (5.4 A 2)."""

from conformance.reference.messaging.content import CpmMessage
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.failure_notice import FailureNotices
from conformance.reference.pf.host import PfHost
from conformance.reference.preferences.profiles import Disposal
from conformance.reference.store.deferred_queue import DeferredKind

ACCEPTED = 202
"""The Accepted response of C.3.1.1.3 step 4 (RFC 3428 section 7)."""

UNAVAILABLE = 480
REFUSED = 403


class Disposals:
    """What is done with a message, and the status that its sender is answered with."""

    def __init__(self, host: PfHost, deferral: Deferral, failures: FailureNotices) -> None:
        self.host = host
        self.deferral = deferral
        self.failures = failures

    def settle(
        self, disposal: Disposal, user: str, message: CpmMessage, kind: DeferredKind
    ) -> int:
        """Defer, store, discard or reject a message; the status for its sender."""
        if disposal is Disposal.DEFER:
            return self.defer(user, message, kind)
        if disposal is Disposal.STORE:
            return self.store(user, message)
        if disposal is Disposal.DISCARD:
            return self.discard(user, message)
        return self.reject(user, message)

    def defer(self, user: str, message: CpmMessage, kind: DeferredKind) -> int:
        """Defer it; where there is no room for it, it is refused."""
        if not self.deferral.defer(user, message, kind):
            return UNAVAILABLE
        self.notify_out_of_band(user, message)
        return ACCEPTED

    def store(self, user: str, message: CpmMessage) -> int:
        """Put it into the Message Storage Server at once."""
        self.host.store.store(user, message, "unavailable", self.host.now)
        self.host.note("stored", message, user=user, why="unavailable")
        return ACCEPTED

    def discard(self, user: str, message: CpmMessage) -> int:
        """Take it, and forget it; its sender is told so where that was asked for."""
        self.host.note("discarded", message, user=user, why="preference")
        self.failures.tell(message, user, "preference")
        return ACCEPTED

    def reject(self, user: str, message: CpmMessage) -> int:
        """Refuse it."""
        self.host.note("rejected", message, user=user)
        return REFUSED

    def notify_out_of_band(self, user: str, message: CpmMessage) -> None:
        """Hand a notification to the Push Enabler for a user of no registered client (MAY)."""
        settings = self.host.settings
        if settings.out_of_band and not self.host.availability.is_available(user):
            identity = message.message_id
            self.host.enabler.notify(user, (identity,) if identity else (), self.host.now)
            self.host.note("notified", message, user=user, way="out-of-band")
