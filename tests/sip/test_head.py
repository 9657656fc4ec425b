import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sip import head
from tests.body.growth import assert_linear
from tests.sip.samples import MESSAGE, ODD


def test_a_plain_head_is_regular():
    assert head.regular_end(MESSAGE) == MESSAGE.index(b"\r\n\r\n") + 2
    assert head.regular_end(b"junk\r\n" + MESSAGE, 6) == MESSAGE.index(b"\r\n\r\n") + 8


@pytest.mark.parametrize(
    "octets",
    [
        ODD,
        b"OPTIONS sip:a SIP/2.0\r\nTo: a\r\n b\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nTo : a\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nt: a\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nto\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\nTo: a\n\nbody\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nTo: a\r\n",
        b"",
    ],
)
def test_any_other_head_is_not(octets):
    assert head.regular_end(octets) == 0


def test_the_end_is_the_first_empty_line():
    assert head.find_end(b"a\r\nb\r\n\r\nc\n\nd") == (6, 8)
    assert head.find_end(b"a\nb\n\nc\r\n\r\nd") == (4, 5)
    assert head.find_end(b"a\nb\n\r\nc") == (4, 6)
    assert head.find_end(b"a\r\nb\r\n") == (-1, -1)
    assert head.find_end(b"\r\n\r\na\r\n\r\n", 4) == (7, 9)


def test_value_at_unfolds():
    octets = b"A: x \r\n\ty\r\n  z\r\nB: w\r\n"
    assert head.value_at(octets, 2, len(octets)) == (b"x y z", 15)
    assert head.value_at(octets, 18, len(octets)) == (b"w", 21)


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        (b"", None),
        (b"content-length: 12\r\n", 12),
        (b"content-length:\t0012  \r\n", 12),
        (b"l:3\r\n", 3),
        (b"l : 3\r\ncontent-length: 3\r\n", 3),
        (b"content-length:\r\n 3\r\n", 3),
    ],
)
def test_content_length(lines, length):
    octets = b"options sip:a sip/2.0\r\n" + lines
    assert head.content_length(octets, False) == length
    if head.regular_end(octets + b"\r\n"):
        assert head.content_length(octets, True) == length


@pytest.mark.parametrize(
    "lines",
    [
        b"content-length: -1\r\n",
        b"content-length: 1 2\r\n",
        b"content-length:\r\n",
        b"content-length: 0x10\r\n",
        b"content-length: \xb2\r\n",
        b"content-length: 1\r\ncontent-length: 2\r\n",
        b"l: 1\r\ncontent-length: 2\r\n",
        b"content-length: " + b"9" * 5_000 + b"\r\n",
    ],
)
def test_broken_content_length(lines):
    octets = b"options sip:a sip/2.0\r\n" + lines
    found = head.content_length(octets, False)
    assert isinstance(found, str)
    assert found.startswith("RFC 3261 section 20.14")


@given(st.lists(st.sampled_from([b"To", b"t", b"Tot", b"Via"]), max_size=6))
def test_both_ways_find_the_same(names):
    octets = b"start\r\n" + b"".join(b"%s: %d\r\n" % (n, i) for i, n in enumerate(names))
    wanted = [b"%d" % i for i, n in enumerate(names) if n in (b"To", b"t")]
    assert head.raw_values(octets, octets.lower(), "to", False) == wanted
    assert head.first_value(octets, octets.lower(), "to", False) == next(iter(wanted), None)
    if b"t" not in names:
        assert head.raw_values(octets, octets.lower(), "to", True) == wanted
        assert head.first_value(octets, octets.lower(), "to", True) == next(iter(wanted), None)


def test_folding_is_linear():
    assert_linear(
        lambda octets: head.value_at(octets, 0, len(octets)), lambda n: b"a\r\n \t" * n + b"\r\n"
    )


@pytest.mark.parametrize("blank", [b"\x0b", b"\x0c", b"\x85"])
def test_only_blanks_may_surround_a_content_length(blank):
    lower = b"options sip:a sip/2.0\r\ncontent-length:" + blank + b"5\r\n"
    assert isinstance(head.content_length(lower, True), str)
    assert isinstance(head.content_length(lower, False), str)
