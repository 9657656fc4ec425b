from conformance.live.late import AnswersLate
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Datagram
from conformance.reference.faults.tampers import answer
from tests.live.echo import Echo

PEER = Endpoint("127.78.0.9", 5060)
OK = b"SIP/2.0 200 OK\r\nCSeq: 1 MESSAGE\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
RINGS = OK.replace(b"200 OK", b"180 Ringing")


def test_a_final_answer_leaves_so_much_later_and_nothing_else_does():
    # given a party whose answers come a second late
    one = Echo()
    party = AnswersLate(one.station, answer("MESSAGE"), 1_000)
    party.wake(500)
    # when it answers at once
    for octets in (RINGS, OK, b"no SIP"):
        one.station.send(Datagram(one.endpoint, PEER, octets))
    left = [effect.octets for effect in party.effects()]
    # then only the final answer is held back, until its time
    assert left == [RINGS, b"no SIP"]
    assert party.next_deadline() == 1_500
    assert party.wake(1_499) == []
    assert [effect.octets for effect in party.wake(1_500)] == [OK]
    assert party.next_deadline() is None
    assert (party.host, party.listening) == (one.station.host, one.station.listening)


def test_what_it_says_when_it_is_told_something_is_late_as_well():
    one = Echo()
    party = AnswersLate(one.station, answer("MESSAGE"), 1_000)
    one.datagram = lambda datagram: one.station.send(Datagram(one.endpoint, PEER, OK))
    assert party.receive(100, Datagram(PEER, one.endpoint, b"anything")) == []
    assert len(party.wake(1_100)) == 1
