import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.msrp.message import ByteRange, MsrpRequest, MsrpResponse, Status
from tests.body.growth import assert_linear
from tests.msrp.samples import ALICE, BIND, BOB, OK, REPORT, SEND, of, send


def test_a_send_reads_as_it_was_written():
    message = of(SEND)
    assert isinstance(message, MsrpRequest)
    assert message.is_request
    assert (message.transaction_id, message.method, message.flag) == ("a786hjs2", "SEND", "+")
    assert message.start_line == "MSRP a786hjs2 SEND"
    assert message.to_path == ("msrp://relay.example.org:2855/r1;tcp", BOB)
    assert message.from_path == (ALICE,)
    assert message.message_id == "87652491"
    assert message.byte_range == ByteRange(1, None, 60)
    assert message.success_report
    assert message.failure_report == "partial"
    assert message.status is None
    assert message.content_type == "message/cpim"
    assert message.body.startswith(b"Hey Bob,\r\n-------other$")
    assert message.body.endswith(b"are you there?")
    assert not message.is_empty


def test_a_bind_send_is_empty():
    message = of(BIND)
    assert message.is_empty
    assert (message.body, message.content_type, message.byte_range) == (b"", "", None)
    assert (message.success_report, message.failure_report) == (False, "yes")
    assert message.flag == "$"
    assert send(b"").is_empty
    assert not send(b"\r\n").is_empty


def test_a_report():
    message = of(REPORT)
    assert message.status == Status(0, 200, "OK then")
    assert message.byte_range == ByteRange(1, 60, 60)
    assert not message.is_empty


def test_a_response():
    message = of(OK)
    assert isinstance(message, MsrpResponse)
    assert not message.is_request
    assert (message.status, message.comment, message.transaction_id) == (200, "OK", "a786hjs2")
    assert message.message_id is None
    assert of(OK.replace(b" 200 OK", b" 481")).comment == ""
    assert of(OK.replace(b" 200 OK", b" 481 Gone  away")).comment == "Gone  away"


def test_fields_keep_order_case_and_repetition():
    message = send(X_A="1", Message_ID="m", x_a="2")
    assert message.fields()[2:] == (
        ("X-A", "1"),
        ("Message-ID", "m"),
        ("x-a", "2"),
        ("Content-Type", "text/plain"),
    )
    assert message.headers("X-a") == ("1", "2")
    assert message.header("x-A") == "1"
    assert message.header("X-B") is None


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"\r\n\r\n", b"-------", b"a\r\n-------t123", b"\r\n\r\nx"]
)
def test_the_body_is_what_stands_between(body):
    message = send(body)
    assert message.body == body
    assert message.content_type == "text/plain"


def test_an_end_line_right_after_the_empty_line():
    message = of(BIND.replace(b"-------b", b"\r\n-------b"))
    assert message.body == b""
    assert message.message_id == "m0"


@pytest.mark.parametrize("value", ["", "1-2", "a-b/c", "1-2/3/4", "-1-2/3", "1-2/" + "9" * 5_000])
def test_an_unreadable_byte_range(value):
    assert send(Byte_Range=value).byte_range is None


@pytest.mark.parametrize("value", ["", "200 OK", "000 20 OK", "000  200"])
def test_an_unreadable_status(value):
    assert send(Status=value).status is None


@pytest.mark.parametrize(
    ("value", "found"), [("YES", "yes"), ("No", "no"), ("partial", "partial"), ("maybe", "yes")]
)
def test_failure_report(value, found):
    assert send(Failure_Report=value).failure_report == found


def test_equality_and_hash_go_by_octets():
    assert of(SEND) == of(bytes(SEND)) == pickle.loads(pickle.dumps(of(SEND)))
    assert of(SEND) != of(OK)
    assert of(SEND) != SEND
    assert len({of(SEND), of(SEND), of(OK)}) == 2
    assert repr(of(OK)).startswith("MsrpResponse(b'MSRP ")


@given(st.binary(max_size=120), st.sampled_from([MsrpRequest, MsrpResponse]))
def test_any_octets_can_be_asked(octets, kind):
    message = kind(octets)
    for name in ("transaction_id", "to_path", "from_path", "message_id", "flag", "byte_range"):
        getattr(message, name)
    assert isinstance(message.status, int | Status | None)
    assert message.body in octets
    assert len(message.fields()) >= 0
    assert len(message.start_line) <= len(octets)


@pytest.mark.parametrize("piece", [b"a", b" ", b"\r\n", b"\r\nTo-Path:", b"\r\n-------", b":"])
def test_reading_is_linear(piece):
    def read(octets):
        message = MsrpRequest(octets)
        return message.to_path, message.byte_range, message.body, message.fields()

    assert_linear(read, lambda n: b"MSRP t123 SEND\r\nTo-Path: " + piece * n, 200)
