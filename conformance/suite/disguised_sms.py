"""Short messages in disguise: numbers and texts by their pseudonyms (3GPP TS 24.011, 23.040)."""

from dataclasses import replace

from conformance.body import gsm7, sms, tpdu
from conformance.body.sms_fields import Address
from conformance.body.sms_user_data import UserData
from conformance.suite.disguise import Disguise
from conformance.suite.segmented import Segments
from conformance.wire.malformed import Malformed


def disguised_sms(octets: bytes, disguise: Disguise, segments: Segments | None = None) -> bytes:
    """The RP message with other numbers and another text; what cannot be read tells nothing."""
    message = sms.parse(octets)
    if isinstance(message, Malformed):
        return disguise.pseudonyms.stream(octets)
    if not isinstance(message, sms.RpData):
        return octets
    try:
        found = sms.write(
            replace(
                message,
                originator=_address(message.originator, disguise),
                destination=_address(message.destination, disguise),
                user_data=_carried(message, disguise, segments),
            )
        )
    except ValueError:
        found = b""
    return found if len(found) == len(octets) else disguise.pseudonyms.stream(octets)


def _carried(message: sms.RpData, disguise: Disguise, segments: Segments | None) -> bytes:
    carried = message.tpdu
    if isinstance(carried, tpdu.Submit | tpdu.Deliver):
        hidden = segments.text(carried) if segments else None
        carried = replace(carried, data=_data(carried.data, disguise, hidden))
    match carried:
        case tpdu.Submit(destination=destination):
            return tpdu.write(replace(carried, destination=_known(destination, disguise)))
        case tpdu.Deliver(originator=originator):
            return tpdu.write(replace(carried, originator=_known(originator, disguise)))
        case tpdu.StatusReport(recipient=recipient):
            return tpdu.write(replace(carried, recipient=_known(recipient, disguise)))
        case _:
            return disguise.pseudonyms.stream(message.user_data)


def _address(address: Address | None, disguise: Disguise) -> Address | None:
    return None if address is None else _known(address, disguise)


def _known(address: Address, disguise: Disguise) -> Address:
    return replace(address, digits=disguise.hide(address.digits))


def _data(data: UserData, disguise: Disguise, hidden: str | None) -> UserData:
    text = data.text
    if text is None:
        return replace(data, payload=disguise.pseudonyms.stream(data.payload))
    hidden = disguise.prose(text) if hidden is None else hidden
    payload = gsm7.encode(hidden)
    if data.alphabet != "gsm7":
        payload = hidden.encode("utf-16-be", "surrogatepass")
    if payload is None or len(payload) != len(data.payload):
        raise ValueError("the text's pseudonym is of another size")
    return replace(data, payload=payload)
