"""Texts that came in several short messages: a segment's pseudonym is cut out of the whole text's.

A text has words of its own in disguise, so that a segment hidden by itself would be a part of
nothing any more (TS 23.040 section 9.2.3.24.1).
"""

from conformance.body import sms, tpdu
from conformance.body.sms import MEDIA_TYPE
from conformance.body.sms_user_data import Concatenation
from conformance.sip.message import SipRequest, SipResponse
from conformance.suite.disguise import Disguise

_MAX_HELD = 16_777_216
"""Characters of segments that are held to be disguised whole."""

_Key = tuple[str, int, int]


class Segments:
    """The segments of a capture, read before anything is told of it."""

    def __init__(self, disguise: Disguise) -> None:
        self._disguise = disguise
        # Of one key, since references are used again: several texts, each by its segments.
        self._begun: dict[_Key, list[dict[int, str]]] = {}
        self._hidden: dict[tuple[_Key, int, str], str] = {}
        self._held = 0

    def add(self, message: object) -> None:
        """Take note of a segment; what is none is passed over."""
        if not isinstance(message, SipRequest | SipResponse) or self._held > _MAX_HELD:
            return
        if (message.header("Content-Type") or "").lower().strip() != MEDIA_TYPE:
            return
        carried = sms.parse(message.body)
        found = _place(carried.tpdu) if isinstance(carried, sms.RpData) else None
        if found is None:
            return
        key, sequence, text = found
        texts = self._begun.setdefault(key, [{}])
        if any(one.get(sequence) == text for one in texts):
            return
        if sequence in texts[-1]:
            texts.append({})
        texts[-1][sequence] = text
        self._held += len(text)

    def finish(self) -> None:
        """Disguise every text of which all segments were seen."""
        for key, texts in self._begun.items():
            for parts in texts:
                if len(parts) == key[2]:
                    self._cut(key, parts)
        self._begun.clear()

    def _cut(self, key: _Key, parts: dict[int, str]) -> None:
        whole = self._disguise.prose("".join(parts[sequence] for sequence in sorted(parts)))
        at = 0
        for sequence in sorted(parts):
            text = parts[sequence]
            self._hidden[key, sequence, text] = whole[at : at + len(text)]
            at += len(text)

    def text(self, carried: tpdu.Submit | tpdu.Deliver) -> str | None:
        """What stands for the text of a segment; None for what is none, or lacks another."""
        found = _place(carried)
        return None if found is None else self._hidden.get(found)


def _place(carried: object) -> tuple[_Key, int, str] | None:
    """By what the segments of a text find each other, which one this is, and its text."""
    match carried:
        case tpdu.Submit(destination=address, data=data):
            pass
        case tpdu.Deliver(originator=address, data=data):
            pass
        case _:
            return None
    place: Concatenation | None = data.concatenation
    text = data.text
    if place is None or place.total < 2 or text is None:
        return None
    return (address.digits, place.reference, place.total), place.sequence, text
