"""What every part of a client builds on."""

from conformance.reference.client.base import direction_of, reachable
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import ANONYMOUS
from tests.reference.client.home import BOB, World


def test_a_choice_that_is_none_is_not_asked_for() -> None:
    class Refusing:
        def choose(self, point: Point, options: object, about: str = "") -> object:
            raise AssertionError(point)

    client = World(decisions=Refusing()).client  # type: ignore[arg-type]

    assert client.choose(Point.SELECTION, ("retrieve",)) == "retrieve"


def test_a_contact_names_the_device_and_the_service() -> None:
    name, value = World().client.contact("session")

    assert name == "Contact"
    assert value.startswith('<sip:alice@10.0.2.20:5060>;+sip.instance="<urn:uuid:')
    assert value.endswith('cpm.session"')


def test_nobody_hidden_can_be_reached() -> None:
    assert reachable(BOB)
    assert reachable("tel:+15550177")
    assert not reachable(ANONYMOUS)
    assert not reachable("")


def test_no_description_has_no_direction() -> None:
    assert direction_of(b"") == ""
    assert direction_of(b"v=0\r\nm=message 9 TCP/MSRP *\r\na=sendonly\r\n") == "sendonly"
