"""The core's REGISTER on behalf of its users (TS 24.229 sections 5.4.1.7 and 5.4.2.1.2).

It tells an application server who is available, and carries the client's own REGISTER.
"""

from typing import NamedTuple

from conformance.observation.packet import Endpoint
from conformance.reference.core.setting import CoreSetting, Subscriber
from conformance.reference.engine.chance import Chance
from conformance.reference.transactions.transaction import Failure, Transactions
from conformance.reference.transport.directory import Target
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest, SipResponse


class _Known(NamedTuple):
    call_id: str
    tag: str
    cseq: int


class ThirdPartyRegistration:
    """Tells the participating function of each registration."""

    def __init__(
        self, transactions: Transactions, address: Endpoint, setting: CoreSetting, chance: Chance
    ) -> None:
        self.transactions = transactions
        self.address = address
        self.setting = setting
        self.chance = chance
        self._known: dict[str, _Known] = {}

    def tell(self, user: Subscriber, request: SipRequest | None, seconds: int) -> None:
        """Send the REGISTER that says how long a user is available, 0 for not any more."""
        target = Target(self.setting.transport, self.setting.pf)
        draft = self.compose(user, request, seconds)
        self.transactions.send(draft, target, _Told(self, user))

    def compose(self, user: Subscriber, request: SipRequest | None, seconds: int) -> Draft:
        """The REGISTER; one without a client's own speaks of the user as a whole."""
        known = self._next(user, seconds)
        draft = Draft("REGISTER", f"sip:{self.setting.pf}")
        draft.add("Max-Forwards", "70")
        draft.add("From", f"<sip:{self.address}>;tag={known.tag}")
        draft.add("To", f"<{user.aor}>")
        draft.add("Call-ID", known.call_id)
        draft.add("CSeq", f"{known.cseq} REGISTER")
        draft.add("Contact", f"<sip:{self.address}>")
        draft.add("Expires", str(seconds))
        draft.add("User-Agent", self.setting.agent)
        if request is not None and self.setting.tells_whole:
            draft.carry("message/sip", request.octets)
        return draft

    def refused(self, user: Subscriber, status: int) -> None:
        """The participating function does not take it; the registration stands all the same."""
        station = self.transactions.station
        station.note("third-party-refused", user=user.aor, status=str(status))

    def _next(self, user: Subscriber, seconds: int) -> _Known:
        host = self.address.host
        fresh = _Known(f"{self.chance.token(20)}@{host}", self.chance.token(10), 0)
        before = self._known.pop(user.aor, fresh)
        known = before._replace(cseq=before.cseq + 1)
        if seconds:
            self._known[user.aor] = known
        return known


class _Told:
    """Waits for the answer to one of these REGISTERs."""

    def __init__(self, registration: ThirdPartyRegistration, user: Subscriber) -> None:
        self.registration = registration
        self.user = user

    def response(self, response: SipResponse) -> None:
        """Take a response."""
        if response.status >= 300:
            self.registration.refused(self.user, response.status)

    def failed(self, why: Failure) -> None:
        """There is none."""
        self.registration.refused(self.user, why.status)
