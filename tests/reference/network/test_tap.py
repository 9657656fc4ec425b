"""What a tap shows of what passed."""

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Datagram
from conformance.reference.network.medium import Passed
from conformance.reference.network.tap import EVERYWHERE, Tap, link

CLIENT, CORE, PF = "10.0.2.20", "10.0.1.1", "10.0.3.1"
NAMES = {CLIENT: "client", CORE: "core", PF: "pf"}


def passed(source: str, destination: str, time: int = 100, port: int = 5060) -> Passed:
    packet = Datagram(Endpoint(source, 40_000), Endpoint(destination, port), b"x")
    return Passed(time, packet, NAMES[source], NAMES[destination], 1)


def test_everywhere_is_everything():
    assert EVERYWHERE.shows(passed(CLIENT, CORE))
    assert EVERYWHERE.shows(passed(PF, CLIENT, time=0, port=2855))


def test_a_link_is_heard_both_ways_by_name_or_by_host():
    for tap in (Tap(links=link("client", "core")), Tap(links=link(CLIENT, CORE))):
        assert tap.shows(passed(CLIENT, CORE))
        assert tap.shows(passed(CORE, CLIENT))
        assert not tap.shows(passed(CORE, PF))


def test_links_are_joined():
    tap = Tap(links=link("client", "core") | link("core", "pf"))
    assert tap.shows(passed(PF, CORE))
    assert not tap.shows(passed(PF, CLIENT))


def test_a_way_is_heard_in_one_direction():
    tap = Tap(ways=frozenset({("client", "core")}))
    assert tap.shows(passed(CLIENT, CORE))
    assert not tap.shows(passed(CORE, CLIENT))


def test_time_has_a_beginning_and_an_end_left_out():
    tap = Tap(begin=100, end=200)
    shown = [tap.shows(passed(CLIENT, CORE, time)) for time in (99, 100, 199, 200)]
    assert shown == [False, True, True, False]


def test_a_filter_knows_ports():
    tap = Tap(ports=frozenset({5060}))
    assert tap.shows(passed(CLIENT, CORE))
    assert not tap.shows(passed(CLIENT, PF, port=2855))
    assert Tap(ports=frozenset({40_000})).shows(passed(CLIENT, PF, port=2855))


def test_all_that_is_asked_must_hold():
    tap = Tap(links=link("client", "core"), ports=frozenset({5060}), end=150)
    assert tap.shows(passed(CLIENT, CORE))
    assert not tap.shows(passed(CLIENT, CORE, time=150))
    assert not tap.shows(passed(CLIENT, CORE, port=80))
