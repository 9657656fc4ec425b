"""A gateway between a scripted core and the other services, on a virtual clock."""

from dataclasses import replace

from conformance.body import sms
from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.interworking.function import InterworkingFunction
from conformance.reference.interworking.selection import InterworkingSelection
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.interworking.site import Site, legs_of, user_agent
from conformance.reference.messaging.content import CpmMessage, feature, icsi, read
from conformance.reference.remote.non_cpm_client import NonCpmClient, NonCpmSettings
from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.directory import Directory
from conformance.reference.user_agents.incoming import Content, Identity, Incoming
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse
from tests.reference.wiring import BEGIN, Wire

CORE, GATEWAY, SERVICE = (Endpoint(f"10.0.{net}.1", 5060) for net in (1, 4, 5))
ALICE, ALICE_TEL, SMS_USER = "sip:+15550100@home-a.example", "tel:+15550100", "tel:+15550177"
LONG = "The train leaves at nine from platform four, I keep a seat for you. " * 5


class Core:
    """The SIP/IP Core as the gateway sees it: takes its requests, sends it those of the users."""

    def __init__(self, wire: Wire) -> None:
        self.station = wire.add(Station(CORE.host, Chance("core")))
        identity = Identity("sip:core@home-a.example", f"sip:core@{CORE}")
        route = (f"<sip:{GATEWAY};lr>",)
        self.agent = user_agent(self.station, identity, Directory({}), routes=route)
        self.agent.handlers["MESSAGE"] = self.take
        self.taken: list[Incoming] = []
        self.answers: list[SipResponse | Failure] = []
        self.status = 200

    def take(self, incoming: Incoming) -> None:
        self.taken.append(incoming)
        if self.status:
            self.station.after(30_000_000, lambda: incoming.respond(self.status))

    @property
    def requests(self) -> list[SipRequest]:
        return [incoming.request for incoming in self.taken]

    @property
    def messages(self) -> list[CpmMessage]:
        read_all = [read(r.header("Content-Type") or "", r.body, r) for r in self.requests]
        return [message for message in read_all if isinstance(message, CpmMessage)]

    @property
    def statuses(self) -> list[int | str]:
        return [a.status if isinstance(a, SipResponse) else str(a) for a in self.answers]

    def send(
        self,
        text: str = "Are you coming?",
        *,
        wants: tuple[str, ...] = (),
        uri: str = SMS_USER,
        sender: str = ALICE,
        to: str = "",
        content_type: str = "text/plain;charset=UTF-8",
        service: str = "msg",
        expires: str = "",
    ) -> CpmMessage:
        """A CPM Message of Alice's goes to the gateway."""
        token = self.station.chance.token
        message = CpmMessage(
            token(16), sender, uri, text.encode(), content_type, BEGIN, wants, token(32), token(32)
        )
        self.relay(message, uri, to or uri, service, expires)
        return message

    def relay(
        self, message: CpmMessage, uri: str, to: str, service: str = "msg", expires: str = ""
    ) -> None:
        headers = [("P-Asserted-Identity", f"<{message.sender}>")]
        if service:
            headers.append(("P-Asserted-Service", icsi(service)))
            headers.append(("Accept-Contact", f"*;{feature(service)}"))
        headers.append(("Conversation-ID", message.conversation_id))
        headers.append(("Contribution-ID", message.contribution_id))
        headers += [("Expires", expires)] if expires else []
        content = Content("message/cpim", message.cpim())
        self.carry(uri, headers, content, to=to, sender=message.sender)

    def carry(
        self,
        uri: str,
        headers: list[tuple[str, str]],
        content: Content,
        *,
        to: str,
        sender: str = ALICE,
    ) -> None:
        self.agent.request(
            "MESSAGE",
            uri,
            to=to,
            sender=sender,
            headers=headers,
            content=content,
            answered=self.answers.append,
        )


class World:
    """A core, a gateway, and the service behind it."""

    def __init__(
        self,
        *services: str,
        settings: IwfSettings | None = None,
        noncpm: NonCpmSettings | None = None,
        selection: InterworkingSelection | None = None,
        gateway: type[InterworkingFunction] = InterworkingFunction,
        holds_answers: bool = True,
        seed: str = "1",
    ) -> None:
        self.wire = Wire()
        self.core = Core(self.wire)
        site = Site(SERVICE, is_gateway=True, holds_answers=holds_answers)
        station = self.wire.add(Station(GATEWAY.host, Chance(f"iwf {seed}")))
        identity = Identity(f"sip:iwf@{GATEWAY}", f"sip:iwf@{GATEWAY}", agent="IWF/1")
        agent = user_agent(station, identity, Directory({}))
        legs = legs_of(station, agent, site, services)
        self.gateway = gateway(station, agent, legs, settings, selection=selection)
        other = self.wire.add(Station(SERVICE.host, Chance(f"smsc {seed}")))
        named = Identity(SMS_USER, f"sip:smsc@{SERVICE}", agent="Smsc/9")
        far_agent = user_agent(other, named, Directory({}))
        far_site = replace(site, peer=GATEWAY, is_gateway=False)
        far_legs = legs_of(other, far_agent, far_site, services)
        self.noncpm = NonCpmClient(other, far_legs, noncpm, agent=far_agent)
        self.gateway.start()
        self.wire.run(seconds=1)

    def run(self, seconds: float = 60) -> None:
        """Let so much time go by."""
        self.wire.run(seconds=seconds)

    def noted(self, what: str) -> list[dict[str, str]]:
        """The details of each note of a kind."""
        return self.wire.noted(what)

    def relayed(self) -> list[sms.Rpdu]:
        """The relay layer's messages that were sent, in order, as they read."""
        found = []
        for carried in self.wire.carried:
            message = parse(carried.octets)
            if isinstance(message, SipRequest) and message.content_type == sms.MEDIA_TYPE:
                read_one = sms.parse(message.body)
                if not isinstance(read_one, sms.RpData | sms.RpAck | sms.RpError | sms.RpSmma):
                    raise AssertionError(read_one)
                found.append(read_one)
        return found

    def statuses(self, sender: Endpoint, receiver: Endpoint) -> list[int]:
        """The statuses that one host sent another, in order."""
        found = []
        for carried in self.wire.carried:
            if (carried.source.host, carried.destination.host) == (sender.host, receiver.host):
                message = parse(carried.octets)
                found += [message.status] if isinstance(message, SipResponse) else []
        return found
