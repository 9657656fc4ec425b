from conformance.flow.program import All, AnyOf, Field, Not, Operator, Setting, Test
from tests.flow.sample import ANSWER, INVITE, build


def where(text: str) -> object:
    (condition,) = build(INVITE + ANSWER + f"    where {text}\n").steps[1].where
    return condition


def test_words_are_values_and_fields_of_steps_are_fields() -> None:
    assert where("Event is one of Event, x") == Test(Field("Event"), Operator.IS, ("Event", "x"))
    assert where("Event is Event of 1-2") == Test(
        Field("Event"), Operator.IS, (Field("Event", 0),)
    )


def test_sets_and_numbers_compare_with_fields() -> None:
    assert where("actions.identities among list.identities of 1") == Test(
        Field("actions.identities"), Operator.SUBSET, (Field("list.identities", 0),)
    )
    assert where("Expires at most 3600") == Test(Field("Expires"), Operator.AT_MOST, ("3600",))


def test_settings_and_connectives() -> None:
    event = Test(Field("Event"), Operator.IS, (Setting("deferred-event"),))
    there, gone = Test(Field("Event"), Operator.PRESENT), Test(Field("Event"), Operator.ABSENT)
    assert where("Event is profile.deferred-event and not Event present") == All(
        (event, Not(there))
    )
    assert where("Event is not empty or (Event is empty)") == AnyOf((there, gone))


def test_a_bound_name_stands_for_the_field_of_its_step() -> None:
    program = build(
        INVITE
        + "    let talk be Conversation-ID\n"
        + ANSWER
        + "    where Conversation-ID is talk\n"
    )
    assert program.steps[1].where == (
        Test(Field("Conversation-ID"), Operator.IS, (Field("Conversation-ID", 0),)),
    )
