"""THE TABLE of names that a flow may test, each with the function that reads it.

A reader gives the field's values, () when the field is absent, and None when it cannot be known
(a body that is malformed, cut, or of a format nobody told us): what cannot be read convicts
nobody. To add a field: one function and one row.
"""

from collections.abc import Callable
from functools import cache, lru_cache

from conformance.body import tpdu
from conformance.body.sdp import Media
from conformance.cpm.service import cpm_services
from conformance.msrp.message import MsrpRequest
from conformance.observation.content import Content
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

Values = tuple[str, ...] | None
Accessor = Callable[[Content], Values]

# As tuples: a union would be made anew for each message.
_SIP = (SipRequest, SipResponse)
_REQUESTS = (SipRequest, MsrpRequest)
_SERVICE_FIELDS = ("Accept-Contact", "P-Asserted-Service", "P-Preferred-Service")


def _sip(content: Content) -> SipRequest | SipResponse | None:
    message = content.message
    return message if isinstance(message, _SIP) else None


def _method(content: Content) -> Values:
    message = content.message
    if isinstance(message, _REQUESTS):
        return (message.method,)
    return (message.cseq_method,) if isinstance(message, SipResponse) else ()


def _status(content: Content) -> Values:
    return (str(content.message.status),) if isinstance(content.message, SipResponse) else ()


def _uri(content: Content) -> Values:
    return (content.message.uri,) if isinstance(content.message, SipRequest) else ()


def _services(content: Content, names: tuple[str, ...]) -> Values:
    message = _sip(content)
    if message is None:
        return ()
    return _services_of(tuple([value for name in names for value in message.headers(name)]))


@lru_cache(maxsize=256)
def _services_of(values: tuple[str, ...]) -> tuple[str, ...]:
    """The services that header values name: few sets of values serve a whole capture."""
    return tuple(sorted(cpm_services(values))) if values else ()


def _to_tag(content: Content) -> Values:
    message = _sip(content)
    return (message.to_tag,) if message is not None and message.to_tag else ()


def _body(content: Content) -> Values:
    return (str(len(content.body)),) if content.body else ()


def _of_media(read: Callable[[Media], tuple[str, ...]]) -> Accessor:
    def accessor(content: Content) -> Values:
        if isinstance(content.sdp, Malformed):
            return None
        return () if content.media is None else read(content.media)

    return accessor


def _of_cpim(name: str) -> Accessor:
    def accessor(content: Content) -> Values:
        wrapped = content.cpim
        if isinstance(wrapped, Malformed):
            return None
        return () if wrapped is None else wrapped.get_all(name)

    return accessor


def _message_id(content: Content) -> Values:
    wrapped = content.cpim
    if isinstance(wrapped, Malformed):
        return None
    return (wrapped.message_id,) if wrapped is not None and wrapped.message_id else ()


def _disposition(content: Content) -> Values:
    wrapped = content.cpim
    if isinstance(wrapped, Malformed):
        return None
    return () if wrapped is None else tuple(sorted(wrapped.disposition_notification))


def _of_imdn(name: str) -> Accessor:
    def accessor(content: Content) -> Values:
        values = []
        for notification in content.imdns:
            if isinstance(notification, Malformed):
                return None
            values.append(str(getattr(notification, name)))
        return tuple(values)

    return accessor


def _count(content: Content) -> Values:
    return (str(len(content.imdns)),) if content.imdns else ()


def _session_messages(content: Content) -> Values:
    """Known once the session is over, and only if its MSRP was captured."""
    return None if content.session_messages is None else (str(content.session_messages),)


def _identities(content: Content) -> Values:
    listed = content.listed
    if isinstance(listed, Malformed):
        return None
    if listed is not None:
        return tuple(entry.identity for entry in listed)
    known = {"application/sdp", "message/cpim", "message/imdn+xml"}
    foreign = [kind for kind in content.media_types if kind not in known]
    return None if foreign else ()


def _acted(content: Content, wanted: Callable[[str | None], bool]) -> Values:
    identities = _identities(content)
    listed = content.listed
    if identities is None or listed is None or isinstance(listed, Malformed):
        return identities
    return tuple(entry.identity for entry in listed if wanted(entry.action))


def _sms_type(content: Content) -> Values:
    rpdu = content.sms
    if isinstance(rpdu, Malformed):
        return None
    return () if rpdu is None else (rpdu.type,)


_TPDUS: dict[type, str] = {
    tpdu.Submit: "SMS-SUBMIT",
    tpdu.Deliver: "SMS-DELIVER",
    tpdu.StatusReport: "SMS-STATUS-REPORT",
    tpdu.DeliverReport: "SMS-DELIVER-REPORT",
    tpdu.SubmitReport: "SMS-SUBMIT-REPORT",
    tpdu.Command: "SMS-COMMAND",
}
"""TS 23.040 section 9.2.2."""


