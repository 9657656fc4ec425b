"""Taking large messages and chats for a user who is not available, to defer what they bring."""

from conformance.body import sdp
from conformance.reference.engine.decision import Point
from conformance.reference.messaging import content
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.messaging.offer import Agreement, agree, answer
from conformance.reference.pf import policy
from conformance.reference.pf.arrival import is_address, sound
from conformance.reference.pf.disposal import UNAVAILABLE, Disposals
from conformance.reference.pf.forwarding import Forwarding
from conformance.reference.pf.handover import Handover
from conformance.reference.pf.host import PfHost
from conformance.reference.pf.push_session import SDP_TYPE, sdp_of
from conformance.reference.pf.request import CHAT, LARGE, asked_by, asked_for, is_for
from conformance.reference.pf.terminating import UNREACHED
from conformance.reference.preferences.profiles import Disposal, Preferences
from conformance.reference.store.deferred_queue import DeferredKind
from conformance.reference.transactions.transaction import Failure, ServerTransaction
from conformance.reference.user_agents.callee import CalleeSession
from conformance.reference.user_agents.incoming import Content
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

_COMPOSING = "application/im-iscomposing+xml"
_TAKEN = (Disposal.DEFER, Disposal.STORE, Disposal.DISCARD)


class Reception:
    """The terminating side for invitations."""

    def __init__(
        self, host: PfHost, forwarding: Forwarding, disposals: Disposals, handover: Handover
    ) -> None:
        self.host = host
        self.forwarding = forwarding
        self.disposals = disposals
        self.handover = handover

    def take(self, transaction: ServerTransaction) -> None:
        """Take an INVITE for a user of ours."""
        user = asked_for(transaction.request)
        if not is_address(user):
            self.forwarding.refuse(transaction, 400)
            return
        self.host.preferences.fetch(user, lambda found: self.serve(transaction, user, found))

    def serve(
        self, transaction: ServerTransaction, user: str, preferences: Preferences | None
    ) -> None:
        """Send it on to an available user; else do what that user wants (5.4 A 2, D 2)."""
        if transaction.is_answered:
            return
        if self.is_unwanted(transaction.request, user, preferences):
            self.forwarding.refuse(transaction, 488)
            return
        if not self.host.availability.is_available(user):
            self.dispose(transaction, user, preferences)
            return

        def judge(answered: SipResponse) -> bool:
            return self.after_answer(transaction, user, preferences, answered)

        self.forwarding.forward(transaction, judge=judge)

    def is_unwanted(self, request: SipRequest, user: str, preferences: Preferences | None) -> bool:
        """Whether an invitation offers media that the user always rejects (5.4 D 1)."""
        if preferences is None:
            return False
        devices = self.host.availability.devices(user)
        return any(preferences.accepts_media(t, devices) is False for t in media_types(request))

    def after_answer(
        self,
        transaction: ServerTransaction,
        user: str,
        preferences: Preferences | None,
        answered: SipResponse,
    ) -> bool:
        """See whether a client was reached; True if we answer in another way."""
        if answered.status not in UNREACHED or transaction.is_answered:
            return False
        if self.kind_of(transaction.request) is None or not self.takes_back(transaction):
            return False
        self.dispose(transaction, user, preferences)
        return True

    def takes_back(self, transaction: ServerTransaction) -> bool:
        """Whether an invitation that reached no client is one for an unavailable user."""
        is_wanted = self.host.settings.defers_unreached
        return self.host.choose(
            Point.FINAL_ANSWER, (is_wanted, not is_wanted), transaction.request.call_id
        )

    def dispose(
        self, transaction: ServerTransaction, user: str, preferences: Preferences | None
    ) -> None:
        """Decide what becomes of an invitation, and do it."""
        request = transaction.request
        allowed = self.allowed(request, user, preferences)
        chosen = self.host.choose(Point.DISPOSAL, allowed, request.call_id)
        if chosen is Disposal.INTERWORK:
            self.forwarding.forward(transaction, uri=self.handover.uri(user))
        elif chosen in _TAKEN:
            session = CalleeSession(self.host.agent, self.host.agent.incoming(transaction))
            self.accept(session, request, chosen)
        else:
            self.forwarding.refuse(transaction, UNAVAILABLE)

    def allowed(
        self, request: SipRequest, user: str, preferences: Preferences | None
    ) -> tuple[Disposal, ...]:
        """What may become of an invitation for an unavailable user."""
        kind = self.kind_of(request)
        if kind == "large":
            devices = self.host.availability.devices(user)
            announced = announcement(request, user, self.host.now)
            return policy.disposals(
                preferences, announced, available=False, now=self.host.now, devices=devices
            )
        open_ = policy.invitations(preferences)
        if kind == "chat" and self.host.settings.accepts_chats and len(open_) > 1:
            # The preferences leave it open, and chat messages can be deferred (7.3.12).
            return (Disposal.DEFER, *open_)
        return open_

    def kind_of(self, request: SipRequest) -> DeferredKind | None:
        """What the session is to bring: a large message or chat messages; None for neither."""
        if is_for(request, LARGE):
            return "large"
        return "chat" if is_for(request, CHAT) else None

    def accept(self, session: Session, request: SipRequest, disposal: Disposal) -> None:
        """Take a session in place of its user."""
        kind = self.kind_of(request) or "large"
        ReceptionSession(self, session, request, kind, disposal).begin()

    def settle(
        self, disposal: Disposal, user: str, message: CpmMessage, kind: DeferredKind
    ) -> None:
        """Do with a message that has come what was decided."""
        if message.content_type.lower().startswith(_COMPOSING):
            return
        self.disposals.settle(disposal, user, message, kind)


