"""What tshark's dissectors show of a message, and where our own reading shows the same.

Each row is a field of Wireshark and a function that gives our values of it, in the order of the
message; a field that occurs several times has several values.
"""

from conformance.body import sdp, sms, tpdu
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.sip.grammar import parse_name_addr, parse_via
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.names import long_name
from conformance.sip.uri import parse_uri
from conformance.wire.malformed import Malformed

# Header fields that Wireshark has a field of its own for, line by line.
_NAMES = """
    Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events
    Answer-Mode Authorization Call-ID Call-Info Contact Content-Disposition Content-Encoding
    Content-Language Content-Length Content-Type CSeq Date Error-Info Event Expires From
    Geolocation History-Info Identity In-Reply-To Max-Forwards MIME-Version Min-Expires Min-SE
    Organization P-Asserted-Identity P-Asserted-Service P-Associated-URI P-Called-Party-ID
    P-Charging-Vector P-Preferred-Identity P-Preferred-Service P-Served-User
    P-Visited-Network-ID Path Priority Privacy Proxy-Authenticate Proxy-Authorization
    Proxy-Require RAck Reason Record-Route Refer-Sub Refer-To Reject-Contact Replaces Reply-To
    Request-Disposition Require Retry-After Route RSeq Server Service-Route Session-Expires
    Subject Subscription-State Supported Target-Dialog Timestamp To Unsupported User-Agent Via
    Warning WWW-Authenticate
"""
_HEADERS = _NAMES.split()


def _one(value):
    return [] if value in (None, "") else [str(value)]


def _lines(name):
    def read(message):
        return [value for key, value in message.fields() if long_name(key).lower() == name.lower()]

    return read


def _addresses(name, take):
    def read(message):
        found = []
        for value in message.headers(name):
            address = parse_name_addr(value)
            if not isinstance(address, Malformed):
                found += _one(take(address))
        return found

    return read


def _uri(address):
    return address.uri


def _user(address):
    found = parse_uri(address.uri)
    return "" if isinstance(found, Malformed) or found.scheme == "tel" else found.user


def _via(take):
    def read(message):
        found = [parse_via(value) for value in message.vias]
        return [
            text for one in found if not isinstance(one, Malformed) for text in _one(take(one))
        ]

    return read


def _rport(via):
    """Wireshark shows the name where it has no value."""
    value = via.param("rport")
    return None if value is None else value or "rport"


SIP = {
    "sip.Method": lambda m: _one(m.method if isinstance(m, SipRequest) else ""),
    "sip.Status-Code": lambda m: _one(m.status if isinstance(m, SipResponse) else ""),
    "sip.r-uri": lambda m: _one(m.uri if isinstance(m, SipRequest) else ""),
    "sip.CSeq.seq": lambda m: _one(m.cseq),
    "sip.CSeq.method": lambda m: _one(m.cseq_method),
    "sip.from.tag": lambda m: _one(m.from_tag),
    "sip.to.tag": lambda m: _one(m.to_tag),
    "sip.from.addr": _addresses("From", _uri),
    "sip.to.addr": _addresses("To", _uri),
    "sip.from.user": _addresses("From", _user),
    "sip.to.user": _addresses("To", _user),
    "sip.pai.addr": _addresses("P-Asserted-Identity", _uri),
    "sip.Via.transport": _via(lambda via: via.transport),
    "sip.Via.sent-by.address": _via(lambda via: via.host.strip("[]")),
    "sip.Via.sent-by.port": _via(lambda via: via.port),
    "sip.Via.branch": _via(lambda via: via.param("branch")),
    "sip.Via.received": _via(lambda via: via.received),
    "sip.Via.rport": _via(_rport),
} | {f"sip.{name}": _lines(name) for name in _HEADERS}  # fmt: skip

MSRP = {
    # It stands in the start line and in the end-line.
    "msrp.transaction.id": lambda m: [m.transaction_id] * 2,
    "msrp.method": lambda m: _one(m.method if isinstance(m, MsrpRequest) else ""),
    "msrp.status.code": lambda m: _one(m.status if isinstance(m, MsrpResponse) else ""),
    "msrp.to.path": lambda m: [" ".join(m.to_path)],
    "msrp.from.path": lambda m: [" ".join(m.from_path)],
    "msrp.messageid": lambda m: _one(m.message_id),
    "msrp.byte.range": lambda m: _one(m.header("Byte-Range")),
    "msrp.success.report": lambda m: _one(m.header("Success-Report")),
    "msrp.failure.report": lambda m: _one(m.header("Failure-Report")),
    "msrp.status": lambda m: _one(m.header("Status")),
    "msrp.content.type": lambda m: _one(m.header("Content-Type")),
    "msrp.use.path": lambda m: _one(m.header("Use-Path")),
    "msrp.cnt.flg": lambda m: [m.flag],
}


