"""CPM Clients that pull wrongly (System Description B.3.6.2, C.3.3.2, 5.2.1.1.1)."""

from collections.abc import Mapping, Sequence

from conformance.body.deferred_list import Entry, write_actions
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.client.pull import PullSession
from conformance.reference.user_agents.session import Session
from conformance.reference.user_agents.subscription import Subscription
from conformance.sip.message import SipRequest

MADE_UP = "8c1d2e3f-never-listed"
"""The identity of a message that there is not."""


# The client: what its invitation says.


class NamesNoMessage(CpmClient):
    """Invites without saying which messages it is about."""

    def write_actions(self, actions: Sequence[Entry]) -> bytes:
        """The actions, of which there are none."""
        return write_actions([])


class NamesNoAction(CpmClient):
    """Names the messages, and not what is to be done with them."""

    def write_actions(self, actions: Sequence[Entry]) -> bytes:
        """The identities alone."""
        return write_actions([Entry(entry.identity) for entry in actions])


class ForgetsOneAction(CpmClient):
    """Names the action for all messages but the last."""

    def write_actions(self, actions: Sequence[Entry]) -> bytes:
        """The actions, the last without a word."""
        return write_actions([*actions[:-1], Entry(actions[-1].identity)])


class NamesUnlisted(CpmClient):
    """Names a message that was on no list."""

    def write_actions(self, actions: Sequence[Entry]) -> bytes:
        """The actions and one more."""
        return write_actions([*actions, Entry(MADE_UP, "discard")])


class InvitesBeforeTheList(CpmClient):
    """Invites before it has been told anything."""

    def subscribe_deferred(self) -> Subscription:
        """Subscribe, and guess."""
        self.start_pull([Entry(MADE_UP, "retrieve")])
        return super().subscribe_deferred()


class InvitesAsSession(CpmClient):
    """Invites with the tag of CPM Sessions, which this is not (5.2.1.1.1, NOTE 2)."""

    class _Tagged(PullSession):
        service = "session"

    pull_class = _Tagged


# The client: how it ends the session, how it answers.


class HangsUpEarly(CpmClient):
    """Hangs up with the first message, whatever else it has asked for."""

    class _Hasty(PullSession):
        def delivered(self, message_id: str) -> None:
            self.hang_up()

    pull_class = _Hasty


class HangsUpAtOnce(CpmClient):
    """Hangs up before anything could be delivered."""

    class _Hastier(PullSession):
        def established(self, session: Session) -> None:
            session.bye()

    pull_class = _Hastier


class NeverHangsUp(CpmClient):
    """Leaves the session open for good."""

    def finish_pull(self, pull: PullSession) -> None:
        """All is done, and nothing follows."""


class RefusesTheList(CpmClient):
    """Answers the NOTIFY as if there were no subscription."""

    def answer_notify(self, request: SipRequest) -> int:
        """The status for a NOTIFY."""
        return 481


class FailsAtTheList(CpmClient):
    """Answers the NOTIFY with a failure of its own."""

    def answer_notify(self, request: SipRequest) -> int:
        """The status for a NOTIFY."""
        return 500


class AsksNobody(CpmClient):
    """Never lets the user decide: the messages stay where they are."""

    def select(self, actions: Mapping[str, str] | str | None = None) -> None:
        """Whatever the user wishes, nothing is done."""
