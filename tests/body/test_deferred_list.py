"""The list of deferred messages and the actions chosen, in every form a profile may tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.deferred_list import (
    ACTIONS,
    Entry,
    IdentityPaths,
    identities,
    normal_action,
    write_actions,
    write_list,
)
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear

OURS = b"""<?xml version="1.0" encoding="UTF-8"?>
<deferred-list xmlns="urn:oma:xml:cpm:deferred-list">
  <message id="Msg-1"><subject>Lunch</subject><size>200000</size></message>
  <message id="Msg-2"/>
</deferred-list>
"""


def refused(octets, paths=None):
    found = identities(octets) if paths is None else identities(octets, paths)
    assert isinstance(found, Malformed)
    return found.rule


def test_our_own_list():
    assert identities(OURS) == (
        Entry("Msg-1", None, (("subject", "Lunch"), ("size", "200000"))),
        Entry("Msg-2"),
    )


def test_our_own_actions():
    octets = (
        b'<deferred-actions xmlns="urn:oma:xml:cpm:deferred-actions">'
        b'<message id="a" action="retrieve"/><message id="b" action="discard"/></deferred-actions>'
    )
    assert identities(octets) == (Entry("a", "retrieve"), Entry("b", "discard"))


@pytest.mark.parametrize(
    "entry",
    [
        '<message id="m"/>',
        '<message ID=" m "/>',
        '<message message-id="m"/>',
        '<message messageId="m"/>',
        "<message><message-id>m</message-id></message>",
        "<message><messageId> m </messageId></message>",
        "<message><Message-ID>m</Message-ID></message>",
        "<message><message_id>m</message_id></message>",
        '<x:message xmlns:x="any"><x:message-id>m</x:message-id></x:message>',
        '<group><message id="m"/></group>',
    ],
)
def test_the_default_reads_every_sensible_form(entry):
    assert identities(f"<list>{entry}</list>".encode()) == (Entry("m"),)


def test_the_root_may_be_the_only_entry():
    assert identities(b'<message id="m"><action>Store</action></message>') == (
        Entry("m", "store"),
    )


def test_what_else_is_told_is_kept_in_order():
    octets = (
        b'<l><message date="today" id="m" size="5"><x:from xmlns:x="y"> a </x:from></message></l>'
    )
    fields = (("date", "today"), ("size", "5"), ("from", "a"))
    assert identities(octets) == (Entry("m", None, fields),)


def test_a_message_inside_an_entry_is_no_entry():
    octets = b'<list><message id="m"><message>hello</message></message></list>'
    assert identities(octets) == (Entry("m", None, (("message", "hello"),)),)


def test_an_empty_list_is_empty():
    assert identities(b"<deferred-list/>") == ()


@pytest.mark.parametrize(
    ("octets", "rule"),
    [
        (b"", "not well-formed"),
        (b"<list><entry id='m'/></list>", "nothing found at"),
        (b"<list><message/></list>", "without identity"),
        (b"<list><message id='a'/><message id=''/></list>", "without identity"),
        (b"<!DOCTYPE x><list/>", "refused"),
    ],
)
def test_what_cannot_be_read_must_not_pass_for_an_empty_list(octets, rule):
    assert rule in refused(octets)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("retrieve", "retrieve"),
        (" Retrieve\n", "retrieve"),
        ("INTERWORK", "interwork"),
        ("keep-deferred", "keep"),
        ("keepDeferred", "keep"),
        ("retain", "keep"),
        ("delete", "discard"),
        ("Store", "store"),
        ("Forward It", "Forward It"),
    ],
)
def test_actions_are_normalised(text, action):
    assert normal_action(text) == action


def test_the_action_may_be_a_child():
    octets = b"<l><message id='m'><Action>delete</Action><size>1</size></message></l>"
    assert identities(octets) == (Entry("m", "discard", (("size", "1"),)),)


def test_a_profile_tells_where_to_look():
    paths = IdentityPaths(
        element=".//{urn:x}item",
        identity=("{urn:x}head/{urn:x}ref", "./{urn:x}alias/@to"),
        action=("{*}todo/@what",),
    )
    octets = (
        b'<list xmlns="urn:x"><item><head><ref>a</ref></head><todo what="keep"/></item>'
        b'<item><alias to="b"/></item><message id="no"/></list>'
    )
    found = identities(octets, paths)
    assert isinstance(found, tuple)
    assert [(entry.identity, entry.action) for entry in found] == [("a", "keep"), ("b", None)]
    assert "nothing found" in refused(OURS, paths)


@pytest.mark.parametrize(
    "wrong",
    [
        {"element": "/list"},
        {"element": ""},
        {"element": ".//a["},
        {"identity": ("a[@",)},
        {"action": ("/@",)},
        {"action": ("..//[",)},
        {"element": "./" * 2_000},
        {"identity": ("*" * 257,)},
    ],
)
def test_a_path_that_cannot_be_used_is_named(wrong):
    with pytest.raises(ValueError, match="no path that can be used"):
        IdentityPaths(**wrong)


def test_namespaces_do_not_make_a_path_too_long():
    space = "{urn:" + "x" * 200 + "}"
    octets = f'<a xmlns="{space[1:-1]}"><b><c id="1"/></b></a>'.encode()
    paths = IdentityPaths(element=f"{space}a/{space}b/{space}c", identity=("@id",))
    assert identities(octets, paths) == (Entry("1", None),)


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12
).map(lambda text: text.strip(" \t\r\n"))
FIELDS = st.lists(
    st.tuples(st.sampled_from(["subject", "size", "date", "from"]), TEXT), max_size=3
)
ENTRIES = st.lists(
    st.builds(
        Entry,
        TEXT.filter(bool),
        st.none() | st.sampled_from(sorted(ACTIONS)) | st.just("another"),
        FIELDS.map(tuple),
    ),
    max_size=4,
).map(tuple)


@given(ENTRIES)
def test_written_entries_are_read_back(entries):
    assert identities(write_list(entries)) == entries
    assert identities(write_actions(entries)) == entries


@pytest.mark.parametrize(
    "entry",
    [
        Entry(""),
        Entry("m", ""),
        Entry("m", "DELETE"),
        Entry("m", None, (("action", "keep"),)),
        Entry("m", None, (("a b", "x"),)),
        Entry("m", None, (("a", "\x00"),)),
    ],
)
def test_what_cannot_be_written_is_refused(entry):
    with pytest.raises(ValueError, match=r"can say|no name|cannot hold"):
        write_list([entry])


@given(st.binary() | st.text(alphabet="<>/message id='\"=-").map(str.encode))
def test_any_octets_give_a_value(octets):
    for text in (octets, b"<l><message id='m'>" + octets + b"</message></l>"):
        assert isinstance(identities(text), tuple | Malformed)


@pytest.mark.parametrize(
    "unit",
    [
        b"<message id='m'/>",
        b"<message id='m'><message/><a/><a/></message>",
        b"<message/>",
        b"<x/>",
    ],
)
def test_reading_is_linear(unit):
    assert_linear(identities, lambda size: b"<l>" + unit * (size // 15) + b"</l>")


def test_reading_one_entry_with_many_children_is_linear():
    assert_linear(
        identities,
        lambda size: b"<message id='m'>" + b"<message/>" * (size // 10) + b"</message>",
    )
