"""Users of sessions and subscriptions that remember what they are told."""

from collections.abc import Callable

from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.reference.user_agents.notifier import Notifier, ServerSubscription
from conformance.reference.user_agents.session import Session
from conformance.reference.user_agents.subscription import Subscription
from conformance.sip.message import SipRequest, SipResponse
from tests.reference.wiring import two

OFFER = Content("application/sdp", b"v=0 offer")
ANSWER = Content("application/sdp", b"v=0 answer")
OTHER = Content("application/sdp", b"v=0 other")


def word(why: SipResponse | Failure) -> str:
    """A result in a word."""
    return why.value if isinstance(why, Failure) else str(why.status)


class Party:
    """A session's user: `told` is what it was told, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.on_answered: Callable[[Session], Content | None] = lambda session: None
        self.on_established: Callable[[Session], None] = lambda session: None

    def progressed(self, session: Session, response: SipResponse) -> None:
        self.told.append(f"progressed {response.status}")

    def answered(self, session: Session, response: SipResponse) -> Content | None:
        self.told.append(f"answered {response.status}")
        return self.on_answered(session)

    def established(self, session: Session) -> None:
        self.told.append("established")
        self.on_established(session)

    def refused(self, session: Session, why: SipResponse | Failure) -> None:
        self.told.append(f"refused {word(why)}")

    def ended(self, session: Session, why: str) -> None:
        self.told.append(f"ended {why}")


class Changing(Party):
    """A party that answers re-INVITEs when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.reoffers: list[Incoming] = []

    def reoffered(self, session: Session, incoming: Incoming) -> None:
        self.reoffers.append(incoming)


class Call:
    """a invites b, which does `answer` with the session it is offered."""

    def __init__(
        self,
        answer: Callable[[Session], None],
        *,
        content: Content | None = OFFER,
        a_user: Party | None = None,
        b_user: Party | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.wire, self.a, self.b = two()
        self.a_user, self.b_user = a_user or Party(), b_user or Party()
        self.offered: list[Session] = []
        self._answer = answer
        self.b.agent.on_invite = self._invited
        self.session = self.a.agent.invite(
            self.b.uri, content=content, user=self.a_user, headers=headers
        )

    def _invited(self, session: Session) -> None:
        session.user = self.b_user
        self.offered.append(session)
        self._answer(session)

    def run(self, seconds: float | None = None) -> "Call":
        self.wire.run(seconds=seconds)
        return self

    @property
    def callee(self) -> Session:
        return self.offered[0]

    @property
    def is_idle(self) -> bool:
        return self.a.is_idle and self.b.is_idle

    def starts(self, word: str) -> int:
        """How many messages begin with a word."""
        return sum(start.startswith(word) for start in self.wire.starts())


def accepting(session: Session) -> None:
    session.accept(ANSWER)


def ringing(session: Session) -> None:
    session.ring()


class Subscriber:
    """A subscription's user; NOTIFYs are answered by `answers`."""

    def __init__(self, status: int | None = 200) -> None:
        self.told: list[str] = []
        self.requests: list[SipRequest] = []
        self.status = status

    def accepted(self, subscription: Subscription, response: SipResponse) -> None:
        self.told.append(f"accepted {response.status}")

    def notified(self, subscription: Subscription, incoming: Incoming) -> None:
        text = incoming.request.body.decode("utf-8", "replace")
        self.told.append(f"notified {subscription.state} {text}")
        self.requests.append(incoming.request)
        if self.status is not None:
            incoming.respond(self.status)

    def refused(self, subscription: Subscription, why: SipResponse | Failure) -> None:
        self.told.append(f"refused {word(why)}")

    def ended(self, subscription: Subscription, why: str) -> None:
        self.told.append(f"ended {why}")


class Publisher:
    """A notifier's user with one state."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.subscriptions: list[ServerSubscription] = []
        self.state = "one"
        self.is_first_notified = True

    def subscribed(self, subscription: ServerSubscription) -> None:
        subscription.user = self
        self.subscriptions.append(subscription)
        subscription.accept()
        if self.is_first_notified:
            subscription.notify(self.content)

    @property
    def content(self) -> Content:
        return Content("text/plain", self.state.encode())

    def renewed(self, subscription: ServerSubscription) -> None:
        self.told.append("renewed")
        subscription.notify(self.content)

    def last_content(self, subscription: ServerSubscription) -> Content | None:
        return Content("text/plain", b"last")

    def ended(self, subscription: ServerSubscription, why: str) -> None:
        self.told.append(f"ended {why}")


class Watch:
    """a subscribes to b's state."""

    def __init__(
        self,
        expires: int = 600,
        *,
        event: str = "state",
        status: int | None = 200,
        publisher: Publisher | None = None,
        renew: bool = False,
        min_expires: int = 0,
        max_expires: int = 3600,
    ) -> None:
        self.wire, self.a, self.b = two()
        self.publisher = publisher or Publisher()
        self.notifier = Notifier(
            self.b.agent,
            ("state",),
            self.publisher.subscribed,
            min_expires=min_expires,
            max_expires=max_expires,
        )
        self.b.agent.handlers["SUBSCRIBE"] = self.notifier.take
        self.user = Subscriber(status)
        self.expires, self.event, self.renew = expires, event, renew

    def begin(self) -> "Watch":
        self.subscription = self.a.agent.subscribe(
            self.b.uri, self.event, expires=self.expires, user=self.user, renew=self.renew
        )
        return self

    def run(self, seconds: float | None = None) -> "Watch":
        self.wire.run(seconds=seconds)
        return self

    @property
    def served(self) -> ServerSubscription:
        return self.publisher.subscriptions[0]

    @property
    def is_idle(self) -> bool:
        return self.a.is_idle and self.b.is_idle
