import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.xdm.http_chunks import BrokenChunksError, Chunks


def written(parts, trailers=b""):
    chunks = b"".join(b"%x;name=value\r\n%b\r\n" % (len(part), part) for part in parts)
    return chunks + b"0\r\n" + trailers + b"\r\n"


@given(st.lists(st.binary(min_size=1, max_size=30)), st.integers(1, 9))
@settings(max_examples=60)
def test_that_chunks_are_read_in_any_cut(parts, size):
    octets = written(parts, b"X-Sum: 1\r\n")
    chunks, held = Chunks(10_000), bytearray()
    for start in range(0, len(octets), size):
        held += octets[start : start + size]
        is_whole = chunks.take(held)
        assert is_whole == (start + size >= len(octets))
    assert chunks.content == b"".join(parts)
    assert not held


def test_that_what_follows_the_last_chunk_is_left():
    held = bytearray(written([b"one"]) + b"HTTP/1.1 200 OK")
    assert Chunks(10).take(held)
    assert held == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"x\r\n", "no size of a chunk"),
        (b"-1\r\n", "no size of a chunk"),
        (b"123456789\r\n", "no size of a chunk"),
        (b"3\r\nonex\r\n", "longer than its size"),
        (b"b\r\n", "chunks of more than 10 octets"),
        (b"6\r\nsix...\r\n6\r\n", "chunks of more than 10 octets"),
        (b"f" * 2_000, "a line without an end"),
        (b"0\r\n" + b"X: y\r\n" * 2_000, "trailer fields"),
    ],
)
def test_that_what_are_no_chunks_is_told(octets, why):
    with pytest.raises(BrokenChunksError, match=why):
        Chunks(10).take(bytearray(octets))
