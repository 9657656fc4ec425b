"""All that a client's home network is to it, in one user agent: registrar and PF at once."""

from conformance.body import multipart
from conformance.body.deferred_list import ACTIONS_TYPE, LIST_TYPE, Entry, identities, write_list
from conformance.body.sdp import Session as Description
from conformance.body.sdp import parse as parse_sdp
from conformance.observation.packet import Endpoint
from conformance.reference.client.base import described
from conformance.reference.client.cpm_client import ClientSettings, CpmClient
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage, feature, icsi, read
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.messaging.offer import Agreement, agree, answer, mirrored, offer
from conformance.reference.transactions.transaction import Failure, Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.dialog import Dialog
from conformance.reference.user_agents.incoming import Content, Identity, Incoming
from conformance.reference.user_agents.session import Session
from conformance.reference.user_agents.subscription import ServerSubscription
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipRequest, SipResponse
from tests.reference.wiring import Wire

HOME_HOST, PHONE, TABLET = "10.0.1.1", "10.0.2.20", "10.0.2.21"
ALICE, BOB = "sip:+15550100@home-a.example", "sip:+15550142@home-b.example"
EVENT = "deferred-messages"
PSI = "sip:deferred-messages@cpm.home-a.example"
NAMES = ("home-a.example", "home-b.example", "cpm.home-a.example")
DIRECTORY = Directory({name: Endpoint(HOME_HOST, 5060) for name in NAMES})


class Call:
    """One side of a session at home, with its channel; it remembers what came over it."""

    def __init__(self, home: "Home", direction: str) -> None:
        self.home = home
        self.msrp = MsrpSession(home.station, user=self, link=home.link)
        self.session: Session | None = None
        self.direction, self.setup = direction, "actpass"
        self.local = b""
        self.load: list[bytes] = []
        self.came: list[tuple[str, bytes]] = []
        self.outcomes: list[int] = []
        self.status = 0
        self.why = ""

    @property
    def call_id(self) -> str:
        request = self.session.request if self.session is not None else None
        return request.call_id if isinstance(request, SipRequest) else ""

    def offer(self) -> bytes:
        self.local = offer(
            self.msrp.path,
            self.msrp.endpoint,
            direction=self.direction,
            setup=self.setup,
            chance=self.home.station.chance,
        )
        return self.local

    def start(self, remote: bytes, is_offerer: bool) -> None:
        agreed = agree(self.local, remote, is_offerer)
        assert isinstance(agreed, Agreement), agreed
        for octets in self.load:
            self.msrp.send(octets, CPIM_TYPE)
        self.msrp.start(agreed)

    def progressed(self, session: Session, response: SipResponse) -> None:
        pass

    def answered(self, session: Session, response: SipResponse) -> Content | None:
        self.status = response.status
        if self.local:
            self.start(described(response), True)
            return None
        theirs = parse_sdp(response.body)
        assert isinstance(theirs, Description)
        self.local = answer(
            theirs, self.msrp.path, self.msrp.endpoint, setup="passive", chance=Chance("late")
        )
        self.start(response.body, False)
        return Content("application/sdp", self.local)

    def established(self, session: Session) -> None:
        pass

    def refused(self, session: Session, why: SipResponse | Failure) -> None:
        self.status = why.status if isinstance(why, SipResponse) else 408

    def ended(self, session: Session, why: str) -> None:
        self.why = why
        self.msrp.close()

    def opened(self, session: MsrpSession) -> None:
        pass

    def received(self, session: MsrpSession, message_id: str, kind: str, body: bytes) -> None:
        self.came.append((kind, body))

    def reported(self, session: MsrpSession, message_id: str, status: int) -> None:
        pass

    def sent(self, session: MsrpSession, message_id: str) -> None:
        self.outcomes.append(200)

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None:
        self.outcomes.append(status)

    def closed(self, session: MsrpSession, why: str) -> None:
        self.why = self.why or "channel closed"


