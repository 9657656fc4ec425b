"""Serving a client that has chosen what becomes of its deferred messages (5.2.1.1.1, B.3.6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.body import multipart, sdp
from conformance.body.deferred_list import ACTIONS_TYPE, identities
from conformance.cpm.identity import user_key
from conformance.reference.engine.component import Alarm
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.offer import Agreement, agree, answer, answering_setup
from conformance.reference.pf.arrival import is_address
from conformance.reference.pf.courier import Courier
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.handover import Handover
from conformance.reference.pf.host import PfHost, device_key
from conformance.reference.pf.push_session import SDP_TYPE, sdp_of
from conformance.reference.pf.request import asked_by
from conformance.reference.pf.settings import Ender
from conformance.reference.preferences.profiles import Device
from conformance.reference.store.deferred_queue import Deferred
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

MAX_ACTIONS = 10_000
_HANDLED = ("retrieve", "interwork", "discard", "store")


@dataclass(frozen=True, slots=True)
class Choice:
    """A deferred message and what its user wants to become of it."""

    deferred: Deferred
    action: str


class Pulling:
    """The sessions in which clients have their deferred messages handled."""

    def __init__(self, host: PfHost, deferral: Deferral, handover: Handover) -> None:
        self.host = host
        self.deferral = deferral
        self.handover = handover

    def take(self, session: Session, request: SipRequest) -> None:
        """Take an invitation to the deferred message service."""
        user = asked_by(request)
        if not (is_address(user) and self.host.settings.serves(user)):
            session.refuse(403)
            return
        chosen = self.read_actions(user, session.remote)
        if isinstance(chosen, Malformed):
            session.refuse(400, "Bad Actions")
            return
        self.make_session(session, user, chosen).begin()

    def read_actions(self, user: str, content: Content | None) -> tuple[Choice, ...] | Malformed:
        """What is chosen for which of the user's messages; what is not in the queue is none."""
        kind, body = (content.content_type, content.body) if content else ("", b"")
        part = multipart.find(kind, body, ACTIONS_TYPE)
        entries = identities(part.content if part else b"")
        if isinstance(entries, Malformed):
            return entries
        waiting = {d.id: d for d in self.deferral.waiting(user)}
        found: dict[str, Choice] = {}
        for entry in entries[:MAX_ACTIONS]:
            deferred = waiting.get(entry.identity)
            if deferred is not None and entry.action in _HANDLED:
                found.setdefault(deferred.id, Choice(deferred, entry.action or ""))
        return tuple(found.values())

    def make_session(self, session: Session, user: str, chosen: Sequence[Choice]) -> "PullSession":
        """The session that serves a choice."""
        return PullSession(self, session, user, chosen)


