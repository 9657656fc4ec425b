"""The subscriber's side of event notification (RFC 6665 section 4.1)."""

from enum import StrEnum
from typing import Protocol

from conformance.reference.engine.component import Alarm
from conformance.reference.engine.timer import SECOND
from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.agent import Agent
from conformance.reference.user_agents.dialog import Dialog
from conformance.reference.user_agents.event import event_of, seconds_of
from conformance.reference.user_agents.incoming import Headers, Incoming
from conformance.reference.user_agents.notifier import (
    Notifier,
    NotifierEnd,
    NotifierUser,
    ServerSubscription,
)
from conformance.sip.grammar import Parameterized, parse_parameterized
from conformance.sip.message import SipRequest, SipResponse

__all__ = [
    "Notifier",
    "NotifierEnd",
    "NotifierUser",
    "ServerSubscription",
    "Subscription",
    "SubscriptionEnd",
    "SubscriptionUser",
]

_NO_SUBSCRIPTION = frozenset({404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604})


class SubscriptionEnd(StrEnum):
    """Why a subscription ended where the notifier gave no reason."""

    TERMINATED = "terminated"
    NO_NOTIFY = "no NOTIFY"
    EXPIRED = "expired"
    REFUSED = "refused"


class SubscriptionUser(Protocol):
    """Who subscribed."""

    def accepted(self, subscription: "Subscription", response: SipResponse) -> None:
        """A 2xx to a SUBSCRIBE, the first or a later one."""
        ...

    def notified(self, subscription: "Subscription", incoming: Incoming) -> None:
        """A NOTIFY, which the user answers: now or within 64*T1."""
        ...

    def refused(self, subscription: "Subscription", why: SipResponse | Failure) -> None:
        """The first SUBSCRIBE is refused, or nobody answered; this is the end of it."""
        ...

    def ended(self, subscription: "Subscription", why: str) -> None:
        """It is over: the notifier's reason, or a `SubscriptionEnd`."""
        ...


