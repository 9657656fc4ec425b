"""What a role's own traffic says of its place: its address, its user, its neighbours, its state.

The initial state of a role is never seen. What it must have known is read off what it sent, so
that every state that is compatible with the trace is allowed and none that it contradicts.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from conformance.body.deferred_list import Entry
from conformance.cpm.identity import is_anonymous, uri_of
from conformance.cpm.service import cpm_services
from conformance.observation.content import Content
from conformance.observation.packet import Endpoint, Transport
from conformance.oracle.channel import Channels, Whole
from conformance.oracle.view import Item
from conformance.reference.engine.timer import SECOND, Timers
from conformance.reference.transport.directory import SIP_PORT, Directory
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.uri import Uri, parse_uri
from conformance.wire.malformed import Malformed

PATIENT = Timers(t1=3_600 * SECOND, t2=3_600 * SECOND, t4=3_600 * SECOND, c=86_400 * SECOND)
"""A replay sends nothing again and gives nothing up: when things happen, the trace says."""

_SERVICE_FIELDS = ("Accept-Contact", "P-Asserted-Service", "P-Preferred-Service")


def sip_items(items: Iterable[Item]) -> list[Item]:
    """The items that are SIP."""
    return [one for one in items if isinstance(one.message, SipRequest | SipResponse)]


def requests(items: Iterable[Item], *, incoming: bool) -> list[tuple[Item, SipRequest]]:
    """The requests in one direction."""
    return [
        (one, one.message)
        for one in items
        if one.incoming is incoming and isinstance(one.message, SipRequest)
    ]


def own_endpoint(items: Sequence[Item]) -> Endpoint:
    """Where the role listens for SIP: where most requests came to, else its Via's port."""
    came = Counter(one.local for one, _ in requests(items, incoming=True))
    if came:
        return came.most_common(1)[0][0]
    return Endpoint(items[0].local.host, SIP_PORT)


def neighbour(items: Sequence[Item]) -> Endpoint:
    """Whom the role mostly sends its SIP to, or gets it from."""
    sent = Counter(one.remote for one, _ in requests(items, incoming=False))
    if sent:
        return sent.most_common(1)[0][0]
    came = Counter(one.remote for one in sip_items(items))
    host = came.most_common(1)[0][0].host if came else items[0].remote.host
    return Endpoint(host, SIP_PORT)


def user_of_client(items: Sequence[Item]) -> str:
    """The address of record of a device's user; "" if nothing tells it."""
    for _, message in requests(items, incoming=False):
        names = ("To",) if message.method == "REGISTER" else ("P-Preferred-Identity", "From")
        for name in names:
            uri = uri_of(message.header(name) or "")
            if uri and not is_anonymous(uri):
                return uri
    for _, message in requests(items, incoming=True):
        if message.to_tag is None:
            return uri_of(message.header("To") or "")
    return ""


def contact_of_client(items: Sequence[Item]) -> tuple[str, str]:
    """A device's Contact URI and its instance, "" for what nothing tells."""
    for one in sip_items(items):
        value = one.message.header("Contact") if not one.incoming else None
        address = parse_name_addr(value) if value else None
        if isinstance(address, NameAddr):
            return address.uri, (address.param("+sip.instance") or "").strip("<>")
    for _, message in requests(items, incoming=True):
        if message.to_tag is None:
            return message.uri, ""
    return "", ""


def domain_of(address: str) -> str:
    """The host of a SIP URI; "" without one."""
    read = parse_uri(uri_of(address))
    return read.host if isinstance(read, Uri) else ""


def is_literal(host: str) -> bool:
    """Whether a host is an IP address, not a name."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def routes_of(items: Sequence[Item]) -> tuple[str, ...]:
    """The Route that the role's own first requests carry."""
    for _, message in requests(items, incoming=False):
        if message.to_tag is None and message.method not in ("REGISTER", "CANCEL", "ACK"):
            found = message.headers("Route")
            if found:
                return found
    return ()


def directory_of(items: Sequence[Item]) -> Directory:
    """Every host name that occurs leads to the neighbour: on a bench there is nobody else."""
    end = neighbour(items)
    names: set[str] = set()
    for one in sip_items(items):
        message = one.message
        for name in ("From", "To", "Route", "Contact", "Record-Route"):
            names.update(domain_of(value) for value in message.headers(name))
        if isinstance(message, SipRequest):
            names.add(domain_of(message.uri))
    return Directory({name: end for name in names if name}, end_transport(items))


def end_transport(items: Sequence[Item]) -> Transport:
    """The transport that most of the role's SIP goes over."""
    return Counter(one.transport for one in sip_items(items)).most_common(1)[0][0]


def services_of(message: SipRequest) -> frozenset[str]:
    """The CPM services that a request names."""
    return cpm_services([value for name in _SERVICE_FIELDS for value in message.headers(name)])


def entries_of(message: SipRequest) -> tuple[Entry, ...]:
    """The deferred messages that a request lists or names."""
    found = Content(message).listed
    return () if found is None or isinstance(found, Malformed) else found


def wholes_of(items: Iterable[Item]) -> list[Whole]:
    """Every whole MSRP message that passed."""
    channels = Channels()
    found = (channels.take(one) for one in items)
    return [one for one in found if one is not None]
