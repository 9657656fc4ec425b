"""Handing messages to the Interworking Function, which selects the non-CPM service (5.4)."""

from collections.abc import Callable

from conformance.cpm.identity import user_key
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage
from conformance.reference.pf.host import PfHost
from conformance.reference.pf.request import MESSAGE
from conformance.reference.store.deferred_queue import Deferred
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse
from conformance.sip.uri import Uri, parse_uri


class Handover:
    """The requests of a participating function to the Interworking Function."""

    def __init__(self, host: PfHost) -> None:
        self.host = host

    def uri(self, user: str) -> str:
        """The Request-URI by which the core finds the Interworking Function for a user."""
        return gateway_uri(user, self.host.settings.gateway)

    def send(self, deferred: Deferred, then: Callable[[bool], None]) -> None:
        """Hand a deferred message over; `then` is told whether it was taken."""
        message, user = deferred.message, deferred.user

        def answered(answer: SipResponse | Failure) -> None:
            is_taken = not isinstance(answer, Failure) and 200 <= answer.status < 300
            if is_taken:
                self.host.note("interworked", message, user=user)
            then(is_taken)

        self.host.agent.request(
            "MESSAGE",
            self.uri(user),
            to=user,
            sender=self.host.shown_sender(message),
            headers=self.fields(message),
            content=Content(CPIM_TYPE, message.cpim()),
            answered=answered,
        )

    def fields(self, message: CpmMessage) -> list[tuple[str, str]]:
        """What the request says of the message."""
        return self.host.fields(message, MESSAGE)


def gateway_uri(user: str, gateway: str) -> str:
    """The address of a user at the gateway, by telephone number where there is one."""
    key = user_key(user)
    if key.startswith("tel:"):
        number = key.removeprefix("tel:").partition(";")[0]
        return f"sip:{number}@{gateway};user=phone"
    read = parse_uri(user)
    name = read.user if isinstance(read, Uri) else ""
    return f"sip:{name}@{gateway}" if name else f"sip:{gateway}"
