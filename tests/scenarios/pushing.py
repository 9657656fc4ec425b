"""The session in which the participating function pushes deferred messages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tests.scenarios.agents import accept_contact, acknowledge, cancel, contact, hang_up
from tests.scenarios.bodies import Media, Stored, cpim
from tests.scenarios.channel import open_channel
from tests.scenarios.legs import IMPLIED, Exchange, Hop, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, BOB, ICSI, MILLISECOND, SECOND, Node
from tests.scenarios.sessions import (
    Acceptance,
    Session,
    accept,
    call,
    establish,
    hang_up_both,
    identities,
    later,
    media,
    refresh,
    waiting,
)


class Labels(NamedTuple):
    """The printed labels of the steps of such a session; an empty one is implied traffic."""

    invite: str = "2-3"
    answer: str = "4-5"
    ack: str = ""
    bind: str = ""
    content: str = "6"
    end: str = "6"


PRINTED = Labels()
Moment = Callable[[Network, Session, list[Stored]], None]


@dataclass(frozen=True, slots=True)
class Pushing:
    """How one push session goes; the defaults conform.

    `bye`: who ends it, pf, client, both, nobody, or the client while
    more content is on its way (crossed). `stop_after`: chunks of the first message
    after which the session ends. `bound`, `filled` and `ended`: what else happens before the first
    message, after the last one, and after the session.
    """

    service: str
    labels: Labels = PRINTED
    headers: tuple[tuple[str, str], ...] = ()
    bound: Moment | None = None
    filled: Moment | None = None
    ended: Moment | None = None
    bind_before_ack: bool = False
    count: int = 1
    chunk: int = 2_048
    disposition: str = ""
    omits: tuple[str, ...] = ()
    has_message_id: bool = True
    offer_setup: str = "actpass"
    answer_setup: str = "active"
    offer_direction: str = "sendonly"
    answer_direction: str = "recvonly"
    bind: bool = True
    bye: str = "pf"
    bye_status: tuple[int, str] = (200, "OK")
    stop_after: int = 0
    send_nothing: bool = False
    failure_report: str = ""
    success_report: bool = False
    status: str = "200 OK"
    think: int = 2 * SECOND
    answer: tuple[int, str] = (200, "OK")
    offerless: bool = False
    refresh: str = ""
    aborted_first: bool = False
    repeat: int = 1


def push_session(
    net: Network, how: Pushing, client: Node, messages: list[Stored] | None = None
) -> Session:
    """Steps 2 to 6."""
    messages = messages or waiting(net, how.count, disposition=how.disposition, repeat=how.repeat)
    offer, answer = _media(net, how, client)
    invite = _invite(net, how, client, messages[0], None if how.offerless else offer)
    timed = bool(how.refresh)
    accepted = Acceptance((how.service,), how.think, how.answer, timer=timed)
    session = establish(
        net,
        invite,
        offer,
        answer,
        accepted,
        names=hops(how.labels.answer),
        ack_names=hops(how.labels.ack) if how.labels.ack else IMPLIED,
        is_offerless=how.offerless,
    )
    if how.answer_direction != "inactive":
        _fill(net, how, session, messages, (offer, answer))
    finish(net, how, session)
    if how.ended:
        how.ended(net, session, messages)
    return session


def _invite(
    net: Network, how: Pushing, client: Node, message: Stored, offer: Media | None
) -> Exchange:
    headers = [
        ("P-Asserted-Identity", f"<{BOB}>"),
        ("P-Asserted-Service", f"{ICSI}.{how.service}"),
        ("P-Charging-Vector", f"icid-value=pf-{net.token(8)};orig-ioi=home-a.example"),
        accept_contact(how.service),
        contact(net.who.pf, how.service),
        *[pair for pair in identities(message) if pair[0] not in how.omits],
        *how.headers,
    ]
    path = [net.who.pf, *net.who.inner[::-1], client]
    names, timed = hops(how.labels.invite), bool(how.refresh)
    return call(net, path, ALICE, (BOB, ALICE), headers, offer, names=names, timer=timed)


def _media(net: Network, how: Pushing, client: Node) -> tuple[Media, Media]:
    """Offer and answer."""
    device = media(net, client, how.answer_setup, how.answer_direction)
    if how.offerless:
        return device, media(net, net.who.pf, "passive", how.offer_direction)
    return media(net, net.who.pf, how.offer_setup, how.offer_direction), device


def _fill(
    net: Network, how: Pushing, session: Session, messages: list[Stored], both: tuple[Media, Media]
) -> None:
    channel = session.channel
    channel.failure_report, channel.success_report = how.failure_report, how.success_report
    if how.bind:
        _bind(net, how, session)
    if how.bound:
        how.bound(net, session, messages)
    if how.refresh:
        net.wait(2 * SECOND)
        refresh(net, session, how.refresh, *both)
    step = Hop(how.labels.content, how.labels.content)
    if how.aborted_first:
        channel.abort("pf", cpim(messages[0]), step, how.chunk)
    for index, message in enumerate([] if how.send_nothing else messages):
        stop = how.stop_after if not index else 0
        content = cpim(message, with_id=how.has_message_id)
        channel.send("pf", content, step, chunk=how.chunk, stop_after=stop, status=how.status)
        channel.delivered.append(message.message_id)
        net.wait(net.pause(1, 3))
    if how.filled:
        how.filled(net, session, messages)


def _bind(net: Network, how: Pushing, session: Session) -> None:
    label = how.labels.bind if session.channel.active == "client" else ""
    hop = Hop(label, label)
    if how.bind_before_ack:
        accepted = session.invite.accepted or net.now
        later(net, lambda: session.channel.bind(hop=hop), accepted + MILLISECOND)
    else:
        session.channel.bind(hop=hop)


def finish(net: Network, how: Pushing, session: Session) -> None:
    """The end of the session, or nothing and much later traffic."""
    names = hops(how.labels.end)
    if how.bye == "pf":
        hang_up(net, session.dialog, net.who.pf, names=names)
    elif how.bye == "client":
        hang_up(net, session.dialog, session.dialog.callee.node)
    elif how.bye == "crossed":
        begin = net.now
        hang_up(net, session.dialog, session.dialog.callee.node, names=names)
        step = Hop(how.labels.content, how.labels.content)
        one = waiting(net, 1)[0]
        later(net, lambda: session.channel.deliver(one, step), begin + MILLISECOND)
    elif how.bye == "both":
        hang_up_both(net, session, names, how.bye_status)
    else:
        net.is_hushed = True


def losing_fork(net: Network, how: Pushing, *, status: int = 487) -> None:
    """The core forks to two devices; one takes the session, the other is cancelled or busy."""
    client, second = net.who.client, net.who.second
    messages = waiting(net, how.count)
    offer, answer = _media(net, how, client)
    invite = _invite(net, how, client, messages[0], offer)
    arrived = net.now
    lost = net.fork(invite, second, hops(how.labels.invite)[1])
    if status == 486:
        net.answer(lost, 486, "Busy Here", upto=1)
        net.acknowledge_refusal(lost)
    else:
        net.answer(lost, 180, "Ringing", [contact(second, how.service)])
    net.now = arrived
    dialog = accept(
        net, invite, answer, Acceptance((how.service,), how.think), hops(how.labels.answer)
    )
    answered = net.now
    if status == 487:
        cancel(net, lost, answered)
    net.now = answered
    acknowledge(net, dialog, names=hops(how.labels.ack) if how.labels.ack else IMPLIED)
    session = Session(dialog, open_channel(net, client, offer, answer, "pf"), invite)
    _fill(net, how, session, messages, (offer, answer))
    finish(net, how, session)
