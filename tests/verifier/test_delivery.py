"""Which messages a session delivers, and whether a capture shows enough to convict."""

from dataclasses import replace

import pytest

from conformance.verifier.verdict import Reason, Verdict
from tests.ladder import Ladder
from tests.scenarios import catalogue, push
from tests.verifying import causes, said_of, verify


def lacking() -> Ladder:
    return catalogue.ladder("BREAKS", "pull", "one-not-delivered")


@pytest.mark.parametrize("name", ["one-not-delivered", "unselected-delivered"])
def test_that_another_set_is_a_fault_of_who_ends_the_session(name: str) -> None:
    assert causes(verify(catalogue.ladder("BREAKS", "pull", name))) == ["SD-B.3.6.2-messages"]


def test_that_it_is_open_where_a_chunk_had_no_answer() -> None:
    """The connection may have been closed: then nothing was answered any more."""
    ladder = lacking()
    last = max(i for i, shot in enumerate(ladder.shots) if shot.is_msrp and " 200 " in shot.start)
    judged = verify(ladder.drop(last))
    assert causes(judged) == []
    assert judged.verdict is Verdict.INCONC
    assert judged.results[0].reason_code is Reason.GAP
    assert "its connection may have been lost" in said_of(ladder, judged)


def test_that_it_is_open_where_the_capture_may_lack_a_part() -> None:
    """An answer to a chunk that was not seen: there was more."""
    ladder = lacking()
    last = max(i for i, shot in enumerate(ladder.shots) if shot.is_msrp)
    stray = replace(
        ladder.shots[last],
        octets=b"MSRP unseen 200" + ladder.shots[last].octets.partition(b" 200")[2],
        time=ladder.shots[last].time + 1_000,
    )
    name = ladder.shots[last].octets.split()[1]
    stray.octets = stray.octets.replace(b"-------" + name, b"-------unseen")
    judged = verify(ladder._with([*ladder.shots, stray]))
    assert causes(judged) == []
    assert judged.verdict is Verdict.INCONC
    assert "may lack a part of the session" in said_of(ladder, judged)


def test_that_a_session_without_a_message_is_none() -> None:
    assert "SD-5.2.1.1.2-session" in causes(verify(push.build(send_nothing=True)))
