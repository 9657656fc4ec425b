from conformance.flow import nodes
from conformance.flow.syntax import parse
from tests.flow.sample import ANSWER, HEAD, INVITE


def body(text: str) -> tuple[nodes.Statement, ...]:
    return parse(HEAD + text, "x.flow").body.items


def test_the_head() -> None:
    head = (
        HEAD.replace(
            "  identified",
            '  replaces y\n  applies if ics.pull\n  interpretation "Read\n    so."\n  identified',
        )
        .replace('clause "1"', 'clause "1" figure 7')
        .replace("A\n    pf", "A (a whole side)\n    pf")
    )
    flow = parse(head + INVITE, "x.flow")
    assert flow.source is not None
    assert (flow.id.text, flow.title, flow.source.figure) == ("x", "An example", "7")
    assert flow.replaces is not None
    assert flow.replaces.text == "y"
    assert flow.applies_if == "ics.pull"
    assert flow.interpretations == ("Read so.",)
    assert [role.composite for role in flow.roles] == [False, True, False]


def test_the_text_of_a_step_is_its_sentence_with_its_clauses() -> None:
    (step,) = body(
        "  1-2 (text 6-7). CPM Participating Function A sends INVITE to Handset via SIP/IP Core A"
        ',\n      after 7,  once or more.\n    "Said \\"so\\"."\n    about the messages of 3\n'
    )
    assert isinstance(step, nodes.StepNode)
    assert step.text_label == "6-7"
    assert step.text.endswith("via SIP/IP Core A, after 7, once or more.")
    assert step.quotes == ('Said "so".',)
    assert [type(clause).__name__ for clause in step.clauses] == ["Bind", "Repeat", "Bind"]


def test_sentences() -> None:
    said = body(
        "  1. Handset becomes available.\n"
        "  2. Handset defers the messages of 1.\n"
        "  3. Handset discards the messages of 1.\n"
        '  4. Handset does "thinks".\n'
        "  5. Handset forwards 1 to SIP/IP Core A.\n"
        "  6. Handset acknowledges 1.\n"
        "  7. Handset connects to SIP/IP Core A.\n"
        "  8. Handset ends the session of 1.\n"
        "  9. Handset answers 1 with 480.\n"
        "  10. A channel is set up between Handset and SIP/IP Core A in the session of 1;\n"
        "      Handset sends MSRP SEND to SIP/IP Core A;\n"
        "      the channel is disconnected by Handset.\n"
    )
    kinds = [type(step.sentence).__name__ for step in said if isinstance(step, nodes.StepNode)]
    assert kinds == [
        *["Internal"] * 4,
        *["Forwards", "Acknowledges", "Connects", "Ends", "Answers", "Channel"],
    ]


def test_blocks() -> None:
    inner = "    3-4. CPM Client A answers 1-2 with OK via SIP/IP Core A.\n"
    items = body(
        f"  meanwhile:\n{inner}  and:\n{inner}  in any order:\n{inner}{inner}  either:\n{inner}"
        f'  or:\n{inner}  optionally if "so":\n{inner}  if Event present:\n{inner}'
        f"  for each message of 1-2:\n{inner}"
    )
    assert [type(item).__name__ for item in items] == [
        *["Parallel", "Parallel", "Either", "Optionally", "OnlyIf", "Each"]
    ]
    assert isinstance(items[1], nodes.Parallel)
    assert (len(items[1].branches), items[1].any_order) == (2, True)


def test_never_in_line_and_as_a_block() -> None:
    items = body(
        INVITE
        + ANSWER
        + "  never Handset sends BYE to SIP/IP Core A before 1 answered OK breaks 3-4\n"
        + "  never Handset sends BYE to SIP/IP Core A\n    after 3 where Event is x\n"
        + '    [X] should clause "1" "So."\n'
    )
    one, other = items[2:]
    assert isinstance(one, nodes.NeverNode)
    assert isinstance(other, nodes.NeverNode)
    assert one.breaks is not None
    assert other.requirement is not None
    assert (other.requirement.id.text, other.requirement.level) == ("X", "should")
