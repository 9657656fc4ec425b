"""Lists of recipients."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.resource_lists import Entry, ResourceLists, parse, write
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear

GROUP = b"""<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"
    xmlns:cp="urn:ietf:params:xml:ns:copyControl">
  <list>
    <entry uri="tel:+15551230001" cp:copyControl="To"/>
    <entry uri="sip:bob@example.com?Session-Replaces=abc" cp:copyControl="bcc">
      <display-name>Bob &amp; Co</display-name>
    </entry>
    <list name="inner"><entry uri="sip:carol@example.com"/></list>
    <external anchor="http://example.com/list"/>
  </list>
</resource-lists>
"""


def test_recipients_are_read_in_order_from_lists_within_lists():
    found = parse(GROUP)
    assert found == ResourceLists(
        (
            Entry("tel:+15551230001", None, "to"),
            Entry("sip:bob@example.com?Session-Replaces=abc", "Bob & Co", "bcc"),
            Entry("sip:carol@example.com"),
        )
    )
    assert found.uris[0] == "tel:+15551230001"


def test_a_list_without_namespaces_is_tolerated():
    octets = b'<resource-lists><list><entry uri="x" copyControl="cc"/></list></resource-lists>'
    assert parse(octets) == ResourceLists((Entry("x", None, "cc"),))


@pytest.mark.parametrize(
    ("octets", "rule"),
    [
        (b"", "not well-formed"),
        (b"<list/>", "the root is list"),
        (b"<resource-lists><list><entry/></list></resource-lists>", "without a uri"),
    ],
)
def test_broken_lists_are_values(octets, rule):
    found = parse(octets)
    assert isinstance(found, Malformed)
    assert rule in found.rule


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12
).map(lambda text: text.strip(" \t\r\n"))
ENTRIES = st.builds(
    Entry, TEXT.filter(bool), st.none() | TEXT, st.none() | st.sampled_from(["to", "cc", "bcc"])
)


@given(st.lists(ENTRIES, max_size=4).map(tuple).map(ResourceLists))
def test_a_written_list_is_read_back(lists):
    assert parse(write(lists)) == lists


@pytest.mark.parametrize("entry", [Entry(""), Entry(" x"), Entry("x", None, "TO")])
def test_what_no_list_can_say_is_refused(entry):
    with pytest.raises(ValueError, match="can say"):
        write(ResourceLists((entry,)))


@given(st.binary())
def test_any_octets_give_a_value(octets):
    for text in (octets, b"<resource-lists>" + octets + b"</resource-lists>"):
        assert isinstance(parse(text), ResourceLists | Malformed)


def test_reading_is_linear():
    entry = b'<entry uri="x"/>'
    assert_linear(
        parse, lambda size: b"<resource-lists>" + entry * (size // 15) + b"</resource-lists>"
    )
