"""Messages and items for the oracle's tests."""

from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Message, Observation
from conformance.oracle.view import Item
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse
from conformance.sip.writer import write_request, write_response

CLIENT = Endpoint("10.0.2.20", 5060)
CORE = Endpoint("10.0.1.1", 5060)
SECOND = 1_000_000_000


def request(
    method: str = "MESSAGE",
    uri: str = "sip:+15550100@home-a.example",
    *,
    call_id: str = "call-1",
    to_tag: str = "",
    body: bytes = b"",
    **fields: str,
) -> SipRequest:
    """A request from Bob to Alice; a field's name is written with `_` for `-`."""
    headers = [
        ("Via", f"SIP/2.0/UDP 10.0.1.1:5060;branch=z9hG4bK{call_id}{method}"),
        ("From", "<sip:+15550142@home-b.example>;tag=from-1"),
        ("To", "<sip:+15550100@home-a.example>" + (f";tag={to_tag}" if to_tag else "")),
        ("Call-ID", call_id),
        ("CSeq", f"1 {method}"),
    ]
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    headers = [(name, given.pop(name, value)) for name, value in headers]
    read = parse(write_request(method, uri, [*headers, *given.items()], body))
    assert isinstance(read, SipRequest)
    return read


def response(to: SipRequest, status: int = 200, tag: str = "to-1", **fields: str) -> SipResponse:
    """An answer."""
    headers = [("Via", to.vias[0])]
    for name in ("From", "To", "Call-ID", "CSeq"):
        value = to.header(name) or ""
        headers.append((name, f"{value};tag={tag}" if name == "To" and not to.to_tag else value))
    headers += [(name.replace("_", "-"), value) for name, value in fields.items()]
    read = parse(write_response(status, "Reason", headers))
    assert isinstance(read, SipResponse)
    return read


def observation(
    message: Message,
    source: Endpoint = CORE,
    destination: Endpoint = CLIENT,
    *,
    time: int = 0,
    number: int = 1,
) -> Observation:
    """A message seen on a link over UDP."""
    return Observation(number, 0, time, Transport.UDP, source, destination, message, (number,))


def item(message: SipRequest | SipResponse, *, incoming: bool = True, time: int = 0) -> Item:
    """A message at the client's border."""
    return Item(time, incoming, message, Transport.UDP, CLIENT, CORE, 0, 1, (1,))
