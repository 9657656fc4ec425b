"""MSRP messages put together from their chunks, whichever way they went."""

from conformance.body.cpim import message
from conformance.body.cpim import write as write_cpim
from conformance.msrp.chunking import split
from conformance.msrp.parser import parse
from conformance.msrp.writer import write_request
from conformance.observation.packet import Transport
from conformance.oracle.channel import Channels, message_id
from conformance.oracle.view import Item
from tests.oracle.samples import CLIENT, CORE

MINE, THEIRS = "msrp://10.0.2.20:2855/a;tcp", "msrp://10.0.3.1:2855/b;tcp"


def send(body, *, size=2048, identity="m1", **fields):
    items = []
    for number, chunk in enumerate(split(body, size)):
        start, end, total = chunk.byte_range
        head = [
            ("To-Path", MINE),
            ("From-Path", THEIRS),
            ("Message-ID", identity),
            ("Byte-Range", f"{start}-{end}/{total}"),
            *fields.items(),
            ("Content-Type", "message/cpim"),
        ]
        octets = write_request(f"tid{identity}{number:04}", "SEND", head, chunk.body, chunk.flag)
        items.append(Item(number, True, parse(octets), Transport.TCP, CLIENT, CORE, 0, 1, (1,)))
    return items


def cpim(identity):
    fields = (("NS", "imdn <urn:ietf:params:imdn>"), ("imdn.Message-ID", identity))
    return write_cpim(message(fields, "text/plain", b"hello"))


def taken(items):
    channels = Channels()
    return [one for one in map(channels.take, items) if one is not None], channels


def test_a_message_in_one_chunk_is_whole():
    (whole,), channels = taken(send(cpim("id-1")))
    assert whole.identity == "id-1"
    assert (whole.from_path, whole.to_path) == (THEIRS, MINE)
    assert channels.sessions == {MINE, THEIRS}


def test_chunks_make_one_message():
    wholes, _ = taken(send(cpim("id-2"), size=30))
    assert [one.identity for one in wholes] == ["id-2"]
    assert wholes[0].body == cpim("id-2")


def test_messages_that_interleave_are_told_apart():
    first, second = (
        send(cpim("a"), size=40, identity="m1"),
        send(cpim("b"), size=40, identity="m2"),
    )
    mixed = [one for pair in zip(first, second, strict=True) for one in pair]
    assert {one.identity for one in taken(mixed)[0]} == {"a", "b"}


def test_a_message_that_lacks_a_chunk_is_none():
    assert taken(send(cpim("id-3"), size=30)[:-1])[0] == []


def test_an_empty_send_shows_the_session_alone():
    octets = write_request("tid00001", "SEND", [("To-Path", MINE), ("From-Path", THEIRS)])
    item = Item(0, True, parse(octets), Transport.TCP, CLIENT, CORE, 0, 1, (1,))
    wholes, channels = taken([item])
    assert wholes == []
    assert MINE in channels.sessions


def test_what_is_no_cpim_has_no_identity():
    assert message_id("text/plain", b"hello") == ""
    assert message_id("message/cpim", b"nothing of the kind") == ""
