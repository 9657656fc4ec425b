"""One session in which deferred messages are pushed to one client (C.3.2.1.4, C.3.3.1, 7.3.12)."""

from collections.abc import Callable
from dataclasses import dataclass

from conformance.body import multipart
from conformance.reference.engine.component import Alarm
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import ANONYMOUS, CpmMessage
from conformance.reference.messaging.offer import Agreement, agree, offer
from conformance.reference.pf.adaptation import adapted
from conformance.reference.pf.courier import Courier
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.host import Fields, PfHost, device_key
from conformance.reference.pf.request import CHAT
from conformance.reference.preferences.profiles import Device, Preferences
from conformance.reference.store.deferred_queue import Deferred
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipResponse

SDP_TYPE = "application/sdp"


@dataclass(frozen=True, slots=True)
class Load:
    """What one session brings to one device of a user, and as which service."""

    user: str
    device: Device
    service: str
    messages: tuple[Deferred, ...]
    preferences: Preferences | None = None

    def adapted(self, deferred: Deferred) -> CpmMessage:
        """A message as the device is to get it (5.4 B)."""
        return adapted(deferred.message, self.device, self.preferences)

    @property
    def is_chat(self) -> bool:
        """Whether the messages are those of a 1-1 chat."""
        return self.service == CHAT

    @property
    def sender(self) -> str:
        """Who sent the first of them."""
        return self.messages[0].message.sender


class PushSession:
    """From the invitation to the BYE; `done` is told at the end whether it was accepted."""

    courier_class: type[Courier] = Courier

    def __init__(
        self, host: PfHost, deferral: Deferral, load: Load, done: Callable[[bool], None]
    ) -> None:
        self.host = host
        self.deferral = deferral
        self.load = load
        self.done = done
        self.courier = self.courier_class(host, self, host.settings.chunk, load.adapted)
        self.session: Session | None = None
        self.local = b""
        self.was_accepted = False
        self.declined = False
        self._held: dict[str, Deferred] = {}
        self._is_over = False
        self._guard: Alarm | None = None

    def begin(self) -> None:
        """Invite the client."""
        for deferred in self.load.messages:
            self.deferral.hold(deferred)
            self._held[deferred.id] = deferred
        self.local = self.compose_offer()
        self.session = self.host.agent.invite(
            self.load.user,
            sender=self.shown_sender(),
            headers=self.fields(),
            content=Content(SDP_TYPE, self.local),
            user=self,
        )

    # What can be done in another way.

    def compose_offer(self) -> bytes:
        """The session description of a channel that only we send over."""
        setup = self.host.choose(Point.SETUP, self.host.settings.setup, self.load.user)
        return offer(
            self.courier.path,
            self.host.link.endpoint,
            direction="sendonly",
            setup=setup,
            fingerprint=self.host.link.fingerprint,
            chance=self.host.chance,
        )

    def fields(self) -> Fields:
        """What the invitation says of itself."""
        first = self.load.messages[0].message
        found = self.host.fields(first, self.load.service, self.load.device)
        found.append(self.host.contact(self.load.service))
        if self.load.is_chat and not first.anonymous:
            found.append(("Referred-By", f"<{self.load.sender}>"))
        return found

    def shown_sender(self) -> str:
        """Whom From names."""
        return ANONYMOUS if self.load.messages[0].message.anonymous else self.load.sender

    def start_channel(self, agreement: Agreement) -> None:
        """Set up the channel, and send what is to be sent."""
        self._guard = self.host.station.after(self.host.settings.channel_guard, self.give_up)
        self.courier.start(agreement, self.load.messages)

    def finish_session(self) -> None:
        """Tear the session down once all was sent: SHALL (C.3.2.1.4 step 6, 5.2.1.1.2)."""
        self.hang_up()

    def give_up(self) -> None:
        """No channel has come to be."""
        if not self.courier.is_open:
            self.hang_up()

    def hang_up(self) -> None:
        """Send BYE, unless the session has its end already."""
        if self.session is not None and not self._is_over:
            self.session.bye()

    # As the user of the session.

    def progressed(self, session: Session, response: SipResponse) -> None:
        """Nothing follows from a provisional response."""

    def answered(self, session: Session, response: SipResponse) -> None:
        """The client takes the session; the offer was ours, so the ACK brings nothing."""
        self.was_accepted = True

    def established(self, session: Session) -> None:
        """The ACK has left: the channel may be set up."""
        agreement = agree(self.local, sdp_of(session.remote), is_offerer=True)
        if isinstance(agreement, Agreement) and agreement.may_send:
            self.start_channel(agreement)
        else:
            self.hang_up()

    def refused(self, session: Session, why: SipResponse | Failure) -> None:
        """The client does not take it now: what was deferred stays deferred."""
        self.declined = not isinstance(why, Failure)
        self._end()

    def ended(self, session: Session, why: str) -> None:
        """The session is over, whoever ended it."""
        self._end()

    # As the courier's recipient.

    def arrived(self, deferred: Deferred) -> None:
        """The client has a message."""
        self.deferral.delivered(deferred, device_key(self.load.device))
        self._held.pop(deferred.id, None)
        self.deferral.release(deferred)

    def refused_message(self, deferred: Deferred, status: int) -> None:
        """The client did not take a message: it stays deferred."""
        self.host.note("undelivered", deferred.message, user=deferred.user, status=str(status))

    def emptied(self) -> None:
        """All has been sent."""
        self.finish_session()

    def cut_off(self, why: str) -> None:
        """The channel broke: there is nothing more to be done in this session."""
        self.hang_up()

    def _end(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self._guard is not None:
            self._guard.cancel()
        self.courier.wind_up(self._release)

    def _release(self) -> None:
        for deferred in self._held.values():
            self.deferral.release(deferred)
        self.done(self.was_accepted or self.declined)


def sdp_of(content: Content | None) -> bytes:
    """The session description in a body; none gives no octets."""
    if content is None:
        return b""
    part = multipart.find(content.content_type, content.body, SDP_TYPE)
    return b"" if part is None else part.content