class Home:
    """The network's side; each request of the client is kept, and answered as told."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.station = Station(HOME_HOST, Chance("home"))
        wire.add(self.station)
        transport = SipTransport(self.station, Endpoint(HOME_HOST, 5060), DIRECTORY)
        self.agent = UserAgent(
            self.station,
            Transactions(transport),
            Identity("sip:home-a.example", f"sip:{HOME_HOST}:5060"),
            directory=DIRECTORY,
        )
        self.link = MsrpLink(self.station, Endpoint(HOME_HOST, 20_000))
        self.requests: list[SipRequest] = []
        self.status = {"MESSAGE": 200, "INVITE": 200, "REGISTER": 200, "SUBSCRIBE": 200}
        self.extra: dict[str, list[tuple[str, str]]] = {}
        self.waiting: list[CpmMessage] = []
        self.subscriptions: list[ServerSubscription] = []
        self.calls: list[Call] = []
        self.setup: str | None = None
        self.delivers = True
        self.pushes: list[int] = []
        self.agent.handlers.update(
            MESSAGE=self.answer, REGISTER=self.answer, SUBSCRIBE=self.subscribed
        )
        self.agent.on_invite = self.invited

    # What the client does.

    def of(self, method: str) -> list[SipRequest]:
        return [request for request in self.requests if request.method == method]

    def answer(self, incoming: Incoming) -> None:
        method = incoming.request.method
        self.requests.append(incoming.request)
        incoming.respond(self.status[method], headers=self.extra.get(method, ()))

    def subscribed(self, incoming: Incoming) -> None:
        self.requests.append(incoming.request)
        subscription = ServerSubscription(self.agent, incoming, self)
        self.subscriptions.append(subscription)
        if self.status["SUBSCRIBE"] >= 300:
            subscription.refuse(self.status["SUBSCRIBE"])
            return
        subscription.accept()
        subscription.notify(self.listing())

    def renewed(self, subscription: ServerSubscription) -> None:
        subscription.notify(self.listing())

    def last_content(self, subscription: ServerSubscription) -> Content | None:
        return None

    def ended(self, subscription: ServerSubscription, why: str) -> None:
        pass

    def invited(self, session: Session) -> None:
        request = session.request
        assert isinstance(request, SipRequest)
        self.requests.append(request)
        read_offer = parse_sdp(described(request))
        assert isinstance(read_offer, Description)
        media = read_offer.media[0]
        call = Call(self, mirrored(media.direction))
        self.calls.append(call)
        session.user, call.session = call, session
        if self.status["INVITE"] >= 300:
            session.refuse(self.status["INVITE"])
            return
        call.local = answer(
            read_offer,
            call.msrp.path,
            call.msrp.endpoint,
            setup=self.setup,
            chance=self.station.chance,
        )
        session.accept(Content("application/sdp", call.local))
        call.load = self.chosen(request) if self.delivers else []
        call.start(described(request), False)

    def actions(self, request: SipRequest) -> list[Entry]:
        """The actions that an INVITE names."""
        part = multipart.find(request.header("Content-Type") or "", request.body, ACTIONS_TYPE)
        if part is None:
            return []
        found = identities(part.content)
        assert isinstance(found, tuple)
        return list(found)

    def chosen(self, request: SipRequest) -> list[bytes]:
        wanted = [e.identity for e in self.actions(request) if e.action == "retrieve"]
        return [m.cpim() for m in self.waiting if m.message_id in wanted]

    def notifications(self) -> list[tuple[str, str]]:
        """Message and status of each notification that came by MESSAGE, in order."""
        found = []
        for request in self.of("MESSAGE"):
            message = read(request.header("Content-Type") or "", request.body, request)
            assert isinstance(message, CpmMessage)
            if message.notification is not None:
                found.append((message.notification.message_id, message.notification.status))
        return found

    # What the network does.

    def listing(self) -> Content:
        entries = [Entry(m.message_id, None, (("from", m.sender),)) for m in self.waiting]
        return Content(LIST_TYPE, write_list(entries))

    def defer(self, count: int, *wants: str, size: int = 20) -> list[CpmMessage]:
        """Messages for Alice that wait."""
        for number in range(len(self.waiting), len(self.waiting) + count):
            self.waiting.append(
                CpmMessage(
                    f"m{number}",
                    BOB,
                    ALICE,
                    b"x" * size,
                    sent_at=self.wire.now,
                    wants=wants,
                    conversation_id="talk",
                    contribution_id=f"k{number}",
                )
            )
        return self.waiting

    def headers(self, service: str, message: CpmMessage | None = None) -> list[tuple[str, str]]:
        fields = [
            ("P-Asserted-Identity", f"<{BOB}>"),
            ("P-Asserted-Service", icsi(service)),
            ("Accept-Contact", f"*;{feature(service)}"),
        ]
        if message is not None:
            fields += [
                ("Conversation-ID", message.conversation_id),
                ("Contribution-ID", message.contribution_id),
            ]
        return fields

    def page(self, message: CpmMessage, host: str = PHONE) -> None:
        """Send a message in a SIP MESSAGE."""
        self.agent.request(
            "MESSAGE",
            f"sip:alice@{host}:5060",
            to=ALICE,
            sender=BOB,
            headers=self.headers("msg", message),
            content=Content(CPIM_TYPE, message.cpim()),
            answered=self.pushed,
        )

    def pushed(self, result: SipResponse | Failure) -> None:
        self.pushes.append(result.status if isinstance(result, SipResponse) else 408)

    def push(
        self,
        *messages: CpmMessage,
        service: str = "deferred",
        direction: str = "sendonly",
        setup: str = "actpass",
        offers: bool = True,
        host: str = PHONE,
    ) -> Call:
        """Invite Alice's device to a session for these messages."""
        call = Call(self, direction)
        call.load = [message.cpim() for message in messages]
        call.setup = setup
        first = messages[0] if messages else None
        content = Content("application/sdp", call.offer()) if offers else None
        call.session = self.agent.invite(
            f"sip:alice@{host}:5060",
            to=ALICE,
            sender=BOB,
            headers=self.headers(service, first),
            content=content,
            user=call,
        )
        return call

    def tell(self, host: str = PHONE, event: str = EVENT) -> None:
        """A NOTIFY out of any subscription."""
        self.agent.request(
            "NOTIFY",
            f"sip:alice@{host}:5060",
            to=ALICE,
            sender=PSI,
            headers=[("Event", event), ("Subscription-State", "active"), self.contact],
            content=self.listing(),
            answered=self.pushed,
        )

    def tell_in_dialog(self) -> list[Dialog]:
        """A NOTIFY out of any subscription, and in the list, later, the dialog that it began."""
        begun: list[Dialog] = []

        def answered(result: SipResponse | Failure) -> None:
            assert isinstance(result, SipResponse)
            self.pushed(result)
            begun.append(Dialog.of_client(draft, result))

        draft = self.agent.request(
            "NOTIFY",
            f"sip:alice@{PHONE}:5060",
            to=ALICE,
            sender=PSI,
            headers=[("Event", EVENT), ("Subscription-State", "active"), self.contact],
            content=self.listing(),
            answered=answered,
        )
        return begun

    def tell_more(self, dialog: Dialog, state: str = "active") -> None:
        """A NOTIFY in the dialog of another."""
        draft = dialog.request("NOTIFY")
        fields = [("Event", EVENT), ("Subscription-State", state)]
        self.agent.furnish(draft, fields, self.listing())
        self.agent.exchange(draft, self.pushed, dialog=dialog)

    @property
    def contact(self) -> tuple[str, str]:
        return "Contact", self.agent.identity.contact_value


