"""Who closed a connection that carries messages, and when."""

from conformance.capture.packets import TcpConversation
from tests.capture.scenes import ALICE, BOB, START, STEP, closings, conversation, msrp, pcap, sip


def ended(octets):
    return [(one.source, one.destination, one.frame, one.reset) for one in closings(octets)]


def test_who_closed_a_connection_with_messages_is_told():
    frames = conversation([(True, sip(1)), (False, msrp(2))])
    assert ended(pcap(frames)) == [(ALICE, BOB, 8, False), (BOB, ALICE, 9, False)]
    assert {one.time for one in closings(pcap(frames))} == {START + 7 * STEP, START + 8 * STEP}


def test_who_closes_it_may_not_have_said_anything():
    tcp = TcpConversation(ALICE, BOB)
    frames = [*tcp.open(), *tcp.send(True, msrp(1)), *tcp.close(False)]
    assert ended(pcap(frames)) == [(BOB, ALICE, 6, False), (ALICE, BOB, 7, False)]


def test_a_reset_is_told_as_one():
    tcp = TcpConversation(ALICE, BOB)
    frames = [*tcp.open(), *tcp.send(True, msrp(1)), *tcp.reset(False)]
    assert ended(pcap(frames)) == [(BOB, ALICE, 6, True)]


def test_of_a_connection_without_messages_nothing_is_told():
    tcp = TcpConversation(ALICE, BOB)
    frames = [*tcp.open(), *tcp.send(True, b"\x16\x03\x01" * 90), *tcp.close(True)]
    assert ended(pcap(frames)) == []
