"""What does not hold is told with what the message has and what was expected."""

from conformance.flow.profile import Profile
from conformance.flow.program import All, AnyOf, Field, Not, Operator, Setting, Test
from conformance.observation.content import Content
from conformance.sip.message import SipRequest
from conformance.verifier.told import describe

SUBSCRIBE = Content(
    SipRequest(b"SUBSCRIBE sip:a@b SIP/2.0\r\nEvent: presence;id=1\r\nExpires: 7200\r\n\r\n")
)


def _nothing(_name: str, _step: int) -> tuple[str, ...]:
    return ()


def _asked(_name: str, _step: int) -> tuple[str, ...]:
    return ("3600",)


def test_a_setting_is_told_with_its_profile() -> None:
    test = Test(Field("Event"), Operator.IS, (Setting("deferred-event"),))
    told = describe(test, SUBSCRIBE, Profile(), _nothing)
    assert told == "Event is presence, profile cpm expects deferred-messages"


def test_a_comparison_with_an_earlier_step_shows_both_values() -> None:
    test = Test(Field("Expires"), Operator.AT_MOST, (Field("Expires", 0),))
    told = describe(test, SUBSCRIBE, Profile(), _asked)
    assert told == "Expires is 7200, the flow expects at most 3600"


def test_presence_and_absence() -> None:
    absent = Test(Field("Conversation-ID"), Operator.PRESENT)
    assert describe(absent, SUBSCRIBE, Profile(), _nothing) == (
        "Conversation-ID is absent, expected present"
    )
    present = Test(Field("Event"), Operator.ABSENT)
    assert (
        describe(present, SUBSCRIBE, Profile(), _nothing) == "Event is presence, expected absent"
    )


def test_of_several_the_one_that_does_not_hold_is_told() -> None:
    held = Test(Field("Event"), Operator.PRESENT)
    broken = Test(Field("Contribution-ID"), Operator.PRESENT)
    assert describe(All((held, broken)), SUBSCRIBE, Profile(), _nothing).startswith("Contribution")
    assert describe(All((held,)), SUBSCRIBE, Profile(), _nothing) == "holds"
    either = describe(AnyOf((broken, broken)), SUBSCRIBE, Profile(), _nothing)
    assert either.count("Contribution-ID is absent") == 2
    assert describe(Not(held), SUBSCRIBE, Profile(), _nothing).startswith("not: Event is presence")


def test_a_long_value_is_cut() -> None:
    test = Test(Field("Request-URI"), Operator.IS, ("x" * 500,))
    assert len(describe(test, SUBSCRIBE, Profile(), _nothing)) < 300


def test_what_must_not_be_is_told_so() -> None:
    test = Test(Field("Event"), Operator.IS_NOT, ("presence", "reg"))
    told = describe(test, SUBSCRIBE, Profile(), _nothing)
    assert told == "Event is presence, the flow expects anything but presence or reg"
