"""The notifier's side of event notification (RFC 6665 section 4.2)."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from conformance.reference.engine.component import Alarm
from conformance.reference.engine.timer import SECOND
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.agent import Agent
from conformance.reference.user_agents.dialog import Dialog
from conformance.reference.user_agents.event import event_of, seconds_of
from conformance.reference.user_agents.incoming import Content, Headers, Incoming
from conformance.sip.message import SipRequest, SipResponse

MAX_WAITING = 16
"""NOTIFYs that wait for the one before them; of more, the oldest waiting is left out."""


class NotifierEnd(StrEnum):
    """Why a subscription to us ended."""

    EXPIRED = "expired"
    UNSUBSCRIBED = "unsubscribed"
    TERMINATED = "terminated"
    UNREACHABLE = "NOTIFY failed"


class NotifierUser(Protocol):
    """Whose state it is."""

    def renewed(self, subscription: "ServerSubscription") -> None:
        """The subscriber asks for more time: a NOTIFY of the present state is due."""
        ...

    def last_content(self, subscription: "ServerSubscription") -> Content | None:
        """What the last NOTIFY carries when the subscription expires or is given up."""
        ...

    def ended(self, subscription: "ServerSubscription", why: str) -> None:
        """It is over; `why` is a `NotifierEnd`."""
        ...


Told = Callable[[SipResponse | Failure], None]
Composed = Content | Callable[[], Content | None] | None
"""What a NOTIFY carries, or what composes that when its turn has come."""


class _Notice(NamedTuple):
    content: Composed
    state: str
    reason: str | None
    headers: Headers
    answered: Told | None


class ServerSubscription:
    """A subscription to us, from its SUBSCRIBE on; `expires_at` in ns."""

    def __init__(self, agent: Agent, incoming: Incoming, user: NotifierUser | None = None) -> None:
        self.agent = agent
        self.incoming = incoming
        self.user = user
        self.event = incoming.request.header("Event") or ""
        self.dialog: Dialog | None = None
        self.expires_at = 0
        self.is_over = False
        self.min_expires = 0
        self.max_expires = 3600
        self._expiry: Alarm | None = None
        self._waiting: list[_Notice] = []
        self._under_way = False
        self._last_wanted: NotifierEnd | None = None

    @property
    def request(self) -> SipRequest:
        """The SUBSCRIBE that began it."""
        return self.incoming.request

    @property
    def asked(self) -> int:
        """Seconds asked for by the SUBSCRIBE; all that is granted if it says nothing."""
        return self._asked(self.request)

    # Commands.

    def accept(self, status: int = 200, expires: int | None = None, headers: Headers = ()) -> None:
        """Answer 2xx and begin the dialog; a NOTIFY is due next (RFC 6665 section 4.2.1.2).

        `expires` seconds are granted, what was asked for unless given. One of no time (a fetch)
        ends with its first NOTIFY.
        """
        if self.incoming.is_answered:
            return
        granted = min(self.asked, self.max_expires) if expires is None else expires
        contact = self.agent.identity.contact_value
        self.dialog = Dialog.of_server(self.request, self.incoming.local_tag, contact)
        self.agent.enter(self.dialog, self)
        self.answer(status, granted, headers)
        self._grant(granted)
        if granted == 0:
            self._last_wanted = NotifierEnd.UNSUBSCRIBED

    def answer(self, status: int, expires: int, headers: Headers) -> None:
        """Answer the first SUBSCRIBE, with the seconds that are granted."""
        self.incoming.respond(status, headers=(("Expires", str(expires)), *headers))

    def refuse(self, status: int, reason: str = "", headers: Headers = ()) -> None:
        """Answer that there will be no subscription."""
        self.incoming.respond(status, reason, headers)
        self.is_over = True

    def notify(
        self,
        content: Composed,
        state: str = "active",
        reason: str | None = None,
        answered: Told | None = None,
        headers: Headers = (),
    ) -> None:
        """Send a NOTIFY, after the ones that wait; "terminated" ends the subscription.

        Content that is composed when its turn comes is the present state, of which one NOTIFY
        is enough: those that wait with such content are left out (RFC 6665 section 4.2.2).
        """
        if self.dialog is None or self.is_over:
            return
        if self._last_wanted is not None:
            state, reason = "terminated", reason or "timeout"
        if callable(content):
            self._waiting = [notice for notice in self._waiting if not callable(notice.content)]
        if len(self._waiting) >= MAX_WAITING:
            del self._waiting[0]
        self._waiting.append(_Notice(content, state, reason, headers, answered))
        if state == "terminated":
            self._end(self._last_wanted or NotifierEnd.TERMINATED)
        self._next()

    # What the agent calls.

    def take(self, incoming: Incoming) -> None:
        """Answer a SUBSCRIBE within the dialog; anything else is not for a subscription."""
        request = incoming.request
        if self.dialog is not None and not self.dialog.accepts(request):
            incoming.respond(500, "CSeq out of order")
        elif request.method != "SUBSCRIBE":
            incoming.respond(405, headers=(("Allow", "SUBSCRIBE"),))
        elif event_of(request.header("Event") or "") != event_of(self.event):
            incoming.respond(489, headers=(("Allow-Events", event_of(self.event)[0]),))
        elif 0 < self._asked(request) < self.min_expires:
            incoming.respond(423, headers=(("Min-Expires", str(self.min_expires)),))
        else:
            self._renew(incoming)

    def acknowledged(self, request: SipRequest) -> None:
        """No ACK belongs to a subscription."""

    # Within.

    def _asked(self, request: SipRequest) -> int:
        asked = seconds_of(request.header("Expires"))
        return self.max_expires if asked is None else asked

    def _renew(self, incoming: Incoming) -> None:
        granted = min(self._asked(incoming.request), self.max_expires)
        if self.dialog is not None:
            self.dialog.refresh(incoming.request)
        incoming.respond(200, headers=(("Expires", str(granted)),))
        if granted == 0:
            self._finish(NotifierEnd.UNSUBSCRIBED)
            return
        self._grant(granted)
        if self.user is not None:
            self.user.renewed(self)

    def _grant(self, seconds: int) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        station = self.agent.station
        self.expires_at = station.now + seconds * SECOND
        # A fetch ends with its NOTIFY, which should not be long.
        left = seconds * SECOND if seconds else 64 * self.agent.timers.t1
        self._expiry = station.after(left, lambda: self._finish(NotifierEnd.EXPIRED))

    def _finish(self, why: NotifierEnd) -> None:
        """Send the last NOTIFY of a subscription whose time is up (RFC 6665 section 4.2.2)."""
        self._last_wanted = why
        user = self.user
        self.notify(None if user is None else lambda: user.last_content(self))

    def _end(self, why: NotifierEnd) -> None:
        if self.is_over:
            return
        self.is_over = True
        if self._expiry is not None:
            self._expiry.cancel()
        self.agent.leave(self.dialog)
        if self.user is not None:
            self.user.ended(self, why)

    def _next(self) -> None:
        """One NOTIFY at a time, so that none overtakes another."""
        if self._under_way or not self._waiting or self.dialog is None:
            return
        self._under_way = True
        notice = self._waiting.pop(0)
        draft = self.dialog.request("NOTIFY")
        draft.add("Event", self.event)
        draft.add("Subscription-State", self._state_value(notice))
        content = notice.content() if callable(notice.content) else notice.content
        self.agent.furnish(draft, notice.headers, content)
        self.agent.exchange(
            draft, lambda result: self._answered(notice, result), dialog=self.dialog
        )

    def _state_value(self, notice: _Notice) -> str:
        if notice.state == "terminated":
            return f"terminated;reason={notice.reason}" if notice.reason else "terminated"
        left = max(0, (self.expires_at - self.agent.station.now) // SECOND)
        return f"{notice.state};expires={left}"

    def _answered(self, notice: _Notice, result: SipResponse | Failure) -> None:
        self._under_way = False
        if notice.answered is not None:
            notice.answered(result)
        if not _is_reachable(result):
            self._waiting.clear()
            self._end(NotifierEnd.UNREACHABLE)
        self._next()


def _is_reachable(result: SipResponse | Failure) -> bool:
    """Whether a subscription outlives the answer to a NOTIFY (RFC 6665 section 4.2.2)."""
    if isinstance(result, Failure):
        return False
    return result.status < 300 or result.header("Retry-After") is not None


class Notifier:
    """What an agent does with SUBSCRIBEs: packages known, times bounded, the rest the role's.

    `subscribed` is called with each new subscription, to be accepted or refused.
    """

    def __init__(
        self,
        agent: Agent,
        packages: Sequence[str],
        subscribed: Callable[[ServerSubscription], None],
        *,
        min_expires: int = 0,
        max_expires: int = 3600,
    ) -> None:
        self.agent = agent
        self.packages = tuple(packages)
        self.subscribed = subscribed
        self.min_expires = min_expires
        self.max_expires = max_expires

    def take(self, incoming: Incoming) -> None:
        """Take a SUBSCRIBE out of any dialog: a handler for `UserAgent.handlers`."""
        request = incoming.request
        expires = seconds_of(request.header("Expires"))
        if event_of(request.header("Event") or "")[0] not in self.packages:
            incoming.respond(489, headers=(("Allow-Events", ", ".join(self.packages)),))
        elif expires is not None and 0 < expires < self.min_expires:
            incoming.respond(423, headers=(("Min-Expires", str(self.min_expires)),))
        elif self.agent.is_full:
            incoming.respond(503)
        else:
            subscription = ServerSubscription(self.agent, incoming)
            subscription.min_expires = self.min_expires
            subscription.max_expires = self.max_expires
            self.subscribed(subscription)
