"""Disposition notifications."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.imdn import NAMESPACE, STATUSES, Imdn, is_imdn, parse, write
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear

DELIVERED = b"""<?xml version="1.0" encoding="UTF-8"?>
<imdn xmlns="urn:ietf:params:xml:ns:imdn" xmlns:cpm="urn:oma:xml:cpm:imdn-extensions:1.0">
  <cpm:message-id>not this</cpm:message-id>
  <message-id> Msg-1 </message-id>
  <datetime>2026-03-02T09:00:00Z</datetime>
  <recipient-uri>tel:+15551230001</recipient-uri>
  <original-recipient-uri>sip:bob@example.com</original-recipient-uri>
  <subject>Lunch &amp; more</subject>
  <cpm:note/>
  <delivery-notification><status><cpm:x/><delivered/></status></delivery-notification>
</imdn>
"""


def notification(inner, message_id=b"<message-id>m</message-id>"):
    return b'<imdn xmlns="%s">%s%s</imdn>' % (NAMESPACE.encode(), message_id, inner)


def test_a_notification_is_read_whatever_else_it_holds():
    assert parse(DELIVERED) == Imdn(
        "Msg-1",
        "delivery",
        "delivered",
        "2026-03-02T09:00:00Z",
        "tel:+15551230001",
        "sip:bob@example.com",
        "Lunch & more",
    )


def test_prefixed_and_plain_elements_are_the_same():
    prefixed = b'<i:imdn xmlns:i="%s"><i:message-id>m</i:message-id><i:display-notification>'
    prefixed += b"<i:status><i:displayed/></i:status></i:display-notification></i:imdn>"
    plain = b"<imdn><message-id>m</message-id><display-notification><status><displayed/></status>"
    plain += b"</display-notification></imdn>"
    assert (
        parse(prefixed % NAMESPACE.encode()) == parse(plain) == Imdn("m", "display", "displayed")
    )


@pytest.mark.parametrize(
    ("kind", "status"), [(kind, status) for kind in STATUSES for status in sorted(STATUSES[kind])]
)
def test_every_status_of_every_kind(kind, status):
    inner = f"<{kind}-notification><status><{status}/></status></{kind}-notification>".encode()
    found = parse(notification(inner))
    assert found == Imdn("m", kind, status)
    assert found.is_known
    assert found.is_negative == (status in ("failed", "forbidden", "error"))


def test_a_status_of_another_kind_is_read_but_not_known():
    assert not Imdn("m", "display", "failed").is_known


@pytest.mark.parametrize(
    ("octets", "rule"),
    [
        (b"", "not well-formed"),
        (b"<x/>", "the root is x"),
        (notification(b"", b""), "no message-id"),
        (notification(b"", b"<message-id> </message-id>"), "no message-id"),
        (notification(b""), "no notification"),
        (notification(b"<delivery-notification/>"), "no notification"),
        (notification(b"<delivery-notification><status/></delivery-notification>"), "no notific"),
        (b"<!DOCTYPE imdn><imdn/>", "refused"),
    ],
)
def test_broken_notifications_are_values(octets, rule):
    found = parse(octets)
    assert isinstance(found, Malformed)
    assert rule in found.rule


def test_the_media_type_has_two_names():
    assert is_imdn("message/imdn+xml")
    assert is_imdn("message/imdn")
    assert not is_imdn("message/cpim")


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
).map(lambda text: text.strip(" \t\r\n"))
OPTIONAL = st.none() | TEXT


@given(
    TEXT.filter(bool),
    st.sampled_from([(kind, status) for kind in STATUSES for status in sorted(STATUSES[kind])]),
    st.tuples(OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL),
)
def test_a_written_notification_is_read_back(message_id, disposition, optional):
    imdn = Imdn(message_id, *disposition, *optional)
    assert parse(write(imdn)) == imdn


@pytest.mark.parametrize(
    "imdn", [Imdn("", "delivery", "failed"), Imdn("m", "other", "x"), Imdn("m", "display", "a b")]
)
def test_what_no_notification_can_say_is_refused(imdn):
    with pytest.raises(ValueError, match="can say"):
        write(imdn)


@given(st.binary())
def test_any_octets_give_a_value(octets):
    assert isinstance(parse(octets), Imdn | Malformed)
    assert isinstance(parse(notification(octets)), Imdn | Malformed)


def test_reading_is_linear():
    assert_linear(parse, lambda size: notification(b"<message-id/><x/>" * (size // 10)))
