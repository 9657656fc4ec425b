"""What a receiver writes into the top Via, and where the answer goes (RFC 3261 section 18.2)."""

import re

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.transport.directory import Directory, Target, address
from conformance.sip.grammar import Via, parse_via
from conformance.sip.message import SipRequest

# The first Via up to its sent-by, and what follows up to the next value.
_GAP = rb"[ \t]*"
_PROTOCOL = _GAP.join((rb"[^\s/]+", b"/", rb"[^\s/]+", b"/", rb"[^\s/]+"))
_TOP = re.compile(
    rb"(\n(?:via|v)[ \t]*:(?:[ \t]|\r?\n[ \t])*" + _PROTOCOL + rb"[ \t]+"
    rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?:[ \t]*:[ \t]*\d{1,5})?)([^,\r\n]*)",
    re.IGNORECASE | re.ASCII,
)
_ASKED = re.compile(rb";[ \t]*rport[ \t]*(?=;|\Z)", re.IGNORECASE)


def top_via(request: SipRequest) -> Via | None:
    """The top Via as it was read; None if there is none or it cannot be read."""
    via = parse_via(request.vias[0]) if request.vias else None
    return via if isinstance(via, Via) else None


def stamped(request: SipRequest, source: Endpoint) -> SipRequest:
    """The request with the source's address and port in its top Via where they are due.

    `received` where the sent-by is another (RFC 3261 section 18.2.1), and with `rport` where the
    sender asked for it (RFC 3581 section 4).
    """
    via = top_via(request)
    if via is None:
        return request
    asked = via.param("rport") == ""
    if not asked and address(via.host) == source.host:
        return request
    head, rest = request.head, request.octets[len(request.head) :]
    found = _TOP.search(head)
    if found is None:
        return request
    params = f";received={source.host}"
    tail = found[2]
    if asked:
        params += f";rport={source.port}"
        tail = _ASKED.sub(b"", tail, count=1)
    stamp = found[1] + params.encode() + tail
    return SipRequest(head[: found.start()] + stamp + head[found.end() :] + rest)


def way_back(request: SipRequest, source: Target, directory: Directory) -> Target | None:
    """Where a response goes if not over the request's connection (RFC 3261 section 18.2.2)."""
    via = top_via(request)
    if via is None:
        return None
    transport = source.transport
    maddr = via.param("maddr")
    if maddr and transport is Transport.UDP:
        endpoint = directory.resolve(maddr, via.port, transport)
    elif transport is Transport.UDP and via.rport is not None:
        host = via.received or source.endpoint.host
        endpoint = directory.resolve(host, via.rport, transport)
    else:
        endpoint = directory.resolve(via.received or via.host, via.port, transport)
    return None if endpoint is None else Target(transport, endpoint)
