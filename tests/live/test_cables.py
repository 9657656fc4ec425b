import pytest

from conformance.live.cables import Cables, Plug
from conformance.live.clock import SteppedClock
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Accepted, Close, Connection, Datagram, Octets
from conformance.reference.network.medium import MAX_DATAGRAM
from conformance.reference.network.simulation import SimulationError
from tests.live.echo import Echo, fresh

HERE, THERE, NOWHERE = "127.162.0.1", "127.162.0.2", Endpoint("127.162.0.3", 5060)


@pytest.fixture
def ends():
    return Echo(fresh(HERE)), Echo(fresh(THERE))


@pytest.fixture
def cables(ends):
    made = Cables(SteppedClock(0))
    made.begin(end.station for end in ends)
    yield made
    made.stop()


def connection(ends, port=0):
    here, there = (end.endpoint for end in ends)
    return Connection(here._replace(port=port), there)


def test_a_datagram_comes_as_it_was_sent(cables, ends):
    here, there = (end.endpoint for end in ends)
    sent = Datagram(here, there, bytes(range(256)) * 200)
    came = cables.datagram(sent)
    assert came == sent
    assert came.octets is not sent.octets


@pytest.mark.parametrize("size", [1, MAX_DATAGRAM])
def test_a_datagram_may_be_as_long_as_any(cables, ends, size):
    sent = Datagram(ends[0].endpoint, ends[1].endpoint, bytes(size))
    came = cables.datagram(sent)
    assert came == sent
    assert came is not sent


def test_a_datagram_for_nobody_stays_as_it_is(cables, ends):
    sent = Datagram(ends[0].endpoint, NOWHERE, b"hello")
    assert cables.datagram(sent) is sent


@pytest.mark.parametrize("size", [0, MAX_DATAGRAM + 1])
def test_so_does_what_no_socket_sends(cables, ends, size):
    sent = Datagram(ends[0].endpoint, ends[1].endpoint, bytes(size))
    assert cables.datagram(sent) is sent


def test_octets_of_a_stream_come_as_they_were_written(cables, ends):
    real = cables.open(connection(ends))
    back = Connection(real.remote, real.local)
    octets = bytes(range(256)) * 10_000
    assert cables.octets(real, octets) == octets
    assert cables.octets(back, b"thanks") == b"thanks"


def test_components_are_told_nothing(cables, ends):
    cables.octets(cables.open(connection(ends)), b"hello")
    assert not ends[1].is_open
    assert not ends[1].heard


def test_a_connection_is_named_as_it_is_in_truth(cables, ends):
    first = cables.open(connection(ends))
    again = cables.open(connection(ends, first.local.port))
    assert first.local.port
    assert again.local.port not in (0, first.local.port)
    assert cables.octets(again, b"hello") == b"hello"


def test_a_connection_closes_when_both_ends_are_done(cables, ends):
    real = cables.open(connection(ends))
    back = Connection(real.remote, real.local)
    cables.done(back)
    assert cables.octets(back, octets := b"still here") is not octets
    cables.done(real)
    assert cables.octets(back, octets) is octets
    cables.done(real)


def test_a_party_that_is_gone_is_done_with_all_it_had_open(cables, ends):
    real = cables.open(connection(ends))
    cables.gone(HERE)
    assert cables.octets(real, octets := b"still here") is not octets
    cables.gone(THERE)
    assert cables.octets(real, octets) is octets


def test_nothing_is_opened_to_where_nobody_listens(cables):
    wanted = Connection(Endpoint(HERE, 0), NOWHERE)
    assert cables.open(wanted) is wanted
    assert cables.octets(wanted, octets := b"hello") is octets
    cables.done(wanted)


def test_nothing_is_sent_before_there_are_sockets():
    cables = Cables(SteppedClock(0))
    with pytest.raises(SimulationError, match="before there are sockets"):
        cables.datagram(Datagram(NOWHERE, NOWHERE, b""))
    cables.stop()


def test_what_never_comes_is_an_error(cables, ends, monkeypatch):
    monkeypatch.setattr("conformance.live.cables._PATIENCE", 3)
    stranger = Datagram(NOWHERE._replace(host=HERE), ends[1].endpoint, b"hello")
    with pytest.raises(SimulationError, match="octets got lost"):
        cables.datagram(stranger)


def test_a_plug_keeps_what_comes_and_gives_one_kind_of_it():
    plug = Plug(HERE, (Endpoint(HERE, 1),))
    octets = Octets(Connection(Endpoint(HERE, 1), NOWHERE), b"hello")
    assert plug.receive(0, octets) == plug.wake(0) == []
    assert plug.next_deadline() is None
    assert plug.take(Octets) == [octets]
    with pytest.raises(SimulationError, match="not Octets alone"):
        plug.take(Octets)
    plug.receive(0, octets)
    plug.receive(0, Accepted(octets.connection))
    with pytest.raises(SimulationError, match="not Accepted alone"):
        plug.take(Accepted)


def test_a_plug_wants_a_thing_done_once():
    plug = Plug(HERE, ())
    plug.want(effect := Close(Connection(Endpoint(HERE, 1), NOWHERE)))
    assert plug.effects() == [effect]
    assert plug.effects() == []
