"""Well-formed files that say something impossible: the sentence and place of each."""

import pytest

from conformance.flow.errors import FlowSemanticError
from conformance.flow.program import Program
from tests.flow.sample import ANSWER, END, HEAD, INVITE, ORIGIN, SEND, build

PF, CLIENT, CORE = "CPM Participating Function A", "CPM Client A", "SIP/IP Core A"
SUBSCRIBE = f"  1-2. {CLIENT} sends SUBSCRIBE to {PF} via {CORE}.\n"
CHANNEL = (
    "  5. A channel is set up between {a} and {b} in the session of {n}; {a} sends MSRP SEND to "
    "{b}, once or more; the channel is disconnected by {c}.\n"
)


def required(text: str) -> str:
    return INVITE + f"    {text} [X-1]\n      {ORIGIN}\n" + ANSWER


BODIES = [
    # roles and paths
    (
        INVITE.replace("Client A", "Cleint A"),
        9,
        "not a role of this flow (did you mean 'CPM Client",
    ),
    (INVITE.replace("1-2.", "1-3."), 9, "has 3 numbers, but the path pf, core, client has 2 hops"),
    (INVITE.replace("1-2.", "1.") + "  2. CPM Client A becomes available.\n", 9, "1 number, but"),
    (INVITE.replace("1-2.", "2-1."), 9, "is no range"),
    (INVITE.replace(CLIENT, PF), 4, "the role 'client' is never used"),
    (f"  1-2. {PF} sends INVITE to {CORE} via {CORE}.\n", 9, "leads from core to itself"),
    (INVITE + ANSWER + SEND.replace("in the", f"via {CORE} in the"), 11, "SEND has no 'via'"),
    (
        INVITE + ANSWER + INVITE.replace("1-2.", "3-4."),
        11,
        "'3-4' is used twice, first on line 10",
    ),
    # answers
    (INVITE + ANSWER.replace("answers 1-2", "answers 9"), 10, "there is no step '9'"),
    (ANSWER.replace("3-4", "0-1") + INVITE, 9, "answers step 1-2, which is printed only after"),
    (INVITE + ANSWER + ANSWER.replace("3-4. ", "5-6. ").replace("1-2", "3-4"), 11, "no request"),
    (INVITE + ANSWER.replace(CLIENT, PF), 10, "arrives at client, so pf cannot answer it"),
    (INVITE + ANSWER.replace(f"via {CORE}", f"via {PF}"), 10, "goes back the way of its request"),
    (INVITE + f"  3. {PF} forwards 1-2 to {CORE}.\n", 10, "so pf cannot forward it"),
    (
        INVITE + ANSWER + f"  5. {CORE} forwards 3-4 to {PF}.\n",
        11,
        "no request that could be forw",
    ),
    (INVITE + f"  3. {CORE} acknowledges 1-2.\n", 10, "core does not receive step 1-2"),
    (
        INVITE
        + f"  either:\n    3-4. {CLIENT} answers 1-2 with OK via {CORE}.\n"
        + f"  or:\n    5. {PF} sends MSRP SEND to {CLIENT} in the session of 1-2, after 3-4.\n",
        13,
        "cannot precede it: it is in another branch",
    ),
    (
        INVITE
        + f"  meanwhile:\n    3-4. {CLIENT} answers 1-2 with OK via {CORE}.\n"
        + f"  and:\n    5. {PF} sends MSRP SEND to {CLIENT} in the session of 1-2, after 4.\n",
        13,
        "it is in a parallel block",
    ),
    # branches and blocks
    (
        INVITE + "  either:\n    3-4. CPM Client A answers 1-2 with OK via SIP/IP Core A.\n"
        "  or:\n    5-6. CPM Client A answers 1-2 with OK via SIP/IP Core A.\n",
        13,
        "this branch is never reached",
    ),
    (
        INVITE + ANSWER + "  optionally:\n    never Handset sends INVITE to SIP/IP Core A "
        f"[X]\n      {ORIGIN}\n",
        11,
        "this block has no step",
    ),
    (
        INVITE + ANSWER + "  for each message of 7:\n    8. Handset becomes available.\n",
        11,
        "no step",
    ),
    (
        INVITE
        + ANSWER
        + "".join(f"  optionally:\n    {n}. Handset becomes available.\n" for n in range(5, 12)),
        1,
        "more than 64 ways",
    ),
    # sessions and dialogs
    (INVITE + ANSWER + SEND.replace(" in the session of 1-2", ""), 11, "MSRP needs its session"),
    (SUBSCRIBE + SEND, 10, "no INVITE and brings no session"),
    (SUBSCRIBE + END, 10, "no INVITE and brings no session"),
    (INVITE + ANSWER + END.replace(PF, CORE), 11, "core has no part in the session"),
    (INVITE + ANSWER + END.replace(f"via {CORE}", f"via {CLIENT}"), 11, "runs via core"),
    (INVITE + ANSWER.replace(".\n", ", in the dialog of 1-2.\n"), 10, "needs no dialog"),
    (
        INVITE + ANSWER + f"  5-6. {PF} sends ACK to {CLIENT} via {CORE}, in the dialog of 3-4.\n",
        11,
        "begins no dialog",
    ),
    (
        INVITE + ANSWER + CHANNEL.format(a=PF, b=CORE, c=PF, n="1-2"),
        11,
        "SIP/IP Core A has no part",
    ),
    (INVITE + ANSWER + CHANNEL.format(a=PF, b=CLIENT, c=PF, n="3-4"), 11, "brings no session"),
    (INVITE + ANSWER + CHANNEL.format(a=PF, b=CLIENT, c=CORE, n="1-2"), 11, "core has no part"),
    # conditions
    (INVITE + "    where Evnt is x\n", 10, "unknown field 'Evnt' (did you mean 'Event'?)"),
    (INVITE + "    where Event is Evnt of 1-2\n", 10, "unknown field 'Evnt'"),
    (INVITE + "    where Event is Event of 7\n", 10, "there is no step '7'"),
    (INVITE + "    where Event is profile.event\n", 10, "the profile has no setting 'event'"),
    (INVITE + "    where Expires at most many\n", 10, "unknown field 'many'"),
    (INVITE + '    where Expires at most "many"\n', 10, "compares numbers"),
    (INVITE + "    where list.identities among lists\n", 10, "unknown field 'lists'"),
    (
        INVITE + ANSWER + "  if Event of 5 is x:\n    5. Handset becomes available.\n",
        11,
        "only after",
    ),
    (INVITE + "    let a be Event\n    let a be Event\n", 11, "'a' is bound twice"),
    (INVITE + "    let a be Evnt\n", 10, "unknown field 'Evnt'"),
    # time, repetition, witness
    (INVITE + ANSWER + SEND.replace("once or more", "repeat 5..2"), 11, "the bounds must rise"),
    (INVITE + ANSWER + SEND.replace("once or more", "repeat 0..0"), 11, "between 1 and 1000"),
    (INVITE + ANSWER + SEND.replace(".\n", ", repeat 1..2.\n"), 11, "says twice how often"),
    (INVITE + ANSWER.replace(".\n", ", once or more.\n"), 10, "only a request or a message"),
    (
        INVITE + ANSWER + "    within profile.notfy of 1-2\n",
        11,
        "no setting 'notfy' (did you mean",
    ),
    (INVITE + ANSWER + "    within profile.chat-tags of 1-2\n", 11, "is not a length of time"),
    (INVITE + ANSWER + "    within 3 s of 1-2\n    within 4 s of 1-2\n", 12, "two deadlines"),
    (INVITE + "    witness REGISTER answered 200 from Handset\n", 10, "only an internal step"),
    ("  1. Handset becomes available, after 2.\n", 9, "nothing that could be bound"),
    # requirements
    (required("shall Evnt present"), 10, "unknown field 'Evnt'"),
    (required("shall wait for the registration of Handset"), 10, "becomes available"),
    (required("shall not answer 603"), 10, "belongs to an answer"),
    (required("shall connect only after ACK"), 10, "belongs to the step that connects"),
    (required("shall deliver at least one message"), 10, "delivers messages by MSRP"),
    (
        required("shall be torn down by Handset once all messages are delivered within 5 s"),
        10,
        "belongs to a step that ends a session",
    ),
    (INVITE + "    shall Event present [X-1]\n", 10, "does not say its clause and sentence"),
    (
        required("shall Event present") + f"    shall status is 200 [X-1] {ORIGIN}\n",
        13,
        "'X-1' is used twice, first on line 10",
    ),
    # never and identified
    (INVITE + ANSWER + f"  never Handset sends INVITE to Handset [X] {ORIGIN}\n", 11, "to itself"),
    (
        INVITE
        + ANSWER
        + f"  never Handset sends BYE to SIP/IP Core A where Evnt is x [X] {ORIGIN}\n",
        11,
        "unknown field 'Evnt'",
    ),
    (INVITE + ANSWER + "  never Handset sends BYE to SIP/IP Core A breaks 9\n", 11, "no step '9'"),
    (
        INVITE
        + ANSWER
        + "  never Handset sends BYE to SIP/IP Core A before 1 before 3 breaks 1-2\n",
        11,
        "says twice",
    ),
]


