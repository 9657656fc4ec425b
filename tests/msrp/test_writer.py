import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.msrp.parser import parse
from conformance.msrp.writer import write, write_request, write_response
from tests.msrp.samples import PATHS, SEND, headers, messages, of, transaction_ids, values


@given(messages)
def test_what_is_written_is_read(octets):
    assert write(of(octets)) == octets
    assert parse(write(of(octets))) == of(octets)


@given(transaction_ids, headers, st.binary(max_size=30), st.sampled_from("$+#"))
def test_a_request_holds_what_was_given(transaction, fields, body, flag):
    message = of(write_request(transaction, "SEND", [*PATHS, *fields], body, flag))
    assert (message.transaction_id, message.body, message.flag) == (transaction, body, flag)
    assert message.fields() == (*PATHS, *fields)


@given(transaction_ids, st.integers(0, 999), values)
def test_a_response_holds_what_was_given(transaction, status, comment):
    message = of(write_response(transaction, status, comment, PATHS))
    assert (message.transaction_id, message.status) == (transaction, status)
    assert (message.comment, message.flag) == (comment, "$")


def test_octets_of_a_message():
    message = of(SEND.replace(b"message-id:8", b"message-id: 8"))
    written = write_request(
        message.transaction_id, message.method, message.fields(), message.body, message.flag
    )
    assert written == message.octets


@pytest.mark.parametrize(
    ("transaction", "method", "field", "body", "flag"),
    [
        ("t12", "SEND", ("A", "b"), b"", "$"),
        ("t123", "send", ("A", "b"), b"", "$"),
        ("t123", "SEND", ("A:", "b"), b"", "$"),
        ("t123", "SEND", ("A", "b\r\n"), b"", "$"),
        ("t123", "SEND", ("A", "b"), b"x\r\n-------t123$\r\ny", "$"),
        ("t123", "SEND", ("A", "b"), b"-------t123+", "$"),
        ("t123", "SEND", ("A", "b"), b"", "!"),
        ("t123", "SEND", ("A", "b"), b"", ""),
    ],
)
def test_what_cannot_be_written(transaction, method, field, body, flag):
    with pytest.raises(ValueError, match=r"RFC 4975|end-line"):
        write_request(transaction, method, [*PATHS, field], body, flag)


@pytest.mark.parametrize(("status", "comment"), [(1000, "x"), (-1, "x"), (200, "x\ny")])
def test_what_cannot_be_answered(status, comment):
    with pytest.raises(ValueError, match="three digits"):
        write_response("t123", status, comment, PATHS)
