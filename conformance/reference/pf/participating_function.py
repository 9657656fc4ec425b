"""The CPM Participating Function (System Description 5.2): one party, in its parts.

Requests come in from the SIP/IP Core. Those that a user sends go on (`originating`), those for a
user are delivered, deferred, stored, interworked, discarded or refused (`terminating`,
`reception`). What is deferred is pushed when a client registers (`pushing`), or told of
(`notifying`) and then handled as the client asks (`pulling`).
"""

from collections.abc import Sequence

from conformance.cpm.identity import uri_of
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions, Point, Settled
from conformance.reference.engine.timer import NETWORK, Timers
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.offer import MSRP_PORT
from conformance.reference.pf import policy
from conformance.reference.pf.arrival import is_address
from conformance.reference.pf.availability import Availability
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.disposal import Disposals
from conformance.reference.pf.failure_notice import FailureNotices
from conformance.reference.pf.forwarding import Forwarding
from conformance.reference.pf.handover import Handover
from conformance.reference.pf.host import PfHost
from conformance.reference.pf.notifying import Notifying
from conformance.reference.pf.originating import Originating
from conformance.reference.pf.pulling import Pulling
from conformance.reference.pf.push_enabler import PushEnabler
from conformance.reference.pf.pushing import Pushing
from conformance.reference.pf.reception import Reception
from conformance.reference.pf.request import is_originating
from conformance.reference.pf.settings import PfSettings
from conformance.reference.pf.terminating import Terminating
from conformance.reference.preferences.profiles import Delivery, Device, Preferences
from conformance.reference.preferences.source import EmbeddedPreferences, PreferencesSource
from conformance.reference.store.deferred_queue import DeferredQueue
from conformance.reference.store.message_store import MessageStore
from conformance.reference.transactions.transaction import ServerTransaction, Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.callee import CalleeSession
from conformance.reference.user_agents.incoming import Identity
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipRequest, SipResponse

AGENT = "cpmspec-pf/1"


