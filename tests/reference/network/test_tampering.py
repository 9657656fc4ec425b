"""Faults planted between a party and the network."""

import pytest

from conformance.msrp.writer import write_request as write_msrp
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Note
from conformance.reference.network.simulation import Simulation
from conformance.reference.network.tampering import Tamper, Tampered
from conformance.sip.writer import write_request
from tests.reference.stations import BEGIN, ONE, OTHER, Talker

SIP = write_request("MESSAGE", "sip:b@example.org", [("Call-ID", "1")], b"hello")
MSRP = write_msrp("tx12", "SEND", [("To-Path", "msrp://b/1;tcp"), ("From-Path", "msrp://a/1;tcp")])
TEXT = b"GET / HTTP/1.1\r\n\r\n"


def pair(tamper: Tamper) -> tuple[Simulation, Talker, Talker]:
    simulation = Simulation("1", BEGIN)
    one, other = Talker(ONE), Talker(OTHER)
    simulation.add("one", None, Tampered(one.station, tamper))
    simulation.add("other", None, other.station)
    return simulation, one, other


def test_a_datagram_is_changed():
    # given
    asked = []

    def tamper(octets: bytes, towards: Endpoint) -> bytes:
        asked.append((octets, towards))
        return octets.replace(b"hello", b"HELLO")

    simulation, one, other = pair(tamper)
    # when
    simulation.after(0, lambda: one.say(other, SIP))
    simulation.run()
    # then
    assert asked == [(SIP, other.endpoint)]
    assert other.datagrams == [SIP.replace(b"hello", b"HELLO")]


def test_a_message_is_held_back_or_sent_twice():
    # given
    answers = iter([None, [SIP, SIP]])
    simulation, one, other = pair(lambda octets, towards: next(answers))
    # when
    simulation.after(0, lambda: one.say(other, SIP))
    simulation.after(1, lambda: one.say(other, SIP))
    simulation.run()
    # then
    assert other.datagrams == [SIP, SIP]


@pytest.mark.parametrize("message", [SIP, MSRP])
def test_a_stream_is_cut_into_messages_first(message):
    # given
    asked = []

    def tamper(octets: bytes, towards: Endpoint) -> bytes | None:
        asked.append(octets)
        return None if len(asked) == 2 else octets

    simulation, one, other = pair(tamper)
    both = message * 3
    # when
    simulation.after(0, lambda: one.call(other, both[:90], both[90:], close=True))
    simulation.run()
    # then
    assert asked == [message] * 3
    assert other.all_heard == message * 2


def test_other_streams_keep_alives_and_datagrams_pass():
    # given
    simulation, one, other = pair(lambda octets, towards: None)
    # when
    simulation.after(0, lambda: one.call(other, TEXT))
    simulation.after(1, lambda: one.call(other, b"\r\n\r\n", SIP))
    simulation.after(2, lambda: one.say(other, b"\r\n\r\n"))
    simulation.run()
    # then
    assert sorted(other.heard.values()) == [b"\r\n\r\n", TEXT]
    assert other.datagrams == [b"\r\n\r\n"]


def test_what_does_not_leave_is_untouched():
    # given
    simulation, one, other = pair(lambda octets, towards: None)
    other.replies = {b"?": b"yes"}
    # when
    simulation.after(0, lambda: one.call(other, b"well?"))
    simulation.after(0, lambda: one.station.after(1, lambda: one.station.note("rang")))
    simulation.run()
    # then
    assert one.all_heard == b"yes"
    assert [note.note for note in simulation.notes] == [Note("rang")]
    assert simulation.parties["one"].component.listening == (one.endpoint,)
