"""What short messages share with the CPM messages that they become: texts, segments, numbers.

A text too long for one short message goes in several (TS 23.040 section 9.2.3.24.1), each in an
RP message of its own; who sent it and to whom stands in the TPDU where the SIP header fields name
a service centre and a gateway (TS 24.341).
"""

from collections.abc import Iterable
from typing import NamedTuple

from conformance.body.sms import RpAck, RpData, RpError
from conformance.body.sms_user_data import Concatenation, UserData
from conformance.body.tpdu import Deliver, Submit
from conformance.cpm.identity import user_key
from conformance.observation.content import Content
from conformance.verifier.exchange import Event

Key = tuple[str, str]

_PARTIES = "parties"
"""By what they are kept among what is known of a head."""


class Report(NamedTuple):
    """An RP-ACK, or an RP-ERROR (`failed`), by the key of the RP-DATA that it is about."""

    key: Key
    failed: bool


def text_of(content: Content) -> str:
    """The text that a pager message or a short message carries, "" when it has none."""
    if content.sms is not None:
        data = _data(content)
        return (data.text or "") if data is not None else ""
    return content.carried.plain_text


def segment_of(content: Content) -> Concatenation | None:
    """Which part of a longer text a short message is; None for a whole one."""
    data = _data(content)
    place = data.concatenation if data is not None else None
    return place if place is not None and place.total > 1 else None


def is_another(contents: Iterable[Content], content: Content) -> bool:
    """Whether a message is one more segment of a text of which some have come."""
    place = segment_of(content)
    return place is not None and any(
        (other.reference, other.total) == (place.reference, place.total)
        for other in map(segment_of, contents)
        if other is not None
    )


def joined(contents: Iterable[Content]) -> str | None:
    """The text of segments; None while some are to come, "" where there are none."""
    parts: dict[int, str] = {}
    total = 0
    for content in contents:
        place = segment_of(content)
        if place is not None:
            total = place.total
            parts.setdefault(place.sequence, text_of(content))
    if len(parts) < total:
        return None
    return "".join(text for _, text in sorted(parts.items()))


def parties_of(event: Event) -> tuple[str, ...]:
    """Keys of whom a message names: in From, in To, and in the TPDU that it carries."""
    known = event.content.known
    kept = known.get(_PARTIES)
    if kept is None:
        kept = known[_PARTIES] = _parties(event)
    return kept


def _parties(event: Event) -> tuple[str, ...]:
    found = {user_key(event.message.header(name) or "") for name in ("From", "To")}
    match _tpdu(event.content):
        case Submit(destination=address) | Deliver(originator=address):
            found.add(user_key(f"tel:{address.number}"))
        case _:
            pass
    return tuple(sorted(found))


def sent_key(event: Event) -> Key | None:
    """By what an RP-ACK finds this RP-DATA: the two ends and the reference (TS 24.011 8.2.3)."""
    rpdu = event.content.sms
    if not isinstance(rpdu, RpData):
        return None
    return ("rp", f"{event.place_from} {event.place_to} {rpdu.reference}")


def report_of(event: Event) -> Report | None:
    """What a message reports of an RP-DATA that went the other way; None where it is none."""
    rpdu = event.content.sms
    if not isinstance(rpdu, RpAck | RpError):
        return None
    key = ("rp", f"{event.place_to} {event.place_from} {rpdu.reference}")
    return Report(key, isinstance(rpdu, RpError))


def _tpdu(content: Content) -> object:
    return getattr(content.sms, "tpdu", None)


def _data(content: Content) -> UserData | None:
    data = getattr(_tpdu(content), "data", None)
    return data if isinstance(data, UserData) else None
