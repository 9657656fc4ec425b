import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sip.grammar import (
    Challenge,
    NameAddr,
    Parameterized,
    Via,
    is_token,
    parameter,
    parse_challenge,
    parse_name_addr,
    parse_parameterized,
    parse_via,
    quote,
    split_list,
    unquote,
)
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear

PARSERS = [parse_name_addr, parse_via, parse_parameterized, parse_challenge]


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a, b ,c", ("a", "b", "c")),
        ("a,,b,", ("a", "b")),
        ('"a, \\", b" <sip:a,b>;x="c,d", <sip:c>', ('"a, \\", b" <sip:a,b>;x="c,d"', "<sip:c>")),
        ('*;+g="urn,urn";require,*', ('*;+g="urn,urn";require', "*")),
        ('"open, a', ('"open, a',)),
        ("<open, a", ("<open, a",)),
        ('<">, a', ('<">', "a")),
    ],
)
def test_split_list(value, parts):
    assert split_list(value) == parts


@given(st.text(max_size=30))
def test_quoting_is_undone(text):
    assert unquote(quote(text)) == text


def test_what_is_not_quoted_stays():
    assert [unquote(text) for text in ("", '"', "a", '"a')] == ["", '"', "a", '"a']


def test_is_token():
    assert is_token("a-.!%*_+`'~9")
    assert not is_token("")
    assert not is_token("a b")
    assert not is_token("\u0661")


def test_parameter():
    params = (("a", None), ("b", "1"), ("b", "2"))
    assert [parameter(params, name) for name in ("A", "b", "c")] == ["", "1", None]


def test_name_addr():
    found = parse_name_addr('"J \\"R\\"" <sip:a;x=1@b?c> ; Tag = t;+s="<u>;v" ;lr')
    params = (("tag", "t"), ("+s", "<u>;v"), ("lr", None))
    assert found == NameAddr('J "R"', "sip:a;x=1@b?c", params)
    assert found.param("TAG") == "t"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<sip:a@b>", NameAddr("", "sip:a@b", ())),
        ("Bell, A. <sip:a@b>", NameAddr("Bell, A.", "sip:a@b", ())),
        ("a<sip:a@b>;tag=1", NameAddr("a", "sip:a@b", (("tag", "1"),))),
        ("sip:a@b ;tag=1", NameAddr("", "sip:a@b", (("tag", "1"),))),
        (
            'sip:a@b;+s="<u>;v, w";tag=1',
            NameAddr("", "sip:a@b", (("+s", "<u>;v, w"), ("tag", "1"))),
        ),
        ("*", NameAddr("", "*", ())),
    ],
)
def test_other_addresses(value, found):
    assert parse_name_addr(value) == found


@pytest.mark.parametrize(
    "value",
    [
        "",
        "< sip:a@b>",
        "<sip:a b>",
        "<sip:a@b",
        '"open <sip:a@b>',
        "sip:a?b=c",
        "<sip:a>;;",
        "<a> b",
        'sip:a@b;+s="<u>"<v>',
        'sip:a@b;+s="<u',
    ],
)
def test_no_address(value):
    found = parse_name_addr(value)
    assert isinstance(found, Malformed)
    assert found.octets == value.encode()


def test_via():
    found = parse_via(
        "sip / 2.0/ tcp  [2001:DB8::1] : 5060;branch=z9hG4bK1;received=1.2.3.4;rport"
    )
    assert isinstance(found, Via)
    assert (found.protocol, found.transport) == ("SIP/2.0", "TCP")
    assert (found.host, found.port) == ("[2001:DB8::1]", 5060)
    assert (found.branch, found.received, found.rport) == ("z9hG4bK1", "1.2.3.4", None)
    assert found.param("rport") == ""


def test_a_bare_via():
    found = parse_via("SIP/2.0/UDP host_1.example")
    assert found == Via("SIP/2.0", "UDP", "host_1.example", None, ())
    assert (found.branch, found.received, found.rport) == ("", None, None)
    assert parse_via("SIP/2.0/UDP h;rport=5071").rport == 5071
    assert parse_via("SIP/2.0/UDP h;rport=x").rport is None


@pytest.mark.parametrize(
    "value", ["", "SIP/2.0/UDP", "SIP/2.0 h", "SIP/2.0/UDP h;;,", "a/b/c d e"]
)
def test_no_via(value):
    assert isinstance(parse_via(value), Malformed)


def test_parameterized():
    found = parse_parameterized('*;+g.3gpp.icsi-ref="urn%3Aa,urn%3Ab";explicit')
    assert found == Parameterized(
        "*", (("+g.3gpp.icsi-ref", "urn%3Aa,urn%3Ab"), ("explicit", None))
    )
    assert found.param("Explicit") == ""
    assert parse_parameterized("presence") == Parameterized("presence", ())
    assert parse_parameterized("a; =b").offset == 1


def test_challenge():
    found = parse_challenge('Digest realm="a, \\"b\\"", nonce=n1,qop="auth" ')
    assert found == Challenge("Digest", (("realm", 'a, "b"'), ("nonce", "n1"), ("qop", "auth")))
    assert found.param("QOP") == "auth"


@pytest.mark.parametrize(
    "value", ["", "Digest", "Digest realm", 'Digest realm="a" nonce=b', "D a=b,=c"]
)
def test_no_challenge(value):
    assert isinstance(parse_challenge(value), Malformed)


def test_an_offset_counts_octets():
    assert parse_name_addr('"\u00e9" <sip:a>;;').offset == len('"\u00e9" <sip:a>'.encode())


@pytest.mark.parametrize("parse", PARSERS)
@given(st.text(alphabet=' \t"<>\\;,=/:a1?@', max_size=40))
def test_any_text_gives_a_value(parse, value):
    found = parse(value)
    assert not isinstance(found, Malformed) or 0 <= found.offset <= len(found.octets)


@pytest.mark.parametrize("parse", [*PARSERS, split_list])
@pytest.mark.parametrize(
    "piece", ['"', '\\"', ";", ";a", ";a=", " ", ",", "<", "<>", "a", "a=b,", "/"]
)
def test_reading_is_linear(parse, piece):
    assert_linear(parse.__wrapped__, lambda n: piece * n, 200)
    assert_linear(parse.__wrapped__, lambda n: "SIP/2.0/UDP h" + piece * n, 200)
    assert_linear(parse.__wrapped__, lambda n: '"a" <sip:a>' + piece * n, 200)
