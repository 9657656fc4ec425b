import os
import socket
from dataclasses import replace
from io import BytesIO

import pytest

from conformance.capture.native import NativeSource
from conformance.flow.library import load
from conformance.live.datagrams import Datagrams
from conformance.live.errors import PlumbingError
from conformance.live.loopback import LOOPBACK, Loopback, on_loopback, play_on_sockets
from conformance.live.recorder import Recorder
from conformance.live.streams import Streams
from conformance.observation.trace import CaptureHealth, Trace
from conformance.reference.engine.component import FIRST_EPHEMERAL as FIRST
from conformance.reference.network.simulation import SimulationError
from conformance.reference.network.tap import EVERYWHERE
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import Scenario, play
from conformance.reference.world.setting import PLACES, WorldSetting
from conformance.suite import mutants
from conformance.suite.likeness import differences
from conformance.suite.simulation import trace_of
from tests.live.apart import apart, is_possible
from tests.live.echo import NETWORK

FULL = os.environ.get("CPMSPEC_FULL_LAWS", "") not in ("", "0")

# Where no other test uses up the ports.
ALONE = "127.161"

EVERY = catalogue.every()
PLAIN = [catalogue.scenarios(flow)[0] for flow in catalogue.MODULES]
MUTANTS = (*mutants.rejected(), *mutants.opposed())

HARD = (
    ("push-pager", "retried-after-silence"),
    ("push-large", "two-devices"),
    ("push", "ipv6"),
    ("push", "crossing-byes"),
    ("push", "client-ends-before-all"),
    ("pull", "all-retrieved"),
    ("pull", "three-core-nodes-tcp"),
    ("undelivered", "retransmitted"),
    ("undelivered", "remote-side-only"),
)
"""Links that lose and take long, connections that end at both ends, taps that see a part."""

# All of them run where the laws are tried in full, and the mutants as well.
CHOSEN = (*EVERY, *MUTANTS) if FULL else (*PLAIN, *(catalogue.scenario(*names) for names in HARD))


def on_sockets(scenario, recorder=None):
    """A scenario played on sockets; one of IPv6 where its addresses are, if that can be."""
    if not scenario.setting.ipv6:
        return play_on_sockets(scenario, NETWORK, recorder)
    if not is_possible():
        pytest.skip("IPv6 has one loopback address, and network namespaces need root")
    hosts = {scenario.setting.host(name) for name in PLACES}
    return apart(hosts, lambda: play_on_sockets(scenario, NETWORK, recorder))


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda one: f"{one.flow}/{one.name}")
def test_the_same_script_gives_the_same_trace_on_sockets_and_simulated(scenario):
    # Given a scenario, with whatever its links do and whatever its tap sees,
    simulated = trace_of(play(on_loopback(scenario, NETWORK)))
    # when it is played on sockets,
    ran = on_sockets(scenario)
    trace = trace_of(ran)
    # then the traces are the same but for identities, and so is what the judge says.
    assert differences(simulated, trace) == []
    assert [one.time for one in trace] == [one.time for one in simulated]
    assert judged(trace, ran.scenario) == judged(simulated, ran.scenario)


def judged(trace, scenario):
    results, _ = mutants.verdicts(trace, scenario, load(None))
    return [(one.flow, one.verdict, one.reason_code) for one in results]


def loses(scenario):
    """Whether something is sent that never comes, or comes twice: sockets do neither."""
    setting = scenario.setting
    if scenario.name == "retried-after-silence":
        # Its script cuts a link for a while.
        return True
    return any(
        one.loss or one.duplication or one.reordering
        for one in (setting.conditions, *setting.links.values())
    )


UNTOUCHED = [
    one for one in CHOSEN if not loses(one) and not any(fault.edit for fault in one.faults)
]


@pytest.mark.parametrize("scenario", UNTOUCHED, ids=lambda one: f"{one.flow}/{one.name}")
def test_what_leaves_the_sockets_is_the_trace(scenario):
    # Given a scenario whose links lose nothing,
    everything = replace(on_loopback(scenario, NETWORK), tap=EVERYWHERE)
    simulated = trace_of(play(everything))
    # when it is played on sockets, and a recorder sees what they send when they send it,
    file = BytesIO()
    on_sockets(everything, Recorder(file))
    source = NativeSource(CaptureHealth("", "sockets"), 0, lambda: BytesIO(file.getvalue()))
    recorded = Trace(list(source), source.health)
    # then that is what passed, each connection in its order.
    assert differences(simulated, recorded, within="connection") == []


