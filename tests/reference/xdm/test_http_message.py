import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.xdm.http_message import (
    MAX_CONTENT,
    HttpRequest,
    HttpResponse,
    HttpStream,
)
from conformance.wire.limits import MAX_HEAD
from conformance.wire.malformed import Malformed

tokens = st.text("abcXYZ019-_.!", min_size=1, max_size=8)
values = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
fields = st.lists(st.tuples(tokens.map("X-{}".format), values), max_size=3).map(tuple)
targets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
contents = st.binary(max_size=50)
requests = st.builds(HttpRequest, tokens, targets, fields, contents)
responses = st.builds(HttpResponse, st.sampled_from([200, 201, 404, 409]), fields, contents)


def fed(octets, size, *, requests):
    stream, found = HttpStream(requests=requests), []
    for start in range(0, len(octets), size):
        found.extend(stream.feed(octets[start : start + size]))
    return found


@given(st.lists(requests, max_size=4), st.integers(1, 20))
@settings(max_examples=60)
def test_that_requests_are_read_as_they_were_written_in_any_cut(made, size):
    found = fed(b"".join(one.write() for one in made), size, requests=True)
    assert [(one.method, one.target, one.content) for one in found] == [
        (one.method, one.target, one.content) for one in made
    ]
    assert [one.fields[:-1] for one in found] == [one.fields for one in made]


@given(st.lists(responses, max_size=4), st.integers(1, 20))
@settings(max_examples=60)
def test_that_responses_are_read_as_they_were_written_in_any_cut(made, size):
    found = fed(b"".join(one.write() for one in made), size, requests=False)
    assert [(one.status, one.content) for one in found] == [
        (one.status, one.content) for one in made
    ]


@given(st.lists(st.binary(max_size=80), max_size=4), st.booleans())
def test_that_garbage_gives_malformed_once_and_never_raises(parts, requests):
    stream = HttpStream(requests=requests)
    found = [message for part in parts for message in stream.feed(part)]
    assert sum(isinstance(message, Malformed) for message in found) <= 1
    stream.end()


def test_that_a_response_without_length_lasts_until_the_end():
    stream = HttpStream(requests=False)
    assert list(stream.feed(b"HTTP/1.0 200 OK\r\n\r\none")) == []
    assert list(stream.feed(b"two")) == []
    assert stream.end().content == b"onetwo"
    assert stream.end() is None


def test_that_a_response_that_is_cut_short_is_none():
    stream = HttpStream(requests=False)
    assert list(stream.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none")) == []
    assert stream.end() is None


def test_that_chunks_are_put_together():
    octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"
    found = fed(octets * 2, 5, requests=False)
    assert [response.content for response in found] == [b"one", b"one"]


def test_that_a_304_has_no_content_whatever_its_length_says():
    octets = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP/1.1 404 x\r\n\r\n"
    assert fed(octets, 99, requests=False)[0] == HttpResponse(
        304, (("Content-Length", "9"),), b"", "Not Modified"
    )
    assert b"Content-Length" not in HttpResponse(304).write()


@pytest.mark.parametrize(
    ("head", "closes"),
    [
        ("GET / HTTP/1.1\r\n", False),
        ("GET / HTTP/1.1\r\nConnection: Keep-Alive, Close\r\n", True),
        ("GET / HTTP/1.0\r\n", True),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n", False),
    ],
)
def test_whether_the_connection_ends_after_a_request(head, closes):
    (request,) = fed(f"\r\n{head}\r\n".encode(), 3, requests=True)
    assert request.closes is closes


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"GET /\r\n\r\n", "no request line"),
        (b"GET / HTTP/2.0\r\n\r\n", "no request line"),
        (b"GET / HTTP/1.1\r\nno field\r\n\r\n", "no field line"),
        (b"GET / HTTP/1.1\r\nName : x\r\n\r\n", "no field line"),
        (b"GET / HTTP/1.1\r\nA: x\0y\r\n\r\n", "no field line"),
        (b"GET / HTTP/1.1\r\n folded\r\n\r\n", "no field line"),
        (b"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "no length"),
        (b"PUT / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n", "no length"),
        (b"PUT / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", "limit MAX_CONTENT"),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "transfer coding"),
        (
            b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            "transfer coding",
        ),
        (b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "no size of a chunk"),
        (b"GET /" + b"a" * (MAX_HEAD + 1), "limit MAX_HEAD"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 2_000 + b"\r\n", "limit MAX_HEADER_FIELDS"),
    ],
    ids=lambda value: value[:30],
)
def test_that_what_is_no_request_is_malformed(octets, why):
    (found,) = fed(octets + b"GET / HTTP/1.1\r\n\r\n", 10_000, requests=True)
    assert isinstance(found, Malformed)
    assert why in found.rule


def test_that_content_without_end_is_malformed():
    stream = HttpStream(requests=False)
    found = list(stream.feed(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(MAX_CONTENT + 1)))
    assert "limit MAX_CONTENT" in found[0].rule


def test_that_the_same_length_twice_is_one():
    found = fed(b"PUT / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\nx", 99, requests=True)
    assert found[0].content == b"x"


def test_that_no_line_becomes_two():
    with pytest.raises(ValueError, match="control character"):
        HttpRequest("GET", "/", (("A", "x\r\nB: y"),)).write()
