"""Ties across Call-IDs: what identifies a message on both sides of a B2BUA.

One unique identity (imdn.Message-ID, an identity of the deferred list) suffices, else two
independent ties; two instances that fit alike are ambiguous, never "not forwarded".
"""

import re
from itertools import combinations

from conformance.cpm.identity import is_anonymous, user_key
from conformance.msrp.uri import session_id
from conformance.observation.fields import values
from conformance.sip.message import SipRequest
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance
from conformance.verifier.segments import joined, parties_of, segment_of, sent_key, text_of
from conformance.verifier.tie_index import Key

_TEXTS = frozenset({"plain", "text", "segment"})
_PAIRS = 2
_TIERS = {"imdn": 0, "list": 0, "Session-ID": 1} | dict.fromkeys(_TEXTS, 3)
_TIERS |= dict.fromkeys(("whole", "said"), 4)
"""How sure a key is by its kind, from 0; of others every two together are of tier `_PAIRS`."""
_CONTENT_KEYS = (
    ("imdn.Message-ID", "imdn"),
    ("imdn.reported", "imdn"),
    ("actions.identities", "list"),
)
_HEADERS = ("Contribution-ID", "Conversation-ID")
_NO_DIGIT = re.compile("[^0-9]")
_TAIL = 7
"""Digits in which all spellings of a subscriber's number agree, by and large."""
_NO_TIERS: list[list[Key]] = []


def keys_of(event: Event) -> list[Key]:
    """Everything about a request that may tie it to another leg, unique identities first."""
    return event.tie_keys(_read_keys)


def _read_keys(event: Event) -> list[Key]:
    message = event.message
    if not isinstance(message, SipRequest):
        return []
    return [*_content_keys(event, message), *_header_keys(message)]


def _content_keys(event: Event, message: SipRequest) -> list[Key]:
    if not message.body:
        return []
    content = event.content
    keys = [(kind, value) for name, kind in _CONTENT_KEYS for value in values(name, content) or ()]
    if message.method == "MESSAGE":
        keys.extend(_text_keys(event, "plain" if content.cpim is not None else "text"))
    if content.media is not None and content.media.path:
        keys.append(("sdp", session_id(content.media.path[-1])))
    return keys


def _header_keys(message: SipRequest) -> list[Key]:
    keys: list[Key] = []
    session = (message.header("Session-ID") or "").partition(";")[0].strip()
    if session:
        keys.append(("Session-ID", f"{message.method} {session}"))
    for header in _HEADERS:
        value = message.header(header)
        if value:
            keys.append((header, f"{message.method} {value}"))
    icid = _icid(message.header("P-Charging-Vector"))
    if icid:
        keys.append(("icid", f"{message.method} {icid}"))
    return keys


def own_keys(event: Event) -> list[Key]:
    """The keys by which later messages find the instance that took this one."""
    method = event.message.cseq_method
    if method in ("ACK", "BYE", "CANCEL") or (event.message.to_tag and method != "NOTIFY"):
        return []
    keys = [key for key in keys_of(event) if key[0] not in ("list", "whole", "said", *_TEXTS)]
    if method == "NOTIFY":
        keys.extend(("list", value) for value in values("list.identities", event.content) or ())
    elif method == "MESSAGE":
        kind = "text" if event.content.cpim is not None else "plain"
        keys.extend(_text_keys(event, kind) or _wordless_keys(event))
    return keys


def _wordless_keys(event: Event) -> list[Key]:
    """The parties alone of what has no text, or none that can be read: a picture, a cipher.

    A gateway sends something of its own in its place, or a cipher of its own.
    """
    if not event.message.body or event.content.imdns or segment_of(event.content) is not None:
        return []
    return [(kind, party) for kind in ("whole", "said") for party in _loosely(event)]


