import pytest

from conformance.flow import nodes
from conformance.flow.program import AT_MOST_ONE, Level, Rule
from conformance.flow.syntax import parse
from tests.flow.sample import HEAD, INVITE, ORIGIN

ROWS = [
    ("shall Event present [X]", Level.SHALL, Rule.CONDITION),
    ("should not Event is x [X]", Level.SHOULD, Rule.CONDITION),
    ("derived Event is one of x, y if Expires at most 5 [X]", Level.DERIVED, Rule.CONDITION),
    ("flow Event is not empty or (Event is y and Expires absent) [X]", Level.FLOW, Rule.CONDITION),
    (
        "at the end shall set of imdn.reported equals list.identities [X]",
        Level.SHALL,
        Rule.AT_END,
    ),
    ("shall wait for the registration of Handset [X]", Level.SHALL, Rule.WAIT),
    ("shall not deliver again what was delivered [X]", Level.SHALL, Rule.FRESH),
    ("shall remove what was handled [X]", Level.SHALL, Rule.REMOVED),
    ("shall deliver at least one message [X]", Level.SHALL, Rule.DELIVER),
    ("should deliver at most one message if Event is x [X]", Level.SHOULD, Rule.DELIVER),
    ("shall connect only after ACK [X]", Level.SHALL, Rule.CONNECT),
    ("shall not answer 603 604, open 486 [X]", Level.SHALL, Rule.ANSWER),
    ("shall come within 32 s of 1-2 [X]", Level.SHALL, Rule.TIMING),
    ("shall come no sooner than 0.5 s after 1-2 [X]", Level.SHALL, Rule.TIMING),
    (
        "shall be torn down by Handset once all messages are delivered, within 9 s [X]",
        Level.SHALL,
        Rule.TEARDOWN,
    ),
]


def requirement(text: str, origin: str = ORIGIN) -> nodes.RequirementNode:
    flow = parse(f"{HEAD}{INVITE}    {text}\n      {origin}\n", "x.flow")
    step = flow.body.items[0]
    assert isinstance(step, nodes.StepNode)
    return step.requirements[0]


@pytest.mark.parametrize(("text", "level", "rule"), ROWS)
def test_each_form(text: str, level: Level, rule: Rule) -> None:
    made = requirement(text)
    assert (made.id.text, made.level, made.assertion.rule) == ("X", level, rule)
    assert made.origin is not None
    assert (made.origin.clause, made.origin.sentence) == ("1", "A sentence.")


def test_an_rfc_makes_a_shall_one_of_the_rfc() -> None:
    made = requirement("shall Event present [X]", 'rfc 6665 "4.1.3" "A sentence."')
    assert made.level is Level.RFC
    assert made.origin is not None
    assert made.origin.document == "RFC 6665"
    assert requirement("may Event present [X]", 'rfc 6665 "1" "A."').level is Level.MAY


def test_details_of_the_forms() -> None:
    answer = requirement("shall not answer 603 604, open 486 [X]").assertion
    assert (answer.wrong, answer.open) == ((603, 604), (486,))
    sooner = requirement("shall come no sooner than 0.5 s after 1-2 [X]").assertion
    assert sooner.duration is not None
    assert (sooner.duration.seconds, sooner.latest) == (0.5, False)
    most = requirement("should deliver at most one message if Event is x [X]").assertion
    assert most.reason == AT_MOST_ONE
    assert most.given is not None


def test_general_requirements() -> None:
    flow = parse(
        HEAD.replace(
            "  identified",
            '  requirement [X] shall not observable because "nobody sees it" clause "1" "So."\n'
            "  requirement [Y] may\n    judged by the reference comparison\n"
            '    document "Other" clause "2" "Thus."\n  identified',
        )
        + INVITE,
        "x.flow",
    )
    hidden, compared = flow.general
    assert (hidden.assertion.rule, hidden.assertion.reason) == (Rule.NONE, "nobody sees it")
    assert compared.assertion.rule is Rule.REFERENCE
    assert compared.origin is not None
    assert compared.origin.document == "Other"
