"""What of a role's traffic is compared at all, and what belongs together in it."""

from collections.abc import Sequence

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.content import Content
from conformance.oracle.shape import Sip
from conformance.oracle.view import Item
from conformance.sip.message import SipRequest, SipResponse

_UNJUDGED = frozenset(
    {"ACK", "CANCEL", "PRACK", "UPDATE", "OPTIONS", "INFO", "REGISTER", "PUBLISH"}
)
"""Methods that no step prints: implied traffic, of which RFC rules speak elsewhere."""
_HANDSHAKES = frozenset({401, 407})


def heard_paths(items: Sequence[Item]) -> frozenset[str]:
    """The MSRP paths of which anything was captured."""
    found: set[str] = set()
    for item in items:
        if isinstance(item.message, MsrpRequest | MsrpResponse):
            found.update(item.message.to_path)
            found.update(item.message.from_path)
    return frozenset(found)


def refused_paths(items: Sequence[Item]) -> frozenset[str]:
    """The role's MSRP paths to which a peer's refusal came."""
    return frozenset(
        item.message.to_path[-1]
        for item in items
        if item.incoming
        and isinstance(item.message, MsrpResponse)
        and item.message.to_path
        and item.message.status >= 300
    )


def answered_paths(items: Sequence[Item]) -> frozenset[str]:
    """The role's MSRP paths to which an answer of the peer came."""
    return frozenset(
        item.message.to_path[-1]
        for item in items
        if item.incoming and isinstance(item.message, MsrpResponse) and item.message.to_path
    )


def is_judged(message: Sip) -> bool:
    """Whether a message is one that the specification's figures speak of."""
    if isinstance(message, SipResponse):
        return (
            message.status >= 200
            and message.status not in _HANDSHAKES
            and message.cseq_method not in _UNJUDGED
        )
    if message.method == "NOTIFY":
        return "terminated" not in (message.header("Subscription-State") or "")
    return message.method not in _UNJUDGED


def purpose(request: SipRequest) -> str:
    """What kind of request begins something: a notification is no message, a pull no push."""
    content = Content(request)
    if content.imdns:
        return "notification"
    if content.sms is not None:
        return "short message"
    if content.listed is not None:
        return "list"
    return ""