class PullSession:
    """From the invitation to the BYE of either side."""

    courier_class: type[Courier] = Courier

    def __init__(
        self, pulling: Pulling, session: Session, user: str, chosen: Sequence[Choice]
    ) -> None:
        self.pulling = pulling
        self.host = pulling.host
        self.deferral = pulling.deferral
        self.session = session
        self.user = user
        self.chosen = tuple(chosen)
        self.device = ""
        self.local = b""
        self.courier = self.courier_class(pulling.host, self, pulling.host.settings.chunk)
        self._pending = 0
        self._held: dict[str, Deferred] = {}
        self._is_started = self._is_over = False
        self._guard: Alarm | None = None
        self._channel_guard: Alarm | None = None

    def begin(self) -> None:
        """Answer the invitation."""
        self.session.user = self
        self.device = self.device_of(self.session.request)
        offered = sdp.parse(sdp_of(self.session.remote))
        if isinstance(offered, Malformed) or sdp.message_media(offered) is None:
            self.courier.close()
            self.session.refuse(488)
            return
        for choice in self.chosen:
            self.deferral.hold(choice.deferred)
            self._held[choice.deferred.id] = choice.deferred
        self.local = self.compose_answer(offered)
        self.accept()

    # What can be done in another way.

    def accept(self) -> None:
        """Answer 200 (B.3.6.2 step 12, C.3.3.2 step 8)."""
        self.session.accept(Content(SDP_TYPE, self.local))

    def compose_answer(self, offered: sdp.Session) -> bytes:
        """The session description of a channel that only we send over."""
        media = sdp.message_media(offered)
        asked = media.setup if media else None
        options = [answering_setup(asked)]
        if asked == "actpass":
            options = [s for s in self.host.settings.setup if s != "actpass"] or options
        setup = self.host.choose(Point.SETUP, options, self.user)
        direction = "sendonly" if media is None or media.direction != "inactive" else "inactive"
        return answer(
            offered,
            self.courier.path,
            self.host.link.endpoint,
            direction=direction,
            setup=setup,
            fingerprint=self.host.link.fingerprint,
            chance=self.host.chance,
        )

    def handle(self, choice: Choice) -> None:
        """Do with one message what was chosen for it, except to retrieve it."""
        if choice.action == "discard":
            self.deferral.discard(choice.deferred, "user")
        elif choice.action == "store":
            self.deferral.store(choice.deferred, "user")
        elif choice.action == "interwork":
            self._pending += 1
            self.deferral.hold(choice.deferred)
            self.pulling.handover.send(
                choice.deferred, lambda is_taken: self._handed_over(choice.deferred, is_taken)
            )

    def retrieve(self, agreement: Agreement) -> None:
        """Set up the channel, and send the messages that are to be retrieved."""
        if self.retrieved():
            guard = self.host.settings.channel_guard
            self._channel_guard = self.host.station.after(guard, self.give_up)
        self.courier.start(agreement, self.retrieved())

    def give_up(self) -> None:
        """No channel has come to be."""
        if not self.courier.is_open:
            self.hang_up()

    def retrieved(self) -> list[Deferred]:
        """The messages to be retrieved."""
        return [choice.deferred for choice in self.chosen if choice.action == "retrieve"]

    def finish_session(self) -> None:
        """All is done: the client is to end the session, or we do."""
        options = [self.host.settings.pull_end]
        options += [ender for ender in Ender if ender not in options]
        if self.host.choose(Point.TEARDOWN, options, self.user) is Ender.PF:
            self.hang_up()
        elif self._guard is None:
            self._guard = self.host.station.after(self.host.settings.pull_guard, self.hang_up)

    def hang_up(self) -> None:
        """Send BYE, unless the session has its end already."""
        if not self._is_over:
            self.session.bye()

    # As the user of the session.

    def progressed(self, session: Session, response: SipResponse) -> None:
        """We are not the caller."""

    def answered(self, session: Session, response: SipResponse) -> Content | None:
        """We are not the caller."""
        return None

    def established(self, session: Session) -> None:
        """The ACK has come: do what was chosen."""
        self._is_started = True
        for choice in self.chosen:
            self.handle(choice)
        remote = sdp_of(session.remote)
        agreement = agree(self.local, remote, is_offerer=False)
        wanted = self.retrieved()
        if isinstance(agreement, Agreement) and (agreement.may_send or not wanted):
            self._pending += 1
            self.retrieve(agreement)
            if not wanted:
                self._pending -= 1
                self._settle()
        elif wanted:
            self.hang_up()
        else:
            self._settle()

    def refused(self, session: Session, why: SipResponse | Failure) -> None:
        """We are not the caller."""

    def ended(self, session: Session, why: str) -> None:
        """The session is over, whoever ended it."""
        if self._is_over:
            return
        self._is_over = True
        for alarm in (self._guard, self._channel_guard):
            if alarm is not None:
                alarm.cancel()
        self.courier.wind_up(self._release)

    # As the courier's recipient.

    def arrived(self, deferred: Deferred) -> None:
        """The client has retrieved a message."""
        self.deferral.delivered(deferred, self.device)
        self._held.pop(deferred.id, None)
        self.deferral.release(deferred)

    def refused_message(self, deferred: Deferred, status: int) -> None:
        """The client did not take a message: it stays deferred."""
        self.host.note("undelivered", deferred.message, user=self.user, status=str(status))

    def emptied(self) -> None:
        """All that was to be retrieved has been sent."""
        if self.retrieved():
            self._pending -= 1
            self._settle()

    def cut_off(self, why: str) -> None:
        """The channel broke: nothing more can be retrieved in this session."""
        if self.retrieved():
            self.hang_up()

    # Within.

    def _release(self) -> None:
        for deferred in self._held.values():
            self.deferral.release(deferred)

    def device_of(self, request: object) -> str:
        """The device that asks, by the instance of its Contact; "" where that is not known."""
        if not isinstance(request, SipRequest):
            return ""
        contact = request.header("Contact") or ""
        for device in self.host.availability.devices(self.user):
            if self._is_from(device, contact):
                return device_key(device)
        return user_key(self.user)

    @staticmethod
    def _is_from(device: Device, contact: str) -> bool:
        return bool(device.instance) and device.instance in contact

    def _handed_over(self, deferred: Deferred, is_taken: bool) -> None:
        if is_taken:
            self.deferral.remove(deferred, "interworked")
        self.deferral.release(deferred)
        self._pending -= 1
        self._settle()

    def _settle(self) -> None:
        if self._is_started and self._pending <= 0 and not self._is_over:
            self.finish_session()
