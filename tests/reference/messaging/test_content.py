"""CPM Messages in their envelope."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body import cpim as cpim_body
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.content import (
    ANONYMOUS,
    CpmMessage,
    feature,
    icsi,
    imdn,
    one_line,
    read,
    read_stamp,
    stamp,
)
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipMessage
from conformance.sip.parser import parse
from conformance.wire.malformed import Malformed
from tests.reference.wiring import BEGIN

BOB, ALICE = "sip:+15550142@home-b.example", "sip:+15550100@home-a.example"
MESSAGE = CpmMessage(
    message_id="m-1",
    sender=BOB,
    recipient=ALICE,
    body="Grüße".encode(),
    sent_at=BEGIN,
    wants=("positive-delivery", "display"),
    conversation_id="c-1",
    contribution_id="k-1",
    service="deferred",
    subject="Notice",
)


def sip(**fields: str) -> SipMessage:
    draft = Draft("MESSAGE", ALICE)
    draft.fields = [
        ("Via", "SIP/2.0/UDP 10.0.1.1;branch=z9hG4bK1"),
        ("From", f"<{BOB}>;tag=1"),
        ("To", f"<{ALICE}>"),
        ("Call-ID", "x"),
        ("CSeq", "1 MESSAGE"),
        ("Conversation-ID", "c-1"),
        ("Contribution-ID", "k-1"),
        ("Accept-Contact", f"*;{feature('deferred')}"),
    ]
    for name, value in fields.items():
        draft.put(name.replace("_", "-"), value)
    found = parse(draft.octets())
    assert isinstance(found, SipMessage)
    return found


def test_a_message_is_read_back_as_it_was_written() -> None:
    found = read("message/cpim", MESSAGE.cpim(), sip())

    assert found == MESSAGE
    assert isinstance(found, CpmMessage)
    assert found.text == "Grüße"
    assert found.cpim() == MESSAGE.cpim()


def test_what_came_in_an_envelope_goes_on_unchanged() -> None:
    octets = MESSAGE.cpim().replace(b"DateTime", b"X-Other: 1\r\nDateTime")

    found = read("message/cpim", octets, sip())

    assert isinstance(found, CpmMessage)
    assert found.cpim() == octets


def test_a_notification_is_no_larger_thing_than_it_says() -> None:
    octets = imdn(MESSAGE, "delivered", "delivery", Chance("n"), BEGIN + 60 * SECOND)

    found = read("message/cpim", octets)

    assert isinstance(found, CpmMessage)
    told = found.notification
    assert told is not None
    assert found.is_notification
    assert (told.message_id, told.kind, told.status) == ("m-1", "delivery", "delivered")
    assert (found.sender, found.recipient, found.wants) == (ALICE, BOB, ())
    assert found.message_id not in ("", "m-1")
    assert not MESSAGE.is_notification


def test_a_hidden_sender_is_known_by_what_the_network_asserts() -> None:
    hidden = CpmMessage("m", BOB, ALICE, b"x", anonymous=True)
    assert f"From: <{ANONYMOUS}>".encode() in hidden.cpim()

    found = read("message/cpim", hidden.cpim(), sip(Referred_By=f"<{BOB}>"))

    assert isinstance(found, CpmMessage)
    assert (found.sender, found.anonymous) == (BOB, True)


def test_content_without_an_envelope_has_no_identity() -> None:
    found = read("text/plain", b"Hello", sip(P_Asserted_Identity=f'"Bob" <{BOB}>'), now=BEGIN)

    assert isinstance(found, CpmMessage)
    assert (found.message_id, found.sender, found.text) == ("", BOB, "Hello")
    assert found.service == "deferred"


def test_expires_counts_from_when_the_message_came() -> None:
    found = read("message/cpim", MESSAGE.cpim(), sip(Expires="3600"), now=BEGIN)
    never = read("message/cpim", MESSAGE.cpim(), sip(Expires="soon"), now=BEGIN)

    assert isinstance(found, CpmMessage)
    assert isinstance(never, CpmMessage)
    assert found.expires_at == BEGIN + 3600 * SECOND
    assert never.expires_at is None


def test_octets_that_are_no_envelope_are_told() -> None:
    assert isinstance(read("message/cpim", b"\xff\x00"), Malformed)
    assert isinstance(read("", b"x"), Malformed)


def test_a_pager_message_is_small() -> None:
    assert MESSAGE.is_pager
    assert not CpmMessage("m", BOB, ALICE, b"x" * 1_300).is_pager


def test_the_envelope_is_found_inside_a_multipart() -> None:
    body = b"--b\r\nContent-Type: message/cpim\r\n\r\n" + MESSAGE.cpim() + b"\r\n--b--"

    found = read('multipart/mixed;boundary="b"', body)

    assert isinstance(found, CpmMessage)
    assert found.message_id == "m-1"


def test_an_envelope_asks_by_name() -> None:
    found = cpim_body.parse(MESSAGE.cpim())

    assert not isinstance(found, Malformed)
    assert found.disposition_notification == {"positive-delivery", "display"}
    assert found.subject == "Notice"


def test_times_are_read_as_they_are_written() -> None:
    assert stamp(BEGIN) == "2026-03-02T09:00:00Z"
    assert read_stamp("2026-03-02T10:00:00+01:00") == BEGIN
    assert read_stamp("2026-03-02T09:00:00") == BEGIN
    assert read_stamp("yesterday", 5) == 5


def test_services_have_their_names() -> None:
    assert icsi("msg") == "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"
    assert feature("msg").endswith('oma.cpm.msg"')
    assert one_line("a\r\nb\x00") == "a b"


ODD = st.text(max_size=12) | st.sampled_from(
    ["\udd00", "a\r\nTo: b", " \t", "\x00\x7f", "é\udc80"]
)


@given(ODD, ODD, ODD)
def test_no_words_are_too_odd_for_an_envelope(identity: str, sender: str, subject: str) -> None:
    odd = CpmMessage(identity, sender, sender, b"x", subject=subject)

    found = read("message/cpim", odd.cpim(), sip())

    assert isinstance(found, CpmMessage)
    assert found.body == b"x"
    again = read("message/cpim", replace(found, envelope=b"").cpim(), sip())
    assert isinstance(again, CpmMessage)


def test_a_subject_that_no_octets_can_say_is_read() -> None:
    octets = MESSAGE.cpim().replace(b"Subject: Notice", b"Subject: \\udd00!")

    found = read("message/cpim", octets, sip())

    assert isinstance(found, CpmMessage)
    assert found.subject == "?!"


def test_a_content_type_is_one_line() -> None:
    with pytest.raises(ValueError, match="line end"):
        CpmMessage("m", BOB, ALICE, b"x", content_type="text/plain\r\nX: y").cpim()
