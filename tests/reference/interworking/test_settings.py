"""The messages that a gateway makes of others, and whose preferences count."""

import pytest

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.timer import SECOND
from conformance.reference.interworking.settings import (
    IwfSettings,
    asserted,
    incoming,
    number_uri,
    outgoing,
    reported_on,
    subject_of,
)
from conformance.reference.legs.leg import NonCpmMessage
from conformance.reference.messaging.content import CpmMessage, read
from conformance.sip.message import SipRequest
from tests.reference.wiring import BEGIN

ALICE, SMS_USER = "sip:+15550100@home-a.example", "tel:+15550177"


def request(*fields: str) -> SipRequest:
    lines = "\r\n".join(["MESSAGE tel:+15550177 SIP/2.0", *fields, "", ""])
    return SipRequest(lines.encode())


@pytest.mark.parametrize(
    ("number", "uri"),
    [
        ("tel:+1-555-0100", ALICE),
        ("sip:+15550100@other.example;user=phone", ALICE),
        ("tel:1234;phone-context=home-a.example", "sip:1234@home-a.example"),
        ("<sip:bob@home-a.example>", "sip:bob@home-a.example"),
    ],
)
def test_the_address_of_a_user(number: str, uri: str) -> None:
    assert IwfSettings().user_uri(number) == uri


@pytest.mark.parametrize(
    ("value", "number"),
    [("<tel:+1-555-0177>", SMS_USER), ("sip:+15550177@x", SMS_USER), ("sip:bob@x", ""), ("", "")],
)
def test_the_number_in_a_value(value: str, number: str) -> None:
    assert number_uri(value) == number


def test_who_is_asserted_counts_before_who_says_so() -> None:
    both = request(
        "From: <sip:anonymous@anonymous.invalid>;tag=1",
        "P-Asserted-Identity: <sip:alice@home-a.example>, <tel:+15550100>",
    )
    assert asserted(both) == "tel:+15550100"
    assert asserted(request("From: <sip:alice@x>;tag=1")) == "sip:alice@x"
    assert asserted(request()) == ""


def test_the_preferences_of_the_user_at_home_count() -> None:
    settings = IwfSettings()
    out = request(f"From: <{ALICE}>;tag=1", f"To: <{SMS_USER}>")
    assert subject_of(out, settings) == ALICE
    handed_over = request("From: <tel:+15550142>;tag=1", f"To: <{ALICE}>")
    assert subject_of(handed_over, settings) == ALICE


def test_a_cpm_message_goes_out_with_its_lifetime() -> None:
    message = CpmMessage("id", ALICE, SMS_USER, b"Hi", wants=("display",), expires_at=BEGIN + 9)
    sent = outgoing("1", message, (ALICE, SMS_USER), BEGIN)
    assert (sent.text, sent.wants_report, sent.lifetime) == ("Hi", False, 9)
    late = outgoing("1", message, (ALICE, SMS_USER), BEGIN + 10)
    assert late.lifetime == 0


def test_a_message_comes_in_as_one_that_can_be_read() -> None:
    sent = NonCpmMessage("1", SMS_USER, "tel:+15550100", "Hi", True, 60 * SECOND)
    made = incoming(sent, ALICE, "conversation", Chance("1"), BEGIN)
    again = read("message/cpim", made.cpim())
    assert isinstance(again, CpmMessage)
    assert (again.message_id, again.text, again.wants) == (made.message_id, "Hi", made.wants)
    assert (made.expires_at, made.conversation_id) == (BEGIN + 60 * SECOND, "conversation")


def test_a_notification_names_the_parties_whatever_the_envelope_hides() -> None:
    hidden = CpmMessage("id", "", "", b"Hi", anonymous=True, envelope=b"x")
    told = reported_on(hidden, ALICE, SMS_USER)
    assert (told.sender, told.recipient, told.anonymous, told.envelope) == (
        ALICE,
        SMS_USER,
        False,
        b"",
    )
