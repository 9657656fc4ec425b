"""Indications that a message is being composed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.iscomposing import NAMESPACE, IsComposing, parse, write
from conformance.wire.malformed import Malformed

ACTIVE = b"""<?xml version="1.0" encoding="UTF-8"?>
<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing" xmlns:x="other">
  <x:state>idle</x:state>
  <state> active </state>
  <contenttype>text/plain</contenttype>
  <lastactive>2026-03-02T09:00:00Z</lastactive>
  <refresh>60</refresh>
</isComposing>
"""


def indication(inner):
    return b'<isComposing xmlns="%s">%s</isComposing>' % (NAMESPACE.encode(), inner)


def test_an_indication_is_read():
    found = parse(ACTIVE)
    assert found == IsComposing("active", 60, "text/plain", "2026-03-02T09:00:00Z")
    assert found.is_active


def test_another_state_counts_as_idle():
    found = parse(indication(b"<state>thinking</state>"))
    assert found == IsComposing("thinking")
    assert not found.is_active


@pytest.mark.parametrize(
    ("octets", "rule"),
    [
        (b"", "not well-formed"),
        (b"<x/>", "the root is x"),
        (indication(b""), "no state"),
        (indication(b"<state/>"), "no state"),
        (indication(b"<state>idle</state><refresh>soon</refresh>"), "no number of seconds"),
    ],
)
def test_broken_indications_are_values(octets, rule):
    found = parse(octets)
    assert isinstance(found, Malformed)
    assert rule in found.rule


@given(
    st.builds(
        IsComposing,
        st.sampled_from(["active", "idle"]),
        st.none() | st.integers(0, 10**9),
        st.none() | st.just("text/plain"),
        st.none() | st.just("2026-03-02T09:00:00Z"),
    )
)
def test_a_written_indication_is_read_back(composing):
    assert parse(write(composing)) == composing


@pytest.mark.parametrize("composing", [IsComposing(""), IsComposing("active", -1)])
def test_what_no_indication_can_say_is_refused(composing):
    with pytest.raises(ValueError, match="can say"):
        write(composing)


@given(st.binary())
def test_any_octets_give_a_value(octets):
    assert isinstance(parse(octets), IsComposing | Malformed)
    assert isinstance(parse(indication(octets)), IsComposing | Malformed)
