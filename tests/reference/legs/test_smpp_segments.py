"""Segments as SMPP carries them, and its statuses as causes (SMPP 3.4)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.legs.leg import Cause
from conformance.reference.legs.short_message import joined, segments
from conformance.reference.legs.smpp_segments import cause_of, status_of, user_data_of, written
from conformance.reference.smpp.pdu import Command, Pdu, ShortMessage, Status


def pdu(esm_class: int, coding: int, octets: bytes) -> Pdu:
    body = ShortMessage(esm_class=esm_class, data_coding=coding, short_message=octets)
    return Pdu(Command.DELIVER_SM, 1, body)


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=500), st.integers(0, 255))
def test_what_is_written_is_read_again(text: str, reference: int) -> None:
    parts = segments(text, reference)
    again = [user_data_of(pdu(*written(part))) for part in parts]
    assert [one.concatenation for one in again] == [one.concatenation for one in parts]
    assert joined(again).text == text


@pytest.mark.parametrize(
    ("coding", "octets", "text"),
    [
        (1, b"plain", "plain"),
        (3, b"Gr\xfc\xdfe", "Grüße"),
        (8, b"\x04\x36", "ж"),
        (4, b"\x01", None),
    ],
)
def test_a_text_is_read_in_its_coding(coding: int, octets: bytes, text: str | None) -> None:
    assert user_data_of(pdu(0, coding, octets)).text == text


@pytest.mark.parametrize("header", [b"\x05\x00\x03\x01", b"\xff", b"\x02\x00\x09", b"\x00"])
def test_a_broken_header_is_left_out(header: bytes) -> None:
    assert user_data_of(pdu(0x40, 0, header)).concatenation is None


@settings(max_examples=60)
@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=40))
def test_any_octets_are_some_user_data(esm_class: int, coding: int, octets: bytes) -> None:
    data = user_data_of(pdu(esm_class, coding, octets))
    assert data.text is None or isinstance(data.text, str)


def test_what_is_no_message_has_no_user_data() -> None:
    assert user_data_of(Pdu(Command.ENQUIRE_LINK, 1)).payload == b""


@pytest.mark.parametrize("cause", [Cause.UNKNOWN, Cause.ABSENT, Cause.CONGESTED, Cause.REFUSED])
def test_a_cause_is_the_same_behind_two_ends(cause: Cause) -> None:
    assert cause_of(status_of(cause)) is cause


@pytest.mark.parametrize(
    ("status", "cause"),
    [(None, Cause.NO_ANSWER), (0, None), (0x0B, Cause.UNKNOWN), (0x7777, Cause.FAILED)],
)
def test_the_cause_of_a_status(status: int | None, cause: Cause | None) -> None:
    assert cause_of(status) is cause


def test_every_cause_has_a_status() -> None:
    assert all(status_of(cause) is not Status.ROK for cause in Cause)
    assert status_of(None) is Status.ROK
