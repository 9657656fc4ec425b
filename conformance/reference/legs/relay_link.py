"""The relay layer of short messages in SIP MESSAGE, with its acknowledgements (TS 24.341)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from conformance.body import sms
from conformance.cpm.identity import uri_of
from conformance.reference.engine.component import Alarm, Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.legs.leg import DELIVERED, TAKEN, Cause, Outcome, cause_of_status
from conformance.reference.legs.relay_causes import cause_of_relay
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipResponse
from conformance.sip.uri import parse_uri
from conformance.wire.malformed import Malformed

PATIENCE = 25 * SECOND
"""How long an acknowledgement is awaited: less than timer F of whoever waits for the gateway."""

_REFERENCES = 256
_HEADERS = (
    ("Accept-Contact", "*;+g.3gpp.smsip;require;explicit"),
    ("Request-Disposition", "no-fork"),
)


class Received(NamedTuple):
    """An RP-DATA that came, with the MESSAGE that brought it, which waits for its answer."""

    data: sms.RpData
    incoming: Incoming

    @property
    def sender(self) -> str:
        """Who sent it, as the MESSAGE says."""
        request = self.incoming.request
        return request.header("P-Asserted-Identity") or request.header("From") or ""


class RelayUser(Protocol):
    """The transfer layer above."""

    def data(self, received: Received) -> None:
        """Take an RP-DATA; its MESSAGE is to be answered, and then it itself."""
        ...


@dataclass(slots=True)
class _Sent:
    """An RP-DATA that waits for its acknowledgement."""

    done: Callable[[Outcome], None]
    call_id: str = ""
    alarm: Alarm | None = None


class RelayLink:
    """One end of the relay layer towards `peer`, the SIP URI by which the other end is reached.

    `is_network` tells which end; an RP-ACK from a telephone means that it has the message.
    """

    def __init__(
        self,
        station: Station,
        agent: UserAgent,
        peer: str,
        *,
        is_network: bool,
        patience: int = PATIENCE,
    ) -> None:
        self.station = station
        self.agent = agent
        self.peer = peer
        self.is_network = is_network
        self.patience = patience
        self.user: RelayUser | None = None
        read = parse_uri(peer)
        self.peer_host = "" if isinstance(read, Malformed) else read.host
        self._sent: dict[int, _Sent] = {}
        self._next = station.chance.below(_REFERENCES)

    # Out.

    def free_reference(self) -> int | None:
        """An RP-Message-Reference that no RP-DATA on its way has; None if each has one."""
        for _ in range(_REFERENCES):
            self._next = (self._next + 1) % _REFERENCES
            if self._next not in self._sent:
                return self._next
        return None

    def send(self, data: sms.RpData, uri: str, done: Callable[[Outcome], None]) -> None:
        """Send an RP-DATA; `done` is told once how it was acknowledged, or that it was not.

        ValueError for one that cannot be written, or whose reference is in use.
        """
        octets = sms.write(data)
        if data.reference in self._sent:
            raise ValueError(f"RP-Message-Reference {data.reference} is in use")
        sent = self._sent[data.reference] = _Sent(done)
        late = partial(self._settle, data.reference, sent, Outcome(Cause.NO_ANSWER))
        sent.alarm = self.station.after(self.patience, late)
        answered = partial(self._answered, data.reference, sent)
        sent.call_id = self.send_message(uri, octets, (), answered)

    def acknowledge(self, received: Received, answer: sms.RpAck | sms.RpError) -> None:
        """Acknowledge or refuse an RP-DATA, by a MESSAGE of its own (TS 24.341 section 5.3.2)."""
        headers = (("In-Reply-To", received.incoming.request.call_id),)
        octets = sms.write(answer)
        self.send_message(self.return_uri(received), octets, headers, self._report_answered)

    def return_uri(self, received: Received) -> str:
        """Where the acknowledgement of an RP-DATA goes."""
        return uri_of(received.sender) if self.is_network else self.peer

    def send_message(
        self,
        uri: str,
        octets: bytes,
        headers: tuple[tuple[str, str], ...],
        answered: Callable[[SipResponse | Failure], None],
    ) -> str:
        """Send a MESSAGE with an RP message; its Call-ID."""
        draft = self.agent.request(
            "MESSAGE",
            uri,
            to=uri,
            headers=(*_HEADERS, *headers),
            content=Content(sms.MEDIA_TYPE, octets),
            answered=answered,
            routes=(f"<{self.peer};lr>",),
        )
        return draft.get("Call-ID") or ""

    # In.

    def take(self, incoming: Incoming) -> None:
        """Take a MESSAGE of the media type; whatever cannot be read is answered 400."""
        message = sms.parse(incoming.request.body)
        match message:
            case Malformed():
                self._refuse(incoming, message.rule)
            case sms.RpData() if message.to_network is self.is_network and self.user is not None:
                self.user.data(Received(message, incoming))
            case sms.RpAck() | sms.RpError() if message.to_network is self.is_network:
                incoming.respond(202)
                self._acknowledged(incoming, message)
            case sms.RpSmma() if self.is_network:
                incoming.respond(202)
            case _:
                self._refuse(incoming, f"TS 24.011 section 7.3: {message.type} the other way")

    def _refuse(self, incoming: Incoming, rule: str) -> None:
        self.station.note("malformed", rule=rule)
        incoming.respond(400)

    def _acknowledged(self, incoming: Incoming, message: sms.RpAck | sms.RpError) -> None:
        sent = self._sent.get(message.reference)
        named = (incoming.request.header("In-Reply-To") or "").strip()
        if sent is None or (named and sent.call_id and named != sent.call_id):
            self.station.note("late", reference=str(message.reference))
            return
        self._settle(message.reference, sent, self.outcome(message))

    def outcome(self, message: sms.RpAck | sms.RpError) -> Outcome:
        """What an acknowledgement means."""
        if isinstance(message, sms.RpAck):
            return DELIVERED if self.is_network else TAKEN
        return Outcome(cause_of_relay(message.cause), detail=f"RP-Cause {message.cause}")

    def _answered(self, reference: int, sent: _Sent, answer: SipResponse | Failure) -> None:
        """The MESSAGE was answered: with success, the acknowledgement is still to come."""
        if isinstance(answer, SipResponse):
            cause = cause_of_status(answer.status)
            detail = f"{answer.status} {answer.reason}"
        else:
            cause = Cause.NO_ANSWER if answer is Failure.TIMEOUT else Cause.CONGESTED
            detail = str(answer)
        if cause is not None:
            self._settle(reference, sent, Outcome(cause, detail=detail))

    def _report_answered(self, answer: SipResponse | Failure) -> None:
        if not isinstance(answer, SipResponse) or answer.status >= 300:
            self.station.note("unacknowledged", why=str(getattr(answer, "status", answer)))

    def _settle(self, reference: int, sent: _Sent, outcome: Outcome) -> None:
        if self._sent.get(reference) is not sent:
            return
        del self._sent[reference]
        if sent.alarm is not None:
            sent.alarm.cancel()
        sent.done(outcome)
