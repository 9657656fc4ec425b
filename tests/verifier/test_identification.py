"""When a candidate is an instance: what only the end of a session can tell."""

from tests.scenarios import push, push_large
from tests.verifying import verify


def test_that_a_session_of_several_messages_is_no_large_message() -> None:
    flows = {one.flow for one in verify(push.build()).results}
    assert flows == {"push"}


def test_that_the_service_of_large_messages_says_it_at_once() -> None:
    flows = {one.flow for one in verify(push_large.build()).results}
    assert flows == {"push-large"}
