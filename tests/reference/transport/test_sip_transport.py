import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Datagram, Station
from conformance.reference.transport.directory import Directory, Target
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.incoming import Content
from conformance.sip.parser import parse
from tests.reference.sip_rig import PEER, TCP, UDP, Above, answer, as_response, draft
from tests.reference.wiring import HOST_A, Host, Wire, two

SMALL, LARGE = b"x" * 100, b"x" * 1300


def ends() -> tuple[Wire, Host, Host, Above, Above]:
    wire, a, b = two()
    one, other = Above(), Above()
    a.transport.upper, b.transport.upper = one, other
    return wire, a, b, one, other


def sent(a: Host, target: Target, body: bytes = b"", *, switch: bool = True) -> Transport:
    made = draft(body=body).push("Via", a.transport.via(target.transport, "z9hG4bK1"))
    return a.transport.send_request(made, target, switch=switch)


def test_a_request_over_udp_and_its_answer():
    # given
    wire, a, b, one, other = ends()
    # when
    assert sent(a, UDP, SMALL) is Transport.UDP
    wire.run()
    request, source = other.requests[0]
    assert b.transport.send_response(answer(request, 200), request, source)
    wire.run()
    # then
    assert source == Target(Transport.UDP, a.endpoint)
    assert ";rport=5060;" in request.vias[0] + ";"
    assert [response.status for response in one.responses] == [200]


def test_a_large_request_goes_over_tcp():
    # given
    wire, a, b, one, other = ends()
    # when
    assert sent(a, UDP, LARGE) is Transport.TCP
    assert sent(a, UDP, LARGE) is Transport.TCP
    wire.run()
    # then both over one connection, which bears the answer too
    request, source = other.requests[0]
    assert request.vias == (f"SIP/2.0/TCP {HOST_A}:5060;branch=z9hG4bK1",)
    b.transport.send_response(answer(request, 200), request, source)
    wire.run()
    assert len(one.responses) == 1
    assert len({(c.source.port, c.destination.port) for c in wire.carried[:2]}) == 1


def test_a_large_request_goes_over_udp_if_it_must():
    wire, a, _, _, other = ends()
    assert sent(a, UDP, LARGE, switch=False) is Transport.UDP
    wire.run()
    assert other.requests[0][0].vias[0].startswith("SIP/2.0/UDP ")


def test_a_via_back_from_tcp_asks_for_the_port_again():
    wire, a, _, _, _ = ends()
    made = draft(body=LARGE).push("Via", a.transport.via(Transport.UDP, "z9hG4bK1"))
    a.transport.send_request(made, UDP)
    a.transport.send_request(made, UDP, switch=False)
    wire.run()
    assert made.all("Via") == [f"SIP/2.0/UDP {HOST_A}:5060;branch=z9hG4bK1;rport"]


def test_a_connection_that_cannot_be_opened_is_told():
    wire, a, _, one, _ = ends()
    wire.refuses.add(PEER)
    sent(a, TCP)
    wire.run()
    assert one.losses == [(TCP, "refused", False)]


def test_an_answer_finds_its_way_when_the_connection_is_gone():
    # given
    wire, a, b, one, other = ends()
    sent(a, TCP)
    wire.run()
    request, source = other.requests[0]
    # when
    for connection in list(a.transport._connections._streams):
        a.transport._connections.drop(connection)
    wire.run()
    assert b.transport.send_response(answer(request, 200), request, source)
    wire.run()
    # then it went over a new one, to the port of the Via
    assert other.losses[0][2]
    assert len(one.responses) == 1
    assert wire.carried[-1].destination == a.endpoint


def test_tls_is_a_value_for_the_driver():
    wire, a, _, _, other = ends()
    target = a.directory.target(f"sips:b@{PEER.host}:5060")
    assert target is not None
    assert sent(a, target) is Transport.TLS
    wire.run()
    assert other.requests[0][1].transport is Transport.TLS
    assert other.requests[0][0].vias[0].startswith("SIP/2.0/TLS ")


def test_an_answer_without_a_way_back():
    _, _, b, _, _ = ends()
    request = parse(b"OPTIONS sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP nowhere.example\r\n\r\n")
    assert not b.transport.send_response(draft(), request, UDP)  # type: ignore[arg-type]


