import shutil
import subprocess
from dataclasses import replace

import pytest

from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation
from conformance.capture.writer import PcapngWriter
from conformance.observation.packet import Endpoint
from conformance.reference.engine.timer import SECOND
from conformance.reference.network.simulation import Simulation
from conformance.reference.preferences.document import write
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.xdm import xcap
from conformance.reference.xdm.xcap import TIMEOUT, XcapClient
from conformance.reference.xdm.xdms import Xdms
from tests.reference.messages import ALICE, BOB
from tests.reference.stations import ROUGH
from tests.reference.wired import START, Wires, station

SERVER = Endpoint("10.0.6.1", 8080)
DEFAULT = Preferences()
NIGHT = Preferences((Profile("night"),))


class World:
    """A client and a server, and what the client was told."""

    def __init__(self, *, cut=0, kind=Xdms, **options):
        self.server = kind(station(SERVER.host), SERVER, root="/xcap", users={ALICE: NIGHT})
        self.client = XcapClient(station("10.0.3.1"), SERVER, root="/xcap", **options)
        self.wires = Wires(self.server.station, self.client.station, cut=cut)
        self.told = []

    def fetch(self, user=ALICE):
        self.client.fetch(user, self.told.append)
        self.wires.settle()
        return self.told

    @property
    def sent(self):
        """The first lines of the requests and answers."""
        return [octets.partition(b"\r\n")[0].decode() for _, octets in self.wires.passed]


@pytest.mark.parametrize("cut", [0, 1, 7])
def test_that_preferences_are_fetched_however_the_octets_are_cut(cut):
    assert World(cut=cut).fetch() == [NIGHT]


def test_that_a_request_names_host_user_and_who_asks():
    world = World(host="xdms.home-a.example", identity="sip:pf@home-a.example")
    world.fetch()
    head = world.wires.passed[0][1].decode()
    path = f"/xcap/org.openmobilealliance.user-preferences/users/{ALICE}/user-preferences"
    assert head.startswith(f"GET {path} HTTP/1.1\r\nHost: xdms.home-a.example\r\n")
    assert 'X-3GPP-Asserted-Identity: "sip:pf@home-a.example"\r\n' in head


def test_that_what_is_known_is_not_sent_again():
    world = World()
    world.fetch()
    assert world.fetch() == [NIGHT, NIGHT]
    assert world.sent[3] == "HTTP/1.1 304 Not Modified"
    # And a change is seen.
    world.server.keep(ALICE, DEFAULT)
    assert world.fetch()[2] == DEFAULT


def test_that_a_user_without_a_document_has_the_default():
    assert World().fetch(BOB) == [None]
    assert World(default=DEFAULT).fetch(BOB) == [DEFAULT]


def test_that_requests_wait_for_each_other_on_one_connection():
    world = World()
    for user in (ALICE, BOB, ALICE):
        world.client.fetch(user, world.told.append)
    world.wires.settle()
    assert world.told == [NIGHT, None, NIGHT]
    assert len({connection for connection, _ in world.wires.passed}) == 2


def test_that_preferences_are_put_and_deleted():
    world, statuses = World(), []
    world.client.put(BOB, NIGHT, statuses.append)
    world.client.put(BOB, DEFAULT, statuses.append)
    world.client.delete(BOB, statuses.append)
    world.client.delete(BOB, statuses.append)
    world.wires.settle()
    assert statuses == [201, 200, 200, 404]


def test_that_an_unreachable_server_tells_nothing():
    world = World()
    world.wires.unreachable.add(SERVER)
    statuses = []
    world.client.put(ALICE, NIGHT, statuses.append)
    assert world.fetch() == [None]
    assert statuses == [0]
    # When it can be reached again, it is.
    world.wires.unreachable.clear()
    assert world.fetch() == [None, NIGHT]


def test_that_a_silent_server_is_waited_for_so_long():
    world = World()
    world.wires.deaf.add(SERVER.host)
    world.fetch()
    world.wires.wait(TIMEOUT - SECOND)
    assert world.told == []
    world.wires.wait(SECOND)
    assert world.told == [None]


def test_that_a_request_lost_with_an_old_connection_is_repeated_once():
    # Given a connection that has served
    world = World()
    world.fetch()
    # When the server closes it just as the next request comes
    peer = next(iter(world.server._peers))
    world.server._peers.clear()
    world.client.fetch(ALICE, world.told.append)
    world.server.station.close(peer)
    world.wires.carry_out(SERVER.host, world.server.station.effects())
    world.wires.settle()
    # Then the request goes over another one
    assert world.told == [NIGHT, NIGHT]


