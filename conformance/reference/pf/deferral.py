"""Deferring messages: into the queue, out of it, and what becomes of those that expire."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from conformance.cpm.identity import user_key
from conformance.reference.engine.component import Alarm
from conformance.reference.engine.decision import Point
from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.pf import policy
from conformance.reference.pf.host import PfHost
from conformance.reference.preferences.profiles import Expiry, Preferences, Stored
from conformance.reference.store.deferred_queue import Deferred, DeferredKind

Changed = Callable[[str], None]
"""What is told that a user's queue has changed."""

_DEFAULT_EXTENSION = 30 * 86_400 * SECOND
_LOOK_AGAIN = SECOND


class Bereaved(Protocol):
    """Who tells a sender that a message will not be delivered."""

    def tell(self, message: CpmMessage, user: str, why: str) -> None:
        """Tell the sender, if that is asked for."""
        ...


class Deferral:
    """The queue of deferred messages as the other parts use it.

    A message that is under way is held: it neither expires nor leaves the queue before all who
    hold it have released it.
    """

    def __init__(self, host: PfHost, failures: Bereaved) -> None:
        self.host = host
        self.failures = failures
        self.listeners: list[Changed] = []
        self._held: Counter[str] = Counter()
        self._expiring: set[str] = set()
        self._alarm: Alarm | None = None
        self._arm()

    def waiting(self, user: str) -> tuple[Deferred, ...]:
        """What waits for a user, in the order in which it came."""
        return self.host.queue.list(user)

    def defer(self, user: str, message: CpmMessage, kind: DeferredKind) -> bool:
        """Defer a message; False where the queue has no room for this user.

        One that waits already, sent again since its answer was lost, is not deferred twice.
        """
        if self.is_known(user, message):
            return True
        if not self.host.queue.has_room(user):
            return False
        until = self.expiry_of(message)
        identity = self.host.queue.add(user, message, kind, self.host.now, until)
        self.host.note("deferred", message, user=user, id=identity)
        self._arm()
        self._tell(user)
        return True

    def is_known(self, user: str, message: CpmMessage) -> bool:
        """Whether the same message waits for this user already."""
        found = self.host.queue.get(message.message_id) if message.message_id else None
        return (
            found is not None
            and user_key(found.user) == user_key(user)
            and found.message.body == message.body
            and user_key(found.message.sender) == user_key(message.sender)
        )

    def expiry_of(self, message: CpmMessage) -> int:
        """When a deferred message expires: as its sender says, else as the operator does."""
        if message.expires_at is not None:
            return message.expires_at
        return self.host.now + self.host.settings.defers_for

    def hold(self, deferred: Deferred) -> None:
        """A message is under way."""
        self._held[deferred.id] += 1

    def is_held(self, deferred: Deferred) -> bool:
        """Whether a message is under way."""
        return self._held[deferred.id] > 0

    def delivered(self, deferred: Deferred, device: str) -> None:
        """A device has a message."""
        self.host.queue.mark_delivered(deferred.id, device)
        self.host.note("delivered", deferred.message, user=deferred.user, device=device)

    def release(self, deferred: Deferred) -> None:
        """A message is under way no more; once nobody holds it, it goes if it was delivered."""
        self._held[deferred.id] -= 1
        if self._held[deferred.id] > 0:
            return
        del self._held[deferred.id]
        found = self.host.queue.get(deferred.id)
        if found is not None and found.delivered_to:
            self.forget_delivered(found)
        self._arm()

    def forget_delivered(self, deferred: Deferred) -> None:
        """What was delivered SHALL leave the queue (5.2.1.1.2)."""
        self.remove(deferred, "delivered")
        self.host.preferences.fetch(deferred.user, lambda found: self.keep_copy(deferred, found))

    def keep_copy(self, deferred: Deferred, preferences: Preferences | None) -> None:
        """Store what was delivered where the user wants that (5.4 E)."""
        what = Stored.CONVERSATION if deferred.kind == "chat" else Stored.MESSAGE
        devices = self.host.availability.devices(deferred.user)
        if preferences is not None and preferences.stores(what, devices) is True:
            self.host.store.store(deferred.user, deferred.message, "received", self.host.now)
            self.host.note("stored", deferred.message, user=deferred.user, why="received")

    def remove(self, deferred: Deferred, why: str) -> None:
        """Take a message out of the queue."""
        if self.host.queue.remove(deferred.id):
            self.host.note("removed", deferred.message, user=deferred.user, why=why)
            self._tell(deferred.user)

    # What was not to be delivered.

    def discard(self, deferred: Deferred, why: str) -> None:
        """Discard a deferred message, and let its sender know (C.3.1.1.3)."""
        self.host.note("discarded", deferred.message, user=deferred.user, why=why)
        self.remove(deferred, "discarded")
        if not deferred.delivered_to:
            self.failures.tell(deferred.message, deferred.user, why)

    def store(self, deferred: Deferred, why: str) -> None:
        """Put a deferred message into the Message Storage Server."""
        self.host.store.store(deferred.user, deferred.message, why, self.host.now)
        self.host.note("stored", deferred.message, user=deferred.user, why=why)
        self.remove(deferred, "stored")

    def extend(self, deferred: Deferred, preferences: Preferences | None) -> None:
        """Give an expired message more time (5.4 C)."""
        more = _DEFAULT_EXTENSION if preferences is None else preferences.extension()
        self.host.queue.extend(deferred.id, self.host.now + more)
        self.host.note("extended", deferred.message, user=deferred.user)

    # Expiry.

    def expire(self) -> None:
        """Handle what has expired (5.2.2.2), each by its user's preferences."""
        self._alarm = None
        for deferred in self._expired():
            self._expiring.add(deferred.id)
            self.host.preferences.fetch(deferred.user, self._handler(deferred))
        self._arm()

    def handle_expired(self, deferred: Deferred, preferences: Preferences | None) -> None:
        """What becomes of one message that has expired."""
        devices = self.host.availability.devices(deferred.user)
        allowed = policy.expiries(preferences, deferred.message, deferred.extended, devices)
        chosen = self.choose_expiry(deferred, allowed)
        if chosen is Expiry.STORE:
            self.store(deferred, "expired")
        elif chosen is Expiry.EXTEND:
            self.extend(deferred, preferences)
        else:
            self.discard(deferred, "expired")

    def choose_expiry(self, deferred: Deferred, allowed: Sequence[Expiry]) -> Expiry:
        """What becomes of a message that has expired, of what is allowed."""
        return self.host.choose(Point.EXPIRY, allowed, deferred.id)

    def _handler(self, deferred: Deferred) -> Callable[[Preferences | None], None]:
        def handle(preferences: Preferences | None) -> None:
            self._expiring.discard(deferred.id)
            if self.host.queue.get(deferred.id) is not None and not self.is_held(deferred):
                self.host.note("expired", deferred.message, user=deferred.user)
                self.handle_expired(deferred, preferences)
            self._arm()

        return handle

    def _expired(self) -> list[Deferred]:
        found = self.host.queue.expired(self.host.now)
        return [d for d in found if not self.is_held(d) and d.id not in self._expiring]

    def _arm(self) -> None:
        """Be woken when the next message expires, or soon where it is under way just now."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        due = self.host.queue.next_expiry()
        if due is None:
            return
        wait = due - self.host.now
        if wait <= 0 and not self._expired():
            wait = _LOOK_AGAIN
        self._alarm = self.host.station.after(max(wait, 0), self.expire)

    def _tell(self, user: str) -> None:
        for listener in self.listeners:
            listener(user)
