"""Telling clients what is deferred: to subscribers (B.3.6.2), or unasked (C.3.3.2)."""

from collections.abc import Sequence

from conformance.body.deferred_list import LIST_TYPE, Entry, write_list
from conformance.cpm.identity import user_key
from conformance.reference.engine.component import Alarm
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import one_line, stamp
from conformance.reference.pf import policy
from conformance.reference.pf.arrival import is_address
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.host import Fields, PfHost
from conformance.reference.pf.request import DEFERRED, asked_by
from conformance.reference.preferences.profiles import Device, Kind, Preferences
from conformance.reference.store.deferred_queue import Deferred
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.event import event_of, seconds_of
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.reference.user_agents.notifier import ServerSubscription
from conformance.sip.message import SipRequest, SipResponse

MAX_SUBSCRIPTIONS = 16
"""Subscriptions of one user."""

MAX_LISTED = 1_000
"""Messages in one list, the oldest."""


class Notifying:
    """The lists of deferred messages, and who is told of them."""

    def __init__(self, host: PfHost, deferral: Deferral) -> None:
        self.host = host
        self.deferral = deferral
        self._subscriptions: dict[str, list[ServerSubscription]] = {}
        self._due: dict[str, Alarm] = {}
        self._under_way: dict[ServerSubscription, bool] = {}
        deferral.listeners.append(self.changed)

    # Subscriptions.

    def take(self, incoming: Incoming) -> None:
        """Take a SUBSCRIBE to the deferred message service (B.3.6.2 step 3)."""
        refused = self.refusal(incoming.request)
        if refused is not None:
            status, headers = refused
            incoming.respond(status, headers=headers)
        else:
            self.subscribe(incoming, asked_by(incoming.request))

    def refusal(self, request: SipRequest) -> tuple[int, Fields] | None:
        """Why a SUBSCRIBE is refused; None if it is granted."""
        settings = self.host.settings
        user = asked_by(request)
        asked = seconds_of(request.header("Expires"))
        if event_of(request.header("Event") or "")[0] != settings.event:
            return 489, [("Allow-Events", settings.event)]
        if not settings.is_psi(request.uri):
            return 404, []
        if not (is_address(user) and settings.serves(user)):
            return 403, []
        if asked is not None and 0 < asked < settings.subscription_minimum:
            return 423, [("Min-Expires", str(settings.subscription_minimum))]
        is_full = len(self._subscriptions.get(user_key(user), ())) >= MAX_SUBSCRIPTIONS
        return (503, []) if is_full or self.host.agent.is_full else None

    def subscribe(self, incoming: Incoming, user: str) -> None:
        """Grant a subscription, and tell what is deferred at once (RFC 6665 section 4.2.1.2)."""
        subscription = self.make_subscription(incoming, user)
        subscription.min_expires = self.host.settings.subscription_minimum
        subscription.max_expires = self.host.settings.subscription_expires
        self._subscriptions.setdefault(user_key(user), []).append(subscription)
        self.accept(subscription)
        self.notify(subscription, user)

    def make_subscription(self, incoming: Incoming, user: str) -> ServerSubscription:
        """A subscription of a user's."""
        return ServerSubscription(self.host.agent, incoming, Watcher(self, user))

    def accept(self, subscription: ServerSubscription) -> None:
        """Answer the SUBSCRIBE (B.3.6.2 steps 4 and 5)."""
        subscription.accept()

    def forget(self, user: str, subscription: ServerSubscription) -> None:
        """A subscription is over."""
        self._under_way.pop(subscription, None)
        mine = self._subscriptions.get(user_key(user), [])
        if subscription in mine:
            mine.remove(subscription)
        if not mine:
            self._subscriptions.pop(user_key(user), None)

    def is_watched(self, user: str) -> bool:
        """Whether a client of the user subscribes to the list."""
        return bool(self._subscriptions.get(user_key(user)))

    def changed(self, user: str) -> None:
        """The queue has changed: tell the subscribers once all that happens now has happened."""
        key = user_key(user)
        if key in self._subscriptions and key not in self._due:
            self._due[key] = self.host.station.after(0, lambda: self.tell_subscribers(user))

    def tell_subscribers(self, user: str) -> None:
        """Send the list to each subscriber of a user."""
        self._due.pop(user_key(user), None)
        for subscription in tuple(self._subscriptions.get(user_key(user), ())):
            self.notify(subscription, user)

    def notify(self, subscription: ServerSubscription, user: str) -> None:
        """Send the list to one subscriber (B.3.6.2 step 6), as it is when it leaves.

        While one is under way the next one waits, so that no list is told that has changed since.
        """
        if subscription in self._under_way:
            self._under_way[subscription] = True
            return
        self._under_way[subscription] = False
        waiting = self.listed(user)
        for deferred in waiting:
            self.host.note("notified", deferred.message, user=user, way="subscription")
        subscription.notify(
            self.compose_list(waiting), answered=lambda answer: self.notified(subscription, user)
        )

    def notified(self, subscription: ServerSubscription, user: str) -> None:
        """A NOTIFY was answered, or never will be: tell what has changed meanwhile."""
        has_changed = self._under_way.pop(subscription, False)
        if has_changed and not subscription.is_over:
            self.notify(subscription, user)

    # Unasked.

    def notify_unasked(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> None:
        """Send the list to devices that have registered, outside any subscription (C.3.3.2)."""
        waiting = self.listed(user)
        if not waiting:
            return
        everyone = self.host.availability.devices(user)
        options = policy.targets(preferences, Kind.NOTIFICATION, everyone)
        for device in self.host.choose(Point.TARGETS, options, user):
            if device in devices:
                self.send_unasked(user, device, waiting)

    def send_unasked(self, user: str, device: Device, waiting: Sequence[Deferred]) -> None:
        """Send one NOTIFY without a subscription."""

        def answered(answer: SipResponse | Failure) -> None:
            if not isinstance(answer, Failure) and answer.status < 300:
                for deferred in waiting:
                    self.host.note("notified", deferred.message, user=user, way="in-band")

        self.host.agent.request(
            "NOTIFY",
            user,
            sender=self.host.settings.psi,
            headers=self.fields(device),
            content=self.compose_list(waiting),
            answered=answered,
        )

    def fields(self, device: Device) -> Fields:
        """What an unasked NOTIFY says of itself."""
        seconds = self.host.settings.subscription_expires
        return [
            *self.host.identity_fields(self.host.settings.psi, DEFERRED),
            *self.host.target_fields(device),
            self.host.contact(DEFERRED),
            ("Event", self.host.settings.event),
            ("Subscription-State", f"active;expires={seconds}"),
        ]

    # The list.

    def listed(self, user: str) -> list[Deferred]:
        """What the list names: every deferred message, but no notification about another."""
        waiting = self.deferral.waiting(user)[:MAX_LISTED]
        return [d for d in waiting if not d.message.is_notification]

    def compose_list(self, waiting: Sequence[Deferred]) -> Content:
        """The list as a body."""
        entries = [self.entry(deferred) for deferred in waiting]
        return Content(LIST_TYPE, write_list([e for e in entries if is_writable(e)]))

    def entry(self, deferred: Deferred) -> Entry:
        """What the list says of a message: subject, originator, date and size (5.2.1.1.1, MAY)."""
        message = deferred.message
        facts = (
            ("subject", one_line(message.subject)),
            ("from", "" if message.anonymous else one_line(message.sender)),
            ("date", stamp(message.sent_at)),
            ("size", str(len(message.body))),
        )
        whole = Entry(deferred.id, None, tuple(fact for fact in facts if fact[1]))
        return whole if is_writable(whole) else Entry(deferred.id)


def is_writable(entry: Entry) -> bool:
    """Whether XML can hold an entry: an identity may have characters that no document has."""
    try:
        write_list([entry])
    except ValueError:
        return False
    return True


class Watcher:
    """The user of one subscription."""

    def __init__(self, notifying: Notifying, user: str) -> None:
        self.notifying = notifying
        self.user = user

    def renewed(self, subscription: ServerSubscription) -> None:
        """A SUBSCRIBE asks for more time: the present state is due."""
        self.notifying.notify(subscription, self.user)

    def last_content(self, subscription: ServerSubscription) -> Content | None:
        """The list as the last NOTIFY brings it."""
        return self.notifying.compose_list(self.notifying.listed(self.user))

    def ended(self, subscription: ServerSubscription, why: str) -> None:
        """It is over."""
        self.notifying.forget(self.user, subscription)
