"""Participating functions that serve pulls wrongly (B.3.6.2, C.3.3.2, 5.2.1.1.1)."""

from collections.abc import Sequence

from conformance.reference.pf.courier import Courier
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.host import PfHost
from conformance.reference.pf.notifying import Notifying
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.pulling import Choice, Pulling
from conformance.reference.pf.pulling import PullSession as ServedSession
from conformance.reference.store.deferred_queue import Deferred
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.reference.user_agents.notifier import ServerSubscription
from conformance.reference.user_agents.session import Session

# The participating function: what it tells.


class _Refusing(Notifying):
    def take(self, incoming: Incoming) -> None:
        """Fail."""
        incoming.respond(500)


class _Ignoring(Notifying):
    def take(self, incoming: Incoming) -> None:
        """Take no notice of it."""


class _Silent(Notifying):
    def notify(self, subscription: ServerSubscription, user: str) -> None:
        """Tell nobody."""


class _Unasked(Notifying):
    def notify(self, subscription: ServerSubscription, user: str) -> None:
        """Tell outside the subscription."""
        for device in self.host.availability.devices(user):
            self.send_unasked(user, device, self.listed(user))


class _Remembering(Notifying):
    """Lists for ever what it has listed once."""

    def __init__(self, host: PfHost, deferral: Deferral) -> None:
        super().__init__(host, deferral)
        self._known: dict[str, Deferred] = {}

    def listed(self, user: str) -> list[Deferred]:
        """What is deferred, and what was."""
        self._known.update((deferred.id, deferred) for deferred in super().listed(user))
        return list(self._known.values())


class _Empty(Notifying):
    def compose_list(self, waiting: Sequence[Deferred]) -> Content:
        """A list without its messages."""
        return super().compose_list([])


class _Forgetful(Notifying):
    def listed(self, user: str) -> list[Deferred]:
        """All but the first."""
        return super().listed(user)[1:]


def _telling(kind: type[Notifying], says: str) -> type[ParticipatingFunction]:
    """A participating function that tells in its own way."""

    class Telling(ParticipatingFunction):
        __doc__ = says

        def make_notifying(self) -> Notifying:
            return kind(self.host, self.deferral)

    return Telling


RefusesSubscription = _telling(_Refusing, "Answers SUBSCRIBE 500.")
IgnoresSubscription = _telling(_Ignoring, "Takes no notice of SUBSCRIBE.")
NeverTells = _telling(_Silent, "Never sends a NOTIFY.")
TellsOutside = _telling(_Unasked, "Sends its NOTIFY outside the subscription.")
ListsHandled = _telling(_Remembering, "Lists what was handled already.")
ListsNothing = _telling(_Empty, "Sends a list without messages though some wait.")
ListsNotAll = _telling(_Forgetful, "Leaves a message off its list.")


# The participating function: the session.


class _DeliversUnchosen(ServedSession):
    def retrieved(self) -> list[Deferred]:
        """Whatever waits."""
        return list(self.deferral.waiting(self.user)) or super().retrieved()


class _DeliversNotAll(ServedSession):
    def retrieved(self) -> list[Deferred]:
        """All but the last."""
        return super().retrieved()[:-1]


class _DeliversNothing(ServedSession):
    def retrieved(self) -> list[Deferred]:
        """None."""
        return []

    def finish_session(self) -> None:
        """End it, with nothing done."""
        self.hang_up()


class _StopsAfterOne(ServedSession):
    def arrived(self, deferred: Deferred) -> None:
        """One message is enough."""
        super().arrived(deferred)
        self.hang_up()


class _Twice(Courier):
    def send(self, deferred: Deferred) -> None:
        """Send a message, and once more."""
        super().send(deferred)
        super().send(deferred)


class _DeliversTwice(ServedSession):
    courier_class = _Twice


class _DoesNothing(ServedSession):
    def handle(self, choice: Choice) -> None:
        """Leave the message as it is."""


class _Failing(ServedSession):
    def begin(self) -> None:
        """Fail."""
        self.courier.close()
        self.session.refuse(500)


def _serving(kind: type[ServedSession], says: str) -> type[ParticipatingFunction]:
    """A participating function whose pull sessions are of another kind."""

    class Serving(Pulling):
        def make_session(
            self, session: Session, user: str, chosen: Sequence[Choice]
        ) -> ServedSession:
            return kind(self, session, user, chosen)

    class Function(ParticipatingFunction):
        __doc__ = says

        def make_pulling(self) -> Pulling:
            return Serving(self.host, self.deferral, self.handover)

    return Function


DeliversUnchosen = _serving(_DeliversUnchosen, "Delivers what nobody chose.")
DeliversNotAll = _serving(_DeliversNotAll, "Delivers all chosen messages but one.")
DeliversNothing = _serving(_DeliversNothing, "Hangs up and has delivered nothing.")
StopsAfterOne = _serving(_StopsAfterOne, "Hangs up after the first message.")
DeliversTwice = _serving(_DeliversTwice, "Delivers every message twice.")
DoesNothing = _serving(_DoesNothing, "Does nothing but deliver.")
Fails = _serving(_Failing, "Answers the invitation 500.")


# The participating function: the queue.


class _Keeping(Deferral):
    def remove(self, deferred: Deferred, why: str) -> None:
        """Keep it in the queue."""


class KeepsHandled(ParticipatingFunction):
    """Leaves in its queue what was handled."""

    def make_deferral(self) -> Deferral:
        """Who keeps the queue."""
        return _Keeping(self.host, self.failures)
