"""An opinion as one line for people."""

import pytest

from conformance.cpm.role import Role
from conformance.oracle.difference import Difference, Kind, Opinion
from conformance.verifier.verdict import Verdict


def test_the_sentence_says_what_the_reference_would_have_sent():
    one = Opinion(
        role=Role.PF,
        place="10.0.3.1",
        kind=Kind.SILENCE,
        verdict=Verdict.FAIL,
        reason_code=None,
        requirement="SD-5.4-enforce",
        clause="System Description 5.4",
        would="MESSAGE sip:bob@x.example",
        did="nothing",
        differences=(),
        frames=(),
        time=0,
        choice="decides notify by the preferences",
    )
    assert one.sentence == (
        "the reference would have sent MESSAGE sip:bob@x.example "
        "(it decides notify by the preferences); seen: nothing"
    )


def test_the_sentence_names_the_field_where_the_messages_look_alike():
    one = Opinion(
        role=Role.PF,
        place="10.0.3.1",
        kind=Kind.OTHERWISE,
        verdict=Verdict.FAIL,
        reason_code=None,
        requirement="",
        clause="",
        would="NOTIFY sip:alice@x.example",
        did="NOTIFY sip:alice@x.example",
        differences=(
            Difference("sdp.setup", "active", "passive", hard=False),
            Difference("Event", "deferred-messages", "presence"),
        ),
        frames=(),
        time=0,
    )
    assert one.sentence == (
        "the reference would have sent NOTIFY sip:alice@x.example with Event deferred-messages; "
        "seen: presence"
    )


@pytest.mark.parametrize(
    ("expected", "observed", "weight", "is_less"),
    [
        ("a, b, c", "none", 3, True),
        ("a, b", "a", 1, True),
        ("a", "a, b", 1, False),
        ("failed", "delivered", 1, False),
        ("none", "none", 1, False),
    ],
)
def test_how_far_two_lists_are_apart(expected, observed, weight, is_less):
    one = Difference("list.identities", expected, observed)
    assert (one.weight, one.is_less) == (weight, is_less)
