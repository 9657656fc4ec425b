"""The units that one end of the short message service makes (TS 23.040, TS 24.011)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.body import tpdu
from conformance.body.sms import RpAck, RpData, RpError
from conformance.body.sms_fields import ALPHANUMERIC, Address
from conformance.body.sms_user_data import UserData
from conformance.reference.engine.timer import SECOND
from conformance.reference.legs.leg import Cause, NonCpmMessage
from conformance.reference.legs.relay_causes import (
    DELIVERED_STATUS,
    FAILED_STATUS,
    relay_cause,
    validity,
)
from conformance.reference.legs.short_message import address_of, uri_of_address

NAMELESS = Address("anonymous", ALPHANUMERIC, 0)
"""The originator of a message whose sender has no number, or hides it."""


@dataclass(frozen=True, slots=True)
class RelayEnd:
    """One end: the network's, which delivers, or the telephone's, which submits.

    `centre` is the service centre's number; `context` the domain of numbers that are not
    international.
    """

    is_network: bool
    centre: Address
    context: str

    def transfer(
        self, message: NonCpmMessage, data: UserData, reference: int, now: int, *, more: bool
    ) -> tpdu.Tpdu:
        """The SMS-DELIVER or SMS-SUBMIT of one segment; ValueError without a number to send to."""
        if self.is_network:
            return tpdu.Deliver(
                address_of(message.source) or NAMELESS,
                self.moment(now),
                data,
                more_messages=more,
                status_report=message.wants_report,
            )
        destination = address_of(message.destination)
        if destination is None:
            raise ValueError(f"no number: {message.destination}")
        lifetime = None if message.lifetime is None else validity(message.lifetime)
        return tpdu.Submit(
            destination,
            data,
            reference,
            validity=lifetime,
            status_report=message.wants_report,
        )

    def status_report(
        self, recipient: str, reference: int, submitted: int, now: int, *, delivered: bool
    ) -> tpdu.StatusReport:
        """What became of a submitted message; times in ns UTC."""
        return tpdu.StatusReport(
            address_of(recipient) or NAMELESS,
            self.moment(submitted),
            self.moment(now),
            DELIVERED_STATUS if delivered else FAILED_STATUS,
            reference,
        )

    def data(self, reference: int, unit: tpdu.Tpdu) -> RpData:
        """The RP-DATA that carries a unit; ValueError for one that cannot be written."""
        octets = tpdu.write(unit)
        if self.is_network:
            return RpData(reference, octets, to_network=False, originator=self.centre)
        return RpData(reference, octets, to_network=True, destination=self.centre)

    def acknowledgement(self, reference: int, now: int) -> RpAck:
        """The RP-ACK, with the report that this end gives."""
        report = tpdu.SubmitReport(self.moment(now)) if self.is_network else tpdu.DeliverReport()
        return RpAck(reference, not self.is_network, tpdu.write(report))

    def refusal(self, reference: int, cause: Cause) -> RpError:
        """The RP-ERROR that tells a cause."""
        octet = relay_cause(cause, from_network=self.is_network)
        return RpError(reference, not self.is_network, octet)

    def uri(self, address: Address) -> str:
        """The URI of a number that the other end gave."""
        return uri_of_address(address, self.context)

    @staticmethod
    def moment(ns: int) -> datetime:
        """A time in ns UTC, to the second, as timestamps hold it."""
        return datetime.fromtimestamp(ns // SECOND, UTC)