def _session(message):
    found = sdp.parse(message.body) if message.content_type == "application/sdp" else None
    return found if isinstance(found, sdp.Session) else None


def _of_session(take):
    def read(message):
        session = _session(message)
        return [] if session is None else [str(one) for one in take(session)]

    return read


def _values(session, letter):
    own = [value for kind, value in session.lines if kind == letter]
    return own + [value for one in session.media for kind, value in one.lines if kind == letter]


SDP = {
    "sdp.owner": _of_session(lambda s: _one(s.origin)),
    "sdp.connection_info": _of_session(lambda s: _values(s, "c")),
    "sdp.media.media": _of_session(lambda s: [one.kind for one in s.media]),
    "sdp.media.port": _of_session(lambda s: [one.port for one in s.media]),
    "sdp.media.proto": _of_session(lambda s: [one.protocol for one in s.media]),
    "sdp.media_attr": _of_session(
        lambda s: [value for one in s.media for kind, value in one.lines if kind == "a"]
    ),
}


def _rp(message):
    if message.content_type != sms.MEDIA_TYPE:
        return None
    found = sms.parse(message.body)
    return None if isinstance(found, Malformed) else found


_TYPES = {"RP-DATA": 0, "RP-ACK": 2, "RP-ERROR": 4, "RP-SMMA": 6}
_KINDS = {tpdu.Deliver: 0, tpdu.DeliverReport: 0, tpdu.Submit: 1, tpdu.SubmitReport: 1,
          tpdu.StatusReport: 2}  # fmt: skip


def _of_rp(take):
    def read(message):
        found = _rp(message)
        return [] if found is None else _one(take(found))

    return read


def _of_tpdu(*kinds, take):
    def read(message):
        carried = getattr(_rp(message), "tpdu", None)
        return _one(take(carried)) if isinstance(carried, kinds) else []

    return read


def _place(take):
    def read(carried):
        place = carried.data.concatenation
        return None if place is None else take(place)

    return read


_BOTH = (tpdu.Submit, tpdu.Deliver)
SMS = {
    "gsm_a.rp.msg_type": _of_rp(lambda rp: f"0x{_TYPES[rp.type] + (not rp.to_network):02x}"),
    "gsm_a.rp.rp_message_reference": _of_rp(lambda rp: f"0x{rp.reference:02x}"),
    "gsm_a.rp.cause": _of_rp(lambda rp: getattr(rp, "cause", None)),
    "gsm_sms.tp-mti": _of_tpdu(*_KINDS, take=lambda t: _KINDS[type(t)]),
    "gsm_sms.tp-da": _of_tpdu(tpdu.Submit, take=lambda t: t.destination.digits),
    "gsm_sms.tp-oa": _of_tpdu(tpdu.Deliver, take=lambda t: t.originator.digits),
    "gsm_sms.tp-ra": _of_tpdu(tpdu.StatusReport, take=lambda t: t.recipient.digits),
    "gsm_sms.tp-mr": _of_tpdu(tpdu.Submit, tpdu.StatusReport, take=lambda t: t.reference),
    "gsm_sms.tp-pid": _of_tpdu(*_BOTH, take=lambda t: t.protocol),
    "gsm_sms.tp-dcs": _of_tpdu(*_BOTH, take=lambda t: t.data.coding),
    "gsm_sms.udh.mm.msg_id": _of_tpdu(*_BOTH, take=_place(lambda p: p.reference)),
    "gsm_sms.udh.mm.msg_parts": _of_tpdu(*_BOTH, take=_place(lambda p: p.total)),
    "gsm_sms.udh.mm.msg_part": _of_tpdu(*_BOTH, take=_place(lambda p: p.sequence)),
    "gsm_sms.sms_text": _of_tpdu(*_BOTH, take=lambda t: t.data.text),
}
