"""Endpoints as people write them."""

from conformance.observation.packet import Endpoint, Packet, Transport


def test_that_an_ipv6_address_is_bracketed() -> None:
    assert str(Endpoint("2001:db8::1", 5060)) == "[2001:db8::1]:5060"
    assert str(Endpoint("10.0.1.1", 5060)) == "10.0.1.1:5060"


def test_that_a_transport_is_written_as_in_via() -> None:
    assert {"UDP", "TCP", "TLS", "SCTP"} <= {str(one) for one in Transport}


def test_that_packets_are_values() -> None:
    one, two = Endpoint("10.0.1.1", 1), Endpoint("10.0.1.2", 2)
    assert Packet(1, 5, Transport.UDP, one, two, b"x") == Packet(
        1, 5, Transport.UDP, one, two, b"x"
    )