def test_that_a_server_may_close_behind_each_answer():
    class Closing(Xdms):
        def answer_get(self, request, selector):
            found = super().answer_get(request, selector)
            return replace(found, fields=(*found.fields, ("Connection", "close")))

    world = World(kind=Closing)
    for _ in range(3):
        world.fetch()
    assert world.told == [NIGHT] * 3
    assert len({connection.local.port for connection, _ in world.wires.passed[::2]}) == 3


class Answering(Xdms):
    """A server that answers with some octets, and may close."""

    answers = b""
    closes = False

    def octets(self, connection, octets):
        self.station.write(connection, self.answers)
        if self.closes:
            self._close(connection)


@pytest.mark.parametrize(
    "octets",
    [
        b"\x16\x03\x01garbage\r\n\r\n",
        b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>",
    ],
)
def test_that_another_answer_tells_nothing(octets):
    world = World(kind=Answering)
    world.server.answers = octets
    assert world.fetch() == [None]


def test_that_an_interim_answer_is_passed_over_and_the_end_of_the_stream_ends_the_content():
    world = World(kind=Answering)
    world.server.answers = b"HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + write(NIGHT)
    world.server.closes = True
    assert world.fetch() == [NIGHT]


def test_that_a_connection_that_ends_before_the_answer_tells_nothing():
    world = World(kind=Answering)
    world.server.answers, world.server.closes = b"HTTP/1.1 200", True
    assert world.fetch() == [None]


def test_that_an_answer_nobody_asked_for_ends_the_connection():
    world = World(kind=Answering)
    world.server.answers = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n" * 2
    assert world.fetch() == [None]
    assert [note.what for _, note in world.wires.notes] == ["dropped"]


def test_that_waiting_requests_and_remembered_users_have_an_end(monkeypatch):
    monkeypatch.setattr(xcap, "MAX_WAITING", 1)
    monkeypatch.setattr(xcap, "MAX_REMEMBERED", 1)
    world = World()
    world.server.keep(BOB, NIGHT)
    for user in (ALICE, BOB, ALICE):
        world.client.fetch(user, world.told.append)
    assert world.told == [None]
    world.wires.settle()
    assert world.told == [None, NIGHT, NIGHT]
    assert len(world.client._remembered) == 1


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_that_tshark_reads_the_retrieval_request(tmp_path):
    # Given a fetch, a fetch of what is known, and a put, in a capture
    world = World(host="xdms.home-a.example")
    world.fetch()
    world.fetch()
    world.client.put(ALICE, DEFAULT, lambda status: None)
    world.wires.settle()
    path = tmp_path / "xcap.pcapng"
    client = world.wires.passed[0][0].local
    tcp = TcpConversation(client, SERVER)
    frames = tcp.open()
    for connection, octets in world.wires.passed:
        frames += tcp.send(connection.local == client, octets)
    with path.open("wb") as file:
        writer = PcapngWriter(file, link=Link.ETHERNET)
        for number, frame in enumerate(frames):
            writer.write(START + number * 1_000_000, frame)
    # When tshark shows it
    names = ("http.request.method", "http.host", "http.response.code", "_ws.malformed")
    wanted = [part for name in names for part in ("-e", name)]
    done = subprocess.run(
        ["tshark", "-r", str(path), "-Y", "http", "-T", "fields", *wanted],
        capture_output=True,
        text=True,
        check=True,
    )
    # Then it reads each message as HTTP
    host = "xdms.home-a.example"
    assert [line.split("\t") for line in done.stdout.splitlines()] == [
        ["GET", host, "", ""],
        ["", "", "200", ""],
        ["GET", host, "", ""],
        ["", "", "304", ""],
        ["PUT", host, "", ""],
        ["", "", "200", ""],
    ]


def test_that_preferences_come_over_a_rough_network():
    # Given a network that loses, repeats and reorders
    simulation = Simulation("rough", START, ROUGH)
    server = Xdms(station(SERVER.host), SERVER, users={ALICE: NIGHT})
    client = XcapClient(station("10.0.3.1"), SERVER)
    simulation.add("xdms", None, server.station)
    simulation.add("pf", None, client.station)
    # When preferences are fetched several times
    told = []
    for number in range(5):
        simulation.after(number * SECOND, lambda: client.fetch(ALICE, told.append))
    simulation.run(START + 60 * SECOND)
    # Then each time they are told
    assert told == [NIGHT] * 5
