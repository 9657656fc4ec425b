"""XML documents: well-formed, hostile, and beyond limits."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.xml_document import (
    MAX_ELEMENTS,
    check_root,
    child,
    document,
    escape,
    local_name,
    parse_root,
    text_of,
)
from conformance.wire.limits import MAX_BODY, MAX_XML_DEPTH
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear


def malformed(octets):
    found = parse_root(octets, "test")
    assert isinstance(found, Malformed)
    assert (found.protocol, found.octets) == ("test", octets)
    return found


def read(octets):
    root = parse_root(octets, "test")
    assert not isinstance(root, Malformed)
    return root


def test_a_document_is_read():
    root = read(b'<?xml version="1.0"?><a xmlns="n"><b x="1">t</b><c xmlns=""/></a>')
    assert root.tag == "{n}a"
    assert [local_name(element.tag) for element in root] == ["b", "c"]


@pytest.mark.parametrize(
    ("octets", "offset"),
    [(b"", 0), (b"<a>", 3), (b"<a/>\n<b/>", 5), (b"<a>\n\n<b></a>", 10), (b"<n:a/>", 0)],
)
def test_what_is_not_well_formed_says_where(octets, offset):
    found = malformed(octets)
    assert "not well-formed" in found.rule
    assert found.offset == offset


@pytest.mark.parametrize(
    "octets",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "http://example.com/x"><a/>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    ],
)
def test_document_types_and_entities_are_refused(octets):
    assert "refused" in malformed(octets).rule


def test_an_undeclared_entity_is_not_well_formed():
    assert "not well-formed" in malformed(b"<a>&x;</a>").rule


@pytest.mark.parametrize("encoding", [b"no-such", b"utf-7", b"idna", b"base64", b"undefined"])
def test_odd_encodings_are_values(encoding):
    found = malformed(b'<?xml version="1.0" encoding="' + encoding + b'"?><a>\xe4</a>')
    assert "encoding" in found.rule


def test_other_encodings_are_read():
    assert read("<a>ä</a>".encode("utf-16")).text == "ä"
    assert read(b'<?xml version="1.0" encoding="iso-8859-1"?><a>\xe4</a>').text == "ä"


def test_limits_are_named():
    deep = MAX_XML_DEPTH
    assert read(b"<a>" * deep + b"</a>" * deep).tag == "a"
    assert "MAX_XML_DEPTH" in malformed(b"<a>" * (deep + 1)).rule
    assert "MAX_ELEMENTS" in malformed(b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>").rule
    assert "MAX_BODY" in malformed(b" " * (MAX_BODY + 1)).rule


def test_the_root_is_checked():
    for octets in (b'<a xmlns="n"/>', b"<a/>", b'<p:a xmlns:p="n"/>'):
        assert not isinstance(check_root(octets, "test", "a", "n", "RFC 1"), Malformed)
    for octets in (b'<a xmlns="m"/>', b"<b/>"):
        found = check_root(octets, "test", "a", "n", "RFC 1")
        assert isinstance(found, Malformed)
        assert found.rule.startswith("RFC 1: the root is")
    assert isinstance(check_root(b"<a", "test", "a", "n", "RFC 1"), Malformed)


def test_children_and_text():
    root = read(b'<a xmlns="n"><b xmlns="m">no</b><b> one <i>two</i>\n</b><b>three</b></a>')
    assert text_of(child(root, "b", "n")) == "one two"
    assert child(root, "c", "n") is None
    assert text_of(None) == ""


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\ufffe", "\ud800"])
def test_what_xml_cannot_hold_is_refused(text):
    with pytest.raises(ValueError, match="cannot hold"):
        escape(text)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(TEXT | st.text(alphabet="<>&\"'\r\n\t]"))
def test_escaped_text_is_read_back(text):
    root = read(document(f'<a x="{escape(text)}">{escape(text)}</a>'))
    assert (root.get("x"), root.text or "") == (text, text)


@given(st.binary() | st.text(alphabet="<>/a!?&;[]='\"x: ").map(str.encode))
def test_any_octets_give_a_value(octets):
    for text in (octets, b"<a>" + octets + b"</a>", b"<?xml version='1.0'" + octets):
        parse_root(text, "test")


@pytest.mark.parametrize("unit", [b"<b/>", b"<b", b"x", b"&lt;", b"<!--", b"<![CDATA[", b" a='1'"])
def test_parsing_is_linear(unit):
    assert_linear(lambda octets: parse_root(octets, "test"), lambda size: b"<a>" + unit * size)


@pytest.mark.parametrize("octets", [b"<a/>", b"<a>", b"<a></b>", b"<!DOCTYPE a><a/>", b"\xff"])
def test_a_document_leaves_nothing_to_the_collector_of_cycles(octets):
    gc.collect()
    gc.disable()
    try:
        parse_root(octets, "test")
        assert gc.collect() == 0
    finally:
        gc.enable()
