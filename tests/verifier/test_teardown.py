"""Who ends a session, and when."""

import pytest

from conformance.verifier.verdict import Verdict
from tests.scenarios import catalogue, pull, push
from tests.verifying import causes, faults, said_of, verify


@pytest.mark.parametrize("bye", ["pf", "both", "client"])
def test_that_a_session_may_end_from_either_side_after_the_last_message(bye: str) -> None:
    ladder = push.build(bye=bye)
    judged = verify(ladder)
    assert judged.verdict is Verdict.PASS, said_of(ladder, judged)


def test_that_a_push_that_nobody_ends_is_the_participating_functions_fault() -> None:
    ladder = push.build(bye="nobody")
    assert faults(verify(ladder)) == [("SD-5.2.1.1.2-teardown", "pf")]


def test_that_it_may_not_end_inside_a_message() -> None:
    ladder = catalogue.ladder("BREAKS", "push", "ended-inside-a-message")
    assert causes(verify(ladder)) == ["SD-5.2.1.1.2-teardown"]


def test_that_a_client_that_gives_up_is_no_fault() -> None:
    ladder = catalogue.ladder("INCONCLUSIVE", "push", "client-ends-before-all")
    assert verify(ladder).verdict is Verdict.INCONC


def test_that_a_client_that_chose_messages_waits_for_them() -> None:
    ladder = catalogue.ladder("BREAKS", "pull", "client-ends-too-early")
    assert faults(verify(ladder)) == [("SD-5.2.1.1.1-teardown", "client")]


def test_that_either_side_may_end_a_pull() -> None:
    assert verify(pull.build(end="pf")).verdict is Verdict.PASS
    assert verify(pull.build()).verdict is Verdict.PASS


def test_that_content_which_crosses_a_bye_is_right() -> None:
    ladder = catalogue.ladder("VARIANTS", "chat-deferred", "content-crosses-bye")
    judged = verify(ladder)
    assert judged.verdict is Verdict.PASS, said_of(ladder, judged)
