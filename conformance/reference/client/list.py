"""A client learns what waits for its user: a subscription, lists (B.3.6.2, C.3.3.2)."""

import re
from collections.abc import Sequence

from conformance.body import multipart
from conformance.body.deferred_list import LIST_TYPE, Entry, identities
from conformance.reference.client.chat import ClientChat
from conformance.reference.client.settings import DEFERRED_EVENT
from conformance.reference.engine.decision import Point
from conformance.reference.engine.timer import SECOND
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.dialog import Dialog
from conformance.reference.user_agents.incoming import Headers, Incoming
from conformance.reference.user_agents.subscription import Subscription
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

_LINE_ENDS = re.compile(r"[\t\r\n]")


class _Notifications:
    """The dialog that a NOTIFY out of any subscription may begin: further lists come in it."""

    def __init__(self, client: "ClientList", dialog: Dialog) -> None:
        self._client = client
        self._dialog = dialog

    def take(self, incoming: Incoming) -> None:
        """Take a further NOTIFY; the dialog ends with the subscription that it tells of."""
        state = incoming.request.header("Subscription-State") or ""
        if incoming.request.method != "NOTIFY":
            incoming.respond(405, headers=[("Allow", "NOTIFY")])
        elif not self._dialog.accepts(incoming.request):
            incoming.respond(500, "CSeq out of order")
        else:
            self._client.take_list(incoming)
        if state.lower().startswith("terminated"):
            self._client.agent.leave(self._dialog)

    def acknowledged(self, request: SipRequest) -> None:
        """There is nothing to acknowledge."""


class ClientList(ClientChat):
    """What a client does with the list of its user's deferred messages.

    `listed` are its entries by identity, `chosen` what the user has decided about them.
    """

    def prepare(self) -> None:
        """Make ready for lists."""
        super().prepare()
        self.listed: dict[str, Entry] = {}
        self.chosen: dict[str, str] = {}
        self.subscription: Subscription | None = None
        self.agent.handlers["NOTIFY"] = self.take_notify

    def became_available(self) -> None:
        """Learn what waits, where the user has it so."""
        super().became_available()
        if self.settings.subscribes:
            self.subscribe_deferred()

    # The subscription.

    def subscribe_deferred(self) -> Subscription:
        """Subscribe to the list of deferred messages."""
        self.subscription = self.agent.subscribe(
            self.settings.deferred_uri,
            DEFERRED_EVENT,
            expires=self.settings.subscription // SECOND,
            headers=[
                *self.service_headers("deferred"),
                self.contact("deferred"),
                ("Accept", LIST_TYPE),
            ],
            user=self,
            renew=True,
        )
        return self.subscription

    def unsubscribe_deferred(self) -> None:
        """End the subscription."""
        if self.subscription is not None:
            self.subscription.end()

    def accepted(self, subscription: Subscription, response: SipResponse) -> None:
        """The subscription is there."""
        self.note("subscribed")

    def notified(self, subscription: Subscription, incoming: Incoming) -> None:
        """A list has come in the subscription."""
        self.take_list(incoming)

    def refused(self, subscription: Subscription, response: SipResponse | Failure) -> None:
        """There will be no subscription."""
        status = str(response.status) if isinstance(response, SipResponse) else str(response)
        self.note("subscription-failed", status=status)
        self.ended(subscription, status)

    def ended(self, subscription: Subscription, why: str) -> None:
        """The subscription is over."""
        if self.subscription is subscription:
            self.subscription = None

    # Lists.

    def take_notify(self, incoming: Incoming) -> None:
        """Take a NOTIFY out of any subscription (System Description C.3.3.2)."""
        event = (incoming.request.header("Event") or "").partition(";")[0].strip()
        if event.lower() != DEFERRED_EVENT:
            incoming.respond(489, headers=[("Allow-Events", DEFERRED_EVENT)])
            return
        contact = self.contact("deferred")
        self.take_list(incoming, [contact])
        if not self.agent.is_full:
            dialog = Dialog.of_server(incoming.request, incoming.local_tag, contact[1])
            self.agent.enter(dialog, _Notifications(self, dialog))

    def take_list(self, incoming: Incoming, headers: Headers = ()) -> None:
        """Answer a NOTIFY, and let the user choose among what it lists."""
        found = self.read_list(incoming.request)
        if isinstance(found, Malformed):
            self.note("malformed", protocol=found.protocol, rule=found.rule)
            incoming.respond(400)
            return
        status = self.answer_notify(incoming.request)
        incoming.respond(status, headers=headers)
        if status < 300 and found is not None:
            self.list_changed(found)

    def answer_notify(self, request: SipRequest) -> int:
        """The status for a NOTIFY."""
        return self.choose(Point.NOTIFY_ANSWER, self.settings.notify_answers, request.call_id)

    def read_list(self, request: SipRequest) -> tuple[Entry, ...] | Malformed | None:
        """What a NOTIFY lists; None where it has no list."""
        kind = request.header("Content-Type") or ""
        parts = [part for part in multipart.walk(kind, request.body) if part.body]
        if not parts:
            return None
        own = next((part for part in parts if part.content_type == LIST_TYPE), parts[0])
        return identities(own.content)

    def list_changed(self, entries: Sequence[Entry]) -> None:
        """Take a list in place of the one before; what is new on it is to be chosen."""
        # An attribute cannot hold a line end: what is named so cannot be chosen.
        named = (entry for entry in entries if not _LINE_ENDS.search(entry.identity))
        self.listed = {entry.identity: entry for entry in named}
        self.chosen = {k: action for k, action in self.chosen.items() if k in self.listed}
        self.note("listed", count=str(len(self.listed)))
        if self.settings.selects and self.unchosen():
            self.select_soon()

    def select_soon(self) -> None:
        """There is something to be chosen."""

    def unchosen(self) -> tuple[Entry, ...]:
        """What is listed and the user has not decided about."""
        return tuple([e for e in self.listed.values() if e.identity not in self.chosen])
