import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sip.parser import parse
from conformance.sip.writer import write, write_request, write_response
from tests.sip.samples import MESSAGE, headers, messages, of, tokens, uris, values


@given(messages)
def test_what_is_written_is_read(octets):
    assert write(of(octets)) == octets
    assert parse(write(of(octets))) == of(octets)


@given(tokens, uris, headers, st.binary(max_size=30))
def test_a_request_holds_what_was_given(method, uri, fields, body):
    message = of(write_request(method, uri, fields, body))
    assert (message.method, message.uri, message.body) == (method, uri, body)
    assert message.fields() == (*fields, ("Content-Length", str(len(body))))


@given(st.integers(100, 699), values, headers, st.binary(max_size=30))
def test_a_response_holds_what_was_given(status, reason, fields, body):
    message = of(write_response(status, reason, fields, body))
    assert (message.status, message.reason, message.body) == (status, reason, body)
    assert message.fields()[:-1] == tuple(fields)


@pytest.mark.parametrize("name", ["Content-Length", "l"])
def test_a_content_length_given_stays(name):
    assert write_request("BYE", "sip:a", [(name, "7")], b"x").endswith(b": 7\r\n\r\nx")


def test_octets_of_a_message():
    message = of(MESSAGE)
    assert write_request(message.method, message.uri, message.fields(), message.body) == MESSAGE


@pytest.mark.parametrize(
    ("method", "uri", "field"),
    [
        ("B YE", "sip:a", ("To", "x")),
        ("", "sip:a", ("To", "x")),
        ("BYE", "", ("To", "x")),
        ("BYE", "sip:a b", ("To", "x")),
        ("BYE", "sip:a\r\n", ("To", "x")),
        ("BYE", "sip:a", ("T:o", "x")),
        ("BYE", "sip:a", ("To", "x\r\nFrom: y")),
    ],
)
def test_what_cannot_be_written(method, uri, field):
    with pytest.raises(ValueError, match=r"RFC 3261|line end"):
        write_request(method, uri, [field])


@pytest.mark.parametrize(("status", "reason"), [(99, "x"), (1000, "x"), (200, "x\ny")])
def test_what_cannot_be_answered(status, reason):
    with pytest.raises(ValueError, match="RFC 3261"):
        write_response(status, reason, [])
