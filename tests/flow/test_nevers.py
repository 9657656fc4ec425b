from conformance.cpm.role import Role
from conformance.flow.library import load
from conformance.flow.program import Rule
from tests.flow.sample import ANSWER, INVITE, build


def test_a_never_that_breaks_a_printed_step() -> None:
    program = build(
        INVITE
        + ANSWER
        + "  never Handset sends MESSAGE to SIP/IP Core A answered OK\n"
        + "    about the messages of 1-2 before 3 breaks 3-4\n"
    )
    (never,) = program.nevers
    assert (never.sender, never.receiver, never.method) == (Role.CLIENT, Role.CORE, "MESSAGE")
    assert (never.before, never.after, never.about, never.answered) == (1, None, 0, True)
    assert (never.requirement.id, never.requirement.rule) == ("x/3-4", Rule.NEVER)


def test_the_chat_s_nevers() -> None:
    nevers = load().flow("chat-deferred").nevers
    assert [never.requirement.id for never in nevers] == [
        "CF-7.3.12-1-receive",
        "CF-7.3.12-2-notification",
        "CF-7.3.12-2-notification",
        "CF-7.3.12-note-reply",
    ]
    assert [never.method for never in nevers] == ["SEND", "SEND", "MESSAGE", "SEND"]
