import pytest

from conformance.flow.library import load
from conformance.flow.program import Kind
from conformance.flow.wording import arrow_text, condition_text, requirement_text, step_name
from tests.flow.sample import ANSWER, INVITE, ORIGIN, build


@pytest.mark.parametrize(
    "text",
    [
        "Event is x",
        "Event is not one of x, y",
        "not Event present",
        "Event present and (Expires absent or Expires at most 5)",
        "actions.identities among list.identities of 1-2",
        "Event is profile.deferred-event",
    ],
)
def test_a_condition_reads_as_it_was_written(text: str) -> None:
    program = build(INVITE + ANSWER + f"    where {text}\n")
    assert condition_text(program.steps[1].where[0], program) == text


def test_requirements_in_words() -> None:
    program = build(
        INVITE
        + ANSWER
        + f"    shall not answer 603 [A] {ORIGIN}\n"
        + f"    shall come within 5 s of 1-2 [B] {ORIGIN}\n"
        + f"    shall status is 200 if Event present [C] {ORIGIN}\n"
    )
    said = [requirement_text(one, program) for one in program.steps[1].requirements]
    assert said == [
        "",
        "the refusal is not 603",
        "no later than 5 s after 1-2",
        "status is 200 if Event present",
    ]


def test_arrows() -> None:
    for program in load().flows.values():
        for step in program.steps:
            assert step_name(step).startswith(step.label)
            assert step.kind is Kind.INTERNAL or arrow_text(step)
