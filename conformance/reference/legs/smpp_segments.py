"""Segments as SMPP carries them, and its statuses as causes (SMPP 3.4 sections 5.1.3, 5.2.12)."""

from conformance.body.sms_user_data import DATA, GSM7, UserData, of_text
from conformance.reference.legs.leg import Cause
from conformance.reference.smpp import text as smpp_text
from conformance.reference.smpp.pdu import Pdu, ShortMessage, Status

_CAUSES = {
    Status.RINVMSGLEN: Cause.TOO_LONG,
    Status.RINVBNDSTS: Cause.CONGESTED,
    Status.RINVSRCADR: Cause.BARRED,
    Status.RINVDSTADR: Cause.UNKNOWN,
    Status.RMSGQFUL: Cause.CONGESTED,
    Status.RTHROTTLED: Cause.CONGESTED,
    Status.RX_T_APPN: Cause.ABSENT,
    Status.RX_P_APPN: Cause.REFUSED,
    Status.RX_R_APPN: Cause.REFUSED,
    Status.RDELIVERYFAILURE: Cause.ABSENT,
}
_STATUSES = {
    Cause.UNKNOWN: Status.RINVDSTADR,
    Cause.BARRED: Status.RINVSRCADR,
    Cause.ABSENT: Status.RX_T_APPN,
    Cause.BUSY: Status.RX_T_APPN,
    Cause.CONGESTED: Status.RTHROTTLED,
    Cause.REFUSED: Status.RX_R_APPN,
    Cause.TOO_LONG: Status.RINVMSGLEN,
    Cause.UNSUPPORTED: Status.RX_P_APPN,
    Cause.NO_ANSWER: Status.RX_T_APPN,
    Cause.FAILED: Status.RSYSERR,
}


def cause_of(status: int | None) -> Cause | None:
    """What a command_status says of a message, None for success; without one nobody answered."""
    if status is None:
        return Cause.NO_ANSWER
    if status == Status.ROK:
        return None
    known = next((one for one in _CAUSES if one == status), None)
    return Cause.FAILED if known is None else _CAUSES[known]


def status_of(cause: Cause | None) -> Status:
    """The command_status that answers a message."""
    return Status.ROK if cause is None else _STATUSES[cause]


def written(data: UserData) -> tuple[int, int, bytes]:
    """The esm_class, data_coding and octets of user data; septets are not packed."""
    coding = smpp_text.GSM7 if data.alphabet == GSM7 else smpp_text.UCS2
    if data.alphabet == DATA:
        coding = smpp_text.BINARY
    if not data.elements:
        return 0, coding, data.payload
    header = b"".join(bytes((i, len(value))) + value for i, value in data.elements)
    return smpp_text.USER_DATA_HEADER, coding, bytes((len(header),)) + header + data.payload


def user_data_of(pdu: Pdu) -> UserData:
    """The user data that a submit_sm or deliver_sm carries; a broken header is left out."""
    octets = smpp_text.content_of(pdu)
    body = pdu.body
    if not isinstance(body, ShortMessage):
        return UserData()
    elements: tuple[tuple[int, bytes], ...] = ()
    if body.esm_class & smpp_text.USER_DATA_HEADER and octets:
        elements, octets = _elements(octets[1 : 1 + octets[0]]), octets[1 + octets[0] :]
    if body.data_coding in (smpp_text.GSM7, smpp_text.UCS2):
        return UserData(body.data_coding, elements, octets)
    if body.data_coding in (smpp_text.BINARY, 2):
        return UserData(smpp_text.BINARY, elements, octets)
    whole = of_text(smpp_text.decode_text(body.data_coding, octets))
    return UserData(whole.coding, elements, whole.payload)


def _elements(header: bytes) -> tuple[tuple[int, bytes], ...]:
    found = []
    at = 0
    while at + 2 <= len(header):
        end = at + 2 + header[at + 1]
        if end > len(header):
            break
        found.append((header[at], header[at + 2 : end]))
        at = end
    return tuple(found)
