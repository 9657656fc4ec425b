"""The three values of a condition."""

import pytest

from conformance.flow.profile import Profile
from conformance.flow.program import All, AnyOf, Condition, Field, Not, Operator, Setting, Test
from conformance.observation.content import Content
from conformance.observation.fields import Values
from conformance.sip.message import SipRequest
from conformance.verifier.predicate import holds, read, steps_of
from tests.sip.samples import request

NOTIFY = request(
    "NOTIFY", Event="deferred-messages;id=1", Subscription_State="active", Expires="600"
)
TRUE = Test(Field("Event"), Operator.PRESENT)
FALSE = Test(Field("Event"), Operator.ABSENT)
UNREADABLE = Test(Field("session.messages"), Operator.PRESENT)


def nothing(name: str, step: int) -> Values:
    return ()


def truth(condition: Condition, message: SipRequest = NOTIFY) -> bool | None:
    return holds(condition, Content(message), Profile(), nothing)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (All((TRUE, TRUE)), True),
        (All((TRUE, UNREADABLE)), None),
        (All((FALSE, UNREADABLE)), False),
        (AnyOf((TRUE, UNREADABLE)), True),
        (AnyOf((FALSE, UNREADABLE)), None),
        (AnyOf((FALSE, FALSE)), False),
        (Not(UNREADABLE), None),
        (Not(FALSE), True),
    ],
)
def test_that_what_cannot_be_read_decides_nothing(
    condition: Condition, expected: bool | None
) -> None:
    assert truth(condition) is expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (Test(Field("Event"), Operator.IS, ("deferred-messages",)), True),
        (Test(Field("Event"), Operator.IS, (Setting("deferred-event"),)), True),
        (Test(Field("Event"), Operator.IS, ("presence", "reg")), False),
        (Test(Field("Event"), Operator.IS_NOT, ("presence",)), True),
        (Test(Field("Expires"), Operator.AT_MOST, ("600",)), True),
        (Test(Field("Expires"), Operator.AT_MOST, ("599",)), False),
        (Test(Field("Expires"), Operator.AT_LEAST, ("601",)), False),
        (Test(Field("Expires"), Operator.AT_MOST, ("soon",)), None),
        (Test(Field("Min-Expires"), Operator.AT_MOST, ("1",)), True),
        (Test(Field("Event"), Operator.EQUAL, (Field("Event"),)), True),
        (Test(Field("Event"), Operator.SUBSET, ("reg", "deferred-messages")), True),
        (Test(Field("Event"), Operator.SUBSET, ("reg",)), False),
    ],
)
def test_the_comparisons(test: Test, expected: bool | None) -> None:
    assert truth(test) is expected


def test_that_a_field_of_an_earlier_step_is_asked_there() -> None:
    def earlier(name: str, step: int) -> Values:
        return ("a", "b") if (name, step) == ("list.identities", 4) else None

    field = Field("list.identities", 4)
    assert read(field, Content(NOTIFY), earlier) == ("a", "b")
    unknown = Test(Field("Event"), Operator.SUBSET, (Field("list.identities", 5),))
    assert holds(unknown, Content(NOTIFY), Profile(), earlier) is None
    assert steps_of(All((unknown, Not(TRUE)))) == {5}


@pytest.mark.parametrize(
    ("offered", "wanted", "expected"),
    [
        ("oma.cpm.msg", "oma.cpm.msg", True),
        ("oma.cpm.session", "oma.cpm.msg", False),
        ("oma.cpm.session.group", "oma.cpm.session", False),
    ],
)
def test_that_a_group_service_is_no_one_to_one_service(
    offered: str, wanted: str, expected: bool
) -> None:
    value = f'*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.{offered}"'
    message = request("MESSAGE", Accept_Contact=value)
    assert truth(Test(Field("service"), Operator.IS, (wanted,)), message) is expected
