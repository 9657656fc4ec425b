"""Planted faults of pushing that are the core's, where it is one host."""

from conformance.reference.core.location import Binding
from conformance.reference.core.proxy import Came, Groups
from conformance.reference.core.response_context import ResponseContext
from conformance.reference.core.sip_ip_core import SipIpCore, WholeNode
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import Which, change, drop, in_body, request
from conformance.reference.transactions.transaction import ServerTransaction
from conformance.reference.transport.draft import Draft

PUSHED = ("MESSAGE", "INVITE")
"""How pushes begin."""


def core(node: type[WholeNode]) -> type[SipIpCore]:
    """A core that is this one node."""

    class Faulty(SipIpCore):
        whole = node

    return Faulty


class Pushes(WholeNode):
    """A core that does something else with what the participating function pushes."""

    def targets_of(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Send a push on in our own way."""
        from_pf = came.host == self.setting.pf.host
        if draft.method in PUSHED and from_pf and not came.in_dialog:
            return self.push_on(draft, came)
        return super().targets_of(draft, came)

    def push_on(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Where a push goes."""
        return super().targets_of(draft, came)


class KeepsPushes(Pushes):
    """Passes no push on, and says nothing of it."""

    def push_on(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Nowhere; nor does a CANCEL get it an answer."""
        came.transaction.on_cancel = lambda: None
        return None


class FailsPushes(Pushes):
    """Answers a push with 500."""

    def push_on(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Back."""
        return self.own_response(came.transaction, 500)


class TakesPushes(Pushes):
    """Answers a pushed message in the place of the client, which never sees it."""

    def push_on(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Back."""
        return self.own_response(came.transaction, 200)


class AnswersAhead(Pushes):
    """Says that the client has a message while it is on the way to it."""

    def push_on(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """To the client, with the answer back already."""
        groups = super().push_on(draft, came)
        self.respond(came.transaction, self.own_response(came.transaction, 200))
        return groups

    def forward_response(self, context: ResponseContext, draft: Draft) -> None:
        """The sender has its answer."""
        if not context.transaction.is_answered:
            super().forward_response(context, draft)


class KeepsContacts(WholeNode):
    """Sends what is for a client that has left to where it was."""

    _known: tuple[Binding, ...] = ()

    def register(self, came: Came) -> None:
        """Remember where everybody is."""
        super().register(came)
        for user in self.setting.subscribers:
            self._known = self.registrar.location.bindings(user) or self._known

    def route_of(self, draft: Draft, came: Came) -> Groups | Draft:
        """Where a request goes: to where its user was, if that one is nowhere."""
        user = self.user_of(draft.uri) if came.host == self.setting.pf.host else None
        if user is None or not self._known or self.registrar.location.bindings(user):
            return super().route_of(draft, came)
        return self.to_contacts(draft, came, user, self._known)


class KeepsAnswers(WholeNode):
    """Passes no final answer to a push on."""

    def forward_response(self, context: ResponseContext, draft: Draft) -> None:
        """Send on only what is provisional."""
        is_push = context.transaction.source.endpoint.host == self.setting.pf.host
        if draft.status < 200 or not is_push or context.transaction.request.method not in PUSHED:
            super().forward_response(context, draft)


class StaysOut(WholeNode):
    """Does not stay in the way of sessions."""

    record_routes = False


class CountsNoHops(WholeNode):
    """Leaves Max-Forwards as it is."""

    def decrement_max_forwards(self, draft: Draft) -> None:
        """Do nothing."""


class TellsNobody(WholeNode):
    """Keeps registrations to itself."""

    def register(self, came: Came) -> None:
        """Answer, and do not tell the participating function."""
        status, fields = self.registrar.answer(came.request)
        draft = self.own_response(came.transaction, status)
        draft.fields.extend(fields)
        self.respond(came.transaction, draft)


class SaysNoTrying(WholeNode):
    """Does not say 100 to an INVITE."""

    def say_trying(self, transaction: ServerTransaction) -> None:
        """Do nothing."""


class LeavesViaOn(WholeNode):
    """Sends a response on with the core's own Via still on top."""

    def forward_response(self, context: ResponseContext, draft: Draft) -> None:
        """Put the Via back before it goes."""
        if context.transaction.request.method in PUSHED:
            draft.push("Via", self.transport.via(self.setting.transport, "z9hG4bK-not-popped"))
        super().forward_response(context, draft)


def _from_pf(method: str) -> Which:
    """The requests of a method that the participating function has sent."""
    is_one = request(method)
    return lambda message: is_one(message) and "10.0.3.1" in " ".join(message.vias)


KEEPS_CONTACTS = Fault("core-keeps-contacts", "core", core(KeepsContacts))
"""No judge sees it, as long as nobody sends what is for who has left."""

FAULTS: tuple[Fault, ...] = (
    Fault("core-keeps-pushes", "core", core(KeepsPushes)),
    Fault("core-fails-pushes", "core", core(FailsPushes)),
    Fault("core-takes-pushes", "core", core(TakesPushes)),
    Fault("core-answers-ahead", "core", core(AnswersAhead)),
    KEEPS_CONTACTS,
    Fault("core-stays-out", "core", core(StaysOut)),
    Fault("core-counts-no-hops", "core", core(CountsNoHops)),
    Fault("core-tells-nobody", "core", core(TellsNobody)),
    Fault("core-says-no-trying", "core", core(SaysNoTrying)),
    Fault("core-leaves-via-on", "core", core(LeavesViaOn)),
    Fault("core-keeps-push-answers", "core", core(KeepsAnswers)),
    Fault("core-keeps-push-ack", "core", tamper=drop(request("ACK"))),
    Fault("core-keeps-push-bye", "core", tamper=drop(request("BYE"))),
    Fault(
        "core-changes-words",
        "core",
        tamper=change(_from_pf("MESSAGE"), in_body(b"lunch", b"dinner")),
    ),
)
