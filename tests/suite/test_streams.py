from itertools import pairwise
from struct import pack

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.suite.disguise import Disguise
from conformance.suite.disguised import Disguised
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.redact import Pieces
from conformance.suite.repackage import Span
from conformance.suite.streams import Streams
from tests.msrp.samples import SEND
from tests.sip.samples import MESSAGE

DISGUISED = Disguised(Disguise(Pseudonyms(bytes(range(32)))))
SYN, FIRST = 2, 4_294_967_000
STREAM = MESSAGE + b"\r\n\r\n" + SEND + MESSAGE[:100]


def head(sequence, flags=16):
    return b"\x13\xc4\x13\xc4" + pack("!II", sequence % 2**32, 0) + bytes([0x50, flags]) + bytes(6)


class File:
    """Segments one after the other, as a file has them."""

    def __init__(self):
        self.octets, self.taken = b"", []

    def add(self, sequence, payload, flags=16):
        start = len(self.octets) + 20
        self.octets += head(sequence, flags) + payload
        self.taken.append((start - 20, Span(start, start + len(payload))))

    def runs(self):
        streams = Streams()
        for at, span in self.taken:
            streams.take(b"key", self.octets, at, span)
        return list(streams.runs(self.octets))


def changed(run):
    pieces = Pieces(DISGUISED.disguise)
    for framed in run.framed:
        pieces.add(framed.message)
    pieces.finish()
    return run.disguised(DISGUISED, pieces)


@settings(max_examples=50)
@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=8), st.randoms(), st.booleans())
def test_any_segments_in_any_order_make_the_stream(cuts, random, twice):
    places = sorted({0, *cuts, len(STREAM)})
    parts = [(low, STREAM[low:high]) for low, high in pairwise(places)]
    shuffled = parts * (2 if twice else 1)
    random.shuffle(shuffled)
    file = File()
    file.add(FIRST, b"", SYN)
    for place, part in shuffled:
        file.add(FIRST + 1 + place, part)
    (run,) = file.runs()
    assert run.octets == STREAM
    found = changed(run)
    assert len(found) == len(STREAM)
    expected = DISGUISED.sip(MESSAGE) + b"\r\n\r\nMSRP a786hjs2 SEND\r\n"
    assert found.startswith(expected)
    assert b"Hey Bob" not in found
    assert b"34600000002" not in found
    for place, span in run.spans:
        assert STREAM[place : place + span.size] == file.octets[span.start : span.stop]


def test_a_hole_parts_two_runs():
    file = File()
    file.add(10, MESSAGE)
    file.add(10 + len(MESSAGE) + 5, b"lost tail of alice\r\n" + MESSAGE)
    one, other = file.runs()
    assert changed(one) == DISGUISED.sip(MESSAGE)
    assert changed(other) == b"x" * 18 + b"\r\n" + DISGUISED.sip(MESSAGE)


def test_behind_a_hole_a_message_begins_where_the_length_of_the_one_before_told():
    head, _, _ = MESSAGE.replace(b"Content-Length: 5\r\n", b"Content-Length: 300\r\n").partition(
        b"\r\n\r\n"
    )
    begin, tail = head + b"\r\n\r\n" + b"y" * 50, b"tail of alice" + b"z" * 137
    file = File()
    file.add(10, begin)
    file.add(10 + len(begin) + 100, tail + MESSAGE[:90])
    one, other = file.runs()
    assert changed(one) == DISGUISED.sip(begin)
    assert changed(other) == b"x" * 150 + DISGUISED.sip(MESSAGE[:90])


def test_behind_a_hole_a_message_begins_with_a_segment():
    file = File()
    file.add(10, SEND[:60])
    file.add(100, b"tail of alice")
    file.add(113, MESSAGE)
    _, last = file.runs()
    assert changed(last) == b"x" * 13 + DISGUISED.sip(MESSAGE)


def test_ports_used_again():
    file = File()
    file.add(10, b"", SYN)
    file.add(11, MESSAGE)
    file.add(900, b"", SYN)
    file.add(901, SEND)
    file.add(901 + 2**30, MESSAGE)
    assert [len(run.framed) for run in file.runs()] == [1, 1, 1]


def test_what_is_no_message():
    file = File()
    file.add(10, b"\x16\x03\x01\x02\x00alice.example")
    file.add(28, b"GET /alice")
    (run,) = file.runs()
    assert not run.is_known
    assert changed(run) == b"\x16\x03\x01" + bytes(25)
    silent = File()
    silent.add(5, b"")
    assert silent.runs() == []
