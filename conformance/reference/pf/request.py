"""What a participating function reads in a request: who asks, for whom, for which service."""

from conformance.cpm.identity import is_anonymous, uri_of
from conformance.cpm.service import any_satisfies, cpm_services
from conformance.reference.pf.settings import PfSettings
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.message import SipRequest
from conformance.sip.uri import Uri, parse_uri

LARGE = "oma.cpm.largemsg"
CHAT = "oma.cpm.session"
MESSAGE = "oma.cpm.msg"
DEFERRED = "oma.cpm.deferred"

_SERVICE_FIELDS = ("P-Asserted-Service", "P-Preferred-Service", "Accept-Contact")
_KEPT = (
    "Accept-Contact",
    "Reject-Contact",
    "Request-Disposition",
    "P-Asserted-Identity",
    "P-Asserted-Service",
    "P-Charging-Vector",
    "Privacy",
    "Conversation-ID",
    "Contribution-ID",
    "InReplyTo-Contribution-ID",
    "Referred-By",
    "Expires",
    "Date",
    "Subject",
    "In-Reply-To",
)


def asked_by(request: SipRequest) -> str:
    """The URI of who asks: the asserted identity (RFC 3325), else From."""
    return uri_of(request.header("P-Asserted-Identity") or request.header("From") or "")


def asked_for(request: SipRequest) -> str:
    """The URI of the user whom a request is for, an address of record."""
    return uri_of(request.uri)


def services_of(request: SipRequest) -> frozenset[str]:
    """The CPM services that a request names."""
    values = [value for name in _SERVICE_FIELDS for value in request.headers(name)]
    return cpm_services(values)


def is_for(request: SipRequest, service: str) -> bool:
    """Whether a request names a service or a refinement of it."""
    return any_satisfies(services_of(request), service)


def kept_fields(request: SipRequest) -> list[tuple[str, str]]:
    """The fields that a request keeps when it goes on as a new one of ours."""
    return [(name, value) for name in _KEPT for value in request.headers(name)]


def is_originating(request: SipRequest, settings: PfSettings) -> bool:
    """Whether a request comes from a user of ours, to be served as its originator.

    The core says so in P-Served-User (RFC 5502) or in the Route to us; if it does not, whom the
    request is for decides, then who asks.
    """
    served = request.header("P-Served-User")
    if served is not None:
        read = parse_name_addr(served)
        case = read.param("sescase") if isinstance(read, NameAddr) else None
        if case is not None:
            return case.startswith("orig")
    route = request.header("Route")
    if route is not None and _says_orig(route):
        return True
    if settings.serves(asked_for(request)):
        return False
    asker = asked_by(request)
    return settings.serves(asker) or is_anonymous(asker)


def _says_orig(route: str) -> bool:
    address = parse_name_addr(route)
    if not isinstance(address, NameAddr):
        return False
    uri = parse_uri(address.uri)
    return isinstance(uri, Uri) and (uri.user == "orig" or uri.param("orig") is not None)
