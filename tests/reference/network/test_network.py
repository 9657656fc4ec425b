from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Note, Station
from conformance.reference.network.network import Hosted, Network, PartyNote
from conformance.reference.network.simulation import Simulation


def test_the_simulation_is_a_network_and_a_station_sits_on_it():
    network: Network = Simulation("1", 0)
    station: Hosted = Station("10.0.0.1", Chance("1"))
    network.add("one", None, station)
    assert list(network.parties) == ["one"]
    assert PartyNote(0, "one", Note("done")).party == "one"
