"""An INVITE session of a client with one MSRP session in it, from either side."""

from collections.abc import Sequence

from conformance.body import multipart, sdp
from conformance.body.mime import Headers as PartHeaders
from conformance.reference.client.base import SDP_TYPE, ClientBase, described
from conformance.reference.engine.decision import Point
from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.messaging.offer import (
    Agreement,
    agree,
    answer,
    answering_setup,
    mirrored,
    offer,
)
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content, Headers, Incoming
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipMessage, SipRequest, SipResponse

BYE_TIME = 32 * SECOND
"""How long the other side's BYE is awaited once its connection is closed, in ns."""

CHANNEL_TIME = 60 * SECOND
"""How long the connection for what we want to send may take, in ns."""


class ClientSession:
    """A session of a client: `direction` is the caller's offer, `service` what it is for.

    It is the user of its SIP session and of its MSRP session. Subclasses say what goes over it.
    """

    service = "session"
    direction = "sendrecv"

    def __init__(self, client: ClientBase) -> None:
        self.client = client
        self.msrp = MsrpSession(client.station, user=self, link=client.link)
        self.session: Session | None = None
        self.local = b""
        self.agreement: Agreement | None = None
        self.is_over = False
        self.is_offering = False

    @property
    def about(self) -> str:
        """What tells it from other sessions: its Call-ID."""
        request = self.session.request if self.session is not None else None
        if isinstance(request, SipRequest):
            return request.call_id
        return (request.get("Call-ID") or "") if request is not None else ""

    # As the caller.

    def call(self, uri: str, headers: Headers, parts: Sequence[tuple[str, bytes]] = ()) -> Session:
        """Invite, with an offer and what further parts there are beside it."""
        client = self.client
        self.make_offer(self.direction)
        fields = [*client.service_headers(self.service), *self._near_fields(), *headers]
        self.session = client.agent.invite(
            uri, headers=fields, content=self._content(parts), user=self
        )
        return self.session

    def make_offer(self, direction: str) -> None:
        """Describe our side of a session to come."""
        settings = self.client.settings
        self.local = offer(
            self.msrp.path,
            self.msrp.endpoint,
            direction=direction,
            setup=settings.offered_setup,
            max_size=settings.max_size,
            fingerprint=self.msrp.fingerprint,
            chance=self.client.station.chance,
        )

    def _content(self, parts: Sequence[tuple[str, bytes]]) -> Content:
        if not parts:
            return Content(SDP_TYPE, self.local)
        boundary = self.client.station.chance.token(16)
        bodies = tuple(
            [
                multipart.Part(PartHeaders((("Content-Type", kind),)), octets)
                for kind, octets in ((SDP_TYPE, self.local), *parts)
            ]
        )
        octets = multipart.write(multipart.Multipart(boundary, bodies))
        return Content(f'multipart/mixed;boundary="{boundary}"', octets)

    # As the callee.

    def take(self, session: Session, offered: bytes) -> bool:
        """Make ready to accept an invitation; False where its offer cannot be answered.

        Without an offer the 200 holds ours, and the ACK its answer (RFC 3261 section 13.2.1).
        """
        self.session = session
        session.user = self
        if not offered:
            self.is_offering = True
            self.make_offer(mirrored(self.direction))
            return True
        read = sdp.parse(offered)
        if not isinstance(read, sdp.Session):
            return False
        client, settings = self.client, self.client.settings
        media = sdp.message_media(read)
        self.local = answer(
            read,
            self.msrp.path,
            self.msrp.endpoint,
            direction=self.answering_direction(media.direction if media is not None else None),
            setup=self.answering(media.setup if media is not None else None),
            max_size=settings.max_size,
            fingerprint=self.msrp.fingerprint,
            chance=client.station.chance,
        )
        found = agree(self.local, offered, False)
        self.agreement = found if isinstance(found, Agreement) else None
        return self.agreement is not None

    def answering_direction(self, offered: str | None) -> str:
        """What we do in a session that is offered with a direction (RFC 3264 section 6.1)."""
        return mirrored(offered)

    def answering(self, offered: str | None) -> str:
        """Whether to connect, where the offer leaves it to us (RFC 6135 section 4.2.2)."""
        if offered != "actpass":
            return answering_setup(offered)
        return self.client.choose(Point.SETUP, self.client.settings.setups, self.about)

    def accept(self) -> None:
        """Answer 200."""
        if self.session is not None and not self.is_over:
            self.session.accept(Content(SDP_TYPE, self.local), self._near_fields())

    def _near_fields(self) -> list[tuple[str, str]]:
        """What our end says of itself in an INVITE and its 2xx (RFC 3261 section 13.2.1)."""
        return [self.client.contact(self.service), ("Allow", self.client.agent.allowed)]

    def refuse(self, status: int) -> None:
        """Answer with a refusal."""
        if self.session is not None and not self.is_over:
            self.session.refuse(status)
        self.over(f"refused with {status}")

    # As the user of the SIP session.

    def progressed(self, session: Session, response: SipResponse) -> None:
        """The other side rings."""

    def answered(self, session: Session, response: SipResponse) -> Content | None:
        """The other side has accepted; our offer went with the INVITE."""
        found = agree(self.local, described(response), True)
        self.agreement = found if isinstance(found, Agreement) else None
        return None

    def established(self, session: Session) -> None:
        """The ACK has left or come: only now the MSRP session is set up (clause 7.3.12 3)."""
        if self.is_offering and isinstance(session.ack, SipRequest):
            found = agree(self.local, described(session.ack), True)
            self.agreement = found if isinstance(found, Agreement) else None
        if self.agreement is None:
            session.bye()
            return
        self.connect()

    def connect(self) -> None:
        """Set the MSRP session up; one that we invited to is given up where none comes to be."""
        if self.agreement is not None:
            self.msrp.start(self.agreement)
        if self.session is not None and self.session.is_caller:
            self.client.station.after(CHANNEL_TIME, self.give_up)

    def give_up(self) -> None:
        """End the session if it still has no connection."""
        if not self.msrp.is_open:
            self.hang_up()

    def reoffered(self, session: Session, incoming: Incoming) -> None:
        """A refresh that leaves all as it is; anything else is not taken."""
        same = _same_stream(self.agreement, incoming.request)
        if same:
            incoming.respond(200, content=Content(SDP_TYPE, self.local))
        else:
            incoming.respond(488)

    def refused(self, session: Session, response: SipResponse | Failure) -> None:
        """The other side has not accepted, or our answer was not wanted any more."""
        status = str(response.status) if isinstance(response, SipResponse) else str(response)
        self.over(f"refused: {status}")

    def ended(self, session: Session, why: str) -> None:
        """The session is no more."""
        self.over(f"{why}")

    # As the user of the MSRP session.

    def opened(self, session: MsrpSession) -> None:
        """Content may go over it."""

    def received(
        self, session: MsrpSession, message_id: str, content_type: str, body: bytes
    ) -> None:
        """Content has come over it."""

    def reported(self, session: MsrpSession, message_id: str, status: int) -> None:
        """The other side reports on what we sent."""

    def sent(self, session: MsrpSession, message_id: str) -> None:
        """What we sent has arrived."""

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None:
        """What we sent has not arrived."""

    def closed(self, session: MsrpSession, why: str) -> None:
        """The connection is no more, before we closed it: the other side's BYE is to follow."""
        self.client.station.after(BYE_TIME, self.hang_up)

    # Its end.

    def hang_up(self) -> None:
        """End the session."""
        if self.session is not None and not self.is_over:
            self.session.bye()

    def over(self, why: str) -> None:
        """The session has ended, or has never begun."""
        if not self.is_over:
            self.is_over = True
            self.msrp.close()
            self.finished(why)

    def finished(self, why: str) -> None:
        """What there is to do after its end."""


def _same_stream(agreement: Agreement | None, request: SipMessage) -> bool:
    """Whether a new offer, if there is one, names the stream that was agreed on."""
    octets = described(request)
    if not octets:
        return True
    read = sdp.parse(octets)
    media = sdp.message_media(read) if isinstance(read, sdp.Session) else None
    return media is not None and agreement is not None and media.path == agreement.remote_path
