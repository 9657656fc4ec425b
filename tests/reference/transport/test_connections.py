from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import (
    Accepted,
    Close,
    Closed,
    Connection,
    Octets,
    Open,
    Station,
)
from conformance.reference.transport.connections import (
    MAX_CONNECTIONS,
    MAX_FAULTS,
    MAX_USELESS,
    PING,
    PONG,
)
from conformance.reference.transport.directory import Directory, Target
from conformance.reference.transport.sip_transport import SipTransport
from tests.reference.sip_rig import Above

HOME, PEER = Endpoint("10.0.0.1", 5060), Endpoint("10.0.0.2", 5060)
INCOMING = Connection(HOME, Endpoint("10.0.0.2", 40_000))


def accepted() -> tuple[Station, SipTransport]:
    station = Station(HOME.host, Chance("1"))
    transport = SipTransport(station, HOME, Directory({}))
    transport.upper = Above()
    station.receive(1, Accepted(INCOMING))
    return station, transport


def test_a_ping_gets_its_pong():
    station, _ = accepted()
    assert station.receive(2, Octets(INCOMING, PING)) == [Octets(INCOMING, PONG)]
    assert station.receive(3, Octets(INCOMING, PONG)) == []


def test_a_stream_is_used_again_until_it_is_closed():
    # given
    station, transport = accepted()
    connections = transport._connections
    target = Target(Transport.TCP, PEER)
    # when
    connections.open(target, transport)
    assert connections.write(target, b"x")
    ours = Connection(Endpoint(HOME.host, 40_000), PEER)
    assert station.effects() == [Open(ours), Octets(ours, b"x")]
    station.receive(2, Closed(ours, "reset"))
    # then
    assert not connections.write(target, b"y")
    assert len(connections) == 1


def test_the_one_unused_longest_makes_room():
    # given
    station, transport = accepted()
    for port in range(1, MAX_CONNECTIONS):
        station.receive(2, Accepted(Connection(HOME, Endpoint("10.0.0.3", port))))
    station.receive(3, Octets(INCOMING, b"\r\n"))
    # when
    effects = station.receive(4, Accepted(Connection(HOME, Endpoint("10.0.0.4", 1))))
    # then
    assert effects == [Close(Connection(HOME, Endpoint("10.0.0.3", 1)))]
    assert len(transport._connections) == MAX_CONNECTIONS
    assert station.is_open(INCOMING)


def test_a_stream_of_no_sip_is_closed():
    station, transport = accepted()
    station.receive(2, Octets(INCOMING, b"\nA b SIP/2.0\r\nnonsense\r\n\r\n" * (MAX_FAULTS + 1)))
    assert not station.is_open(INCOMING)
    assert len(transport._connections) == 0


def test_a_message_without_end_is_closed():
    station, _ = accepted()
    head = b"MESSAGE sip:b@h SIP/2.0\r\nContent-Length: 9999999\r\n\r\n"
    station.receive(2, Octets(INCOMING, head))
    station.receive(3, Octets(INCOMING, b"x" * (MAX_USELESS // 2)))
    assert station.is_open(INCOMING)
    station.receive(4, Octets(INCOMING, b"x" * (MAX_USELESS // 2)))
    assert not station.is_open(INCOMING)


def test_header_fields_without_end_are_closed():
    station, _ = accepted()
    station.receive(2, Octets(INCOMING, b"MESSAGE sip:b@h SIP/2.0\r\n"))
    line = b"X: " + b"a" * 1_000 + b"\r\n"
    for time in range(MAX_USELESS // len(line) + 2):
        station.receive(3 + time, Octets(INCOMING, line))
    assert not station.is_open(INCOMING)
