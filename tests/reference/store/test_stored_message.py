import json

import pytest
from hypothesis import given, settings

from conformance.reference.store.stored_message import from_text, to_text
from tests.reference.messages import cpm, messages


@given(messages)
@settings(max_examples=60)
def test_that_a_message_is_read_back_equal_with_its_envelope(message):
    found = from_text(to_text(message))
    assert found == message
    assert found.envelope == message.envelope


WHOLE = json.loads(to_text(cpm()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "{",
        "{}",
        '"text"',
        "[" * 100_000,
        json.dumps(WHOLE | {"body": "text"}),
        json.dumps(WHOLE | {"body": {"octets": "%"}}),
        json.dumps(WHOLE | {"more": 1}),
        json.dumps({name: WHOLE[name] for name in ("message_id", "sender", "recipient", "body")}),
    ],
    ids=str.__len__,
)
def test_that_another_text_is_an_error(text):
    with pytest.raises(ValueError, match="no message can be read"):
        from_text(text)
