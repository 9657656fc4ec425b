"""Messages and listeners for the tests of SIP's layers."""

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.transactions.transaction import Failure, ServerTransaction
from conformance.reference.transport.directory import Target
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse
from tests.reference.wiring import HOST_B

PEER = Endpoint(HOST_B, 5060)
UDP = Target(Transport.UDP, PEER)
TCP = Target(Transport.TCP, PEER)


class Above:
    """What lies above the transport, and remembers."""

    def __init__(self) -> None:
        self.requests: list[tuple[SipRequest, Target]] = []
        self.responses: list[SipResponse] = []
        self.losses: list[tuple[Target, str, bool]] = []

    def request(self, request: SipRequest, source: Target) -> None:
        self.requests.append((request, source))

    def response(self, response: SipResponse, source: Target) -> None:
        self.responses.append(response)

    def lost(self, target: Target, why: str, opened: bool) -> None:
        self.losses.append((target, why, opened))


class Asker:
    """A client's user that remembers."""

    def __init__(self) -> None:
        self.responses: list[SipResponse] = []
        self.failures: list[Failure] = []

    def response(self, response: SipResponse) -> None:
        self.responses.append(response)

    def failed(self, why: Failure) -> None:
        self.failures.append(why)

    @property
    def statuses(self) -> list[int]:
        return [response.status for response in self.responses]

    @property
    def is_told(self) -> bool:
        return bool(self.failures) or any(status >= 200 for status in self.statuses)


class Answerer:
    """A server's user that answers with the same statuses each time, and remembers."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = statuses
        self.transactions: list[ServerTransaction] = []
        self.acks: list[SipRequest] = []
        self.strays: list[SipResponse] = []

    def request(self, transaction: ServerTransaction) -> None:
        self.transactions.append(transaction)
        for status in self.statuses:
            transaction.respond(answer(transaction.request, status))

    def ack(self, request: SipRequest) -> None:
        self.acks.append(request)

    def stray(self, response: SipResponse) -> None:
        self.strays.append(response)


def draft(method: str = "MESSAGE", body: bytes = b"", call_id: str = "c1", cseq: int = 1) -> Draft:
    """A request without its Via."""
    made = Draft(method, f"sip:b@{HOST_B}")
    made.add("Max-Forwards", "70").add("From", "<sip:a@a.example>;tag=a1")
    made.add("To", f"<sip:b@{HOST_B}>").add("Call-ID", call_id).add("CSeq", f"{cseq} {method}")
    return made.carry("text/plain", body) if body else made


def answer(request: SipRequest, status: int, tag: str = "b1") -> Draft:
    """A response with a tag."""
    made = Draft.response_to(request, status)
    if status > 100 and request.to_tag is None:
        made.put("To", f"{made.get('To')};tag={tag}")
    return made


def as_request(octets: bytes) -> SipRequest:
    """The request that the octets are."""
    read = parse(octets)
    assert isinstance(read, SipRequest)
    return read


def as_response(octets: bytes) -> SipResponse:
    """The response that the octets are."""
    read = parse(octets)
    assert isinstance(read, SipResponse)
    return read
