"""Parties on the simulated network."""

import pytest

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.component import Datagram
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.network.simulated_tcp import ACK, RST, SYN, Segment
from conformance.reference.network.simulation import Simulation, SimulationError
from tests.reference.stations import BEGIN, ONE, OTHER, ROUGH, Talker, pair


def test_a_datagram_arrives_after_the_latency_and_passed_the_tap_before():
    # given
    simulation, one, other = pair()
    # when
    simulation.at(BEGIN + SECOND, lambda: one.say(other, b"hello"))
    simulation.run(until=BEGIN + 2 * SECOND)
    # then
    assert other.datagrams == [b"hello"]
    assert other.times == [BEGIN + SECOND + 5 * MILLISECOND]
    (passed,) = simulation.passed
    assert passed.time == BEGIN + SECOND + 2_500_000
    assert (passed.sender, passed.receiver) == ("one", "other")
    assert simulation.now == BEGIN + 2 * SECOND


def test_a_command_finds_the_station_at_the_right_time():
    # given
    simulation, one, _ = pair()
    found = []
    # when
    simulation.after(3 * SECOND, lambda: found.append(one.station.now))
    simulation.run()
    # then
    assert found == [BEGIN + 3 * SECOND]


def test_a_command_outside_the_clock_is_carried_out_by_the_next_run():
    # given
    simulation, one, other = pair()
    # when
    one.say(other, b"now")
    simulation.run()
    # then
    assert other.datagrams == [b"now"]


def test_a_station_knows_the_time_between_two_runs():
    # given
    simulation, one, other = pair()
    assert one.station.now == BEGIN
    # when
    simulation.run(until=BEGIN + SECOND)
    one.station.after(SECOND, lambda: one.say(other, b"then"))
    simulation.run()
    # then
    assert other.times == [BEGIN + 2 * SECOND + 5 * MILLISECOND]


def test_alarms_ring_at_their_time_and_notes_are_kept():
    # given
    simulation, one, _ = pair()

    def set_alarms() -> None:
        one.station.after(2 * SECOND, lambda: one.station.note("second"))
        one.station.after(SECOND, lambda: one.station.note("first", of="two"))
        one.station.after(1_500 * MILLISECOND, lambda: one.station.note("never")).cancel()

    # when
    simulation.after(0, set_alarms)
    simulation.run()
    # then
    found = [(note.time - BEGIN, note.party, note.note.what) for note in simulation.notes]
    assert found == [(SECOND, "one", "first"), (2 * SECOND, "one", "second")]
    assert simulation.notes[0].note.details == (("of", "two"),)


def test_a_datagram_in_fragments_arrives_once_when_all_have_come():
    # given
    simulation, one, other = pair(Conditions(low=MILLISECOND, high=9 * MILLISECOND, reordering=1))
    # when
    simulation.after(0, lambda: one.say(other, bytes(4_000)))
    simulation.run()
    # then
    assert other.datagrams == [bytes(4_000)]
    assert sorted(passed.part for passed in simulation.passed) == [0, 1, 2]
    assert len({passed.identification for passed in simulation.passed}) == 1


def test_a_datagram_of_which_a_fragment_is_lost_never_arrives():
    # given
    simulation, one, other = pair(Conditions(loss=0.7), seed="3")
    # when
    for _ in range(40):
        simulation.after(0, lambda: one.say(other, bytes(9_000)))
    simulation.run()
    # then
    assert other.datagrams == []


def test_who_listens_is_connected_and_may_answer():
    # given
    simulation, one, other = pair()
    other.replies = {b"?": b"yes"}
    # when
    simulation.after(0, lambda: one.call(other, b"well?"))
    simulation.run()
    # then
    assert other.all_heard == b"well?"
    assert one.all_heard == b"yes"


def test_an_answer_carries_the_acknowledgement():
    # given
    simulation, one, other = pair()
    other.replies = {b"?": b"yes"}
    # when
    simulation.after(0, lambda: one.call(other, b"well?"))
    simulation.run()
    # then
    lengths = [len(p.packet.octets) for p in simulation.passed]
    assert lengths == [0, 0, 5, 3, 0]


def test_who_does_not_listen_refuses():
    # given
    simulation = Simulation("1", BEGIN)
    one, other = Talker(ONE), Talker(OTHER, listens=False)
    simulation.add("one", None, one.station)
    simulation.add("other", None, other.station)
    # when
    simulation.after(0, lambda: one.call(other, b"anyone?"))
    simulation.run()
    # then
    assert one.events == [("closed", "the connection was refused")]
    assert [p.packet.flags for p in simulation.passed] == [SYN, RST | ACK]


def test_where_nobody_is_nothing_is_answered():
    # given
    simulation = Simulation("1", BEGIN)
    one, nobody = Talker(ONE), Talker(OTHER)
    simulation.add("one", None, one.station)
    # when
    simulation.after(0, lambda: one.call(nobody, b"anyone?"))
    simulation.after(0, lambda: one.say(nobody, b"anyone?"))
    simulation.run()
    # then
    ((what, why),) = one.events
    assert what == "closed"
    assert "does not answer" in why
    assert {p.receiver for p in simulation.passed} == {""}


