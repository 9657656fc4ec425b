"""Planted faults of the SIP/IP Core where it routes by service and user (Appendix Y)."""

from conformance.reference.core.proxy import Came, Groups
from conformance.reference.core.response_context import ResponseContext
from conformance.reference.core.service_routing import Case
from conformance.reference.core.setting import loose_route
from conformance.reference.core.sip_ip_core import WholeNode
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.interworking import Once
from conformance.reference.faults.pushing_core import core
from conformance.reference.transport.draft import Draft


class PassesBy(WholeNode):
    """Leaves the participating function out."""

    def is_triggered(self, draft: Draft) -> bool:
        """Never."""
        return False


class KeepsFromGateway(WholeNode, Once):
    """Never passes a message on to the gateway, and says nothing."""

    def targets_of(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Nowhere, once."""
        is_for_gateway = self.case_of(came) is Case.ORIGINATED and draft.uri.startswith("tel:")
        if is_for_gateway and self.happens():
            return None
        return super().targets_of(draft, came)


class AnswersForGateway(WholeNode):
    """Answers in the place of the gateway, which never sees the message."""

    def route_of(self, draft: Draft, came: Came) -> Groups | Draft:
        """Back."""
        if self.case_of(came) is Case.ORIGINATED and draft.uri.startswith("tel:"):
            return self.own_response(came.transaction, 200)
        return super().route_of(draft, came)


class RefusesForGateway(WholeNode):
    """Knows no gateway."""

    def to_gateway(self, draft: Draft) -> Groups:
        """To nobody."""
        draft.put_all("Route", [loose_route(self.setting.pf)])
        return [[draft]]


class AnswersAtFirstSight(WholeNode):
    """Answers a message before anybody else has."""

    def targets_of(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Answer, and send it on all the same."""
        found = super().targets_of(draft, came)
        if draft.method == "MESSAGE" and isinstance(found, list):
            self.respond(came.transaction, self.own_response(came.transaction, 200))
        return found

    def forward_response(self, context: ResponseContext, draft: Draft) -> None:
        """The sender has its answer."""
        if not context.transaction.is_answered:
            super().forward_response(context, draft)


class KeepsAnswersOnce(WholeNode, Once):
    """Never passes the answer to a message that goes out on to who asked."""

    def forward_response(self, context: ResponseContext, draft: Draft) -> None:
        """Keep it, once."""
        request = context.transaction.request
        is_out = request.method == "MESSAGE" and request.uri.startswith("tel:")
        if draft.status < 200 or not is_out or not self.happens():
            super().forward_response(context, draft)


class MakesItFail(WholeNode):
    """Makes a 500 of the answer to a message."""

    def forward_response(self, context: ResponseContext, draft: Draft) -> None:
        """With another status."""
        if context.transaction.request.method == "MESSAGE" and draft.status == 200:
            draft.status, draft.reason = 500, "Server Internal Error"
        super().forward_response(context, draft)


class KeepsFromClient(WholeNode, Once):
    """Never passes a message on to the client, and says nothing."""

    def targets_of(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Nowhere, once."""
        is_message = draft.method == "MESSAGE" and self.case_of(came) is Case.TERMINATED
        if is_message and self.happens():
            return None
        return super().targets_of(draft, came)


class AnswersForClient(WholeNode):
    """Answers in the place of the client, which never sees the message."""

    def route_of(self, draft: Draft, came: Came) -> Groups | Draft:
        """Back."""
        if draft.method == "MESSAGE" and self.case_of(came) is Case.TERMINATED:
            return self.own_response(came.transaction, 200)
        return super().route_of(draft, came)


class TurnsInCircles(WholeNode):
    """Takes what comes from the participating function for new."""

    def case_of(self, came: Came) -> Case:
        """The beginning, again and again."""
        case = super().case_of(came)
        return Case.ORIGINATING if case is Case.ORIGINATED else case


class ForgetsUsers(WholeNode):
    """Answers 404 for its own users."""

    def route_of(self, draft: Draft, came: Came) -> Groups | Draft:
        """To nobody of ours."""
        if draft.method == "MESSAGE" and self.case_of(came) is Case.TERMINATED:
            return self.own_response(came.transaction, 404)
        return super().route_of(draft, came)


class StripsIdentity(WholeNode):
    """Takes away what ties messages together."""

    def prepare(self, draft: Draft) -> None:
        """Without the conversation and the contribution."""
        super().prepare(draft)
        draft.remove("Conversation-ID").remove("Contribution-ID")


FAULTS: tuple[Fault, ...] = (
    Fault("core-passes-pf-by", "core", replaced=core(PassesBy)),
    Fault("core-keeps-from-gateway", "core", replaced=core(KeepsFromGateway)),
    Fault("core-answers-for-gateway", "core", replaced=core(AnswersForGateway)),
    Fault("core-knows-no-gateway", "core", replaced=core(RefusesForGateway)),
    Fault("core-answers-at-first-sight", "core", replaced=core(AnswersAtFirstSight)),
    Fault("core-keeps-an-answer", "core", replaced=core(KeepsAnswersOnce)),
    Fault("core-makes-it-fail", "core", replaced=core(MakesItFail)),
    Fault("core-keeps-from-client", "core", replaced=core(KeepsFromClient)),
    Fault("core-answers-for-client", "core", replaced=core(AnswersForClient)),
    Fault("core-turns-in-circles", "core", replaced=core(TurnsInCircles)),
    Fault("core-forgets-users", "core", replaced=core(ForgetsUsers)),
    Fault("core-strips-identities", "core", replaced=core(StripsIdentity)),
)
