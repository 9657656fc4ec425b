"""What happens to subscriptions and pulls in real networks, beside what the figures print."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from tests.ladder import Ladder
from tests.scenarios.agents import (
    Dialog,
    Headers,
    accept_contact,
    contact,
    first_request,
    hang_up,
    inside,
)
from tests.scenarios.bodies import LIST_TYPE, Stored, deferred_list
from tests.scenarios.legs import EndedError, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, DEFERRED_PSI, SECOND, Setting
from tests.scenarios.pull import EVENT, STEPS, Subscribing, subscribe
from tests.scenarios.pulling import Pulling, pull_session
from tests.scenarios.push_pager import available, notify
from tests.scenarios.registration import register
from tests.scenarios.sessions import waiting
from tests.scenarios.variations import play

Script = Callable[[Network], object]
DAY = 86_400 * SECOND


def run(script: Script, setting: Setting | None = None) -> Ladder:
    """The script, once the client has registered."""

    def whole(net: Network) -> None:
        available(net)
        net.wait(2 * SECOND)
        script(net)

    return play("pull", whole, setting or Setting())


def choose(net: Network, messages: list[Stored], how: Pulling | None = None) -> None:
    """The session in which the messages are handled."""
    pull_session(net, how or Pulling(), messages, STEPS, waiting(net, 1))


def subscribed(net: Network, how: Subscribing | None = None) -> tuple[list[Stored], Dialog]:
    """Three messages, and the subscription that lists them."""
    messages = waiting(net, 3)
    return messages, subscribe(net, how or Subscribing(), messages)


def tells(
    net: Network, dialog: Dialog, messages: list[Stored], state: str, status: int = 200
) -> None:
    """A later NOTIFY of the subscription."""
    pf = net.who.pf
    headers = [contact(pf), ("Event", EVENT), ("Subscription-State", state)]
    headers.append(("Content-Type", LIST_TYPE))
    body = deferred_list(messages)
    net.answer(inside(net, dialog, pf, "NOTIFY", headers, body), status, "So")


def asks_again(net: Network, dialog: Dialog, expires: int = 3600) -> None:
    """The client refreshes its subscription, or ends it."""
    client = net.who.client
    headers = [contact(client), ("Event", EVENT), ("Expires", str(expires)), ("Accept", LIST_TYPE)]
    asked = inside(net, dialog, client, "SUBSCRIBE", headers)
    net.answer(asked, 200, "OK", [contact(net.who.pf), ("Expires", str(expires))])


def refreshed(*, before: bool) -> Script:
    """A refresh with its NOTIFY, before the choice or after it."""

    def script(net: Network) -> None:
        messages, dialog = subscribed(net)
        if not before:
            choose(net, messages)
        net.wait(10 * SECOND)
        asks_again(net, dialog)
        tells(net, dialog, messages if before else [], "active;expires=3600")
        if before:
            choose(net, messages)

    return script


def terminated(reason: str, *, again: bool) -> Script:
    """The notifier ends the subscription; the client may subscribe again before it chooses."""

    def script(net: Network) -> None:
        messages, dialog = subscribed(net)
        net.wait(5 * SECOND)
        tells(net, dialog, messages, f"terminated;reason={reason};retry-after=1")
        net.wait(3 * SECOND)
        if again:
            subscribe(net, Subscribing(), messages)
        choose(net, messages)

    return script


def ended_before_the_choice(net: Network) -> None:
    """The client knows what it wants to know, and unsubscribes."""
    messages, dialog = subscribed(net)
    asks_again(net, dialog, 0)
    tells(net, dialog, messages, "terminated;reason=timeout")
    net.wait(5 * SECOND)
    choose(net, messages)


def fetched(net: Network) -> None:
    """A subscription of no duration (RFC 6665 section 4.4.3)."""
    messages, _ = subscribed(
        net, Subscribing(asked=0, granted=0, state="terminated;reason=timeout")
    )
    choose(net, messages)


def gone_client(net: Network) -> None:
    """A later NOTIFY finds no subscription any more: 481."""
    messages, dialog = subscribed(net)
    choose(net, messages)
    net.wait(5 * SECOND)
    tells(net, dialog, [], "active;expires=3000", 481)


def refused_then_granted(status: int, answered: Headers = ()) -> Script:
    """The SUBSCRIBE is refused, and granted in another dialog."""

    def script(net: Network) -> None:
        client, pf = net.who.client, net.who.pf
        headers = [
            ("P-Preferred-Identity", f"<{ALICE}>"),
            accept_contact("deferred"),
            contact(client, "deferred"),
            ("Event", EVENT),
            ("Expires", "60"),
            ("Accept", LIST_TYPE),
        ]
        path, ends = [client, *net.who.inner, pf], (ALICE, DEFERRED_PSI)
        asked = first_request(net, "SUBSCRIBE", path, DEFERRED_PSI, ends, headers)
        net.answer(asked, status, "No", answered)
        net.wait(SECOND)
        choose(net, subscribed(net)[0])

    return script


def invited_twice(status: int) -> Script:
    """The INVITE is refused, and granted twenty seconds later."""

    def script(net: Network) -> None:
        messages, _ = subscribed(net)
        with suppress(EndedError):
            choose(net, messages, Pulling(answer=(status, "No")))
        net.wait(20 * SECOND)
        choose(net, messages)

    return script


def two_subscriptions(net: Network) -> None:
    """A client that forgot its first subscription."""
    messages, _ = subscribed(net)
    subscribe(net, Subscribing(), messages)
    choose(net, messages)


def listed_in_between(net: Network) -> None:
    """One more message is deferred before the choice, and chosen with the others."""
    messages, dialog = subscribed(net)
    more = [*messages, *waiting(net, 1)]
    tells(net, dialog, more, "active;expires=3000")
    choose(net, more, Pulling(actions=("retrieve", "retrieve", "discard", "retrieve")))


def listed_in_the_session(net: Network) -> None:
    """One more message is deferred while the session is open."""
    messages, dialog = subscribed(net)
    how, more = Pulling(end=""), waiting(net, 1)
    session = pull_session(net, how, messages, STEPS, more)
    net.is_hushed = False
    tells(net, dialog, more, "active;expires=3000")
    net.wait(SECOND)
    if session:
        hang_up(net, session.dialog, net.who.client, names=hops("end"))


def moved_in_between(net: Network) -> None:
    """The client goes over to another access network before it chooses."""
    messages, _ = subscribed(net)
    net.who = replace(net.who, client=replace(net.who.client, host="10.0.2.99"))
    register(net)
    choose(net, messages)


def displayed_days_later(net: Network) -> None:
    """Delivered at once, displayed three days later."""
    messages = waiting(net, 3, disposition="positive-delivery, display")
    subscribe(net, Subscribing(), messages)
    choose(net, messages)
    for message in messages:
        notify(net, message, "delivered")
    net.wait(3 * DAY)
    notify(net, messages[0], "displayed")
