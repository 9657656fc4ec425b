import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.msrp.chunking import Chunk, Reassembly, split
from conformance.msrp.message import ByteRange
from conformance.wire.malformed import Malformed
from tests.body.growth import calls
from tests.msrp.samples import send


def as_send(chunk):
    start, end, total = ("*" if part is None else part for part in chunk.byte_range)
    return send(chunk.body, chunk.flag, Byte_Range=f"{start}-{end}/{total}")


def test_split():
    assert split(b"abcde", 2) == [
        Chunk(ByteRange(1, 2, 5), b"ab", "+"),
        Chunk(ByteRange(3, 4, 5), b"cd", "+"),
        Chunk(ByteRange(5, 5, 5), b"e", "$"),
    ]
    assert split(b"ab", 2) == [Chunk(ByteRange(1, 2, 2), b"ab", "$")]
    assert split(b"", 2) == [Chunk(ByteRange(1, 0, 0), b"", "$")]
    with pytest.raises(ValueError, match="holds nothing"):
        split(b"ab", 0)


@given(st.binary(max_size=60), st.integers(1, 20), st.data())
def test_any_order_and_repetition_gives_the_message(body, size, data):
    chunks = split(body, size)
    extra = data.draw(st.lists(st.sampled_from(chunks), max_size=3))
    other = split(body, data.draw(st.integers(1, 20)))[:-1]
    order = data.draw(st.permutations([*chunks, *extra, *other]))
    found = Reassembly()
    assert not found.is_whole
    for chunk in order:
        assert found.add(as_send(chunk)) is None
        assert body.startswith(found.prefix)
    assert found.is_whole
    assert found.body == body
    assert found.total == len(body)


def test_a_hole_keeps_it_from_being_whole():
    found = Reassembly()
    first, second, third = split(b"abcdef", 2)
    found.add(as_send(third))
    found.add(as_send(first))
    assert (found.is_whole, found.body, found.prefix, found.total) == (False, None, b"ab", 6)
    found.add(as_send(second))
    assert found.body == b"abcdef"


def test_the_total_may_come_at_the_end():
    found = Reassembly()
    found.add(send(b"ab", "+", Byte_Range="1-*/*"))
    assert (found.total, found.is_whole) == (None, False)
    found.add(send(b"cd", "$", Byte_Range="3-*/*"))
    assert (found.total, found.body) == (4, b"abcd")


def test_without_a_byte_range_it_is_the_beginning():
    found = Reassembly()
    found.add(send(b"abc"))
    assert found.body == b"abc"


def test_a_message_given_up_may_be_sent_again():
    found = Reassembly()
    first, second = split(b"abcd", 2)
    found.add(as_send(first._replace(flag="#")))
    assert found.is_abandoned
    assert not found.is_whole
    found.add(as_send(first))
    assert not found.is_abandoned
    found.add(as_send(second))
    assert found.body == b"abcd"


@pytest.mark.parametrize(
    ("byte_range", "body", "words"),
    [
        ("nonsense", b"x", "range-start"),
        ("0-1/2", b"x", "from 1"),
        ("3-3/4", b"x", "differs"),
        ("3-4/3", b"xy", "past the total"),
        ("3-*/9999", b"x", "limit"),
        ("99-*/*", b"x", "limit"),
        ("1-*/*", b"x" * 51, "limit"),
    ],
)
def test_what_does_not_belong(byte_range, body, words):
    found = Reassembly(limit=50)
    found.add(send(b"ab", "+", Byte_Range="1-2/3"))
    refused = found.add(send(body, "+", Byte_Range=byte_range))
    assert isinstance(refused, Malformed)
    assert words in refused.rule
    assert (found.prefix, found.total) == (b"ab", 3)


def test_what_waits_is_limited():
    found = Reassembly(limit=10)
    for _ in range(100):
        assert found.add(send(b"", "+", Byte_Range="5-*/*")) is None
    assert found.add(send(b"xxxx", "+", Byte_Range="5-*/*")) is None
    assert found.add(send(b"xxxx", "+", Byte_Range="5-*/*")) is None
    assert isinstance(found.add(send(b"xxxx", "+", Byte_Range="5-*/*")), Malformed)


def test_reassembly_is_linear():
    def join(count):
        found = Reassembly()
        for chunk in reversed(split(b"x" * count, 1)):
            found.add(as_send(chunk))
        assert found.is_whole

    assert calls(lambda: join(800)) <= 6 * calls(lambda: join(200))
