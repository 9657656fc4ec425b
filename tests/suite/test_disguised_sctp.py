from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.suite.disguise import Disguise
from conformance.suite.disguised import Disguised
from conformance.suite.disguised_sctp import Associations, crc32c
from conformance.suite.pseudonyms import Pseudonyms
from tests.capture.tunnelled import sctp_packet
from tests.sip.samples import MESSAGE

DISGUISED = Disguised(Disguise(Pseudonyms(bytes(range(32)))))
MIDDLE, LAST, FIRST = 0, 1, 2


def changed(*packets):
    """Packets, each a list of chunks, in disguise, and how many messages were found."""
    octets = [sctp_packet(chunks)[20:] for chunks in packets]
    original = b"".join(octets)
    made, associations, at = bytearray(original), Associations(), 0
    for packet in octets:
        associations.take(b"ends", original, made, at, at + len(packet))
        at += len(packet)
    messages = list(associations.messages(original))
    for message in messages:
        message.write(made, DISGUISED)
    return bytes(made), len(messages)


def expected(*packets):
    return b"".join(sctp_packet(chunks)[20:] for chunks in packets)


def test_a_message_in_one_chunk():
    hidden = DISGUISED.sip(MESSAGE)
    assert changed([(3, 7, MESSAGE)]) == (expected([(3, 7, hidden)]), 1)


@settings(max_examples=30)
@given(st.integers(1, len(MESSAGE) - 2), st.integers(0, 40), st.booleans())
def test_parts_in_any_order_and_sent_again(cut, more, late):
    other = min(cut + more + 1, len(MESSAGE) - 1)
    hidden = DISGUISED.sip(MESSAGE)

    def packets(octets):
        first = (FIRST, 2**32 - 1, octets[:cut])
        rest = [(MIDDLE, 0, octets[cut:other]), (LAST, 1, octets[other:])]
        found = [[first], rest, [(MIDDLE, 0, octets[cut:other])]]
        return found[::-1] if late else found

    # Where a message begins in so few octets that nobody knows it, it is none.
    if cut > 60:
        assert changed(*packets(MESSAGE)) == (expected(*packets(hidden)), 1)


def test_what_is_no_message_is_emptied():
    made, count = changed([(3, 7, b"alice is here"), (FIRST, 8, b"alice"), (LAST, 10, b"alice")])
    blank = expected([(3, 7, bytes(13)), (FIRST, 8, bytes(5)), (LAST, 10, bytes(5))])
    assert (made, count) == (blank, 0)
    # A cookie may hold anything; what was acknowledged is numbers.
    head = sctp_packet([])[20:]
    packet = head + b"\x0a\0\0\x09alice\0\0\0" + b"\x03\0\0\x10" + bytes(range(12))
    made = bytearray(packet)
    Associations().take(b"ends", packet, made, 0, len(packet))
    assert made == head + b"\x0a\0\0\x09" + bytes(8) + packet[-16:]


def test_a_message_of_which_a_part_is_missing_is_hidden_as_far_as_it_goes():
    made, count = changed([(FIRST, 7, MESSAGE[:200])], [(LAST, 9, MESSAGE[220:])])
    assert count == 1
    assert DISGUISED.sip(MESSAGE[:200]) in made
    assert b"3460000000" not in made


def test_the_checksum():
    assert crc32c(b"123456789") == 0xE3069283
