import pytest

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.transport.directory import (
    Directory,
    Target,
    address,
    bare_uri,
    default_port,
)

NAMED = Endpoint("10.0.1.1", 5070)
DIRECTORY = Directory({"Core.Example": NAMED})


@pytest.mark.parametrize(
    ("uri", "transport", "endpoint"),
    [
        ("sip:a@core.example", "UDP", NAMED),
        ("sip:a@CORE.example:5080", "UDP", Endpoint("10.0.1.1", 5080)),
        ("sip:a@core.example;transport=tcp", "TCP", NAMED),
        ("sips:a@10.0.0.9", "TLS", Endpoint("10.0.0.9", 5061)),
        ("sip:10.0.0.9", "UDP", Endpoint("10.0.0.9", 5060)),
        ("sip:[2001:DB8:0::1]:5090", "UDP", Endpoint("2001:db8::1", 5090)),
        ("sip:a@nowhere.example;maddr=10.0.0.7", "UDP", Endpoint("10.0.0.7", 5060)),
        ("<sip:core.example;lr>", "UDP", NAMED),
        ("sip:a@10.0.0.9;transport=avian", "UDP", Endpoint("10.0.0.9", 5060)),
    ],
)
def test_where_a_uri_leads(uri, transport, endpoint):
    assert DIRECTORY.target(uri) == Target(Transport(transport), endpoint)


@pytest.mark.parametrize(
    "uri", ["tel:+1", "sip:a@unknown.example", "nothing", "", "<", "sip:10.0.0.1:99999", "sip:h:0"]
)
def test_where_nothing_is_known(uri):
    assert DIRECTORY.target(uri) is None


def test_a_preference_yields_to_the_uri():
    assert DIRECTORY.target("sip:core.example", Transport.TCP) == Target(Transport.TCP, NAMED)
    udp = DIRECTORY.target("sip:core.example;transport=udp", Transport.TCP)
    assert udp == Target(Transport.UDP, NAMED)


def test_addresses_and_ports():
    assert address("[::1]") == "::1"
    assert address("host") is None
    assert default_port(Transport.TLS) == 5061
    assert bare_uri('"A <b>" <sip:x@h>;tag=1') == "sip:x@h"
