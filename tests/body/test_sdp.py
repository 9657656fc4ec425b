"""Session descriptions of MSRP sessions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.sdp import Media, Session, message_media, parse, write
from conformance.wire.limits import MAX_HEADER_FIELDS
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear

OFFER = (
    b"v=0\r\n"
    b"o=- 1 1 IN IP4 10.0.3.1\r\n"
    b"s=-\r\n"
    b"c=IN IP4 10.0.3.1\r\n"
    b"t=0 0\r\n"
    b"m=message 20000 TCP/MSRP *\r\n"
    b"a=path:msrp://relay.example.com:2855/r1;tcp msrp://10.0.3.1:20000/s1;tcp\r\n"
    b"a=accept-types:message/cpim application/im-iscomposing+xml\r\n"
    b"a=accept-wrapped-types:*\r\n"
    b"a=max-size:10485760\r\n"
    b"a=setup:ActPass\r\n"
    b"a=connection:new\r\n"
    b"a=msrp-cema\r\n"
    b"a=fingerprint:SHA-1 4a:ad:b9\r\n"
    b"a=sendonly\r\n"
)


def media_of(octets):
    sdp = parse(octets)
    assert isinstance(sdp, Session)
    media = message_media(sdp)
    assert media is not None
    return media


def with_media(*lines, session=()):
    return b"\n".join([b"v=0", *session, b"m=message 9 TCP/TLS/MSRP *", *lines])


def test_an_offer_is_read():
    media = media_of(OFFER)
    assert (media.kind, media.port, media.protocol, media.formats) == (
        "message",
        20_000,
        "TCP/MSRP",
        ("*",),
    )
    assert media.path == (
        "msrp://relay.example.com:2855/r1;tcp",
        "msrp://10.0.3.1:20000/s1;tcp",
    )
    assert media.direction == "sendonly"
    assert media.setup == "actpass"
    assert media.accept_types == ("message/cpim", "application/im-iscomposing+xml")
    assert media.accept_wrapped_types == ("*",)
    assert media.max_size == 10_485_760
    assert media.msrp_cema
    assert media.fingerprint == "sha-1 4A:AD:B9"
    assert media.address == "10.0.3.1"


def test_attributes_keep_their_order_and_repetition():
    media = media_of(with_media(b"a=x:1", b"a=y", b"a=x:2"))
    assert media.attributes == (("x", "1"), ("y", None), ("x", "2"))
    assert (media.attribute("x"), media.attribute("y"), media.attribute("z")) == ("1", "", None)


def test_what_is_absent_is_none():
    media = media_of(with_media())
    assert media.direction is None
    assert media.setup is None
    assert media.max_size is None
    assert media.fingerprint is None
    assert media.address is None
    assert (media.path, media.accept_types, media.accept_wrapped_types) == ((), (), ())
    assert not media.msrp_cema


def test_the_session_counts_where_the_media_is_silent():
    session = (b"c=IN IP6 2001:db8::1", b"a=recvonly", b"a=setup:passive", b"a=fingerprint:x aa")
    silent = media_of(with_media(session=session))
    assert (silent.direction, silent.setup) == ("recvonly", "passive")
    assert (silent.address, silent.fingerprint) == ("2001:db8::1", "x AA")
    own = media_of(
        with_media(b"c=IN IP4 224.2.1.1/127", b"a=inactive", b"a=setup:active", session=session)
    )
    assert (own.direction, own.setup, own.address) == ("inactive", "active", "224.2.1.1")


def test_the_session_level_has_attributes_of_its_own():
    sdp = parse(b"v=0\no=- 1 2 IN IP4 h\na=sendrecv\na=k:v\n")
    assert isinstance(sdp, Session)
    assert sdp.direction == "sendrecv"
    assert sdp.attributes == (("sendrecv", None), ("k", "v"))
    assert sdp.origin == "- 1 2 IN IP4 h"
    assert message_media(sdp) is None


def test_bare_line_feeds_and_empty_lines_are_tolerated():
    loose = OFFER.replace(b"\r\n", b"\n\n")
    assert parse(b"\n" + loose) == parse(OFFER)


def test_the_message_media_is_found_among_others():
    sdp = parse(
        b"v=0\nm=audio 4000 RTP/AVP 0\nm=message 5 TCP/SIP *\n"
        b"m=message 0 TCP/MSRP *\nm=message 7/2 tcp/msrp *\n"
    )
    assert isinstance(sdp, Session)
    found = message_media(sdp)
    assert found is not None
    assert (found.port, found.port_count) == (7, 2)


def test_a_refused_stream_is_better_than_none():
    assert media_of(b"v=0\nm=message 0 TCP/MSRP *\n").port == 0


@pytest.mark.parametrize(
    ("octets", "offset", "rule"),
    [
        (b"", 0, "no v= line"),
        (b"\r\n\r\n", 0, "no v= line"),
        (b"o=x\r\n", 0, "first line"),
        (b"v=0\r\nnonsense\r\n", 5, "type letter"),
        (b"v=0\r\nA=1\r\n", 5, "type letter"),
        (b"v=0\r\nm=message\r\n", 5, "m= line"),
        (b"v=0\r\nm=message x TCP/MSRP *\r\n", 5, "m= line"),
        (b"v=0\r\nm=message 65536 TCP/MSRP *\r\n", 5, "m= line"),
        (b"v=0\r\nm=message 9/ TCP/MSRP *\r\n", 5, "m= line"),
        (b"v=0\n" + b"a=x\n" * MAX_HEADER_FIELDS, 4 * MAX_HEADER_FIELDS, "MAX_HEADER_FIELDS"),
    ],
)
def test_broken_descriptions_are_values(octets, offset, rule):
    found = parse(octets)
    assert isinstance(found, Malformed)
    assert rule in found.rule
    assert found.offset == offset


WORDS = st.from_regex(r"[A-Za-z0-9*/.:-]{1,10}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
LINES = st.lists(
    st.tuples(
        st.sampled_from("osicbtak"),
        VALUES.map(lambda value: value.strip(" \t")),
    ),
    max_size=6,
).map(tuple)
MEDIA = st.builds(
    Media,
    WORDS,
    st.integers(0, 65_535),
    WORDS,
    st.lists(WORDS, max_size=3).map(tuple),
    LINES,
    st.none() | st.integers(1, 9),
)


@given(LINES, st.lists(MEDIA, max_size=3).map(tuple))
def test_a_written_description_is_read_back(lines, media):
    sdp = Session((("v", "0"), *lines), media)
    assert parse(write(sdp)) == sdp


@pytest.mark.parametrize(
    "sdp",
    [
        Session((("o", "x"),)),
        Session(()),
        Session((("v", "0"), ("a", "x\ny"))),
        Session((("v", "0"),), (Media("message", -1, "TCP/MSRP", ("*",)),)),
    ],
)
def test_what_no_description_can_say_is_refused(sdp):
    with pytest.raises(ValueError, match="can say"):
        write(sdp)


@given(st.binary() | st.text(alphabet="vmac=0 \r\n:/*message TCP/MSRP9").map(str.encode))
def test_any_octets_give_a_value(octets):
    for text in (octets, b"v=0\r\n" + octets, OFFER + octets):
        sdp = parse(text)
        assert isinstance(sdp, Session | Malformed)
        if isinstance(sdp, Session):
            for media in sdp.media:
                assert isinstance(media.path, tuple)
                assert isinstance(media.max_size, int | None)
                assert isinstance(media.address, str | None)
                assert isinstance(media.fingerprint, str | None)


@pytest.mark.parametrize("unit", [b"\r\n", b" ", b"x", b"\r", b"a=x\n"])
def test_parsing_is_linear(unit):
    assert_linear(parse, lambda size: b"v=0\r\nm=message 9 TCP/MSRP *\r\na=" + unit * (size // 8))
