"""A client's user chooses among deferred messages, and they are handled (5.2.1.1.1)."""

from collections.abc import Mapping, Sequence

from conformance.body.deferred_list import ACTIONS_TYPE, Entry, write_actions
from conformance.reference.client.inbound import Reception
from conformance.reference.client.list import ClientList
from conformance.reference.client.settings import NO_WORD
from conformance.reference.engine.component import Alarm
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.user_agents.incoming import Content
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipMessage, SipResponse

IDLE = ("keep", NO_WORD)
"""Choices for which nothing is to be done."""


class PullSession(Reception):
    """The session in which chosen messages are handled; it is no CPM Session.

    `awaited` are the identities of the messages that are to be retrieved and have not come yet.
    """

    service = "deferred"
    direction = "recvonly"

    def __init__(self, client: "ClientPull", actions: Sequence[Entry]) -> None:
        super().__init__(client)
        self.puller = client
        self.actions = tuple(actions)
        self.awaited = {entry.identity for entry in actions if entry.action == "retrieve"}
        self.is_established = False
        self._answer: SipResponse | None = None
        self._patience: Alarm | None = None

    @property
    def fields(self) -> SipMessage | None:
        """The participating function's answer: its messages come in the session it accepted."""
        return self._answer

    def answered(self, session: Session, response: SipResponse) -> Content | None:
        """The participating function has accepted."""
        self._answer = response
        return super().answered(session, response)

    def established(self, session: Session) -> None:
        """The ACK has left: the actions are under way."""
        self.is_established = True
        if self.awaited:
            self._wait()
            super().established(session)
        else:
            self.puller.finish_pull(self)

    def give_up(self) -> None:
        """How long to wait is a matter of the user's patience."""

    def delivered(self, message_id: str) -> None:
        """One message is here; with the last one the session has done its work."""
        self.awaited.discard(message_id)
        self._stop_waiting()
        if self.awaited:
            self._wait()
        else:
            self.puller.finish_pull(self)

    def closed(self, session: MsrpSession, why: str) -> None:
        """The connection is no more: what has not come will not come in this session."""
        self.hang_up()

    def finished(self, why: str) -> None:
        """The session is over."""
        self._stop_waiting()
        self.puller.pull_over(self, why)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()

    def _wait(self) -> None:
        """Wait for the next message, not for ever."""
        patience = self.client.settings.pull_patience
        self._patience = self.client.station.after(patience, self.hang_up)


class ClientPull(ClientList):
    """What a client has done with its user's deferred messages."""

    pull_class: type[PullSession] = PullSession

    def prepare(self) -> None:
        """Make ready for choices."""
        super().prepare()
        self.pull: PullSession | None = None
        self._selecting: Alarm | None = None

    # The choice.

    def select(self, actions: Mapping[str, str] | str | None = None) -> PullSession | None:
        """Have deferred messages handled: an action for each identity, or one for all listed.

        What is under way already is not among these. None lets the user decide by the settings.
        There is no session where nothing is to be done. ValueError for what cannot be written.
        """
        if isinstance(actions, Mapping):
            chosen = [Entry(identity, action) for identity, action in actions.items()]
        elif actions is not None:
            under_way = {entry.identity for entry in self.pull.actions} if self.pull else set()
            chosen = [Entry(key, actions) for key in self.listed if key not in under_way]
        else:
            chosen = self.choose_actions(self.unchosen())
        self.chosen.update({entry.identity: entry.action or NO_WORD for entry in chosen})
        if all(entry.action in IDLE for entry in chosen):
            self.note("nothing-selected")
            return None
        return self.start_pull([entry for entry in chosen if entry.action != NO_WORD])

    def choose_actions(self, entries: Sequence[Entry]) -> list[Entry]:
        """The user's choice for each message: none, some or all, and what is to be done."""
        return [Entry(entry.identity, self.choose_action(entry)) for entry in entries]

    def choose_action(self, entry: Entry) -> str:
        """The user's choice for one message; empty for no word about it."""
        return self.choose(Point.SELECTION, self.settings.selections, entry.identity)

    # The session.

    def start_pull(self, actions: Sequence[Entry]) -> PullSession:
        """Invite the participating function, with each message's identity and action."""
        pull = self.pull_class(self, actions)
        self.pull = pull
        parts = [(ACTIONS_TYPE, self.write_actions(actions))]
        pull.call(self.settings.deferred_uri, self.identities(""), parts)
        return pull

    def write_actions(self, actions: Sequence[Entry]) -> bytes:
        """The document that names the messages and what is to be done with each."""
        return write_actions(actions)

    def finish_pull(self, pull: PullSession) -> None:
        """All is done and retrieved: tear the session down (5.2.1.1.1, SHALL).

        A moment later, so that the answer to the last message is there before the BYE.
        """
        self.note("pulled", count=str(pull.count))
        self.station.after(self.settings.teardown_after, pull.hang_up)

    def pull_over(self, pull: PullSession, why: str) -> None:
        """A session has ended: what did not come may be chosen again."""
        self.note("session-ended", why=why, received=str(pull.count))
        if self.pull is pull:
            self.pull = None
        undone = pull.awaited if pull.is_established else {e.identity for e in pull.actions}
        for identity in undone:
            self.chosen.pop(identity, None)

    def select_soon(self) -> None:
        """Let the user make up their mind."""
        if self._selecting is None:
            self._selecting = self.station.after(self.settings.select_after, self._select_now)

    def _select_now(self) -> None:
        """The user has made up their mind; one session at a time."""
        self._selecting = None
        if self.pull is not None:
            self.select_soon()
        elif self.unchosen():
            self.select()