class Subscription:
    """A subscription of ours; `state` is pending, active or terminated, "" before any NOTIFY.

    `expires_at` is when it ends unless renewed, in ns, but for 64*T1 in which the last NOTIFY is
    awaited; with `renew` it is renewed in time.
    """

    def __init__(
        self, agent: Agent, user: SubscriptionUser, draft: Draft, event: str, expires: int
    ) -> None:
        self.agent = agent
        self.user = user
        self.request = draft
        self.event = event
        self.expires = expires
        self.renew = False
        self.dialog: Dialog | None = None
        self.state = ""
        self.expires_at: int | None = None
        self.is_over = False
        self._asked_shorter = False
        self._timer_n: Alarm | None = None
        self._expiry: Alarm | None = None
        self._renewal: Alarm | None = None
        self._ending = expires == 0
        self._key = (draft.get("Call-ID") or "", _from_tag(draft))

    # Commands.

    def begin(self) -> None:
        """Send the first SUBSCRIBE."""
        self.agent.awaiters[self._key] = self
        self._subscribe(self.request)

    def refresh(self, expires: int | None = None, headers: Headers = ()) -> None:
        """Ask for more time, in seconds; nothing happens before the first NOTIFY or 2xx."""
        if self.dialog is None or self.is_over:
            return
        self.expires = self.expires if expires is None else expires
        draft = self.dialog.request("SUBSCRIBE")
        draft.add("Event", self.event).add("Expires", str(self.expires))
        self._subscribe(self.agent.furnish(draft, headers, None))

    def end(self, headers: Headers = ()) -> None:
        """Ask for no more; a last NOTIFY ends it (RFC 6665 section 4.1.2.3)."""
        self._ending = True
        self.refresh(0, headers)

    # What the agent calls.

    def claims(self, request: SipRequest) -> bool:
        """Whether a NOTIFY belongs here: event, and the dialog's tag once there is one."""
        same_peer = self.dialog is None or self.dialog.remote_tag == (request.from_tag or "")
        return same_peer and event_of(self.event) == event_of(request.header("Event") or "")

    def take(self, incoming: Incoming) -> None:
        """Take a NOTIFY."""
        request = incoming.request
        state = parse_parameterized(request.header("Subscription-State") or "")
        if not isinstance(state, Parameterized) or not state.value:
            incoming.respond(400, "Subscription-State is missing")
            return
        if self.dialog is None:
            contact = self.request.get("Contact") or ""
            self.dialog = Dialog.of_server(request, self._key[1], contact)
            self.dialog.local_cseq = _cseq(self.request)
        elif not self.dialog.accepts(request):
            incoming.respond(500, "CSeq out of order")
            return
        self.dialog.refresh(request)
        self._enter(state)
        self.user.notified(self, incoming)
        if self.state == "terminated":
            self._finish(state.param("reason") or SubscriptionEnd.TERMINATED)

    # Within.

    def _subscribe(self, draft: Draft) -> None:
        self._cancel_timer_n()
        self._timer_n = self.agent.station.after(64 * self.agent.timers.t1, self._unnotified)
        self.agent.exchange(draft, self._answered, dialog=self.dialog)

    def _answered(self, result: SipResponse | Failure) -> None:
        if self.is_over:
            return
        if isinstance(result, SipResponse) and result.status < 300:
            self._accepted(result)
        elif isinstance(result, SipResponse) and self._may_ask_longer(result):
            self._ask_longer(int(result.header("Min-Expires") or 0))
        elif self.dialog is None:
            self._forget()
            self.user.refused(self, result)
        elif isinstance(result, SipResponse) and result.status in _NO_SUBSCRIPTION:
            self._finish(SubscriptionEnd.REFUSED)

    def _accepted(self, response: SipResponse) -> None:
        if self.dialog is None:
            self.dialog = Dialog.of_client(self.request, response)
        elif not self.dialog.route_set:
            self.dialog.route_set = tuple(reversed(response.headers("Record-Route")))
        granted = seconds_of(response.header("Expires"))
        if not self._ending:
            self._expire_in(self.expires if granted is None else granted)
        self.user.accepted(self, response)

    def _may_ask_longer(self, response: SipResponse) -> bool:
        longest = seconds_of(response.header("Min-Expires"))
        if response.status != 423 or longest is None or self._asked_shorter:
            return False
        return self.dialog is None and longest > self.expires

    def _ask_longer(self, expires: int) -> None:
        """Once more with the least that the notifier grants (RFC 6665 section 4.1.2.1)."""
        self._asked_shorter = True
        self.expires = expires
        cseq = _cseq(self.request) + 1
        self.agent.note_cseq(cseq)
        self.request.put("CSeq", f"{cseq} SUBSCRIBE").put("Expires", str(expires))
        self._subscribe(self.request)

    def _enter(self, state: Parameterized) -> None:
        """Take a state; while the end is asked for, only the last NOTIFY stops timer N."""
        self.state = state.value.lower()
        if self._ending and self.state != "terminated":
            return
        self._cancel_timer_n()
        left = seconds_of(state.param("expires"))
        if self.state != "terminated" and (left is not None or self.expires_at is None):
            self._expire_in(self.expires if left is None else left)

    def _expire_in(self, seconds: int) -> None:
        for alarm in (self._expiry, self._renewal):
            if alarm is not None:
                alarm.cancel()
        station = self.agent.station
        self.expires_at = station.now + seconds * SECOND
        # The notifier's last word may still be on its way.
        grace = 64 * self.agent.timers.t1
        self._expiry = station.after(seconds * SECOND + grace, self._expired)
        if self.renew and not self._ending:
            self._renewal = station.after(seconds * SECOND * 3 // 4, self.refresh)

    def _expired(self) -> None:
        self._finish(SubscriptionEnd.EXPIRED)

    def _unnotified(self) -> None:
        """Timer N: no NOTIFY came (RFC 6665 section 4.1.2.4)."""
        self._finish(SubscriptionEnd.NO_NOTIFY)

    def _cancel_timer_n(self) -> None:
        if self._timer_n is not None:
            self._timer_n.cancel()
            self._timer_n = None

    def _finish(self, why: str) -> None:
        if not self.is_over:
            self._forget()
            self.user.ended(self, why)

    def _forget(self) -> None:
        self.is_over = True
        self.agent.awaiters.pop(self._key, None)
        self._cancel_timer_n()
        for alarm in (self._expiry, self._renewal):
            if alarm is not None:
                alarm.cancel()


def _cseq(draft: Draft) -> int:
    return int((draft.get("CSeq") or "0").split()[0])


def _from_tag(draft: Draft) -> str:
    return (draft.get("From") or "").rpartition(";tag=")[2]
