import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.transport.directory import Directory, Target
from conformance.reference.transport.via import stamped, top_via, way_back
from conformance.sip.message import SipRequest

SOURCE = Endpoint("10.0.0.1", 5099)
UDP = Target(Transport.UDP, SOURCE)
TCP = Target(Transport.TCP, SOURCE)
NOBODY = Directory({})


def request(*vias: str) -> SipRequest:
    lines = "".join(f"Via: {via}\r\n" for via in vias)
    return SipRequest(f"OPTIONS sip:b@h SIP/2.0\r\n{lines}Call-ID: 1\r\n\r\nbody".encode())


def test_the_source_is_written_where_it_differs():
    found = stamped(
        request("SIP/2.0/UDP host.example:5070;branch=z9hG4bKx", "SIP/2.0/UDP h2"), SOURCE
    )
    via = top_via(found)
    assert via is not None
    assert (via.received, via.rport, via.branch) == ("10.0.0.1", None, "z9hG4bKx")
    assert found.vias[1] == "SIP/2.0/UDP h2"
    assert found.body == b"body"


def test_the_port_is_written_where_it_is_asked_for():
    found = stamped(
        request("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKx, SIP/2.0/UDP h;rport"), SOURCE
    )
    via = top_via(found)
    assert via is not None
    assert (via.received, via.rport, via.branch) == ("10.0.0.1", 5099, "z9hG4bKx")
    assert found.vias[1] == "SIP/2.0/UDP h;rport"


def test_nothing_is_written_where_all_is_known():
    known = request("SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx")
    assert stamped(known, SOURCE) is known
    assert stamped(request(), SOURCE).vias == ()
    assert stamped(request("nonsense"), SOURCE).vias == ("nonsense",)


def test_a_folded_compact_via():
    folded = b"v:\r\n SIP / 2.0 / UDP h : 5070 ;branch=z9hG4bKx;rport\r\n"
    octets = b"OPTIONS sip:b@h SIP/2.0\r\n" + folded + b"\r\n"
    via = top_via(stamped(SipRequest(octets), SOURCE))
    assert via is not None
    assert (via.received, via.rport, via.port) == ("10.0.0.1", 5099, 5070)


@pytest.mark.parametrize(
    ("via", "source", "endpoint"),
    [
        ("SIP/2.0/UDP 10.0.0.3:5070", UDP, Endpoint("10.0.0.3", 5070)),
        ("SIP/2.0/UDP 10.0.0.3", UDP, Endpoint("10.0.0.3", 5060)),
        ("SIP/2.0/UDP h:5070;received=10.0.0.1", UDP, Endpoint("10.0.0.1", 5070)),
        ("SIP/2.0/UDP h:5070;received=10.0.0.1;rport=5099", UDP, SOURCE),
        ("SIP/2.0/UDP 10.0.0.3;rport=5099", UDP, SOURCE),
        ("SIP/2.0/UDP h;maddr=10.0.0.7", UDP, Endpoint("10.0.0.7", 5060)),
        ("SIP/2.0/TCP h:5070;received=10.0.0.1;rport=5099", TCP, Endpoint("10.0.0.1", 5070)),
        ("SIP/2.0/UDP unknown.example", UDP, None),
        ("SIP/2.0/UDP 10.0.0.3:99999", UDP, None),
        ("SIP/2.0/UDP 10.0.0.3;rport=0", UDP, None),
        ("nonsense", UDP, None),
    ],
)
def test_where_the_answer_goes(via, source, endpoint):
    found = way_back(request(via), source, NOBODY)
    assert (found and found.endpoint) == endpoint


@given(st.text(max_size=60))
def test_any_via_is_borne(text):
    made = SipRequest(f"A b SIP/2.0\r\nVia: {text}\r\n\r\n".encode("utf-8", "replace"))
    way_back(stamped(made, SOURCE), UDP, NOBODY)