def test_no_scenario_of_the_catalogue_is_left_out_in_full():
    assert len(EVERY) > 300
    assert not FULL or all(one in CHOSEN for one in EVERY)


PAGER, SESSION = catalogue.scenario("push-pager", "base"), catalogue.scenario("push", "base")


def test_a_socket_that_changes_a_datagram_is_noticed(monkeypatch):
    send = Datagrams.send

    def changed(self, datagram):
        send(self, datagram._replace(octets=datagram.octets.replace(b"lunch", b"LUNCH")))

    monkeypatch.setattr(Datagrams, "send", changed)
    assert "not the same" in first_difference(PAGER)


def test_a_socket_that_changes_a_stream_is_noticed(monkeypatch):
    took = Streams.took

    def changed(self, stream, octets):
        took(self, stream, octets.replace(b"lunch", b"LUNCH"))

    monkeypatch.setattr(Streams, "took", changed)
    assert "not the same" in first_difference(SESSION)


def first_difference(scenario):
    simulated = trace_of(play(on_loopback(scenario, NETWORK)))
    return differences(simulated, trace_of(play_on_sockets(scenario, NETWORK)))[0]


def test_a_socket_that_loses_a_datagram_is_an_error(monkeypatch):
    monkeypatch.setattr("conformance.live.cables._PATIENCE", 60)
    monkeypatch.setattr(Datagrams, "send", lambda self, datagram: None)
    with pytest.raises(SimulationError, match="octets got lost"):
        play_on_sockets(PAGER, NETWORK)


def test_reads_cut_anywhere_make_no_difference(monkeypatch):
    took = Streams.took

    def cut(self, stream, octets):
        for begin in range(0, len(octets), 7):
            took(self, stream, octets[begin : begin + 7])

    simulated = trace_of(play(on_loopback(SESSION, NETWORK)))
    monkeypatch.setattr(Streams, "took", cut)
    assert differences(simulated, trace_of(play_on_sockets(SESSION, NETWORK))) == []


def test_a_port_that_is_taken_is_a_name_like_any_other():
    # Given a session, and the first port of whoever opens a connection in it taken,
    simulated = trace_of(play(on_loopback(SESSION, ALONE)))
    session = [one for one in simulated if getattr(one, "transport", "") == "TCP"]
    opener = next(
        end for one in session for end in (one.source, one.destination) if end.port == FIRST
    )
    with socket.create_server(opener):
        # when it is played on sockets,
        trace = trace_of(play_on_sockets(SESSION, ALONE))
    # then another port is seen in its place, and nothing else is other.
    assert opener not in {end for one in trace for end in (one.source, one.destination)}
    assert differences(simulated, trace) == []


def test_addresses_that_are_not_there_are_an_error():
    scenario = replace(PAGER, setting=WorldSetting(ipv6=True))
    with pytest.raises(PlumbingError, match="no address of this machine"):
        play_on_sockets(scenario)


def test_a_participating_function_can_be_restarted_on_sockets(tmp_path):
    setting = WorldSetting(queue_path=str(tmp_path / "queue"), network=NETWORK)

    def script(world):
        world.simulation.after(1_000_000_000, world.restart_pf)
        world.simulation.after(2_000_000_000, world.client.register)

    ran = play_on_sockets(Scenario("", "restart", "a restart", script, setting), NETWORK)
    assert [note.note.what for note in ran.world.simulation.notes if note.party == "client"]


def test_a_run_without_an_end_is_an_error(monkeypatch):
    loopback = Loopback(WorldSetting(network=NETWORK))

    def again():
        loopback.after(1, again)

    again()
    with pytest.raises(SimulationError, match="find no end"):
        loopback.run(max_events=50)


def test_a_scenario_moves_to_loopback_whole():
    scenario = catalogue.scenario("undelivered", "remote-side-only")
    moved = on_loopback(scenario)
    assert moved.setting.host("pf").startswith(f"{LOOPBACK}.")
    assert all(f"={LOOPBACK}." in rule for rule in moved.roles)


def test_a_scenario_of_ipv6_stays_where_it_is():
    scenario = catalogue.scenario("push", "ipv6")
    assert on_loopback(scenario) is scenario
