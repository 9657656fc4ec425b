"""What counts as one end of a link: a host, or on a shared host an owner's port."""

from conformance.observation.packet import Endpoint, Transport
from conformance.observation.places import Places, endpoint_of
from conformance.observation.trace import Message, Observation
from tests.sip.samples import of, request

LOOPBACK = "127.0.0.1"


def observation(source: Endpoint, destination: Endpoint, message: Message) -> Observation:
    return Observation(1, 0, 0, Transport.TCP, source, destination, message, (1,))


def asked(port: int) -> Message:
    return request(Via=f"SIP/2.0/TCP {LOOPBACK}:{port};branch=z9hG4bKx")


def test_that_a_place_is_a_host() -> None:
    places = Places()
    one, two = Endpoint("10.0.1.1", 5060), Endpoint("10.0.1.1", 40_000)
    places.note(observation(one, Endpoint("10.0.3.1", 5060), asked(5060)))
    assert places.place(one) == places.place(two) == "10.0.1.1"


def test_that_parties_on_one_host_are_told_apart_by_port() -> None:
    places = Places()
    client, core = Endpoint(LOOPBACK, 5070), Endpoint(LOOPBACK, 5060)
    places.note(observation(client, core, asked(5070)))
    assert places.place(client) == "127.0.0.1:5070"
    assert places.place(core) == "127.0.0.1:5060"


def test_that_an_ephemeral_port_belongs_to_who_writes_its_via() -> None:
    places = Places()
    ephemeral, core = Endpoint(LOOPBACK, 49_152), Endpoint(LOOPBACK, 5060)
    places.note(observation(ephemeral, core, asked(5070)))
    assert places.place(ephemeral) == "127.0.0.1:5070"
    assert places.owner(ephemeral) == Endpoint(LOOPBACK, 5070)


def test_that_a_via_without_a_port_means_5060() -> None:
    places = Places(frozenset({LOOPBACK}))
    message = request(Via=f"SIP/2.0/TCP {LOOPBACK};branch=z9hG4bKx")
    places.note(observation(Endpoint(LOOPBACK, 49_152), Endpoint("10.0.1.1", 5060), message))
    assert places.place(Endpoint(LOOPBACK, 49_152)) == "127.0.0.1:5060"


def test_that_responses_own_no_ports() -> None:
    places = Places()
    answer = of(
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bKx\r\nFrom: <sip:a@b>\r\n"
        b"To: <sip:a@b>;tag=1\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    core, client = Endpoint(LOOPBACK, 5060), Endpoint(LOOPBACK, 49_152)
    places.note(observation(core, client, answer))
    assert places.place(core) == "127.0.0.1:5060"


def test_that_a_place_leads_back_to_its_endpoint() -> None:
    assert endpoint_of("10.0.1.1") == Endpoint("10.0.1.1", 0)
    assert endpoint_of("127.0.0.1:5070") == Endpoint(LOOPBACK, 5070)
    assert endpoint_of("[::1]:5070") == Endpoint("::1", 5070)
    assert endpoint_of("2001:db8::1") == Endpoint("2001:db8::1", 0)
