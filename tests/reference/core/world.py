"""A core with its neighbours: peers that send what they are told and answer as they are told."""

from collections.abc import Callable, Sequence

from conformance.observation.packet import Endpoint
from conformance.reference.core.setting import CoreSetting, Subscriber
from conformance.reference.core.sip_ip_core import SipIpCore
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.transactions.transaction import Failure, ServerTransaction, Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.draft import Draft
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.digest import DigestClient
from conformance.sip.message import SipRequest, SipResponse
from tests.reference.wiring import Wire

HOME = "home-a.example"
ALICE, ALICE_TEL = f"sip:+15550100@{HOME}", "tel:+15550100"
CAROL = f"sip:carol@{HOME}"
BOB = "sip:+15550142@home-b.example"
PSI = f"sip:deferred-messages@cpm.{HOME}"
SMS_USER = "tel:+15550177"
ICSI = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"
TAG = '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"'
CPM = [("P-Preferred-Service", ICSI), ("Accept-Contact", f"*;{TAG}")]
INSTANCES = ("<urn:uuid:00000000-0000-4000-8000-000000000001>", "<urn:uuid:two>")
PHONE, TABLET, PF, IWF, REMOTE = "10.0.2.20", "10.0.2.21", "10.0.3.1", "10.0.4.1", "10.0.9.1"
CORE = "10.0.1.1"

SETTING = CoreSetting(
    hosts={"home-b.example": Endpoint(REMOTE, 5060)},
    subscribers=(
        Subscriber((ALICE, ALICE_TEL), f"alice@{HOME}", "open sesame"),
        Subscriber((CAROL,), f"carol@{HOME}", "rose"),
    ),
)
NODES = tuple(Endpoint(f"10.0.1.{i}", 5060) for i in (1, 2, 3))


class Outcome:
    """What came back to a request."""

    def __init__(self) -> None:
        self.responses: list[SipResponse] = []
        self.failures: list[Failure] = []

    @property
    def statuses(self) -> list[int]:
        return [response.status for response in self.responses]

    @property
    def final(self) -> SipResponse:
        return self.responses[-1]

    def response(self, response: SipResponse) -> None:
        self.responses.append(response)

    def failed(self, why: Failure) -> None:
        self.failures.append(why)


class Peer:
    """A neighbour of the core."""

    def __init__(self, wire: Wire, host: str) -> None:
        self.station = wire.add(Station(host, Chance(host)))
        self.endpoint = Endpoint(host, 5060)
        directory = Directory({HOME: Endpoint(CORE, 5060)})
        self.transport = SipTransport(self.station, self.endpoint, directory)
        self.transactions = Transactions(self.transport, user=self)
        self.got: list[SipRequest] = []
        self.acks: list[SipRequest] = []
        self.strays: list[SipResponse] = []
        self.held: list[ServerTransaction] = []
        self.answer: Callable[[ServerTransaction], None] = self.accept
        self.calls = 0
        self.digest = DigestClient("", "", Chance(host))

    # As the user of its transactions.

    def request(self, transaction: ServerTransaction) -> None:
        self.got.append(transaction.request)
        self.held.append(transaction)
        self.answer(transaction)

    def ack(self, request: SipRequest) -> None:
        self.acks.append(request)

    def stray(self, response: SipResponse) -> None:
        self.strays.append(response)

    # What a peer may answer.

    def reply(self, transaction: ServerTransaction, status: int) -> None:
        request = transaction.request
        draft = Draft.response_to(request, status)
        if request.to_tag is None:
            draft.put("To", f"{draft.get('To')};tag=at-{self.station.host}")
        for value in request.headers("Record-Route"):
            draft.add("Record-Route", value)
        transaction.respond(draft.add("Contact", f"<sip:{self.endpoint}>"))

    def accept(self, transaction: ServerTransaction) -> None:
        self.reply(transaction, 200)

    def refuse(self, status: int) -> None:
        self.answer = lambda transaction: self.reply(transaction, status)

    def hold(self) -> None:
        self.answer = lambda transaction: None

    def ring(self) -> None:
        self.answer = lambda transaction: self.reply(transaction, 180)

    def ring_for_ever(self) -> None:
        """Ring, and take no notice of a CANCEL."""

        def answer(transaction: ServerTransaction) -> None:
            transaction.on_cancel = lambda: None
            self.reply(transaction, 180)

        self.answer = answer

    def proxy(self, uri: str = "") -> None:
        """Send each request on by its second route, as a participating function does."""

        def forward(transaction: ServerTransaction) -> None:
            draft = Draft.of(transaction.request)
            routes = draft.all("Route")[1:]
            if not routes:
                self.reply(transaction, 200)
                return
            draft.put_all("Route", routes)
            draft.put("Max-Forwards", str(int(draft.get("Max-Forwards") or "70") - 1))
            draft.uri = uri or draft.uri
            target = self.transport.target(routes[0])
            assert target is not None
            self.transactions.send(draft, target, _Back(transaction))

        self.answer = forward

    # What it sends.

    def draft(
        self, method: str, uri: str, sender: str, fields: Sequence[tuple[str, str]]
    ) -> Draft:
        self.calls += 1
        draft = Draft(method, uri).add("Max-Forwards", "70")
        draft.add("From", f"<{sender}>;tag=t{self.calls}").add("To", f"<{uri}>")
        draft.add("Call-ID", f"{self.calls}@{self.station.host}").add("CSeq", f"1 {method}")
        draft.add("Contact", f"<sip:{self.endpoint}>")
        draft.fields.extend(fields)
        return draft

    def send(self, draft: Draft, host: str = CORE) -> Outcome:
        outcome = Outcome()
        target = self.transport.target(f"sip:{host}:5060")
        assert target is not None
        outcome.client = self.transactions.send(draft, target, outcome)  # type: ignore[attr-defined]
        return outcome


