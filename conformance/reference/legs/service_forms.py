"""Which leg a SIP MESSAGE in a service's own form belongs to."""

from collections.abc import Callable, Iterable

from conformance.body import sms
from conformance.cpm.service import cpm_services
from conformance.reference.legs.leg import Leg
from conformance.reference.legs.plain_messages import MEDIA_TYPE as PLAIN
from conformance.reference.legs.plain_messages import PlainMessages
from conformance.reference.legs.sms_over_ip import SmsOverIp
from conformance.reference.user_agents.incoming import Incoming
from conformance.sip.message import SipRequest

_SERVICE_FIELDS = ("P-Asserted-Service", "P-Preferred-Service", "Accept-Contact")

Taker = Callable[[Incoming], None]


def services_of(request: SipRequest) -> frozenset[str]:
    """The CPM services that a request names."""
    return cpm_services(value for name in _SERVICE_FIELDS for value in request.headers(name))


def taker_of(request: SipRequest, legs: Iterable[Leg]) -> Taker | None:
    """Who takes a MESSAGE that is in a service's own form; None for any other."""
    if request.content_type == sms.MEDIA_TYPE:
        return _by_link(request, legs)
    if request.content_type == PLAIN and not services_of(request):
        return next((leg.take for leg in legs if isinstance(leg, PlainMessages)), None)
    return None


def _by_link(request: SipRequest, legs: Iterable[Leg]) -> Taker | None:
    """The link whose peer sent it, else the first: a peer may send from another address."""
    links = [leg.link for leg in legs if isinstance(leg, SmsOverIp)]
    via = request.vias[0] if request.vias else ""
    near = [link for link in links if link.peer_host and link.peer_host in via]
    found = next(iter([*near, *links]), None)
    return None if found is None else found.take