def _sms_tpdu(content: Content) -> Values:
    rpdu = content.sms
    carried = None if isinstance(rpdu, Malformed) else getattr(rpdu, "tpdu", None)
    if isinstance(rpdu, Malformed) or isinstance(carried, Malformed):
        return None
    return () if carried is None else (_TPDUS[type(carried)],)


FIELDS: dict[str, Accessor] = {
    "method": _method,
    "status": _status,
    "Request-URI": _uri,
    "service": lambda content: _services(content, _SERVICE_FIELDS),
    "contact.service": lambda content: _services(content, ("Contact",)),
    "to-tag": _to_tag,
    "body": _body,
    "content-type": lambda content: content.media_types,
    "sdp.media": _of_media(lambda media: (media.protocol,)),
    "sdp.direction": _of_media(lambda media: (media.direction,) if media.direction else ()),
    "sdp.setup": _of_media(lambda media: (media.setup,) if media.setup else ()),
    "sdp.path": _of_media(lambda media: media.path),
    "cpim.From": _of_cpim("From"),
    "cpim.To": _of_cpim("To"),
    "cpim.DateTime": _of_cpim("DateTime"),
    "imdn.Message-ID": _message_id,
    "imdn.Disposition-Notification": _disposition,
    "imdn.reported": _of_imdn("message_id"),
    "imdn.status": _of_imdn("status"),
    "imdn.count": _count,
    "list.identities": _identities,
    "actions.identities": _identities,
    "actions.retrieve": lambda content: _acted(content, lambda action: action == "retrieve"),
    "actions.without-action": lambda content: _acted(content, lambda action: not action),
    "sms.type": _sms_type,
    "sms.tpdu": _sms_tpdu,
    "session.messages": _session_messages,
}

HEADERS: frozenset[str] = frozenset(
    {
        "Accept", "Accept-Contact", "Allow", "Call-ID", "Contact", "Content-Disposition",
        "Content-Length", "Content-Type", "Contribution-ID", "Conversation-ID", "CSeq", "Date",
        "Event", "Expires", "From", "In-Reply-To", "InReplyTo-Contribution-ID", "Max-Forwards",
        "Min-Expires", "P-Access-Network-Info", "P-Asserted-Identity", "P-Asserted-Service",
        "P-Charging-Vector", "P-Preferred-Identity", "P-Preferred-Service", "Privacy", "RAck",
        "Reason", "Record-Route", "Refer-To", "Referred-By", "Reject-Contact",
        "Request-Disposition", "Require", "Retry-After", "Route", "RSeq", "Server",
        "Session-Expires", "Session-ID", "Session-Replaces", "Subject", "Subscription-State",
        "Supported", "To", "User-Agent", "Via", "Warning",
    }
)  # fmt: skip


def values(name: str, content: Content) -> Values:
    """The values of a field of this message; KeyError for a name the table does not have."""
    return reader(name)(content)


@cache
def reader(name: str) -> Accessor:
    """What reads a field; a value that does not change is read once and kept with the message.

    KeyError for a name the table does not have.
    """
    read = FIELDS.get(name) or _header_reader(name)
    if name in _CHANGING:
        return read
    return _kept_with_body(name, read) if name in _OF_BODY else _kept_with_head(name, read)


def _header_reader(name: str) -> Accessor:
    if name not in HEADERS:
        raise KeyError(name)

    def read(content: Content) -> Values:
        message = _sip(content)
        return () if message is None else tuple([_bare(name, v) for v in message.headers(name)])

    return read


def _kept_with_body(name: str, read: Accessor) -> Accessor:
    def accessor(content: Content) -> Values:
        known = content.carried.known
        if name not in known:
            known[name] = read(content)
        return known[name]

    return accessor


def _kept_with_head(name: str, read: Accessor) -> Accessor:
    def accessor(content: Content) -> Values:
        known = content.known
        if name not in known:
            known[name] = read(content)
        return known[name]

    return accessor


_CHANGING = frozenset({"session.messages"})
"""What is known later only."""

_OF_BODY = frozenset(
    {
        "content-type", "sdp.media", "sdp.direction", "sdp.setup", "sdp.path", "cpim.From",
        "cpim.To", "cpim.DateTime", "imdn.Message-ID", "imdn.Disposition-Notification",
        "imdn.reported", "imdn.status", "imdn.count", "sms.type",
        "sms.tpdu",
    }
)  # fmt: skip
"""What is read from the body alone: once for all messages that carry this body."""

_WITH_PARAMETERS = frozenset({"Event", "Subscription-State", "Content-Type", "Session-Expires"})


def _bare(name: str, value: str) -> str:
    """A token value without its parameters: `Event: presence;id=1` is about `presence`."""
    return value.partition(";")[0].strip() if name in _WITH_PARAMETERS else value
