"""What ties MSRP messages together: transaction, message, session (RFC 4975 sections 5, 7)."""

from conformance.msrp.message import MsrpMessage, MsrpRequest
from conformance.msrp.uri import session_id

Key = tuple[str, str, str]


def _first(path: tuple[str, ...]) -> str:
    return session_id(path[0]) if path else ""


def _last(path: tuple[str, ...]) -> str:
    return session_id(path[-1]) if path else ""


def transaction_key(message: MsrpMessage) -> Key:
    """What a request and its response share on one hop, whichever way each goes.

    The transaction identifier, and the session-ids of the two ends of the hop: the first URI of
    each path, which a response swaps (RFC 4975 section 7.2).
    """
    one, other = sorted((_first(message.to_path), _first(message.from_path)))
    return message.transaction_id, one, other


def session_key(message: MsrpMessage) -> tuple[str, str]:
    """The session-ids of both ends, the same whoever sends; relays do not change them.

    The last URI of a path is that of the end itself (RFC 4976 section 3). A response names the
    next hop only, so that behind a relay its key is that hop's.
    """
    one, other = sorted((_last(message.to_path), _last(message.from_path)))
    return one, other


def message_key(request: MsrpRequest) -> Key:
    """What the chunks of a message and the REPORTs about it share: Message-ID, sender, receiver.

    A REPORT goes against the message it is about, so its ends are swapped here.
    """
    sender, receiver = _last(request.from_path), _last(request.to_path)
    if request.method == "REPORT":
        sender, receiver = receiver, sender
    return request.message_id or "", sender, receiver
