import pytest

from conformance.cpm.role import Role
from conformance.flow.errors import FlowSemanticError
from conformance.flow.program import Kind, Operator, Rule
from tests.flow.sample import ANSWER, END, INVITE, ORIGIN, SEND, build

CHANNEL = (
    "  5. A channel is set up between Handset and CPM Participating Function A,\n"
    "     in the session of 1-2; CPM Participating Function A sends MSRP SEND"
    " to Handset, once or more{given};\n"
    "     the channel is disconnected by {enders}.\n"
)


def test_kinds_of_steps() -> None:
    program = build(
        "  0. Handset becomes available.\n    witness REGISTER answered OK from Handset\n"
        + INVITE
        + ANSWER
        + "  4. Handset connects to CPM Participating Function A in the session of 1-2.\n"
        + SEND
        + END
    )
    assert [step.kind for step in program.steps] == [
        Kind.INTERNAL,
        Kind.REQUEST,
        Kind.RESPONSE,
        Kind.CONNECT,
        Kind.SEND,
        Kind.REQUEST,
    ]
    assert program.steps[0].role is Role.CLIENT
    assert program.steps[0].witness == "REGISTER answered 200 from client"
    assert [step.initial for step in program.steps] == [False, True, False, False, False, False]
    assert program.steps[5].ends_session


def test_outcomes() -> None:
    for said, statuses, exact in (
        ("OK", {200}, False),
        ("Accepted", {202}, True),
        ("480", {480}, True),
    ):
        step = build(INVITE + ANSWER.replace("OK", said)).steps[1]
        assert (set(step.statuses), step.exact, step.method) == (statuses, exact, "INVITE")


def test_repetition() -> None:
    assert build(INVITE + ANSWER + SEND).steps[2].many
    step = build(INVITE + ANSWER + SEND.replace("once or more", "repeat 2..5")).steps[2]
    assert (step.many, step.least, step.most) == (True, 2, 5)


def test_a_channel_is_messages_and_a_bye() -> None:
    program = build(INVITE + ANSWER + CHANNEL.format(given="", enders="Handset"))
    messages, end = program.steps[2:]
    assert (messages.label, messages.part, messages.kind) == ("5", "messages", Kind.SEND)
    assert (end.part, end.method, end.session) == ("end", "BYE", 0)
    assert messages.requirement == end.requirement == "x/5"
    assert not messages.optional_message
    assert program.runs == (0b1111,)


def test_a_channel_with_an_if_and_two_enders() -> None:
    body = CHANNEL.format(
        given=", if Event of 1-2 is x", enders="Handset or CPM Participating Function A"
    )
    program = build(
        INVITE
        + ANSWER
        + body
        + "    shall be torn down by Handset once all messages are delivered within 9 s [T]\n"
        + f"      {ORIGIN}\n    shall deliver at least one message [D]\n      {ORIGIN}\n"
    )
    assert [step.part for step in program.steps[2:]] == ["messages", "end", "end"]
    assert program.steps[2].optional_message
    assert [guard.steps for guard in program.guards] == [0b100]
    assert len(program.runs) == 4
    rules = [[one.rule for one in step.requirements[1:]] for step in program.steps[2:]]
    assert rules == [[Rule.DELIVER], [Rule.TEARDOWN], []]


def test_for_each_message() -> None:
    program = build(
        INVITE
        + ANSWER
        + SEND
        + "  for each message of 5:\n"
        + "    6. Handset sends MESSAGE to SIP/IP Core A, about the messages of 5.\n"
        + "      where content-type is message/imdn+xml\n"
    )
    assert (program.steps[3].each, program.steps[3].about) == (2, 2)
    assert program.steps[3].where[0].operator is Operator.IS  # type: ignore[union-attr]
    assert len(program.runs) == 2


def test_time_of_a_step() -> None:
    program = build(
        INVITE + ANSWER + "    within 32 s of 1-2\n    no sooner than profile.t1 after 1-2\n"
    )
    deadline = program.steps[1].deadline
    assert deadline is not None
    assert (deadline.after, deadline.seconds, deadline.setting) == (0, 32.0, "")
    timed = program.steps[1].requirements[1]
    assert (timed.rule, timed.setting, timed.step, timed.reason) == (
        Rule.TIMING, "t1", 0, "no sooner",
    )  # fmt: skip


def test_the_number_of_steps_is_bounded_and_told() -> None:
    steps = "".join(f"  {number}. Handset becomes available.\n" for number in range(5, 1500))
    with pytest.raises(FlowSemanticError, match="no more than 200 steps"):
        build(INVITE + ANSWER + steps)
