"""An ESME and an SMSC on wires, each with a user who remembers."""

from dataclasses import replace

from conformance.observation.packet import Endpoint
from conformance.reference.smpp.pdu import PORT, Pdu, ShortMessage, Status, parse
from conformance.reference.smpp.session import SmppSession, SmppTimers
from tests.reference.wired import Wires, station

SMSC = Endpoint("10.0.5.1", PORT)
ESME = "10.0.4.1"


class User:
    """Admits who knows the password, and takes each message with `status`; None for silence."""

    def __init__(self):
        self.password = "secret"
        self.status = Status.ROK
        self.events = []
        self.messages = []
        self.receipts = []
        self.responds = []

    def admits(self, session, system_id, password):
        return Status.ROK if password == self.password else Status.RINVPASWD

    def bound(self, session, system_id):
        self.events.append(f"bound to {system_id}")

    def submitted(self, session, message, respond):
        self.messages.append(message)
        self.responds.append(respond)
        if self.status is not None:
            respond(self.status, f"id{len(self.messages)}")

    delivered = submitted

    def receipted(self, session, receipt, message):
        self.receipts.append(receipt)

    def closed(self, session, why):
        self.events.append(f"closed: {why}")


class Ends:
    """Both sides of a session; the SMSC is the patient one."""

    def __init__(self, *, cut=0, timers=None, kind=SmppSession):
        self.at_iwf, self.at_smsc = User(), User()
        timers = timers or SmppTimers()
        patient = replace(timers, enquire_link=10 * timers.enquire_link)
        self.smsc = SmppSession(
            station(SMSC.host), self.at_smsc, "smsc", SMSC, timers=patient, system_id="SMSC"
        )
        self.esme = kind(station(ESME), self.at_iwf, "esme", SMSC, timers=timers)
        self.wires = Wires(self.smsc.station, self.esme.station, cut=cut)
        self.answers = []

    def bind(self, password="secret"):
        self.esme.bind("iwf", password)
        self.wires.settle()
        return self

    def submit(self, text="Hello", **options):
        self.esme.submit("+15550100", "tel:+15550177", text, self.answers.append, **options)
        self.wires.settle()

    def deliver(self, text="Hello", **options):
        self.smsc.deliver("+15550177", "+15550100", text, self.answers.append, **options)
        self.wires.settle()

    @property
    def ladder(self):
        """Who sent which PDU: `>` from the ESME."""
        found = []
        for connection, octets in self.wires.passed:
            pdu = parse(octets)
            if isinstance(pdu, Pdu):
                arrow = ">" if connection.local.host == ESME else "<"
                found.append(f"{arrow} {pdu.command.name.lower()}")
        return found

    def message(self, number=-1):
        body = self.at_smsc.messages[number].body
        assert isinstance(body, ShortMessage)
        return body