def _text_keys(event: Event, kind: str) -> list[Key]:
    """Text and a party's number: all that a short message has in common with its CPM side.

    A CPM message is found by a plain one and the reverse; two of a kind never find each other.
    A segment is found by the others of its text, and finds the message that it is a part of.
    """
    text = text_of(event.content)
    if not text:
        return []
    parties, place = parties_of(event), segment_of(event.content)
    if place is not None:
        own = ("segment", f"{' '.join(parties)} {place.reference}/{place.total}")
        return [own, *(("whole", party) for party in parties if kind == "text")]
    keys = [(kind, f"{party} {text}") for party in parties]
    if kind == "text" and event.content.cpim is not None:
        keys.extend(("whole", one) for one in _loosely(event))
    elif kind == "plain" and event.content.cpim is None:
        keys.extend(("said", one) for one in _loosely(event))
    return keys


def _loosely(event: Event) -> list[str]:
    """What suffices to doubt that a message went nowhere: a party, the end of a number, the text.

    Gateways write numbers as their service does, without country or plus, or put their own.
    """
    parties, text = parties_of(event), text_of(event.content)
    numbers = [digits for party in parties if len(digits := _NO_DIGIT.sub("", party)) >= _TAIL]
    return [*parties, *(f"…{digits[-_TAIL:]}" for digits in numbers), *([text] if text else [])]


def other_texts(event: Event) -> list[Key]:
    """What leads to those who wait for a text beyond a gateway, whatever is left of it there."""
    if event.message.cseq_method != "MESSAGE" or not event.message.body:
        return []
    kind = "said" if event.content.cpim is not None else "whole"
    return [(kind, one) for one in _loosely(event)]


def message_keys(instance: Instance, event: Event) -> list[Key]:
    """By what a short message is found: by its report, and by its text once all of it has come."""
    if event.message.cseq_method != "MESSAGE" or event.content.sms is None:
        return []
    sent = sent_key(event)
    keys = [sent] if sent is not None else []
    if segment_of(event.content) is not None:
        text = joined(one.content for group in instance.occurrences for one in group)
        keys.extend(("plain", f"{party} {text}") for party in parties_of(event) if text)
    return keys


def says(instance: Instance, event: Event) -> bool:
    """Whether a segment's text is a part of a message that the instance took."""
    text = text_of(event.content)
    return any(text in text_of(one.content) for group in instance.occurrences for one in group)


def _icid(value: str | None) -> str:
    """The icid-value of P-Charging-Vector (RFC 7315 section 5.6)."""
    for part in (value or "").split(";"):
        name, _, rest = part.partition("=")
        if name.strip().lower() == "icid-value":
            return rest.strip().strip('"')
    return ""


def user_of(event: Event, *, client_sends: bool) -> str:
    """The CPM user whose client this is: the sender's or the recipient's identity."""
    message = event.message
    names = ("P-Preferred-Identity", "P-Asserted-Identity", "From") if client_sends else ("To",)
    for name in names:
        value = message.header(name)
        if value and not is_anonymous(value):
            return user_key(value)
    return ""


def tiers(keys: list[Key]) -> list[list[Key]]:
    """The keys that suffice, the surest first: a lower tier counts only where no higher one does.

    A unique identity suffices alone; of the others every two together, since a conversation or a
    user has many messages and two independent ties have one; text and a number come last, and
    of these a part of a text.
    """
    if not keys:
        return _NO_TIERS
    found: list[list[Key]] = [[] for _ in range(_PAIRS + 3)]
    rest: set[Key] = set()
    for key in keys:
        tier = _TIERS.get(key[0])
        if tier is None:
            rest.add(key)
        else:
            found[tier].append(key)
    if len(rest) > 1:
        together = combinations(sorted(rest), 2)
        found[_PAIRS] = [(f"{a}+{b}", f"{x} {y}") for (a, x), (b, y) in together]
    return found


def paired(keys: list[Key]) -> list[Key]:
    """Every key that suffices, of all tiers."""
    return [key for tier in tiers(keys) for key in tier]
