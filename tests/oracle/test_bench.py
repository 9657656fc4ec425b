"""The bench runs a station: SIP comes out whole, MSRP is answered and kept."""

from conformance.msrp.parser import parse as parse_msrp
from conformance.msrp.writer import write_request as write_msrp
from conformance.observation.packet import Endpoint, Transport
from conformance.oracle.bench import Bench
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Datagram, Station
from tests.oracle.samples import CORE, SECOND, request

HOST = "10.0.3.1"
SIP = Endpoint(HOST, 5060)
MSRP = Endpoint(HOST, 2855)


class Role:
    """Sends what it gets back to where it came from; keeps what streams bring."""

    def __init__(self):
        self.station = Station(HOST, Chance("bench"))
        self.station.bind(SIP, self)
        self.station.bind(MSRP, self)
        self.streams = []
        self.came = b""

    def datagram(self, datagram):
        self.station.send(Datagram(SIP, datagram.source, datagram.octets))

    def opened(self, connection):
        self.streams.append(connection)

    def octets(self, connection, octets):
        self.came += octets

    def closed(self, connection, why):
        self.streams.remove(connection)


def made():
    role = Role()
    return role, Bench([role.station], begin=0)


def send(path="msrp://10.0.3.1:2855/a;tcp", body=b"hello"):
    fields = [
        ("To-Path", "msrp://10.0.2.20:2855/b;tcp"),
        ("From-Path", path),
        ("Message-ID", "m1"),
        ("Byte-Range", f"1-{len(body)}/{len(body)}"),
        ("Content-Type", "text/plain"),
    ]
    return write_msrp("tid12345", "SEND", fields, body)


def test_sip_over_udp_comes_out_as_messages():
    _, bench = made()
    bench.deliver(request().octets, SIP, CORE, Transport.UDP)
    assert [(one.message, one.remote) for one in bench.sent] == [(request(), CORE)]


def test_sip_over_tcp_is_framed():
    role, bench = made()
    connection = role.station.connect(CORE, role)
    octets = request().octets
    role.station.write(connection, octets[:40])
    role.station.write(connection, octets[40:])
    bench.command(role.station)
    assert [one.message for one in bench.sent] == [request()]


def test_a_send_is_answered_and_its_message_kept():
    role, bench = made()
    connection = role.station.connect(Endpoint("10.0.2.20", 2855), role)
    role.station.write(connection, send())
    bench.command(role.station)
    (carried,) = bench.carried
    assert (carried.content_type, carried.body) == ("text/plain", b"hello")
    assert parse_msrp(role.came).status == 200


def test_a_peer_that_is_active_binds_its_session_and_speaks():
    role, bench = made()
    path = "msrp://10.0.3.1:2855/a;tcp"
    bench.bind(path, MSRP, "msrp://10.0.2.20:9/b;tcp", "192.0.2.1")
    bench.hand_over(path, "msrp://10.0.2.20:9/b;tcp", "text/plain", b"content")
    assert len(role.streams) == 1
    assert role.came.count(b" SEND\r\n") == 2
    assert b"content" in role.came


def test_deadlines_pass_in_their_order():
    role, bench = made()
    order = []
    role.station.after(2 * SECOND, lambda: order.append(bench.now))
    role.station.after(SECOND, lambda: order.append(bench.now))
    bench.advance(10 * SECOND)
    assert order == [SECOND, 2 * SECOND]
    assert bench.now == 10 * SECOND


def test_a_role_that_never_rests_is_stopped():
    role, bench = made()

    def again():
        role.station.after(0, again)

    again()
    bench.advance(SECOND)
    assert bench.now == SECOND


def test_octets_for_a_host_that_is_not_there_are_lost():
    _, bench = made()
    bench.deliver(request().octets, Endpoint("192.0.2.9", 5060), CORE, Transport.UDP)
    assert bench.sent == []


def test_notes_are_kept_with_their_time():
    role, bench = made()
    bench.advance(SECOND)
    role.station.note("deferred", message="m1")
    bench.command(role.station)
    assert [(time, note.what) for time, note in bench.notes] == [(SECOND, "deferred")]
