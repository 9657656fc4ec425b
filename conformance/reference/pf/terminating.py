"""Serving what comes for a user of ours: deliver it, or do what the user wants instead (5.4 A)."""

from collections.abc import Sequence

from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import CPIM_TYPE
from conformance.reference.pf import policy
from conformance.reference.pf.adaptation import adapted
from conformance.reference.pf.arrival import Arrival, is_address, read_message
from conformance.reference.pf.disposal import Disposals
from conformance.reference.pf.forwarding import Forwarding
from conformance.reference.pf.handover import Handover
from conformance.reference.pf.host import PfHost
from conformance.reference.pf.request import asked_for
from conformance.reference.preferences.profiles import Device, Disposal, Kind, Preferences, Stored
from conformance.reference.transactions.transaction import Failure, ServerTransaction
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse

UNREACHED = (408, 480, 503)
"""Answers that say that no client was reached, whatever the registrar believes."""

_COMPOSING = "application/im-iscomposing+xml"


class Terminating:
    """The terminating side for messages of the pager mode."""

    def __init__(
        self,
        host: PfHost,
        forwarding: Forwarding,
        disposals: Disposals,
        handover: Handover,
    ) -> None:
        self.host = host
        self.forwarding = forwarding
        self.disposals = disposals
        self.handover = handover

    def take(self, transaction: ServerTransaction) -> None:
        """Take a MESSAGE for a user of ours."""
        message = read_message(transaction.request, self.host.now)
        user = asked_for(transaction.request)
        if message is None or not is_address(user):
            self.forwarding.refuse(transaction, 400)
            return
        arrival = Arrival(transaction, user, message)
        self.host.preferences.fetch(user, lambda found: self.serve(arrival, found))

    def serve(self, arrival: Arrival, preferences: Preferences | None) -> None:
        """Serve a message by its user's preferences."""
        available = self.host.availability.is_available(arrival.user)
        self.dispose(arrival, preferences, available=available)

    def dispose(
        self, arrival: Arrival, preferences: Preferences | None, *, available: bool
    ) -> None:
        """Decide what becomes of a message, and do it."""
        message = arrival.message
        allowed = self.allowed(arrival, preferences, available=available)
        chosen = self.host.choose(Point.DISPOSAL, allowed, message.message_id)
        if chosen is Disposal.DELIVER:
            self.deliver(arrival, preferences)
        elif chosen is Disposal.INTERWORK:
            self.interwork(arrival)
        elif chosen is Disposal.REDIRECT and preferences is not None:
            self.redirect(arrival, preferences)
        else:
            self.answer(arrival, self.disposals.settle(chosen, arrival.user, message, "pager"))

    def allowed(
        self, arrival: Arrival, preferences: Preferences | None, *, available: bool
    ) -> Sequence[Disposal]:
        """What may become of a message, the preferred first."""
        message = arrival.message
        devices = self.host.availability.devices(arrival.user)
        if message.content_type.lower().startswith(_COMPOSING):
            return (Disposal.DELIVER if available else Disposal.DISCARD,)
        found = policy.disposals(
            preferences, message, available=available, now=self.host.now, devices=devices
        )
        if not message.is_notification:
            return found
        # A notification is no CPM Message: it is brought later, or given up.
        if available:
            return (Disposal.DELIVER,)
        return tuple(o for o in (Disposal.DEFER, Disposal.DISCARD) if o in found) or (
            Disposal.DISCARD,
        )

    def answer(self, arrival: Arrival, status: int) -> None:
        """Answer the sender ourselves."""
        self.forwarding.refuse(arrival.transaction, status)

    # Delivery at once.

    def deliver(self, arrival: Arrival, preferences: Preferences | None) -> None:
        """Send a message on to the devices that the user wants it on (5.4 F)."""
        devices = self.host.availability.devices(arrival.user)
        kind = Kind.REPORT if arrival.message.is_notification else Kind.MESSAGE
        options = policy.targets(preferences, kind, devices)
        chosen = self.host.choose(Point.TARGETS, options, arrival.message.message_id)
        if not chosen:
            self.dispose(arrival, preferences, available=False)
            return
        is_one_of_many = len(devices) > 1
        self.forward(arrival, preferences, chosen[0], names_device=is_one_of_many)
        for device in chosen[1:]:
            self.copy_to(arrival, preferences, device)

    def forward(
        self,
        arrival: Arrival,
        preferences: Preferences | None,
        device: Device,
        *,
        names_device: bool,
    ) -> None:
        """Send the request on; its answer goes back, unless nobody was reached."""

        def judge(answer: SipResponse) -> bool:
            return self.after_answer(arrival, preferences, answer)

        self.forwarding.forward(
            arrival.transaction,
            judge=judge,
            extra=self.host.target_fields(device) if names_device else [],
            content=self.adapted_content(arrival, preferences, device),
        )

    def adapted_content(
        self, arrival: Arrival, preferences: Preferences | None, device: Device
    ) -> Content | None:
        """The content as a device is to get it (5.4 B); None where it stays as it is."""
        message = adapted(arrival.message, device, preferences)
        return None if message is arrival.message else Content(CPIM_TYPE, message.cpim())

    def copy_to(self, arrival: Arrival, preferences: Preferences | None, device: Device) -> None:
        """Bring the same message to one more device; only the first one's answer goes back."""
        message = arrival.message
        request = arrival.transaction.request
        service = f"oma.cpm.{message.service or 'msg'}"
        self.host.agent.request(
            "MESSAGE",
            arrival.user,
            sender=self.host.shown_sender(message),
            headers=self.host.fields(message, service, device),
            content=self.adapted_content(arrival, preferences, device)
            or Content(request.header("Content-Type") or "", request.body),
            answered=self.copied,
        )

    def copied(self, answer: SipResponse | Failure) -> None:
        """Nothing follows from a further device's answer."""

    def after_answer(
        self, arrival: Arrival, preferences: Preferences | None, answer: SipResponse
    ) -> bool:
        """See whether the message has reached its user; True if we answer in another way."""
        if answer.status < 300:
            self.host.note("delivered", arrival.message, user=arrival.user, device="")
            self.keep_copy(arrival, preferences)
            return False
        if answer.status not in UNREACHED or not self.takes_back(arrival):
            return False
        self.dispose(arrival, preferences, available=False)
        return True

    def takes_back(self, arrival: Arrival) -> bool:
        """Whether a message that reached no client is treated as one for an unavailable user."""
        is_wanted = self.host.settings.defers_unreached
        options = (is_wanted, not is_wanted)
        return self.host.choose(Point.FINAL_ANSWER, options, arrival.message.message_id)

    def keep_copy(self, arrival: Arrival, preferences: Preferences | None) -> None:
        """Store what was delivered where the user wants that (5.4 E)."""
        if preferences is None or arrival.message.is_notification:
            return
        devices = self.host.availability.devices(arrival.user)
        if preferences.stores(Stored.MESSAGE, devices) is True:
            self.host.store.store(arrival.user, arrival.message, "received", self.host.now)
            self.host.note("stored", arrival.message, user=arrival.user, why="received")

    # Ways around.

    def interwork(self, arrival: Arrival) -> None:
        """Send a message on to the Interworking Function, which answers it."""
        uri = self.handover.uri(arrival.user)
        self.host.note("interworked", arrival.message, user=arrival.user)
        self.forwarding.forward(arrival.transaction, uri=uri)

    def redirect(self, arrival: Arrival, preferences: Preferences) -> None:
        """Tell the sender where else to send it (RFC 3261 section 8.3)."""
        devices = self.host.availability.devices(arrival.user)
        contact = preferences.redirection(arrival.message, devices)
        self.host.note("redirected", arrival.message, user=arrival.user, to=contact)
        self.forwarding.refuse(arrival.transaction, 302, contact)