class _Back:
    """Brings the answers of a request that was sent on back to its sender."""

    def __init__(self, transaction: ServerTransaction) -> None:
        self.transaction = transaction

    def response(self, response: SipResponse) -> None:
        draft = Draft.of(response)
        if response.status > 100:
            self.transaction.respond(draft.put_all("Via", draft.all("Via")[1:]))

    def failed(self, why: Failure) -> None:
        self.transaction.respond(Draft.response_to(self.transaction.request, why.status))


class World:
    """A core, two clients, and the other parties."""

    def __init__(self, setting: CoreSetting = SETTING, core: type[SipIpCore] = SipIpCore) -> None:
        self.wire = Wire()
        self.core = core(setting, Chance("core"))
        for station in self.core.stations.values():
            self.wire.add(station)
        self.phone, self.tablet = Peer(self.wire, PHONE), Peer(self.wire, TABLET)
        self.pf, self.iwf = Peer(self.wire, PF), Peer(self.wire, IWF)
        self.remote = Peer(self.wire, REMOTE)
        self.phone.digest = DigestClient(f"alice@{HOME}", "open sesame", Chance("phone"))
        self.tablet.digest = DigestClient(f"alice@{HOME}", "open sesame", Chance("tablet"))
        self.pf.proxy()

    def run(self, seconds: float = 1) -> None:
        self.wire.run(seconds=seconds)

    def sent(self, peer: Peer, draft: Draft, host: str = CORE, seconds: float = 1) -> Outcome:
        outcome = peer.send(draft, host)
        self.run(seconds)
        return outcome

    def register(self, peer: Peer, expires: str = "3600", contact: str = "") -> Outcome:
        """Register Alice's device, the challenge answered."""
        number = (PHONE, TABLET).index(peer.station.host)
        instance = f';+sip.instance="{INSTANCES[number]}"'
        contact = contact or f"<sip:alice@{peer.endpoint}>{instance};{TAG};expires={expires}"
        draft = register(peer, contact)
        outcome = self.sent(peer, draft)
        if outcome.final.status == 401 and peer.digest.learn(outcome.final):
            peer.digest.authorize(draft)
            outcome = self.sent(peer, draft.put("CSeq", "2 REGISTER"))
        return outcome

    def ready(self, *peers: Peer) -> None:
        """Register devices and forget what was sent for it."""
        for peer in peers or (self.phone,):
            assert self.register(peer).final.status == 200
        for party in (self.phone, self.tablet, self.pf, self.iwf, self.remote):
            party.got.clear()
            party.held.clear()
        self.wire.carried.clear()

    def message(
        self, uri: str, sender: str = ALICE, fields: Sequence[tuple[str, str]] = CPM
    ) -> Draft:
        """A MESSAGE as Alice's phone sends it."""
        return self.phone.draft("MESSAGE", uri, sender, fields)

    def path(self) -> list[str]:
        """The hosts that requests came to, in order."""
        carried = [c for c in self.wire.carried if not c.start.startswith("SIP/2.0")]
        return [c.destination.host for c in carried if not c.start.startswith("ACK")]


def register(peer: Peer, contact: str, **fields: str) -> Draft:
    """A REGISTER of Alice's."""
    draft = peer.draft("REGISTER", f"sip:{HOME}", ALICE, [])
    draft.put("To", f"<{ALICE}>").put("Contact", contact)
    for name, value in fields.items():
        draft.put(name.replace("_", "-"), value)
    return draft.add("Supported", "path")
