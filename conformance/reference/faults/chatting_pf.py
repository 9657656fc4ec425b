"""Participating functions that deliver deferred chat messages wrongly (7.3.12)."""

from conformance.reference.messaging.content import CPIM_TYPE
from conformance.reference.messaging.offer import Agreement
from conformance.reference.pf.courier import Courier
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.push_session import Load, PushSession
from conformance.reference.pf.pushing import Done, Pushing
from conformance.reference.store.deferred_queue import Deferred

# The participating function.


def _pushing(kind: type[PushSession], says: str) -> type[ParticipatingFunction]:
    """A participating function whose sessions are of another kind."""

    class Pusher(Pushing):
        def push_session(self, load: Load, done: Done) -> None:
            kind(self.host, self.deferral, load, done).begin()

    class Function(ParticipatingFunction):
        __doc__ = says

        def make_pushing(self) -> Pushing:
            return Pusher(self.host, self.deferral)

    return Function


class _DeliversNothing(PushSession):
    def start_channel(self, agreement: Agreement) -> None:
        """Set the channel up, and hang up."""
        self.courier.start(agreement, ())


class _DeliversOne(PushSession):
    def arrived(self, deferred: Deferred) -> None:
        """One message is enough."""
        super().arrived(deferred)
        self.hang_up()


class _NeverEnds(PushSession):
    def finish_session(self) -> None:
        """Leave the session open."""


class _Nameless(Courier):
    def send(self, deferred: Deferred) -> None:
        """Send a message without its Message-ID."""
        message = self.form_of(deferred)
        head = b"imdn.Message-ID: " + message.message_id.encode() + b"\r\n"
        self.session.send(message.cpim().replace(head, b"", 1), CPIM_TYPE, chunk=self.chunk)


class _Twice(Courier):
    def send(self, deferred: Deferred) -> None:
        """Send a message, and once more."""
        super().send(deferred)
        super().send(deferred)


class _DeliversNameless(PushSession):
    courier_class = _Nameless


class _DeliversTwice(PushSession):
    courier_class = _Twice


class _Unremembering(Deferral):
    def delivered(self, deferred: Deferred, device: str) -> None:
        """Forget that it was delivered."""


class KeepsDelivered(ParticipatingFunction):
    """Leaves delivered messages in its queue, and delivers them again."""

    def make_deferral(self) -> Deferral:
        """Who keeps the queue."""
        return _Unremembering(self.host, self.failures)


DeliversNothing = _pushing(_DeliversNothing, "Hangs up and has delivered nothing.")
DeliversOne = _pushing(_DeliversOne, "Hangs up after the first message.")
NeverEnds = _pushing(_NeverEnds, "Never hangs up.")
DeliversNameless = _pushing(
    _DeliversNameless, "Asks for notifications about a message without identity."
)
DeliversTwice = _pushing(_DeliversTwice, "Delivers messages twice.")
