"""Planted faults around messages that never reach their recipient (C.3.1.1.3)."""

from dataclasses import replace

from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import (
    Which,
    answer,
    change,
    drop,
    request,
    with_field,
    with_status,
)
from conformance.reference.messaging.content import CpmMessage, imdn
from conformance.reference.pf.arrival import Arrival
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.disposal import ACCEPTED, Disposals
from conformance.reference.pf.failure_notice import FailureNotices
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.terminating import Terminating
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.remote.system import RemoteSystem
from conformance.reference.store.deferred_queue import Deferred, DeferredKind
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.sip.message import SipRequest, SipResponse

_LONGER = 30 * 86_400 * SECOND
_NOTICE = b"message/imdn+xml"


def function(
    *,
    failures: type[FailureNotices] = FailureNotices,
    deferral: type[Deferral] = Deferral,
    disposals: type[Disposals] = Disposals,
    terminating: type[Terminating] = Terminating,
) -> type[ParticipatingFunction]:
    """A participating function of which some parts are others."""

    class Faulty(ParticipatingFunction):
        def make_failures(self) -> FailureNotices:
            return failures(self.host)

        def make_deferral(self) -> Deferral:
            return deferral(self.host, self.failures)

        def make_disposals(self) -> Disposals:
            return disposals(self.host, self.deferral, self.failures)

        def make_terminating(self) -> Terminating:
            return terminating(self.host, self.forwarding, self.disposals, self.handover)

    return Faulty


# The participating function's.


class SaysOk(Disposals):
    """Answers 200 for a message that it defers."""

    def defer(self, user: str, message: CpmMessage, kind: DeferredKind) -> int:
        """As if it were delivered."""
        status = super().defer(user, message, kind)
        return 200 if status == ACCEPTED else status


class SaysUnavailable(Disposals):
    """Answers 500 for a message that it defers."""

    def defer(self, user: str, message: CpmMessage, kind: DeferredKind) -> int:
        """As if something were broken."""
        super().defer(user, message, kind)
        return 500


class KeepsDiscarded(Deferral):
    """Tells the sender that a message was not delivered, and keeps it."""

    def discard(self, deferred: Deferred, why: str) -> None:
        """Tell, and wait on."""
        self.host.queue.extend(deferred.id, self.host.now + _LONGER)
        self.failures.tell(deferred.message, deferred.user, why)


class DefersDelivered(Terminating):
    """Delivers a message, and then treats it as one that could not be."""

    def deliver(self, arrival: Arrival, preferences: Preferences | None) -> None:
        """Bring it to the client, and defer it."""
        request = arrival.transaction.request

        def delivered(response: SipResponse | Failure) -> None:
            self.dispose(arrival, preferences, available=False)

        self.host.agent.request(
            "MESSAGE",
            arrival.user,
            sender=self.host.shown_sender(arrival.message),
            headers=self.host.fields(arrival.message, "oma.cpm.msg"),
            content=Content(request.header("Content-Type") or "", request.body),
            answered=delivered,
        )


class NamesAnother(FailureNotices):
    """Names a message that was never sent."""

    def compose(self, message: CpmMessage) -> bytes:
        """Of another Message-ID."""
        other = replace(message, message_id=f"{message.message_id}0")
        return imdn(other, "failed", "delivery", self.host.chance, self.host.now)


class SaysDelivered(FailureNotices):
    """Says that the message was delivered."""

    def compose(self, message: CpmMessage) -> bytes:
        """With good news."""
        return imdn(message, "delivered", "delivery", self.host.chance, self.host.now)


class SaysNothing(FailureNotices):
    """Tells nobody."""

    def tell(self, message: CpmMessage, user: str, why: str) -> None:
        """Do nothing."""


class SaysTwice(FailureNotices):
    """Tells the sender twice."""

    def inform(self, message: CpmMessage, user: str, why: str) -> None:
        """Now, and again."""
        super().inform(message, user, why)
        super().inform(message, user, why)


class SaysUnasked(FailureNotices):
    """Tells a sender who never asked."""

    def is_asked_for(self, message: CpmMessage) -> bool:
        """It is, in its own opinion."""
        return bool(message.sender and message.message_id)


# System A's.


class Deaf(RemoteSystem):
    """Never answers a notification."""

    def take_message(self, incoming: Incoming) -> None:
        """Leave it where it is."""


class TakesNoNotices(RemoteSystem):
    """Knows nothing of notifications."""

    def answer_to(self, message: CpmMessage) -> int:
        """There is no such transaction."""
        return 481


class WantsNoNotices(RemoteSystem):
    """Declines notifications."""

    def answer_to(self, message: CpmMessage) -> int:
        """Not this one."""
        return 603


def _notice(message: SipRequest | SipResponse) -> bool:
    return isinstance(message, SipRequest) and _NOTICE in message.body


def _message(message: SipRequest | SipResponse) -> bool:
    is_request = isinstance(message, SipRequest) and message.method == "MESSAGE"
    return is_request and _NOTICE not in message.body


_accepted: Which = answer("MESSAGE", 202)

FAULTS: tuple[Fault, ...] = (
    Fault("pf-says-ok-for-deferred", "pf", replaced=function(disposals=SaysOk)),
    Fault("pf-says-500-for-deferred", "pf", replaced=function(disposals=SaysUnavailable)),
    Fault("pf-never-accepts", "pf", tamper=drop(answer("MESSAGE"))),
    Fault("pf-delivers-after-notice", "pf", replaced=function(deferral=KeepsDiscarded)),
    Fault("pf-defers-delivered", "pf", replaced=function(terminating=DefersDelivered)),
    Fault("pf-names-another-message", "pf", replaced=function(failures=NamesAnother)),
    Fault("pf-says-delivered", "pf", replaced=function(failures=SaysDelivered)),
    Fault("pf-tells-nobody", "pf", replaced=function(failures=SaysNothing)),
    Fault("pf-tells-twice", "pf", replaced=function(failures=SaysTwice)),
    Fault("pf-tells-unasked", "pf", replaced=function(failures=SaysUnasked)),
    Fault(
        "pf-tells-another-system",
        "pf",
        tamper=change(_notice, with_field("To", "<sip:somebody@home-b.example>")),
    ),
    Fault("core-keeps-deferred", "core", tamper=drop(_message)),
    Fault("core-keeps-accepted", "core", tamper=drop(_accepted)),
    Fault("core-says-ok-for-accepted", "core", tamper=change(_accepted, with_status(200, "OK"))),
    Fault("core-keeps-notice", "core", tamper=drop(_notice)),
    Fault("core-keeps-notice-answer", "core", tamper=drop(answer("MESSAGE", 200))),
    Fault("remote-never-answers", "remote", replaced=Deaf),
    Fault("remote-answers-481", "remote", replaced=TakesNoNotices),
    Fault("remote-declines-notice", "remote", replaced=WantsNoNotices),
    Fault("remote-never-sends", "remote", tamper=drop(request("MESSAGE"))),
)
