from conformance.flow.library import load
from conformance.flow.program import Level, Requirement, Rule
from tests.flow.sample import ANSWER, INVITE, ORIGIN, build


def named(flow: str, name: str) -> Requirement:
    program = load().flow(flow)
    return next(one for step in program.steps for one in step.requirements if one.id == name)


def test_a_printed_step_is_a_requirement_with_the_document_s_words() -> None:
    program = build(INVITE + '    "1. It invites."\n' + ANSWER)
    own = program.steps[0].requirements[0]
    assert (own.id, own.level, own.rule) == ("x/1-2", Level.FLOW, Rule.STEP)
    assert (own.sentence, own.document, own.clause) == ("1. It invites.", "A document", "1")
    assert program.steps[1].requirements[0].sentence.startswith("CPM Client A answers")


def test_what_the_rules_carry() -> None:
    refusal = named("chat-deferred", "CF-7.3.12-3-decline")
    assert (set(refusal.wrong_statuses), set(refusal.open_statuses)) == ({603}, {486})
    assert named("push", "SD-5.2.1.1.2-teardown").setting == "teardown"
    assert named("push-large", "push-large-one").reason == "at most one"


def test_another_document_can_be_named() -> None:
    program = build(
        INVITE
        + '    shall Event present [X] document "Other" clause "2" "So."\n'
        + f"    shall Expires present if Event present [Y] {ORIGIN}\n"
        + ANSWER
    )
    one, other = program.steps[0].requirements[1:]
    assert (one.document, other.document) == ("Other", "A document")
    assert other.given is not None