class ReceptionSession:
    """One session in which messages come to us for their user."""

    def __init__(
        self,
        reception: Reception,
        session: Session,
        request: SipRequest,
        kind: DeferredKind,
        disposal: Disposal,
    ) -> None:
        self.reception = reception
        self.host = reception.host
        self.session = session
        self.request = request
        self.kind = kind
        self.disposal = disposal
        self.channel = MsrpSession(self.host.station, user=self, link=self.host.link)
        self.local = b""

    def begin(self) -> None:
        """Answer the invitation."""
        self.session.user = self
        offered = sdp.parse(sdp_of(self.session.remote))
        if isinstance(offered, Malformed) or sdp.message_media(offered) is None:
            self.channel.close()
            self.session.refuse(488)
            return
        self.local = self.compose_answer(offered)
        self.session.accept(Content(SDP_TYPE, self.local))
        self._start()

    def compose_answer(self, offered: sdp.Session) -> bytes:
        """The session description of a channel that we only receive over."""
        media = sdp.message_media(offered)
        direction = "inactive" if media and media.direction == "inactive" else "recvonly"
        return answer(
            offered,
            self.channel.path,
            self.host.link.endpoint,
            direction=direction,
            fingerprint=self.host.link.fingerprint,
            chance=self.host.chance,
        )

    # As the user of the session.

    def progressed(self, session: Session, response: SipResponse) -> None:
        """We are not the caller."""

    def answered(self, session: Session, response: SipResponse) -> Content | None:
        """We are not the caller."""
        return None

    def established(self, session: Session) -> None:
        """The ACK has come; the channel was ready before."""

    def refused(self, session: Session, why: SipResponse | Failure) -> None:
        """We are not the caller."""

    def ended(self, session: Session, why: str) -> None:
        """The session is over."""
        self.channel.close()

    # As the user of the channel.

    def opened(self, session: MsrpSession) -> None:
        """The channel is there."""

    def received(
        self, session: MsrpSession, message_id: str, content_type: str, body: bytes
    ) -> None:
        """A message has come."""
        found = content.read(content_type, body, self.request, now=self.host.now)
        kept = sound(found, self.request) if isinstance(found, CpmMessage) else None
        if kept is None:
            self.host.station.note("unreadable", message=message_id)
        else:
            user = asked_for(self.request)
            self.reception.settle(self.disposal, user, kept, self.kind)

    def reported(self, session: MsrpSession, message_id: str, status: int) -> None:
        """Nothing was sent."""

    def sent(self, session: MsrpSession, message_id: str) -> None:
        """Nothing was sent."""

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None:
        """Nothing was sent."""

    def closed(self, session: MsrpSession, why: str) -> None:
        """The connection is gone; who called ends the session."""

    def _start(self) -> None:
        agreement = agree(self.local, sdp_of(self.session.remote), is_offerer=False)
        if isinstance(agreement, Agreement):
            self.channel.start(agreement)


def announcement(request: SipRequest, user: str, now: int) -> CpmMessage:
    """A message as its invitation announces it: who sends it, and for how long it is good."""
    return CpmMessage(
        message_id=request.header("Contribution-ID") or request.call_id,
        sender=asked_by(request),
        recipient=user,
        body=b"",
        content_type="message/cpim",
        sent_at=now,
        conversation_id=request.header("Conversation-ID") or "",
        contribution_id=request.header("Contribution-ID") or "",
        service="largemsg",
        expires_at=content.expiry(request, now),
    )


def media_types(request: SipRequest) -> tuple[str, ...]:
    """The media types of the files that an invitation offers (RFC 5547 section 6)."""
    kind = request.header("Content-Type") or ""
    offered = sdp.parse(sdp_of(Content(kind, request.body)))
    if isinstance(offered, Malformed):
        return ()
    selectors = [media.attribute("file-selector") or "" for media in offered.media]
    words = [word for selector in selectors for word in selector.split()]
    return tuple(word.removeprefix("type:") for word in words if word.startswith("type:"))
