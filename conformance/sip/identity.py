"""What tells messages apart: transaction, dialog, and the same message sent again."""

import re
from functools import lru_cache

from conformance.sip.message import SipMessage, SipRequest, SipResponse

MAGIC_COOKIE = "z9hG4bK"
"""What a branch begins with that is unique to its transaction (RFC 3261 section 8.1.1.7)."""

_SENT_BY = re.compile(r"[^/]*+/[^/]*+/[ \t]*+[^ \t]++[ \t]++([^ \t;,]++(?:[ \t]*+:[ \t]*+\d++)?)")

TransactionKey = tuple[str, ...]
DialogKey = tuple[str, str, str]
RetransmissionKey = tuple[str | int | None, ...]


def sent_by(message: SipMessage) -> str:
    """The host and port of the top Via in lower case, "" if unreadable."""
    via = message.vias[0] if message.vias else ""
    match = _SENT_BY.match(via)
    return re.sub(r"[ \t]", "", match[1]).lower() if match else ""


def sent_bys(message: SipMessage) -> tuple[str, ...]:
    """Who sent a message on: protocol and sent-by of each Via, top first, in one spelling.

    What a receiver adds (`received`, `rport`) plays no part.
    """
    return tuple([_one_spelling(via.partition(";")[0]) for via in message.vias])


@lru_cache(maxsize=4096)
def _one_spelling(hop: str) -> str:
    """In lower case, without white space and the default port; few places send everything."""
    return "".join(hop.split()).lower().removesuffix(":5060")


def transaction_key(message: SipMessage) -> TransactionKey:
    """What a request and its responses share (RFC 3261 sections 17.1.3 and 17.2.3).

    Branch, sent-by and method, where ACK counts as INVITE; so an ACK to a refusal is found with
    its INVITE, and a CANCEL is a transaction of its own. Without the magic cookie, the fields
    that RFC 2543 goes by take the place of the branch.
    """
    method = message.method if isinstance(message, SipRequest) else message.cseq_method
    if method == "ACK":
        method = "INVITE"
    branch = message.branch
    if branch.startswith(MAGIC_COOKIE):
        return branch, sent_by(message), method
    number = str(message.cseq)
    return message.call_id, message.from_tag or "", number, sent_by(message), branch, method


def dialog_key(message: SipMessage) -> DialogKey:
    """Call-ID and both tags, the same whoever sends (RFC 3261 section 12); "" for no tag."""
    one, other = message.from_tag or "", message.to_tag or ""
    return (message.call_id, one, other) if one <= other else (message.call_id, other, one)


def retransmission_key(message: SipMessage) -> RetransmissionKey:
    """What a message and its retransmissions share, on one link and in one direction.

    A request: branch, Call-ID, CSeq. A response: the same, with status, RSeq and To tag; a 2xx
    to INVITE is sent again on any transport until its ACK (RFC 3261 section 13.3.1.4).
    """
    key = message.branch, message.call_id, message.cseq
    if isinstance(message, SipResponse):
        rseq = message.header("RSeq")
        return (*key, message.cseq_method, message.status, rseq, message.to_tag)
    return (*key, message.method if isinstance(message, SipRequest) else "")
