"""A participating function and all that it deals with: core, clients and senders in one peer."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from conformance.body import sdp
from conformance.body.deferred_list import ACTIONS_TYPE, Entry, identities, write_actions
from conformance.body.mime import Headers
from conformance.body.multipart import Multipart, Part, write
from conformance.cpm.service import cpm_services, feature_tag
from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage, read
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.messaging.offer import Agreement, agree, answer, offer
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.push_session import sdp_of
from conformance.reference.pf.settings import PfSettings
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.source import EmbeddedPreferences, PreferencesSource
from conformance.reference.store.deferred_queue import DeferredQueue
from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.directory import Directory
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.reference.user_agents.session import Session
from conformance.reference.user_agents.subscription import Subscription
from conformance.sip.message import SipRequest, SipResponse
from tests.reference.wiring import Host, Wire

ALICE = "sip:+15550100@home-a.example"
BOB = "sip:+15550142@home-b.example"
PSI = "sip:deferred-messages@cpm.home-a.example"
PF_HOST, CORE_HOST = "10.0.3.1", "10.0.1.1"
PF = Endpoint(PF_HOST, 5060)
TO_PF = (f"sip:{PF};lr",)
PHONE, TABLET = "<urn:uuid:phone>", "<urn:uuid:tablet>"
ALL_SERVICES = ("oma.cpm.msg", "oma.cpm.largemsg", "oma.cpm.deferred", "oma.cpm.session")
ASKS = ("positive-delivery", "negative-delivery")
HOUR, DAY = 3_600, 86_400


def message(number: int = 1, text: str = "", **changes: object) -> CpmMessage:
    """A message from Bob to Alice."""
    made = CpmMessage(
        f"msg-{number}",
        BOB,
        ALICE,
        (text or f"Text {number}.").encode(),
        subject=f"Notice {number}",
        conversation_id="conv-1",
        contribution_id=f"contrib-{number}",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class Client:
    """What the peer does as Alice's device in one session, and what it got over MSRP."""

    def __init__(self, world: "PfWorld", session: Session) -> None:
        self.world = world
        self.session = session
        self.got: list[CpmMessage] = []
        self.ended_by = ""
        self.refused_with: SipResponse | Failure | None = None
        self.channel = MsrpSession(world.peer.station, user=self, link=world.link)
        self.local = b""
        session.user = self

    @property
    def request(self) -> SipRequest:
        """The INVITE that came."""
        assert isinstance(self.session.request, SipRequest)
        return self.session.request

    @property
    def ids(self) -> list[str]:
        """The messages that came."""
        return [found.message_id for found in self.got]

    def accept(self, direction: str = "recvonly", setup: str | None = None) -> None:
        """Take the session that is offered."""
        offered = sdp.parse(sdp_of(self.session.remote))
        assert isinstance(offered, sdp.Session)
        self.local = answer(
            offered,
            self.channel.path,
            self.world.link.endpoint,
            direction=direction,
            setup=setup,
            chance=self.world.chance,
        )
        self.session.accept(Content("application/sdp", self.local))

    def progressed(self, session: Session, response: SipResponse) -> None: ...

    def answered(self, session: Session, response: SipResponse) -> None: ...

    def established(self, session: Session) -> None:
        agreed = agree(self.local, sdp_of(session.remote), is_offerer=session.is_caller)
        if isinstance(agreed, Agreement):
            self.channel.start(agreed)

    def refused(self, session: Session, why: SipResponse | Failure) -> None:
        self.refused_with = why

    def ended(self, session: Session, why: str) -> None:
        self.ended_by = why
        self.channel.close()

    def opened(self, session: MsrpSession) -> None: ...

    def received(
        self, session: MsrpSession, message_id: str, content_type: str, body: bytes
    ) -> None:
        found = read(content_type, body)
        assert isinstance(found, CpmMessage)
        self.got.append(found)
        self.world.after_receipt(self)

    def reported(self, session: MsrpSession, message_id: str, status: int) -> None: ...

    def sent(self, session: MsrpSession, message_id: str) -> None: ...

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None: ...

    def closed(self, session: MsrpSession, why: str) -> None: ...


