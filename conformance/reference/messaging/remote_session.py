"""A session with MSRP in it, of another CPM System or a gateway: large messages and chats."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from conformance.body import multipart, sdp
from conformance.reference.engine.component import Station
from conformance.reference.messaging.content import CPIM_TYPE
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.msrp_outbox import CHUNK
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.messaging.offer import Agreement, agree, answer, offer
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content, Headers
from conformance.reference.user_agents.session import Session
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipMessage, SipResponse

SDP_TYPE = "application/sdp"


class RemoteUser(Protocol):
    """Who has the session."""

    def content(self, session: "RemoteSession", content_type: str, body: bytes) -> None:
        """A message came over it."""
        ...

    def carried(self, session: "RemoteSession", identity: str, status: int) -> None:
        """A message of ours has arrived (200), or was refused."""
        ...

    def emptied(self, session: "RemoteSession") -> None:
        """All that was to be sent is sent and answered."""
        ...

    def over(self, session: "RemoteSession", why: str) -> None:
        """There is no session any more, or there never was."""
        ...


class RemoteSession:
    """One session; messages wait until there is a channel.

    `request` is the INVITE that came, `answer` what became of one of ours; `chunk` in octets.
    """

    def __init__(
        self, station: Station, link: MsrpLink, user: RemoteUser, chunk: int = CHUNK
    ) -> None:
        self.station = station
        self.user = user
        self.chunk = chunk
        self.msrp = MsrpSession(station, user=self, link=link)
        self.session: Session | None = None
        self.is_over = False
        self.request: SipMessage | None = None
        self.answer: SipResponse | Failure | None = None
        self._local = b""
        self._agreement: Agreement | None = None
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._under_way: dict[str, str] = {}

    # Commands.

    def call(
        self,
        agent: UserAgent,
        uri: str,
        headers: Headers,
        *,
        direction: str,
        setup: str,
        sender: str | None = None,
        routes: Sequence[str] | None = None,
    ) -> None:
        """Invite to a session."""
        self._local = offer(
            self.msrp.path,
            self.msrp.endpoint,
            direction=direction,
            setup=setup,
            fingerprint=self.msrp.fingerprint,
            chance=self.station.chance,
        )
        self.session = agent.invite(
            uri,
            sender=sender,
            headers=headers,
            content=Content(SDP_TYPE, self._local),
            user=self,
            routes=routes,
        )

    def take(self, session: Session, headers: Headers = ()) -> bool:
        """Accept an invitation; False, and a refusal, where its offer cannot be answered."""
        request = session.request
        if not isinstance(request, SipMessage):
            return False
        self.session, self.request, session.user = session, request, self
        offered = described_in(request)
        read = sdp.parse(offered)
        if isinstance(read, sdp.Session):
            station = self.station
            self._local = answer(
                read,
                self.msrp.path,
                self.msrp.endpoint,
                fingerprint=self.msrp.fingerprint,
                chance=station.chance,
            )
            found = agree(self._local, offered, False)
            self._agreement = found if isinstance(found, Agreement) else None
        if self._agreement is None:
            session.refuse(488)
            self._finish("the offer cannot be answered")
            return False
        session.accept(Content(SDP_TYPE, self._local), headers)
        return True

    def send(self, identity: str, cpim: bytes) -> None:
        """Send a message in its envelope, as soon as that can be; `identity` is told with it."""
        self._waiting.append((identity, cpim))
        self._pump()

    def end(self) -> None:
        """End the session."""
        if self.session is not None and not self.is_over:
            self.session.bye()

    # As the user of the SIP session.

    def progressed(self, session: Session, response: SipResponse) -> None:
        """The other side rings."""

    def answered(self, session: Session, response: SipResponse) -> Content | None:
        """The other side has accepted."""
        self.answer = response
        found = agree(self._local, described_in(response), True)
        self._agreement = found if isinstance(found, Agreement) else None
        return None

    def established(self, session: Session) -> None:
        """The ACK has left or come: set the channel up."""
        if self._agreement is None:
            session.bye()
            return
        # What waits is there before the connection is, so that the first message binds it.
        self._pump()
        self.msrp.start(self._agreement)

    def refused(self, session: Session, why: SipResponse | Failure) -> None:
        """There will be no session."""
        self.answer = why
        told = f"{why.status} {why.reason}" if isinstance(why, SipResponse) else str(why)
        self._finish(told)

    def ended(self, session: Session, why: str) -> None:
        """The session is over."""
        self._finish(why)

    # As the user of the MSRP session.

    def opened(self, session: MsrpSession) -> None:
        """The channel is there."""

    def received(
        self, session: MsrpSession, message_id: str, content_type: str, body: bytes
    ) -> None:
        """A message came."""
        self.user.content(self, content_type, body)

    def reported(self, session: MsrpSession, message_id: str, status: int) -> None:
        """No report is asked for."""

    def sent(self, session: MsrpSession, message_id: str) -> None:
        """A message has arrived."""
        self._told(message_id, 200)

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None:
        """A message was refused, or there is no telling."""
        self._told(message_id, status)

    def closed(self, session: MsrpSession, why: str) -> None:
        """The channel is gone: so is the session."""
        self.end()

    def _pump(self) -> None:
        agreement = self._agreement
        if self.is_over or agreement is None or not agreement.may_send:
            return
        while self._waiting:
            identity, cpim = self._waiting.popleft()
            message_id = self.msrp.send(cpim, CPIM_TYPE, chunk=self.chunk)
            self._under_way[message_id] = identity

    def _told(self, message_id: str, status: int) -> None:
        identity = self._under_way.pop(message_id, None)
        if identity is None:
            return
        self.user.carried(self, identity, status)
        if not self._under_way and not self._waiting:
            self.user.emptied(self)

    def _finish(self, why: str) -> None:
        if self.is_over:
            return
        self.is_over = True
        lost = [*self._under_way.values(), *(identity for identity, _ in self._waiting)]
        self._under_way.clear()
        self._waiting.clear()
        self.msrp.close()
        for identity in lost:
            self.user.carried(self, identity, 481)
        self.user.over(self, why)


def described_in(message: SipMessage) -> bytes:
    """The session description that a message carries; b"" without one."""
    part = multipart.find(message.header("Content-Type") or "", message.body, SDP_TYPE)
    return b"" if part is None else part.content