class World:
    """A client and its home on a wire; `client_class` may be another than CpmClient."""

    def __init__(
        self,
        settings: ClientSettings | None = None,
        decisions: Decisions | None = None,
        client_class: type[CpmClient] = CpmClient,
    ) -> None:
        self.wire = Wire()
        self.home = Home(self.wire)
        self.client = self.device(PHONE, settings, decisions, client_class)

    def device(
        self,
        host: str,
        settings: ClientSettings | None = None,
        decisions: Decisions | None = None,
        client_class: type[CpmClient] = CpmClient,
    ) -> CpmClient:
        station = Station(host, Chance(host))
        self.wire.add(station)
        identity = Identity(
            ALICE,
            f"sip:alice@{host}:5060",
            agent="Meadow-RCS/3.1",
            instance=f"urn:uuid:{Chance(host).uuid()}",
            services=tuple(f"oma.cpm.{s}" for s in ("msg", "largemsg", "deferred", "session")),
            username="alice@home-a.example",
            password="open sesame",
        )
        return client_class(
            station,
            identity,
            DIRECTORY,
            proxy=f"sip:{HOME_HOST}:5060",
            home="home-a.example",
            settings=settings,
            decisions=decisions,
        )

    def run(self, seconds: float = 30) -> "World":
        self.wire.run(seconds=seconds)
        return self

    def noted(self, what: str) -> list[dict[str, str]]:
        return self.wire.noted(what)

    def received(self) -> list[str]:
        return [message.message_id for message in self.client.received]
