"""Planted faults of pushing: the participating function's, and all of the group together."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from conformance.observation.packet import Endpoint
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.pushing_client import FAULTS as CLIENT_FAULTS
from conformance.reference.faults.pushing_core import FAULTS as CORE_FAULTS
from conformance.reference.faults.tampers import (
    answer,
    change,
    drop,
    request,
    without,
)
from conformance.reference.messaging.offer import Agreement
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.host import Fields
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.push_session import Load, PushSession
from conformance.reference.pf.pushing import Done, Pushing
from conformance.reference.pf.settings import Push
from conformance.reference.preferences.profiles import Device, Preferences
from conformance.reference.preferences.source import EmbeddedPreferences
from conformance.reference.store.deferred_queue import Deferred

LATE = 402 * SECOND
"""Longer than anybody may take to end a session, in ns."""

_MESSAGE_ID = re.compile(rb"imdn\.Message-ID:[^\r\n]*\r\n")


def function(
    *,
    session: type[PushSession] = PushSession,
    pushing: type[Pushing] = Pushing,
    deferral: type[Deferral] = Deferral,
) -> type[ParticipatingFunction]:
    """A participating function of which these parts are others."""

    class Faulty(ParticipatingFunction):
        def make_deferral(self) -> Deferral:
            return deferral(self.host, self.failures)

        def make_pushing(self) -> Pushing:
            made = pushing(self.host, self.deferral)
            made.session_class = session
            return made

    return Faulty


class FromTheSecond(Pushing):
    """Lets the first session be as it should: it shows that MSRP is seen."""

    _count = 0

    def push_session(self, load: Load, done: Done) -> None:
        """Push as should be, for once."""
        self._count += 1
        if self._count > 1:
            super().push_session(load, done)
        else:
            PushSession(self.host, self.deferral, load, done).begin()


# Sessions.


class NeverTearsDown(PushSession):
    """Leaves the session as it is once all is delivered."""

    def finish_session(self) -> None:
        """Do nothing."""


class ClosesTheConnectionOnly(PushSession):
    """Closes the MSRP connection, and leaves the SIP session as it is."""

    def finish_session(self) -> None:
        """Close the connection."""
        self.courier.close()


class TearsDownLate(PushSession):
    """Takes its time to tear the session down."""

    def finish_session(self) -> None:
        """Wait, then hang up."""
        self.host.station.after(LATE, self.hang_up)


class PushesNothing(PushSession):
    """Sets the channel up, and sends nothing over it."""

    def start_channel(self, agreement: Agreement) -> None:
        """Set the channel up for no message at all."""
        self.courier.start(agreement, ())


class HangsUpAtOnce(PushSession):
    """Hangs up as soon as the client has accepted."""

    def start_channel(self, agreement: Agreement) -> None:
        """Set up no channel."""
        self.hang_up()


class HangsUpInside(PushSession):
    """Hangs up while a message is under way."""

    def start_channel(self, agreement: Agreement) -> None:
        """Send what there is to be sent, and do not wait for its end."""
        super().start_channel(agreement)
        self._look()

    def _look(self) -> None:
        if self.courier.is_open:
            self.host.station.after(_A_MOMENT, self.hang_up)
        else:
            self.host.station.after(_A_MOMENT, self._look)


_A_MOMENT = SECOND // 200


class HangsUpFirst(PushSession):
    """Hangs up as soon as the channel is there, and only then sends what there is to be sent."""

    def start_channel(self, agreement: Agreement) -> None:
        """Set the channel up with nothing to send."""
        self.courier.start(agreement, ())

    def finish_session(self) -> None:
        """Hang up, then send."""
        self.hang_up()
        for deferred in self.load.messages:
            self.host.station.after(2 * _A_MOMENT, partial(self.courier.send, deferred))


class StopsAfterOne(PushSession):
    """Hangs up after the first message, and leaves the others."""

    def arrived(self, deferred: Deferred) -> None:
        """One is enough."""
        super().arrived(deferred)
        self.hang_up()


class NeverConnects(PushSession):
    """Offers to connect, and never does."""

    def compose_offer(self) -> bytes:
        """Offer to connect."""
        return super().compose_offer().replace(b"a=setup:actpass", b"a=setup:active")

    def start_channel(self, agreement: Agreement) -> None:
        """Wait for a connection that the other end cannot make."""
        super().start_channel(replace(agreement, is_active=False))


class OffersBothWays(PushSession):
    """Offers a session in which the client may send too."""

    def compose_offer(self) -> bytes:
        """Offer sendrecv."""
        return super().compose_offer().replace(b"a=sendonly", b"a=sendrecv")


# What is pushed, when, and to whom.


class PushesToThemWhoLeft(Pushing):
    """Does not look whether the client is still registered."""

    def is_there(self, load: Load) -> bool:
        """Think so."""
        return True


class PushesTwice(Pushing):
    """Brings the same messages in a second session when the first is over."""

    def push_session(self, load: Load, done: Done) -> None:
        """Push twice."""
        again = super().push_session
        again(load, lambda _: again(load, done))


class LeavesOneOut(Pushing):
    """Forgets one of several messages."""

    def loads(self, user: str, device: Device, waiting: Sequence[Deferred]) -> list[Load]:
        """All but the second message."""
        return super().loads(user, device, [*waiting[:1], *waiting[2:]])


class LastFirst(Pushing):
    """Brings what came last first."""

    def loads(self, user: str, device: Device, waiting: Sequence[Deferred]) -> list[Load]:
        """The messages in the other order."""
        return super().loads(user, device, waiting[::-1])


class NeverPushes(Pushing):
    """Leaves in the queue what is there."""

    def push(self, user: str, devices: Sequence[Device], preferences: Preferences | None) -> None:
        """Do nothing."""


class OneDeviceOnly(Pushing):
    """Pushes to the first device only, though the user wants nothing of the kind."""

    def targets_of(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> Sequence[Device]:
        """The device that registered first."""
        first = self.host.availability.devices(user)[:1]
        found = super().targets_of(user, devices, preferences)
        return [device for device in found if device in first]


class TakesRefusalForDelivery(Pushing):
    """Forgets a message that the client has refused."""

    def push_pager(self, load: Load, done: Done) -> None:
        """Believe it delivered whatever the answer is."""

        def told(is_there: bool) -> None:
            self.deferral.remove(load.messages[0], "delivered")
            done(is_there)

        super().push_pager(load, told)


class NamesChat(Pushing):
    """Calls a push session a CPM Session."""

    def push_session(self, load: Load, done: Done) -> None:
        """Push under the service of chat."""
        super().push_session(replace(load, service="oma.cpm.session"), done)


class NamesNoPush(Pushing):
    """Pushes a short message under a service that is none of pushing."""

    def fields(self, load: Load) -> Fields:
        """Name the service of files."""
        return super().fields(replace(load, service="oma.cpm.filetransfer"))


# The queue.


class KeepsDelivered(Deferral):
    """Leaves in the queue what was delivered."""

    def forget_delivered(self, deferred: Deferred) -> None:
        """Do nothing."""


class RemembersNothing(Deferral):
    """Neither removes what was delivered, nor remembers who has it."""

    def delivered(self, deferred: Deferred, device: str) -> None:
        """Do nothing."""


class LosesMessageIds(Deferral):
    """Hands messages on without their Message-ID."""

    def waiting(self, user: str) -> tuple[Deferred, ...]:
        """What waits, its envelopes changed."""
        return tuple([_without_message_id(one) for one in super().waiting(user)])


class GarblesContent(Deferral):
    """Hands messages on with other words in them."""

    def waiting(self, user: str) -> tuple[Deferred, ...]:
        """What waits, its words upside down."""
        return tuple([_garbled(one) for one in super().waiting(user)])


def _without_message_id(deferred: Deferred) -> Deferred:
    envelope = _MESSAGE_ID.sub(b"", deferred.message.cpim())
    return deferred._replace(message=replace(deferred.message, envelope=envelope))


def _garbled(deferred: Deferred) -> Deferred:
    message = deferred.message
    envelope = message.cpim().replace(message.body, message.body[::-1])
    return deferred._replace(message=replace(message, envelope=envelope))


class AsksNoXdms(ParticipatingFunction):
    """Never asks the XDMS for preferences."""

    def make_pushing(self) -> Pushing:
        """Take everybody for one who has set nothing."""
        self.host.preferences = EmbeddedPreferences()
        return super().make_pushing()


class PushesOverMessages(ParticipatingFunction):
    """Sends large messages by MESSAGE."""

    def make_pushing(self) -> Pushing:
        """Take each message for a short one."""
        self.host.settings = replace(self.host.settings, push=Push.PAGER)

        class ByMessage(Pushing):
            def goes_by_message(self, load: Load) -> bool:
                return len(load.messages) == 1

        return ByMessage(self.host, self.deferral)


# Octets.


def _no_last_chunk(octets: bytes, towards: Endpoint) -> bytes | None:
    """Hold back the chunk that ends a message of several."""
    is_last = octets.startswith(b"MSRP ") and octets.rstrip().endswith(b"$")
    is_first = b"\r\nByte-Range: 1-" in octets
    return None if is_last and b" SEND\r\n" in octets[:80] and not is_first else octets


_INVITE = request("INVITE", initial=True)
_IDENTITIES = without("Conversation-ID", "Contribution-ID")

FAULTS: tuple[Fault, ...] = (
    Fault("pf-never-tears-down", "pf", function(session=NeverTearsDown)),
    Fault("pf-closes-the-connection-only", "pf", function(session=ClosesTheConnectionOnly)),
    Fault("pf-tears-down-late", "pf", function(session=TearsDownLate)),
    Fault("pf-pushes-nothing", "pf", function(session=PushesNothing)),
    Fault("pf-hangs-up-at-once", "pf", function(session=HangsUpAtOnce, pushing=FromTheSecond)),
    Fault("pf-hangs-up-inside", "pf", function(session=HangsUpInside)),
    Fault("pf-hangs-up-first", "pf", function(session=HangsUpFirst)),
    Fault("pf-leaves-the-end-out", "pf", tamper=_no_last_chunk),
    Fault("pf-stops-after-one-push", "pf", function(session=StopsAfterOne)),
    Fault("pf-never-connects", "pf", function(session=NeverConnects, pushing=FromTheSecond)),
    Fault("pf-offers-both-ways", "pf", function(session=OffersBothWays)),
    Fault("pf-pushes-to-them-who-left", "pf", function(pushing=PushesToThemWhoLeft)),
    Fault("pf-pushes-twice", "pf", function(pushing=PushesTwice)),
    Fault("pf-pushes-again", "pf", function(deferral=RemembersNothing)),
    Fault("pf-leaves-one-out", "pf", function(pushing=LeavesOneOut)),
    Fault("pf-pushes-last-first", "pf", function(pushing=LastFirst)),
    Fault("pf-asks-no-xdms", "pf", AsksNoXdms),
    Fault("pf-never-pushes", "pf", function(pushing=NeverPushes)),
    Fault("pf-pushes-to-one-device", "pf", function(pushing=OneDeviceOnly)),
    Fault("pf-takes-refusal-for-delivery", "pf", function(pushing=TakesRefusalForDelivery)),
    Fault("pf-pushes-as-cpm-session", "pf", function(pushing=NamesChat)),
    Fault("pf-pushes-as-file", "pf", function(pushing=NamesNoPush)),
    Fault("pf-pushes-over-messages", "pf", PushesOverMessages),
    Fault("pf-keeps-delivered", "pf", function(deferral=KeepsDelivered)),
    Fault("pf-loses-message-ids", "pf", function(deferral=LosesMessageIds)),
    Fault("pf-garbles-content", "pf", function(deferral=GarblesContent)),
    Fault("pf-pushes-without-ids", "pf", tamper=change(_INVITE, _IDENTITIES)),
    Fault(
        "pf-pushes-message-without-ids",
        "pf",
        tamper=change(request("MESSAGE"), _IDENTITIES),
    ),
    Fault("pf-never-acknowledges-push", "pf", tamper=drop(request("ACK"))),
    Fault("pf-never-answers-deferral", "pf", tamper=drop(answer("MESSAGE"))),
    *CLIENT_FAULTS,
    *CORE_FAULTS,
)
