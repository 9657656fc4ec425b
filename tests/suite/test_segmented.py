from datetime import UTC, datetime

import pytest

from conformance.body import sms, tpdu
from conformance.body.sms_fields import Address
from conformance.body.sms_user_data import Concatenation, of_text
from conformance.sip.parser import parse
from conformance.suite.disguise import Disguise
from conformance.suite.disguised import Disguised
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.segmented import Segments

ONE = Disguise(Pseudonyms(bytes(range(32))))
NUMBER, OTHER = Address("34600000001"), Address("34600000002")
TIME = datetime(2026, 3, 1, 9, tzinfo=UTC)
TEXT = "A text of several words, too long for one message, € and all"


def message(text, place=None, *, number=NUMBER, to_network=True):
    data = of_text(text, place)
    carried = tpdu.Submit(number, data) if to_network else tpdu.Deliver(number, TIME, data)
    rp = sms.RpData(7, tpdu.write(carried), to_network, None if to_network else NUMBER,
                    NUMBER if to_network else None)  # fmt: skip
    body = sms.write(rp)
    head = "MESSAGE tel:+34 SIP/2.0\r\nContent-Type: application/vnd.3gpp.sms\r\n"
    return parse(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def parts(text, reference=5, cuts=(0, 14, 30), **more):
    ends = [*cuts[1:], len(text)]
    return [
        message(text[low:high], Concatenation(reference, len(cuts), place), **more)
        for place, (low, high) in enumerate(zip(cuts, ends, strict=True), 1)
    ]


def hidden(messages):
    segments = Segments(ONE)
    for one in messages:
        segments.add(one)
    segments.finish()
    disguised = Disguised(ONE, segments)
    return [sms.parse(disguised.message(one).body).tpdu.data.text for one in messages]


@pytest.mark.parametrize("to_network", [True, False])
def test_segments_are_parts_of_the_whole_text_in_disguise(to_network):
    found = hidden(parts(TEXT, to_network=to_network))
    assert "".join(found) == ONE.prose(TEXT) != TEXT


def test_in_any_order_and_repeated():
    first, second, third = parts(TEXT)
    found = hidden([third, first, first, second, third])
    assert found[1] + found[3] + found[0] == ONE.prose(TEXT)
    assert found[1] == found[2]


def test_a_reference_that_is_used_again_and_that_of_another_number():
    again, foreign = TEXT[::-1], TEXT.upper()
    found = hidden([*parts(TEXT), *parts(again), *parts(foreign, number=OTHER)])
    for at, text in ((0, TEXT), (3, again), (6, foreign)):
        assert "".join(found[at : at + 3]) == ONE.prose(text)


def test_a_segment_whose_others_are_missing_is_hidden_by_itself():
    first, second, _ = parts(TEXT)
    assert hidden([first, second]) == [ONE.prose(TEXT[:14]), ONE.prose(TEXT[14:30])]


def test_whole_texts_and_other_messages_are_passed_over():
    whole = message("short")
    other = parse(b"MESSAGE sip:a SIP/2.0\r\nContent-Type: text/plain\r\n\r\nshort")
    broken = parse(b"MESSAGE sip:a SIP/2.0\r\nContent-Type: application/vnd.3gpp.sms\r\n\r\n\1")
    segments = Segments(ONE)
    for one in (whole, other, broken, None):
        segments.add(one)
    segments.finish()
    assert hidden([whole]) == [ONE.prose("short")]
