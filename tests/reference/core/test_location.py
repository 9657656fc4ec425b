"""Bindings that come and go with time."""

from conformance.reference.core.location import Binding, Location, contact_value
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from tests.reference.core.world import SETTING

ALICE, CAROL = SETTING.subscribers


def binding(uri: str, seconds: int, instance: str = "", **params: str) -> Binding:
    pairs = [("+sip.instance", instance)] if instance else []
    return Binding(uri, (*pairs, *params.items()), f"<{uri}>", (), "c", 1, seconds * SECOND)


def location() -> tuple[Station, Location, list[tuple[str, str]]]:
    gone: list[tuple[str, str]] = []
    station = Station("10.0.1.1", Chance("x"))
    found = Location(station, lambda user, one: gone.append((user.aor, one.uri)))
    return station, found, gone


def test_each_contact_goes_at_its_time():
    station, found, gone = location()
    found.set(ALICE, binding("sip:a@1.example", 30))
    found.set(ALICE, binding("sip:a@2.example", 20))
    found.set(CAROL, binding("sip:c@3.example", 25))
    assert station.next_deadline() == 20 * SECOND
    station.wake(22 * SECOND)
    assert gone == [(ALICE.aor, "sip:a@2.example")]
    station.wake(40 * SECOND)
    assert [uri for _, uri in gone[1:]] == ["sip:c@3.example", "sip:a@1.example"]
    assert station.next_deadline() is None


def test_a_refresh_moves_the_end():
    station, found, gone = location()
    found.set(ALICE, binding("sip:a@1.example", 30))
    found.set(ALICE, binding("sip:a@1.example", 50))
    station.wake(45 * SECOND)
    assert not gone
    assert len(found.bindings(ALICE)) == 1


def test_uris_are_compared_as_uris_and_instances_as_such():
    one = binding("sip:a@1.example;x=1", 1)
    assert one.leads_to("SIP:a@1.EXAMPLE")
    assert not one.leads_to("sip:b@1.example")
    assert one.is_same(binding("sip:a@1.example", 2))
    assert binding("sip:a@1.example", 1, "u").is_same(binding("sip:b@2.example", 1, "u"))
    assert not binding("sip:a@1.example", 1, "u").is_same(binding("sip:a@1.example", 1))


def test_whose_contact_a_uri_is():
    _, found, _ = location()
    found.set(CAROL, binding("sip:c@3.example", 25))
    who = found.find("sip:c@3.example", SETTING.subscribers)
    assert who is not None
    assert who[0] is CAROL
    assert found.find("sip:x@3.example", SETTING.subscribers) is None


def test_seconds_left_are_rounded_up_and_never_negative():
    one = binding("sip:a@1.example", 10)
    assert one.seconds(1) == 10
    assert one.seconds(9 * SECOND + 1) == 1
    assert one.seconds(99**9) == 0


def test_q_is_a_number_from_0_to_1():
    values = {"0.3": 0.3, "7": 1.0, "x": 1.0, "-1": 0.0}
    for text, value in values.items():
        assert binding("sip:a@1.example", 1, q=text).preference == value


def test_a_contact_is_listed_as_written_but_for_its_expires():
    value = '"A" <sip:a@b>;q=0.5;+sip.instance="<urn:x>";expires=3;methods="A,B";ob'
    assert contact_value(value) == '<sip:a@b>;q=0.5;+sip.instance="<urn:x>";methods="A,B";ob'
    assert contact_value("<") == "<"
