"""What every part of a CPM Client builds on: its protocols, its user's identity, its choices."""

from collections.abc import Sequence
from typing import TypeVar

from conformance.body import multipart, sdp
from conformance.cpm.identity import is_anonymous
from conformance.observation.packet import Endpoint
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions, Point, Settled
from conformance.reference.engine.timer import ACCESS, Timers
from conformance.reference.messaging.content import feature, icsi
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.offer import MSRP_PORT
from conformance.reference.transactions.transaction import Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.incoming import Headers, Identity
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipMessage
from conformance.sip.uri import Uri, parse_uri

T = TypeVar("T")

SDP_TYPE = "application/sdp"


class ClientBase:
    """A device of a CPM User on a station of its own.

    `proxy` is the URI of the outbound proxy, `home` the domain to register with. Two devices of
    one user are two clients with the same address of record and different instances.
    """

    def __init__(
        self,
        station: Station,
        identity: Identity,
        directory: Directory,
        *,
        proxy: str,
        home: str,
        settings: ClientSettings | None = None,
        decisions: Decisions | None = None,
        sip: Endpoint | None = None,
        msrp: Endpoint | None = None,
        timers: Timers = ACCESS,
    ) -> None:
        self.station = station
        self.identity = identity
        self.directory = directory
        self.proxy = proxy
        self.home = home
        self.settings = settings or ClientSettings()
        self.decisions: Decisions = decisions or Settled()
        self.transport = SipTransport(station, sip or Endpoint(station.host, 5060), directory)
        self.transactions = Transactions(self.transport, timers)
        self.agent = UserAgent(
            station,
            self.transactions,
            identity,
            directory=directory,
            routes=[f"<{proxy};lr>"],
        )
        self.link = MsrpLink(station, msrp or Endpoint(station.host, MSRP_PORT))
        self.prepare()

    def prepare(self) -> None:
        """Make ready what a part of the client needs; called once, when all is there."""

    def choose(self, point: Point, options: Sequence[T], about: str = "") -> T:
        """Ask for a decision; where one option is left there is none to ask for."""
        return options[0] if len(options) == 1 else self.decisions.choose(point, options, about)

    def note(self, what: str, **details: str) -> None:
        """Say what no message shows."""
        self.station.note(what, **details)

    def contact(self, service: str) -> tuple[str, str]:
        """The Contact of a message of one service (RFC 3840)."""
        value = f"<{self.identity.contact}>"
        if self.identity.instance:
            value += f';+sip.instance="<{self.identity.instance}>"'
        return "Contact", f"{value};{feature(service)}"

    def service_headers(self, service: str) -> list[tuple[str, str]]:
        """What a request of a CPM service carries (TS 24.229 section 5.1.2A.1.1, RFC 6050)."""
        access = self.settings.access
        fields = [
            ("P-Preferred-Identity", f"<{self.identity.aor}>"),
            ("P-Preferred-Service", icsi(service)),
            ("Accept-Contact", f"*;{feature(service)}"),
        ]
        return [*fields, ("P-Access-Network-Info", access)] if access else fields

    def identities(self, conversation: str, contribution: str = "") -> Headers:
        """The fields by which CPM ties messages together; a fresh contribution where none."""
        return [
            ("Conversation-ID", conversation or self.station.chance.token(32)),
            ("Contribution-ID", contribution or self.station.chance.token(32)),
        ]


def described(message: SipMessage) -> bytes:
    """The session description in a body; b"" without one."""
    content_type = message.header("Content-Type") or ""
    part = multipart.find(content_type, message.body, SDP_TYPE)
    return b"" if part is None else part.content


def direction_of(octets: bytes) -> str:
    """The direction of the MSRP stream of an offer; "" where it has none or no such stream."""
    read = sdp.parse(octets)
    media = sdp.message_media(read) if isinstance(read, sdp.Session) else None
    return (media.direction or "") if media is not None else ""


def reachable(address: str) -> bool:
    """Whether a message can be sent to an address."""
    uri = parse_uri(address)
    if not isinstance(uri, Uri) or uri.scheme not in ("sip", "sips", "tel"):
        return False
    return address.isprintable() and not is_anonymous(address)
