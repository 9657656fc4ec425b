from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import (
    Accepted,
    Close,
    Closed,
    Connection,
    Datagram,
    Note,
    Octets,
    Open,
    Opened,
    Station,
)

HOME, PEER = Endpoint("10.0.0.1", 5060), Endpoint("10.0.0.2", 5060)


class Ear:
    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    def datagram(self, datagram: Datagram) -> None:
        self.heard.append(("datagram", datagram.octets))

    def opened(self, connection: Connection) -> None:
        self.heard.append(("opened", connection))

    def octets(self, connection: Connection, octets: bytes) -> None:
        self.heard.append(("octets", octets))

    def closed(self, connection: Connection, why: str) -> None:
        self.heard.append(("closed", why))


def station() -> tuple[Station, Ear]:
    made, ear = Station(HOME.host, Chance("1")), Ear()
    made.bind(HOME, ear)
    return made, ear


def test_a_bound_endpoint_takes_datagrams_and_connections():
    # given
    host, ear = station()
    incoming = Connection(HOME, PEER)
    # when
    host.receive(1, Datagram(PEER, HOME, b"x"))
    host.receive(2, Datagram(PEER, Endpoint(HOME.host, 9), b"not for us"))
    host.receive(3, Accepted(incoming))
    host.receive(4, Octets(incoming, b"y"))
    host.receive(5, Closed(incoming, "reset"))
    host.receive(6, Octets(incoming, b"too late"))
    # then
    assert ear.heard == [
        ("datagram", b"x"),
        ("opened", incoming),
        ("octets", b"y"),
        ("closed", "reset"),
    ]
    assert host.now == 6
    assert host.listening == (HOME,)


def test_what_nobody_listens_for_is_closed():
    host, ear = station()
    host.unbind(HOME)
    incoming = Connection(HOME, PEER)
    assert host.receive(1, Accepted(incoming)) == [Close(incoming)]
    assert ear.heard == []


def test_a_connection_of_ours_may_be_written_to_at_once():
    # given
    host, ear = station()
    # when
    connection = host.connect(PEER, ear, Transport.TLS)
    host.write(connection, b"x")
    host.close(connection)
    host.write(connection, b"too late")
    # then
    assert host.effects() == [Open(connection), Octets(connection, b"x"), Close(connection)]
    assert connection.transport is Transport.TLS
    assert host.effects() == []
    assert not host.is_open(connection)
    host.receive(1, Opened(connection))
    assert ear.heard == []


def test_ports_of_open_connections_are_not_used_again():
    host, ear = station()
    ports = {host.connect(PEER, ear).local.port for _ in range(100)}
    assert len(ports) == 100


def test_alarms_ring_in_order_and_once():
    # given
    host, _ = station()
    rung: list[str] = []
    host.after(30, lambda: rung.append("late"))
    host.after(10, lambda: rung.append("early"))
    cancelled = host.after(5, lambda: rung.append("never"))
    # when
    cancelled.cancel()
    # then
    assert host.next_deadline() == 10
    host.wake(10)
    assert rung == ["early"]
    assert host.next_deadline() == 30
    host.wake(40)
    host.wake(50)
    assert rung == ["early", "late"]
    assert host.next_deadline() is None


def test_an_alarm_may_set_another_for_the_next_time():
    host, _ = station()
    rung: list[int] = []
    host.after(10, lambda: host.after(0, lambda: rung.append(host.now)))
    host.wake(15)
    assert rung == []
    assert host.next_deadline() == 15
    host.wake(15)
    assert rung == [15]


def test_time_never_goes_back():
    host, _ = station()
    host.wake(100)
    host.wake(50)
    assert host.now == 100


def test_a_note_says_what_no_message_shows():
    host, _ = station()
    host.note("deferred", message="m1")
    assert host.effects() == [Note("deferred", (("message", "m1"),))]