class ParticipatingFunction:
    """A participating function at one address.

    A queue that holds messages already is continued: nothing that was deferred is lost. The
    parts are attributes; another kind of part comes from overriding its `make_` method.
    """

    def __init__(
        self,
        station: Station,
        address: Endpoint,
        directory: Directory,
        settings: PfSettings | None = None,
        *,
        queue: DeferredQueue | None = None,
        preferences: PreferencesSource | None = None,
        store: MessageStore | None = None,
        enabler: PushEnabler | None = None,
        decisions: Decisions | None = None,
        media_port: int = MSRP_PORT,
        timers: Timers = NETWORK,
        transport: Transport = Transport.UDP,
        agent: str = AGENT,
    ) -> None:
        self.station = station
        self.settings = settings or PfSettings()
        self.decisions = decisions or Settled()
        transactions = Transactions(
            SipTransport(station, address, directory, preferred=transport), timers
        )
        identity = Identity(self.settings.psi, f"sip:cpm-pf@{address}", agent=agent)
        routes = (self.settings.core,)
        self.agent = UserAgent(station, transactions, identity, directory=directory, routes=routes)
        transactions.user = self
        self.host = PfHost(
            station,
            self.settings,
            self.decisions,
            self.agent,
            transactions,
            MsrpLink(station, Endpoint(address.host, media_port)),
            Availability(station),
            queue if queue is not None else DeferredQueue(),
            preferences or EmbeddedPreferences(),
            store if store is not None else MessageStore(),
            enabler or PushEnabler(),
        )
        self._make_parts()

    def _make_parts(self) -> None:
        host = self.host
        self.forwarding = self.make_forwarding()
        self.failures = self.make_failures()
        self.deferral = self.make_deferral()
        self.handover = Handover(host)
        self.disposals = self.make_disposals()
        self.originating = self.make_originating()
        self.terminating = self.make_terminating()
        self.reception = self.make_reception()
        self.pushing = self.make_pushing()
        self.pulling = self.make_pulling()
        self.notifying = self.make_notifying()

    # The parts.

    def make_forwarding(self) -> Forwarding:
        """Who sends requests on."""
        return Forwarding(self.host)

    def make_failures(self) -> FailureNotices:
        """Who tells senders that a message was not delivered."""
        return FailureNotices(self.host)

    def make_deferral(self) -> Deferral:
        """Who keeps the queue."""
        return Deferral(self.host, self.failures)

    def make_disposals(self) -> Disposals:
        """Who does with a message what was decided."""
        return Disposals(self.host, self.deferral, self.failures)

    def make_originating(self) -> Originating:
        """Who serves what users send."""
        return Originating(self.host, self.forwarding)

    def make_terminating(self) -> Terminating:
        """Who serves messages that come for users."""
        return Terminating(self.host, self.forwarding, self.disposals, self.handover)

    def make_reception(self) -> Reception:
        """Who serves invitations that come for users."""
        return Reception(self.host, self.forwarding, self.disposals, self.handover)

    def make_pushing(self) -> Pushing:
        """Who pushes deferred messages."""
        return Pushing(self.host, self.deferral)

    def make_pulling(self) -> Pulling:
        """Who serves the sessions in which clients handle them."""
        return Pulling(self.host, self.deferral, self.handover)

    def make_notifying(self) -> Notifying:
        """Who tells clients of them."""
        return Notifying(self.host, self.deferral)

    # Commands.

    def close(self) -> None:
        """Close the stores; the queue in its file is there for the next start."""
        self.host.queue.close()
        self.host.store.close()

    # As the user of the transactions.

    def request(self, transaction: ServerTransaction) -> None:
        """Give a request to the part that serves it."""
        request = transaction.request
        if request.to_tag is not None:
            self.agent.receive(transaction)
        elif request.method == "REGISTER":
            self.registered(transaction)
        elif self.is_for_us(request):
            self.take_own(transaction)
        elif is_originating(request, self.settings):
            self.originating.take(transaction)
        else:
            self.take_terminating(transaction)

    def ack(self, request: SipRequest) -> None:
        """An ACK to a 2xx of ours."""
        self.agent.ack(request)

    def stray(self, response: SipResponse) -> None:
        """A response that nobody waits for."""
        self.agent.stray(response)

    def is_for_us(self, request: SipRequest) -> bool:
        """Whether a request names us ourselves: the deferred message service, or our address."""
        if self.settings.is_psi(request.uri):
            return True
        transport = self.host.transactions.transport
        target = transport.target(request.uri)
        return target is not None and target.endpoint == transport.address

    def take_own(self, transaction: ServerTransaction) -> None:
        """Take a request that is for us."""
        incoming = self.agent.incoming(transaction)
        method = transaction.request.method
        if method == "INVITE" and self.settings.is_psi(transaction.request.uri):
            self.pulling.take(CalleeSession(self.agent, incoming), transaction.request)
        elif method == "SUBSCRIBE":
            self.notifying.take(incoming)
        else:
            self.agent.receive(transaction)

    def take_terminating(self, transaction: ServerTransaction) -> None:
        """Take a request for a user of ours."""
        method = transaction.request.method
        if method == "MESSAGE":
            self.terminating.take(transaction)
        elif method == "INVITE":
            self.reception.take(transaction)
        else:
            self.forwarding.forward(transaction)

    # Registrations.

    def registered(self, transaction: ServerTransaction) -> None:
        """Take a third-party REGISTER, and see to what waits for who has become available."""
        request = transaction.request
        address = self.registered_address(request)
        if not is_address(address):
            self.forwarding.refuse(transaction, 400)
            return
        devices = self.host.availability.take(request)
        if devices is None:
            self.forwarding.refuse(transaction, 503)
            return
        expires = request.header("Expires") or "0"
        self.forwarding.refuse(transaction, 200, expires=expires)
        if devices:
            self.became_available(address, devices)

    def registered_address(self, request: SipRequest) -> str:
        """The address of record that a third-party REGISTER is about."""
        return uri_of(request.header("To") or "")

    def became_available(self, user: str, devices: Sequence[Device]) -> None:
        """Devices of a user have registered: deliver what waits, by the user's preferences."""
        if self.deferral.waiting(user):
            self.host.preferences.fetch(
                user, lambda found: self.deliver_waiting(user, devices, found)
            )

    def deliver_waiting(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> None:
        """Push what waits, or tell of it: the two options of 5.2.2.2."""
        wanted = self.settings.deliveries
        options = policy.deliveries(preferences, wanted, devices)
        if self.host.choose(Point.DELIVERY, options, user) is Delivery.MESSAGE:
            self.pushing.push(user, devices, preferences)
        elif self.settings.unsolicited:
            self.notifying.notify_unasked(user, devices, preferences)
