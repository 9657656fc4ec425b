import pytest

from conformance.flow.errors import FlowSemanticError
from tests.flow.sample import ANSWER, END, INVITE, SEND, before, build

MESSAGE = "  6. Handset sends MESSAGE to SIP/IP Core A, after {}.\n"


def test_a_hop_s_own_number_names_the_hop() -> None:
    assert before(build(INVITE + ANSWER + MESSAGE.format("3")), "6") == {"1", "2", "3"}
    assert before(build(INVITE + ANSWER + MESSAGE.format("1-2")), "6") == {"1", "2"}


def test_a_step_is_the_hop_that_its_sender_has() -> None:
    assert before(build(INVITE + ANSWER + MESSAGE.format("3-4")), "6") == {"1", "2", "3"}


def test_an_internal_step_has_no_time() -> None:
    with pytest.raises(FlowSemanticError, match="no time of its own"):
        build(INVITE + ANSWER + "  5. Handset becomes available.\n" + MESSAGE.format("5"))


def test_a_branch_of_one_s_own_is_found_among_steps_of_one_label() -> None:
    ends = "".join(f"    {line}\n" for line in END.strip().split("\n"))
    mine = ends + "    7. SIP/IP Core A sends MESSAGE to Handset, after end.\n"
    other = ends.replace("CPM Participating Function A ends", "Handset ends")
    program = build(INVITE + ANSWER + SEND + f"  either:\n{other}  or:\n{mine}")
    seven = next(hop for hop in program.hops if hop.number == "7")
    byes = [hop for hop in program.hops if hop.number == "end" and hop.sender == "pf"]
    assert program.before[seven.index] >> byes[0].index & 1
