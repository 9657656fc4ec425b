"""Parties that pull in another way, all of it allowed (B.3.6.2, C.3.3.2)."""

from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.pf.notifying import Notifying, Watcher
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.pulling import Pulling
from conformance.reference.user_agents.incoming import Headers, Incoming
from conformance.reference.user_agents.notifier import ServerSubscription
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipRequest


class _NotifiesFirst(ServerSubscription):
    """Its NOTIFY is there before the 200 to its SUBSCRIBE (RFC 6665 section 4.1.2.4)."""

    def answer(self, status: int, expires: int, headers: Headers) -> None:
        late = 50 * MILLISECOND
        self.agent.station.after(
            late, lambda: ServerSubscription.answer(self, status, expires, headers)
        )


class _NotifyingFirst(Notifying):
    def make_subscription(self, incoming: Incoming, user: str) -> ServerSubscription:
        return _NotifiesFirst(self.host.agent, incoming, Watcher(self, user))


class NotifiesFirst(ParticipatingFunction):
    """A participating function whose first list overtakes its answer."""

    def make_notifying(self) -> Notifying:
        """Who tells clients of deferred messages."""
        return _NotifyingFirst(self.host, self.deferral)


class _Declining(Pulling):
    def take(self, session: Session, request: SipRequest) -> None:
        session.refuse(480)


class Declines(ParticipatingFunction):
    """A participating function that does not take the invitation now."""

    def make_pulling(self) -> Pulling:
        """Who serves the sessions."""
        return _Declining(self.host, self.deferral, self.handover)
