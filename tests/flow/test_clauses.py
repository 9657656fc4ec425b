from tests.flow.sample import ANSWER, INVITE, build

NOTIFY = "  5-6. Handset sends NOTIFY to CPM Participating Function A via SIP/IP Core A{}.\n"


def test_clauses_mean_the_same_in_the_sentence_and_below_it() -> None:
    inside = build(
        INVITE + ANSWER + NOTIFY.format(", in the dialog of 1-2, about the messages of 1")
    )
    below = build(
        INVITE
        + ANSWER
        + NOTIFY.format("")
        + "    in the dialog of 1-2\n    about the messages of 1\n"
    )
    assert (inside.steps[2].dialog, inside.steps[2].about) == (0, 0)
    assert (below.steps[2].dialog, below.steps[2].about) == (0, 0)
    assert inside.before == below.before
    assert not inside.steps[2].initial


def test_several_where_lines_all_count() -> None:
    program = build(INVITE + "    where Event present\n    where Expires present\n" + ANSWER)
    assert len(program.steps[0].where) == 2
    assert program.identified.where == program.steps[0].where
