from conformance.live.losing import (
    LosesBehindAnswer,
    LosesBetween,
    LosesConnection,
    LosesWhatComes,
)
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Accepted, Close, Closed, Connection, Octets
from tests.live.echo import Echo, fresh

SEND = b"MSRP abcd1234 SEND\r\nTo-Path: msrp://a:1/b;tcp\r\n\r\n" + b"x" * 500


def test_the_message_is_cut_in_the_middle_and_the_connection_is_gone_for_both():
    # given a party with an open connection
    one = Echo()
    party = LosesConnection(one.station)
    connection = Connection(one.endpoint, fresh())
    party.receive(1, Accepted(connection))
    # when it sends a short message and a long one
    one.station.write(connection, b"MSRP abcd1234 SEND\r\n")
    one.station.write(connection, SEND)
    one.station.write(connection, b"more")
    effects = party.effects()
    # then half of the long one leaves, and the party learns that its connection is lost
    assert effects == [
        Octets(connection, b"MSRP abcd1234 SEND\r\n"),
        Octets(connection, SEND[: len(SEND) // 2]),
        Close(connection),
    ]
    assert one.ended == ["the connection is lost"]


def test_it_happens_once_and_to_the_nth():
    one = Echo()
    party = LosesConnection(one.station, nth=2)
    connection = Connection(one.endpoint, Endpoint("127.0.0.1", 1))
    party.receive(1, Accepted(connection))
    for _ in range(2):
        one.station.write(connection, SEND)
    assert len(party.effects()) == 3
    assert (party.host, party.listening) == (one.station.host, one.station.listening)
    again = connection._replace(remote=Endpoint("127.0.0.1", 2))
    party.receive(2, Accepted(again))
    one.station.write(again, SEND)
    assert party.wake(3) == [Octets(again, SEND)]
    assert party.next_deadline() is None


def test_a_connection_is_lost_while_something_comes():
    # given a party to which a long message comes
    one = Echo()
    party = LosesWhatComes(one.station)
    connection = Connection(one.endpoint, fresh())
    party.receive(1, Accepted(connection))
    # when it has heard a short one, and the long one begins
    party.receive(2, Octets(connection, b"MSRP abcd1234 200 OK\r\n"))
    effects = party.receive(3, Octets(connection, SEND))
    # then the connection is gone, and the message with it
    assert Close(connection) in effects
    assert one.heard == [b"MSRP abcd1234 200 OK\r\n"]
    assert one.ended == ["the connection is lost"]
    assert (party.wake(4), party.effects()) == ([], [])


def test_a_connection_is_lost_behind_an_answer():
    # given a party that answers what comes
    one = Echo()
    party = LosesBehindAnswer(one.station)
    connection = Connection(one.endpoint, fresh())
    party.receive(1, Accepted(connection))
    # when it has taken a long message
    effects = party.receive(2, Octets(connection, SEND))
    # then it has heard it, and the connection is gone
    assert effects[-1] == Close(connection)
    assert one.heard == [SEND]
    assert one.ended == ["the connection is lost"]
    assert Close(connection) not in party.receive(3, Octets(connection, SEND))


def test_a_connection_is_lost_between_two_messages_and_only_the_other_side_learns_of_it():
    # given a party that has sent a long message, and would send another
    one = Echo()
    party = LosesBetween(one.station)
    connection = Connection(one.endpoint, fresh())
    party.receive(1, Accepted(connection))
    one.station.write(connection, SEND)
    one.station.write(connection, SEND)
    assert party.effects() == [Octets(connection, SEND)]
    # when the first is answered, then the connection is closed, and nothing more is sent
    assert party.receive(2, Octets(connection, b"MSRP abcd1234 200 OK\r\n")) == [Close(connection)]
    assert party.receive(3, Closed(connection, "")) == []
    assert one.heard == one.ended == []
    # and another connection is not concerned.
    again = connection._replace(remote=Endpoint("127.0.0.1", 2))
    party.receive(4, Accepted(again))
    one.station.write(again, SEND)
    assert party.effects() == [Octets(again, SEND)]
