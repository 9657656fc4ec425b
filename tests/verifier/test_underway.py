"""What was under way when a session ended."""

from dataclasses import replace

import pytest

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.scenarios import catalogue
from tests.verifying import causes, said_of, verify


def is_open(octets: bytes) -> bool:
    """Whether a chunk is not its message's last."""
    return octets.startswith(b"MSRP ") and octets.endswith(b"+\r\n")


def unanswered(ladder: Ladder) -> Ladder:
    """The same without the answers to chunks that are not their message's last."""
    names = [shot.octets.split()[1] for shot in ladder.shots if is_open(shot.octets)]
    assert names
    heard = [
        shot
        for shot in ladder.shots
        if not any(shot.octets.startswith(b"MSRP %s 200" % name) for name in names)
    ]
    return replace(ladder, shots=heard)


@pytest.mark.parametrize("flow", ["push", "push-large"])
def test_that_a_session_may_end_inside_a_message_if_its_connection_may_be_lost(flow: str) -> None:
    """The peer closes it: then nothing of the message comes any more, and no answer to it."""
    ladder = unanswered(catalogue.ladder("BREAKS", flow, "ended-inside-a-message"))
    judged = verify(ladder)
    assert causes(judged) == [], said_of(ladder, judged)
    assert judged.verdict is Verdict.INCONC


@pytest.mark.parametrize("flow", ["push", "push-large"])
def test_that_it_may_not_where_what_was_sent_has_arrived(flow: str) -> None:
    ladder = catalogue.ladder("BREAKS", flow, "ended-inside-a-message")
    assert len(causes(verify(ladder))) == 1