class PfWorld:
    """The participating function at 10.0.3.1, and the peer at 10.0.1.1.

    `answers` gives the status of each MESSAGE that the peer gets, the last one again and again;
    0 leaves it `unanswered`. `on_session` says what it does with a session.
    """

    def __init__(
        self,
        settings: PfSettings | None = None,
        *,
        profile: Profile | None = None,
        preferences: PreferencesSource | None = None,
        queue: DeferredQueue | None = None,
        decisions: Decisions | None = None,
        kind: type[ParticipatingFunction] = ParticipatingFunction,
    ) -> None:
        self.wire = Wire()
        self.chance = Chance("peer")
        self.peer = Host(self.wire, "core", CORE_HOST)
        self.link = MsrpLink(self.peer.station, Endpoint(CORE_HOST, 2_855))
        station = self.wire.add(Station(PF_HOST, Chance("pf")))
        mine = EmbeddedPreferences(default=Preferences.of(profile)) if profile else None
        names = {
            "home-a.example": self.peer.endpoint,
            "cpm.home-a.example": PF,
        }
        self.pf = kind(
            station,
            PF,
            Directory(names),
            settings,
            queue=queue,
            preferences=preferences or mine,
            decisions=decisions,
        )
        self.messages: list[SipRequest] = []
        self.notifies: list[SipRequest] = []
        self.unanswered: list[Incoming] = []
        self.clients: list[Client] = []
        self.answers: list[int] = [200]
        self.answer_to: Callable[[SipRequest], int] = self._next_answer
        self.on_session: Callable[[Client], None] = Client.accept
        self.after_receipt: Callable[[Client], None] = lambda client: None
        self.statuses: list[int] = []
        self.last: SipResponse | Failure | None = None
        agent = self.peer.agent
        agent.routes = TO_PF
        agent.handlers["MESSAGE"] = self._take_message
        agent.handlers["NOTIFY"] = self._take_notify
        agent.on_invite = self._take_invite

    # What the peer is told to do.

    def send(
        self,
        sent: CpmMessage,
        *,
        to: str = ALICE,
        asserted: str = "",
        headers: Sequence[tuple[str, str]] = (),
        content: Content | None = None,
    ) -> None:
        """A MESSAGE comes to the participating function from the core."""
        fields = [
            ("P-Asserted-Identity", f"<{asserted or sent.sender}>"),
            ("Accept-Contact", f"*;{feature_tag('oma.cpm.msg')}"),
            ("Conversation-ID", sent.conversation_id),
            ("Contribution-ID", sent.contribution_id),
            *headers,
        ]
        self.peer.agent.request(
            "MESSAGE",
            to,
            sender=sent.sender,
            headers=fields,
            content=content or Content(CPIM_TYPE, sent.cpim()),
            answered=self._answered,
        )
        self.wire.run(seconds=5)

    def register(
        self,
        instance: str = PHONE,
        seconds: int = 600_000,
        *,
        services: Sequence[str] = ALL_SERVICES,
        whole: bool = True,
    ) -> None:
        """The core tells of a registration; without `whole` it does not carry the client's own."""
        contact = f'<sip:alice@10.0.2.20>;+sip.instance="{instance}";{feature_tag(*services)}'
        lines = [
            "REGISTER sip:home-a.example SIP/2.0",
            "Via: SIP/2.0/UDP 10.0.2.20;branch=z9hG4bKregister",
            f"From: <{ALICE}>;tag=1",
            f"To: <{ALICE}>",
            "Call-ID: register",
            "CSeq: 1 REGISTER",
            f"Contact: {contact};expires={seconds}",
            "Content-Length: 0",
            "",
            "",
        ]
        body = Content("message/sip", "\r\n".join(lines).encode())
        self.peer.agent.request(
            "REGISTER",
            f"sip:{PF}",
            to=ALICE,
            headers=[("Expires", str(seconds))],
            content=body if whole else None,
            answered=self._answered,
        )
        self.wire.run(seconds=20)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.wire.run(seconds=seconds)

    def defer(self, count: int = 1, **changes: object) -> list[CpmMessage]:
        """Messages come while nobody is there, and are deferred."""
        sent = [message(n, **changes) for n in range(1, count + 1)]
        for one in sent:
            self.send(one)
            assert self.statuses[-1] == 202
        return sent

    def invite(
        self,
        uri: str,
        service: str,
        actions: Sequence[tuple[str, str]] | None = None,
        *,
        sender: str = ALICE,
        direction: str = "recvonly",
        body: Content | None = None,
    ) -> Client:
        """An INVITE comes to the participating function; with actions, to have them done."""
        channel = MsrpSession(self.peer.station, user=_Later(), link=self.link)
        local = offer(channel.path, self.link.endpoint, direction=direction, chance=self.chance)
        later = channel.user
        assert isinstance(later, _Later)
        content = body or self._content(local, actions)
        session = self.peer.agent.invite(
            uri,
            sender=sender,
            headers=[
                ("P-Asserted-Identity", f"<{sender}>"),
                ("Accept-Contact", f"*;{feature_tag(service)}"),
                ("Conversation-ID", "conv-1"),
                ("Contribution-ID", "contrib-1"),
            ],
            content=content,
            user=later,
        )
        client = Client(self, session)
        client.channel.close()
        client.channel, client.local = channel, local
        channel.user = client
        return client

    def subscribe(self, watcher: "Watcher", expires: int = 3_600, event: str = "") -> Subscription:
        """Alice subscribes to her list."""
        return self.peer.agent.subscribe(
            PSI,
            event or "deferred-messages",
            expires=expires,
            headers=[("P-Asserted-Identity", f"<{ALICE}>")],
            user=watcher,
        )

    # What can be seen.

    @property
    def queue(self) -> list[str]:
        """The identities of what waits for Alice."""
        return [deferred.id for deferred in self.pf.host.queue.list(ALICE)]

    def noted(self, what: str) -> list[str]:
        """The messages of the notes of a kind."""
        return [details["message"] for details in self.wire.noted(what)]

    def starts(self, begin: str) -> list[str]:
        """The first lines that begin in a way."""
        return [start for start in self.wire.starts() if start.startswith(begin)]

    # Within.

    @staticmethod
    def _content(local: bytes, actions: Sequence[tuple[str, str]] | None) -> Content:
        if actions is None:
            return Content("application/sdp", local)
        entries = [Entry(identity, action) for identity, action in actions]
        parts = (
            Part(Headers((("Content-Type", "application/sdp"),)), local),
            Part(Headers((("Content-Type", ACTIONS_TYPE),)), write_actions(entries)),
        )
        return Content('multipart/mixed;boundary="cut"', write(Multipart("cut", parts)))

    def _next_answer(self, request: SipRequest) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _answered(self, result: SipResponse | Failure) -> None:
        self.last = result
        self.statuses.append(result.status)

    def _take_message(self, incoming: Incoming) -> None:
        self.messages.append(incoming.request)
        status = self.answer_to(incoming.request)
        if status:
            incoming.respond(status)
        else:
            self.unanswered.append(incoming)

    def _take_notify(self, incoming: Incoming) -> None:
        self.notifies.append(incoming.request)
        incoming.respond(200)

    def _take_invite(self, session: Session) -> None:
        client = Client(self, session)
        self.clients.append(client)
        self.on_session(client)


class Watcher:
    """A subscriber that remembers its lists."""

    def __init__(self) -> None:
        self.lists: list[list[str]] = []
        self.entries: list[Entry] = []
        self.states: list[str] = []
        self.refused_with: int | None = None
        self.end = ""

    def accepted(self, subscription: Subscription, response: SipResponse) -> None: ...

    def notified(self, subscription: Subscription, incoming: Incoming) -> None:
        found = identities(incoming.request.body)
        assert isinstance(found, tuple)
        self.entries = list(found)
        self.lists.append([entry.identity for entry in found])
        self.states.append(incoming.request.header("Subscription-State") or "")
        incoming.respond(200)

    def refused(self, subscription: Subscription, why: SipResponse | Failure) -> None:
        self.refused_with = why.status

    def ended(self, subscription: Subscription, why: str) -> None:
        self.end = why


class _Later:
    """Stands in until a client is there."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *details: None


def body_of(request: SipRequest) -> CpmMessage:
    """The message in a MESSAGE."""
    found = read(request.header("Content-Type") or "", request.body, request)
    assert isinstance(found, CpmMessage)
    return found


def services_in(request: SipRequest) -> frozenset[str]:
    """The services that a request names."""
    return cpm_services(request.headers("Accept-Contact"))
