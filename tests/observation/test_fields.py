"""Fields: values, () when absent, None when they cannot be read."""

import pytest

from conformance.observation.content import Content
from conformance.observation.fields import FIELDS, HEADERS, values
from conformance.observation.trace import Message
from conformance.sip.writer import write_request
from tests.scenarios import chat, pull, push_pager, undelivered
from tests.sip.samples import of


def message(content_type: str, body: bytes) -> Message:
    headers = [
        ("Via", "SIP/2.0/UDP h:5060;branch=z9hG4bKx"),
        ("From", "<sip:a@example.org>;tag=a"),
        ("To", "<sip:b@example.org>"),
        ("Call-ID", "c"),
        ("CSeq", "1 MESSAGE"),
        ("Content-Type", content_type),
    ]
    return of(write_request("MESSAGE", "sip:b@example.org", headers, body))


def content(ladder, label: str) -> Content:
    return Content(ladder.trace().items[ladder.find(label)].message)


def test_a_pager_message() -> None:
    one = content(push_pager.build(disposition="positive-delivery"), "2")
    assert values("method", one) == ("MESSAGE",)
    assert values("service", one) == ("oma.cpm.msg",)
    assert values("imdn.Disposition-Notification", one) == ("positive-delivery",)
    assert len(values("imdn.Message-ID", one) or ()) == 1
    assert values("content-type", one) == ("message/cpim", "text/plain")
    assert values("to-tag", one) == values("status", one) == values("sdp.media", one) == ()


def test_a_list_and_the_actions_that_answer_it() -> None:
    ladder = pull.build(actions=("retrieve", "discard", ""))
    listed, asked = content(ladder, "6"), content(ladder, "10")
    names = values("list.identities", listed) or ()
    assert len(names) == 3
    assert values("actions.identities", asked) == names[:2]
    assert values("actions.retrieve", asked) == names[:1]
    assert values("actions.without-action", asked) == ()


def test_a_notification_of_failure() -> None:
    one = content(undelivered.build(), "7")
    assert values("imdn.status", one) == ("failed",)
    assert values("imdn.count", one) == ("1",)


def test_an_offer() -> None:
    one = content(chat.build(), "1")
    assert values("sdp.direction", one) == ("sendonly",)
    assert values("sdp.media", one) == ("TCP/MSRP",)
    assert [path[:7] for path in values("sdp.path", one) or ()] == ["msrp://"]


def test_that_a_header_without_parameters_is_compared() -> None:
    ladder = pull.build()
    assert values("Event", content(ladder, "6")) == ("deferred-messages",)
    assert values("Subscription-State", content(ladder, "6")) == ("active",)


UNREADABLE = [
    ("message/cpim", b"From: <sip:a@b>\r\nno blank line", "imdn.Message-ID"),
    ("message/cpim", b"From: <sip:a@b>\r\nno blank line", "imdn.Disposition-Notification"),
    ("message/cpim", b"From: <sip:a@b>\r\nno blank line", "cpim.From"),
    ("message/imdn+xml", b"<imdn", "imdn.status"),
    ("application/vnd.oma.cpm-deferred-list+xml", b"<deferred-list", "list.identities"),
    ("application/vnd.unheard-of", b"\x00\x01", "list.identities"),
    ("application/vnd.3gpp.sms", b"", "session.messages"),
    ("application/vnd.3gpp.sms", b"\xff", "sms.type"),
    ("application/sdp", b"s=no version", "sdp.direction"),
]


@pytest.mark.parametrize(("content_type", "body", "field"), UNREADABLE)
def test_that_what_cannot_be_read_is_none(content_type: str, body: bytes, field: str) -> None:
    assert values(field, Content(message(content_type, body))) is None


@pytest.mark.parametrize("field", sorted({*FIELDS, *HEADERS}))
def test_that_every_field_can_be_asked_of_every_message(field: str) -> None:
    for ladder in (push_pager.build(), chat.build()):
        for item in ladder.trace():
            found = values(field, Content(item.message))
            assert found is None or all(isinstance(value, str) for value in found)


def test_that_a_name_the_table_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError):
        values("Evnt", content(pull.build(), "2"))
