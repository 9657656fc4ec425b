"""Parties that deliver or take deferred chat messages in another way, all allowed (7.3.12)."""

from collections.abc import Callable
from functools import partial

from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.client.inbound import DeferredChat
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.push_session import Load, PushSession
from conformance.reference.pf.pushing import Done, Pushing
from conformance.reference.user_agents.session import Session


class _Inactive(DeferredChat):
    """Answers inactive: legal for any offer, and nothing is owed then (RFC 3264 section 6.1)."""

    def answering_direction(self, offered: str | None) -> str:
        return "inactive"


class AnswersInactive(CpmClient):
    """A client that accepts and wants nothing sent."""

    deferred_chat_class = _Inactive


class _Leaving(DeferredChat):
    """Hangs up as soon as the last message is here, of which it knows how many there are."""

    messages = 3
    wait = MILLISECOND

    def delivered(self, message_id: str) -> None:
        if self.count == self.messages:
            self.client.station.after(self.wait, self.hang_up)


class _LeavingLater(_Leaving):
    """Hangs up some time after the last message."""

    wait = 10 * SECOND


class Leaves(CpmClient):
    """A client that ends the session itself, at once."""

    deferred_chat_class = _Leaving


class LeavesLater(CpmClient):
    """A client that ends the session itself, when its user has read what there is."""

    deferred_chat_class = _LeavingLater


class _RefreshingChat(DeferredChat):
    """Refreshes the session, which changes nothing, once the first message is here."""

    def delivered(self, message_id: str) -> None:
        if self.count == 1 and self.session is not None and self.session.local is not None:
            self.session.reoffer(self.session.local, lambda _: None)


class RefreshesChats(CpmClient):
    """A client that refreshes its sessions of deferred chat."""

    deferred_chat_class = _RefreshingChat


class _Staying(PushSession):
    """Leaves the end to the client: this clause does not say who is to end the session."""

    def finish_session(self) -> None:
        pass


class _Refreshing(PushSession):
    """Refreshes the session, which changes nothing, before it sends anything."""

    def established(self, session: Session) -> None:
        begin: Callable[[], None] = partial(super().established, session)
        if session.local is not None:
            session.reoffer(session.local, lambda _: begin())


class _Stays(Pushing):
    def push_session(self, load: Load, done: Done) -> None:
        _Staying(self.host, self.deferral, load, done).begin()


class _Refreshes(Pushing):
    def push_session(self, load: Load, done: Done) -> None:
        _Refreshing(self.host, self.deferral, load, done).begin()


class Stays(ParticipatingFunction):
    """A participating function that does not hang up."""

    def make_pushing(self) -> Pushing:
        """Who pushes deferred messages."""
        return _Stays(self.host, self.deferral)


class Refreshes(ParticipatingFunction):
    """A participating function that refreshes its sessions."""

    def make_pushing(self) -> Pushing:
        """Who pushes deferred messages."""
        return _Refreshes(self.host, self.deferral)