HEAD = f"OPTIONS sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP {HOST_A}:5060;branch=z9hG4bK1\r\n"
FROM, TO = "From: <sip:a@h>;tag=1\r\n", "To: <sip:b@h>\r\n"
CALL_ID, CSEQ = "Call-ID: 1\r\n", "CSeq: 1 OPTIONS\r\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + FROM + TO + CALL_ID + "\r\n",
        HEAD + FROM + TO + CSEQ + "\r\n",
        HEAD + FROM + CALL_ID + CSEQ + "\r\n",
        HEAD + TO + CALL_ID + CSEQ + "\r\n",
        HEAD + FROM + TO + CALL_ID + "CSeq: 1 INVITE\r\n\r\n",
        HEAD + FROM + TO + CALL_ID + "CSeq: 2147483648 OPTIONS\r\n\r\n",
        HEAD + FROM + TO + CALL_ID + CSEQ + "Content-Length: 99\r\n\r\nshort",
        HEAD + "nonsense\r\n" + FROM + TO + CALL_ID + CSEQ + "\r\n",
    ],
)
def test_a_request_that_cannot_be_taken_is_answered_400(text):
    # given
    wire, a, b, _, other = ends()
    # when
    a.station.send(Datagram(a.endpoint, b.endpoint, text.encode()))
    wire.run()
    # then
    assert other.requests == []
    assert as_response(wire.carried[-1].octets).status == 400
    assert next(host for host, note in wire.notes if note.what == "malformed") == b.station.host


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n\r\n",
        b"\x00",
        b"garbage",
        b"\xff" * 3000,
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 999 X\r\n" + HEAD.partition("\r\n")[2].encode() + b"\r\n",
        b"OPTIONS sip:b@h SIP/2.0\r\n\r\n",
        HEAD.replace("OPTIONS", "ACK").encode() + b"\r\n",
        b"OPTIONS sip:b@h SIP/3.0\r\nVia: x\r\n\r\n",
    ],
)
def test_what_cannot_be_answered_is_not(octets):
    wire, a, b, _, other = ends()
    a.station.send(Datagram(a.endpoint, b.endpoint, octets))
    wire.run()
    assert other.requests == []
    assert len(wire.carried) == 1


def test_a_response_for_another_is_dropped():
    wire, a, b, one, _ = ends()
    text = HEAD.replace(HOST_A, "10.9.9.9").replace("OPTIONS sip:b@h SIP/2.0", "SIP/2.0 200 OK")
    octets = (text + FROM + TO + CALL_ID + CSEQ + "\r\n").encode()
    b.station.send(Datagram(b.endpoint, a.endpoint, octets))
    wire.run()
    assert one.responses == []


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.sampled_from(
                [
                    (HEAD + FROM + TO + CALL_ID + CSEQ + "\r\n").encode(),
                    b"INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h\x01;rport;received=zz\r\n"
                    b"From: \r\n\r\n",
                ]
            ),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_garbage_never_raises(pieces, over_stream):
    wire, a, b, _, _ = ends()
    connection = a.station.connect(b.endpoint, a.transport)
    for piece in pieces:
        if over_stream:
            a.station.write(connection, piece)
        else:
            a.station.send(Datagram(Endpoint(HOST_A, 9), b.endpoint, piece))
    wire.run()
    assert len(b.transport._connections) <= 2


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_over_ipv6(body):
    # given
    wire = Wire()
    a, b = Host(wire, "a", "2001:db8::1"), Host(wire, "b", "2001:db8::2")
    b.agent.handlers["MESSAGE"] = lambda incoming: incoming.respond(200)
    results: list[object] = []
    # when
    content = Content("text/plain", body)
    a.agent.request("MESSAGE", "sip:b@[2001:db8::2]", content=content, answered=results.append)
    wire.run()
    # then
    assert [result.status for result in results] == [200]
    assert "[2001:db8::1]:5060" in results[0].vias[0]


@pytest.mark.parametrize(
    ("default", "preferred", "transport"),
    [("UDP", "UDP", "UDP"), ("TCP", "UDP", "TCP"), ("UDP", "TCP", "TCP"), ("TCP", "TLS", "TLS")],
)
def test_who_decides_the_transport(default, preferred, transport):
    directory = Directory({}, Transport(default))
    station = Station(HOST_A, Chance("1"))
    home = Endpoint(HOST_A, 5060)
    made = SipTransport(station, home, directory, preferred=Transport(preferred))
    target = made.target("sip:10.0.0.9")
    assert target is not None
    assert target.transport == transport
    assert made.target("sip:10.0.0.9;transport=udp") == (Transport.UDP, ("10.0.0.9", 5060))
    assert made.target("tel:+1") is None