def test_a_segment_out_of_nowhere_is_refused():
    # given
    simulation, one, other = pair()
    stray = Segment(one.endpoint, other.endpoint, 1, 1, ACK, b"what?")
    # when
    simulation.after(0, lambda: simulation._send(simulation.parties["one"], stray))
    simulation.run()
    # then
    assert [p.packet.flags for p in simulation.passed] == [ACK, RST]


def test_the_peer_of_who_gave_up_is_told():
    # given
    simulation, one, other = pair()
    simulation.after(0, lambda: one.call(other, b"hello"))
    simulation.run()
    # when
    simulation.medium.change(Conditions(loss=1.0))
    (connection,) = one.heard
    simulation.after(0, lambda: one.station.write(connection, b"lost"))
    simulation.run()
    # then
    assert "acknowledges nothing" in one.events[-1][1]
    assert other.events[-1] == ("closed", "the peer has given up the connection")


def test_the_same_ports_serve_again():
    # given
    simulation, one, other = pair()

    def call() -> None:
        one.station._next_port = 0
        one.call(other, b"again", close=True)

    # when
    for _ in range(2):
        simulation.after(0, call)
        simulation.run()
    # then
    assert other.events == [("opened", ""), ("closed", "")] * 2


def packets(seed: str) -> list[tuple[int, bytes]]:
    simulation, one, other = pair(ROUGH, seed)
    simulation.after(0, lambda: one.call(other, bytes(9_000), close=True))
    simulation.run()
    return [(p.time, p.packet.octets) for p in simulation.passed]


def test_the_same_seed_gives_the_same_packets_and_another_others():
    assert packets("7") == packets("7")
    assert packets("7") != packets("8")


def test_what_passed_is_in_the_order_of_time():
    times = [time for time, _ in packets("9")]
    assert times == sorted(times)


def test_a_run_ends_at_its_time_and_goes_on_from_there():
    # given
    simulation, one, other = pair()
    simulation.at(BEGIN + 5 * SECOND, lambda: one.say(other, b"late"))
    # when
    simulation.run(until=BEGIN + SECOND)
    # then
    assert other.datagrams == []
    # when
    simulation.run(until=BEGIN + 10 * SECOND)
    # then
    assert other.datagrams == [b"late"]


def test_settling_stops_at_the_first_long_pause():
    # given
    simulation, one, other = pair()
    simulation.at(BEGIN + SECOND, lambda: one.say(other, b"soon"))
    simulation.at(BEGIN + 60 * SECOND, lambda: one.say(other, b"late"))
    # when
    simulation.settle()
    # then
    assert other.datagrams == [b"soon"]
    assert simulation.now < BEGIN + 2 * SECOND


def test_parties_that_find_no_end_are_an_error():
    # given
    simulation, one, _ = pair()

    def forever() -> None:
        one.station.after(SECOND, forever)

    simulation.after(0, forever)
    # then
    with pytest.raises(SimulationError, match="more than 500 events"):
        simulation.run(max_events=500)
    with pytest.raises(SimulationError, match="find no rest"):
        simulation.settle(max_events=500)


def test_virtual_time_has_an_end_too():
    # given
    simulation, one, other = pair()
    simulation.after(500 * 86_400 * SECOND, lambda: one.say(other, b"much later"))
    # then
    with pytest.raises(SimulationError, match="more than 400 days"):
        simulation.run()


def test_two_parties_of_one_name_or_host_are_refused():
    # given
    simulation, _, _ = pair()
    # then
    with pytest.raises(SimulationError, match="two parties one"):
        simulation.add("one", None, Talker("10.0.9.9").station)
    with pytest.raises(SimulationError, match=ONE):
        simulation.add("third", None, Talker(ONE).station)


def test_a_datagram_too_large_for_any_packet_is_an_error():
    # given
    simulation, one, other = pair()
    simulation.after(0, lambda: one.say(other, bytes(70_000)))
    # then
    with pytest.raises(SimulationError, match="70000 octets"):
        simulation.run()


def test_there_is_only_tcp():
    # given
    simulation, one, other = pair()
    one.station.connect(other.endpoint, one, Transport.TLS)
    # then
    with pytest.raises(SimulationError, match="TLS"):
        simulation.run()


def test_a_datagram_for_an_unbound_port_is_ignored():
    # given
    simulation, one, other = pair()
    away = Datagram(one.endpoint, Endpoint(OTHER, 9), b"?")
    # when
    simulation.after(0, lambda: one.station.send(away))
    simulation.run()
    # then
    assert other.datagrams == []
    assert len(simulation.passed) == 1


def test_a_party_may_be_replaced_and_its_connections_are_gone():
    # given
    simulation, one, other = pair()
    simulation.after(0, lambda: one.station.connect(other.endpoint, one))
    simulation.run(until=BEGIN + SECOND)
    fresh = Talker(OTHER)
    # when
    simulation.replace("other", fresh.station)
    simulation.after(0, lambda: one.say(fresh, b"are you new?"))
    simulation.settle()
    # then
    assert fresh.datagrams == [b"are you new?"]
    assert other.datagrams == []


def test_only_who_is_there_is_replaced():
    simulation, _, _ = pair()
    for name, host in (("nobody", OTHER), ("other", "10.9.9.9")):
        with pytest.raises(SimulationError, match=f"no party {name} at {host}"):
            simulation.replace(name, Talker(host).station)
