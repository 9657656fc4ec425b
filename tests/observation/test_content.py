"""Content is opened when asked for, and once."""

from conformance.body.deferred_list import Entry, IdentityPaths
from conformance.observation.content import _LATELY, Content
from conformance.observation.fields import values
from conformance.wire.malformed import Malformed
from tests.scenarios import pull, push_pager
from tests.scenarios.variations import mirrored


def content(ladder, label: str) -> Content:
    return Content(ladder.trace().items[ladder.find(label)].message)


def test_that_a_message_without_body_has_no_parts() -> None:
    one = content(push_pager.build(), "4")
    assert (one.parts, one.cpim, one.sdp, one.media, one.listed, one.sms) == (
        (), None, None, None, None, None,
    )  # fmt: skip


def test_that_the_parts_of_a_multipart_are_found_by_type() -> None:
    one = content(pull.build(), "10")
    assert one.part("application/sdp") is not None
    assert one.media is not None
    assert isinstance(one.listed, tuple)
    assert all(isinstance(entry, Entry) for entry in one.listed)


def test_that_what_cpim_wraps_counts_among_the_types() -> None:
    assert content(push_pager.build(), "2").media_types == ("message/cpim", "text/plain")


def test_that_a_short_message_is_opened() -> None:
    """An RP-ACK from the network (3GPP TS 24.011 section 7.3.3)."""
    ladder = push_pager.build()
    message = ladder.trace().items[ladder.find("2")].message
    one = Content(message, body=b"\x03\x05", content_type="application/vnd.3gpp.sms")
    assert one.sms is not None
    assert not isinstance(one.sms, Malformed)


def test_that_a_part_is_read_once() -> None:
    one = content(pull.build(), "10")
    assert one.parts is one.parts
    assert one.sdp is one.sdp


def test_that_a_reassembled_body_takes_the_place_of_the_messages_own() -> None:
    ladder = mirrored(push_pager.build())
    message = ladder.trace().items[ladder.find("2")].message
    one = Content(message, body=b"hello", content_type="text/plain", whole=False)
    assert [part.content for part in one.parts] == [b"hello"]
    assert not one.whole


def test_that_a_broken_part_is_a_value() -> None:
    ladder = push_pager.build()
    message = ladder.trace().items[ladder.find("2")].message
    one = Content(message, body=b"no headers at all", content_type="message/cpim")
    assert isinstance(one.cpim, Malformed)
    assert one.imdns == ()


def test_that_what_passes_on_unchanged_is_opened_once() -> None:
    ladder = push_pager.build()
    one, other = content(ladder, "2"), content(ladder, "3")
    assert one.message.octets != other.message.octets
    assert one.carried is other.carried


def test_that_the_same_octets_of_another_type_are_another_body() -> None:
    message = content(push_pager.build(), "2").message
    plain = Content(message, body=b"a: b\r\n\r\nc", content_type="text/plain")
    wrapped = Content(message, body=b"a: b\r\n\r\nc", content_type="message/cpim")
    assert (plain.cpim is None, wrapped.cpim is None) == (True, False)


def test_that_a_list_is_read_by_the_paths_of_each_reader() -> None:
    message = content(pull.build(), "6").message
    one, other = Content(message), Content(message, IdentityPaths(element=".//{*}nothing"))
    assert one.carried is other.carried
    assert one.listed
    assert isinstance(other.listed, Malformed)
    assert one.listed == Content(message).listed


def test_that_values_can_be_let_go_of_and_read_again() -> None:
    one = content(push_pager.build(), "2")
    before = values("service", one)
    one.rest()
    assert values("service", one) == before != ()


def test_that_a_body_of_long_ago_is_opened_again() -> None:
    message = content(push_pager.build(), "2").message
    one = Content(message)
    before = one.carried, one.cpim, one.parts
    for number in range(_LATELY):
        assert Content(message, body=b"%d" % number, content_type="text/plain").parts
    assert not any(name in vars(one.carried) for name in ("parts", "cpims"))
    assert (one.carried, one.cpim, one.parts) == before
    assert Content(message).carried is not one.carried
