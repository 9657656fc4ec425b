"""Small tampers, which several faults share: which message it is, and what becomes of it."""

from collections.abc import Callable, Sequence

from conformance.observation.packet import Endpoint
from conformance.reference.network.tampering import Tamper
from conformance.reference.transport.draft import Draft
from conformance.sip.frames import looks_like_sip
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse

Which = Callable[[SipRequest | SipResponse], bool]
"""Says whether a SIP message is the one."""

Change = Callable[[Draft], object]
"""Changes a SIP message in place."""


# Which message.


def request(method: str, *, initial: bool = False) -> Which:
    """The requests of a method; with `initial` only those outside any dialog."""

    def which(message: SipRequest | SipResponse) -> bool:
        is_one = isinstance(message, SipRequest) and message.method == method
        return is_one and not (initial and message.to_tag is not None)

    return which


def answer(method: str, *statuses: int) -> Which:
    """The responses to a method: those of these statuses, all final ones if none is given."""

    def which(message: SipRequest | SipResponse) -> bool:
        if not isinstance(message, SipResponse) or message.cseq_method != method:
            return False
        return message.status in statuses if statuses else message.status >= 200

    return which


# What becomes of it.


def drop(which: Which) -> Tamper:
    """Hold these messages back."""

    def tamper(octets: bytes, towards: Endpoint) -> bytes | None:
        return octets if _found(octets, which) is None else None

    return tamper


def change(which: Which, *changes: Change) -> Tamper:
    """Change these messages."""

    def tamper(octets: bytes, towards: Endpoint) -> bytes:
        found = _found(octets, which)
        if found is None:
            return octets
        draft = Draft.of(found)
        for one in changes:
            one(draft)
        return draft.octets()

    return tamper


def in_turn(*tampers: Tamper) -> Tamper:
    """One tamper after the other."""

    def tamper(octets: bytes, towards: Endpoint) -> list[bytes]:
        found: list[bytes] = [octets]
        for one in tampers:
            found = [more for octets in found for more in _several(one(octets, towards))]
        return found

    return tamper


def sent_to(host: str, tamper: Tamper) -> Tamper:
    """Do it only to what goes to one host."""
    return lambda octets, towards: tamper(octets, towards) if towards.host == host else octets


# Changes.


def without(*names: str) -> Change:
    """Leave fields out."""

    def change_it(draft: Draft) -> None:
        for name in names:
            draft.remove(name)

    return change_it


def with_field(name: str, value: str) -> Change:
    """Set a field."""
    return lambda draft: draft.put(name, value)


def with_status(status: int, reason: str) -> Change:
    """Answer something else."""

    def change_it(draft: Draft) -> None:
        draft.status, draft.reason = status, reason

    return change_it


def in_body(old: bytes, new: bytes) -> Change:
    """Write something else in the body."""

    def change_it(draft: Draft) -> None:
        draft.body = draft.body.replace(old, new)

    return change_it


def _found(octets: bytes, which: Which) -> SipRequest | SipResponse | None:
    """The SIP message, if it is the one."""
    message = parse(octets) if looks_like_sip(octets) else None
    return message if isinstance(message, SipRequest | SipResponse) and which(message) else None


def _several(answer: bytes | Sequence[bytes] | None) -> Sequence[bytes]:
    if answer is None:
        return ()
    return (answer,) if isinstance(answer, bytes) else answer