@pytest.mark.parametrize(("body", "line", "sentence"), BODIES)
def test_impossible_bodies(body: str, line: int, sentence: str) -> None:
    with pytest.raises(FlowSemanticError) as caught:
        build(body)
    assert sentence in caught.value.sentence
    assert caught.value.line == line
    assert caught.value.render().count("\n") == 2


HEADS = [
    ('  source "A document" clause "1"\n', "", "no source line"),
    ("  identified by 1-2\n", "", "by which step it is identified"),
    ("  identified by 1-2\n", "  identified by 7\n", "there is no step '7'"),
    ("    core     SIP", "    cor      SIP", "'cor' is no role of CPM (did you mean 'core'?)"),
    ("Handset", "SIP/IP Core A", "names two roles"),
    ("  identified", "    pf  Another\n  identified", "the role 'pf' is listed twice"),
    ("  identified", "    iwf  Another\n  identified", "the role 'iwf' is never used"),
    ("  roles", "  replaces x\n  roles", "does not replace itself"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), HEADS)
def test_impossible_heads(old: str, new: str, sentence: str) -> None:
    with pytest.raises(FlowSemanticError) as caught:
        build(INVITE + ANSWER, HEAD.replace(old, new, 1))
    assert sentence in caught.value.sentence


def test_an_internal_step_does_not_identify() -> None:
    with pytest.raises(FlowSemanticError, match="internal and is never seen"):
        build(
            "  1. Handset becomes available.\n" + INVITE.replace("1-2", "2-3"),
            HEAD.replace("identified by 1-2", "identified by 1"),
        )


def test_the_table_is_long_enough() -> None:
    assert len(BODIES) + len(HEADS) >= 40


def test_the_sample_itself_is_well_formed() -> None:
    assert isinstance(build(INVITE + ANSWER + SEND + END), Program)
