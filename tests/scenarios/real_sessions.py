"""What happens in push sessions of real networks, beside what the figures print."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from tests.ladder import Ladder
from tests.scenarios.agents import (
    ALLOW,
    Dialog,
    Headers,
    accept_contact,
    acknowledge,
    contact,
    dialog_of,
    hang_up,
    inside,
)
from tests.scenarios.bodies import Media, Stored, cpim, imdn
from tests.scenarios.channel import msrp_report, open_channel
from tests.scenarios.legs import IMPLIED, EndedError, Exchange, Hop, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, BOB, ICSI, MILLISECOND, SECOND, Node, Setting
from tests.scenarios.push_pager import available
from tests.scenarios.pushing import Labels, Moment, Pushing, push_session
from tests.scenarios.sessions import (
    Acceptance,
    Session,
    accept,
    call,
    identities,
    later,
    media,
    refresh,
    waiting,
)
from tests.scenarios.variations import play

COMPOSING = (
    b'<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing">'
    b"<state>active</state></isComposing>"
)
KINDS = {
    "push-large": Pushing("largemsg", repeat=90),
    "push": Pushing("deferred", count=2),
    "chat-deferred": Pushing(
        "session",
        labels=Labels("1-2", "3-4", "5-6", "7", "8", "end"),
        headers=(("Referred-By", f"<{BOB}>"),),
        count=2,
    ),
}
"""How each flow pushes by session."""

Script = Callable[[Network, Pushing], object]


def run(flow: str, script: Script, setting: Setting | None = None) -> Ladder:
    """The script, once the client has registered."""

    def whole(net: Network) -> None:
        available(net)
        net.wait(3 * SECOND)
        script(net, KINDS[flow])

    return play(flow, whole, setting or Setting())


def beside(moment: str, what: Moment, **options: object) -> Script:
    """A push in which something else happens: `bound` before the messages, `filled` after."""
    changes = {moment: what, **options}
    return lambda net, how: push_session(
        net,
        replace(how, **changes),  # type: ignore[arg-type]
        net.who.client,
    )


def asks(method: str, who: str, status: tuple[int, str] = (200, "OK")) -> Moment:
    """A request of no step inside the dialog: OPTIONS, INFO, UPDATE."""

    def moment(net: Network, session: Session, _: list[Stored]) -> None:
        net.wait(SECOND)
        node = net.who.pf if who == "pf" else net.who.client
        net.answer(inside(net, session.dialog, node, method), *status)

    return moment


def composes(who: str) -> Moment:
    """Is-composing indications of either side (RFC 3994)."""

    def moment(net: Network, session: Session, _: list[Stored]) -> None:
        for _ in range(2):
            net.wait(SECOND)
            session.channel.send(who, COMPOSING, content_type="application/im-iscomposing+xml")

    return moment


def keeps_alive(who: str) -> Moment:
    """Empty SENDs that keep a connection open."""

    def moment(net: Network, session: Session, _: list[Stored]) -> None:
        for _ in range(2):
            net.wait(20 * SECOND)
            session.channel.bind(who)

    return moment


def notifies_over_msrp(net: Network, session: Session, messages: list[Stored]) -> None:
    """A disposition notification in a session that is no chat."""
    body = imdn(messages[0], "delivered", net.token(16), net.now)
    session.channel.send("client", body)


def invites(
    net: Network, how: Pushing, messages: list[Stored], extra: Headers = ()
) -> tuple[Media, Media, Exchange]:
    """The INVITE of a push, with the media of both sides."""
    offer = media(net, net.who.pf, "actpass", "sendonly")
    answer = media(net, net.who.client, "active", "recvonly")
    headers = [
        ("P-Asserted-Identity", f"<{BOB}>"),
        ("P-Asserted-Service", f"{ICSI}.{how.service}"),
        accept_contact(how.service),
        contact(net.who.pf, how.service),
        *identities(messages[0]),
        *how.headers,
        *extra,
    ]
    path = [net.who.pf, *net.who.inner[::-1], net.who.client]
    names = hops(how.labels.invite)
    return offer, answer, call(net, path, ALICE, (BOB, ALICE), headers, offer, names=names)


def begun(net: Network, how: Pushing) -> tuple[list[Stored], Session]:
    """A push session as far as its channel is bound."""
    messages = waiting(net, how.count, repeat=how.repeat)
    offer, answer, invite = invites(net, how, messages)
    accepted = Acceptance((how.service,))
    dialog = accept(net, invite, answer, accepted, hops(how.labels.answer))
    return messages, opened(net, how, dialog, (offer, answer), invite)


def opened(
    net: Network, how: Pushing, dialog: Dialog, both: tuple[Media, Media], invite: Exchange
) -> Session:
    """The ACK, and the channel with its empty SEND."""
    acknowledge(net, dialog, names=hops(how.labels.ack) if how.labels.ack else IMPLIED)
    session = Session(dialog, open_channel(net, net.who.client, *both, "pf"), invite)
    session.channel.bind(hop=Hop(how.labels.bind, how.labels.bind))
    return session


def fill(how: Pushing, session: Session, messages: Sequence[Stored], **options: object) -> None:
    """The messages, in this session."""
    content = Hop(how.labels.content, how.labels.content)
    for message in messages:
        session.channel.send("pf", cpim(message), content, **options)  # type: ignore[arg-type]


def end(net: Network, how: Pushing, session: Session, node: Node | None = None) -> None:
    """BYE, from the participating function if nobody else is named."""
    hang_up(net, session.dialog, node or net.who.pf, names=hops(how.labels.end))


def answered_reliably(*, updated: bool, again: bool) -> Script:
    """The SDP answer in a reliable 183, `again` in the 200; UPDATE for preconditions."""

    def script(net: Network, how: Pushing) -> None:
        messages = waiting(net, how.count, repeat=how.repeat)
        offer, answer, invite = invites(net, how, messages)
        near = [contact(net.who.client, how.service), ("Allow", ALLOW)]
        typed = ("Content-Type", "application/sdp")
        reliable = [*near, ("Require", "100rel"), ("RSeq", "4711"), typed]
        net.answer(invite, 183, "Session Progress", reliable, answer.sdp())
        dialog = dialog_of(invite)
        rack = ("RAck", f"4711 {dialog.caller.cseq} INVITE")
        net.answer(inside(net, dialog, net.who.pf, "PRACK", [rack]), 200, "OK")
        if updated:
            more = [contact(net.who.pf), typed]
            asked = inside(net, dialog, net.who.pf, "UPDATE", more, offer.sdp(2))
            net.answer(asked, 200, "OK", [contact(net.who.client), typed], answer.sdp(2))
        invite.cseq = dialog.caller.cseq
        net.answer(invite, 180, "Ringing", near)
        body, kind = (answer.sdp(), [typed]) if again else (b"", [])
        names = hops(how.labels.answer)
        net.answer(invite, 200, "OK", [*near, *kind], body, names=names, think=2 * SECOND)
        session = opened(net, how, dialog_of(invite), (offer, answer), invite)
        fill(how, session, messages)
        end(net, how, session)

    return script


def refused_then_taken(
    status: int, asked: Headers = (), answered: Headers = (), wait: int = 30
) -> Script:
    """The client refuses, and takes the messages when they are pushed again."""

    def script(net: Network, how: Pushing) -> None:
        messages = waiting(net, how.count, repeat=how.repeat)
        invite = invites(net, how, messages, asked)[2]
        net.answer(invite, status, "No", answered)
        net.acknowledge_refusal(invite)
        net.wait(wait * SECOND)
        push_session(net, how, net.who.client, messages)

    return script


def forked(status: int) -> Script:
    """The core forks to two devices, of which the second answers at once with this status."""

    def script(net: Network, how: Pushing) -> None:
        messages = waiting(net, how.count, repeat=how.repeat)
        offer, answer, invite = invites(net, how, messages)
        arrived = net.now
        lost = net.fork(invite, net.who.second, hops(how.labels.invite)[1])
        net.answer(lost, status, "No", upto=1)
        net.acknowledge_refusal(lost)
        net.now = arrived
        dialog = accept(net, invite, answer, Acceptance((how.service,)), hops(how.labels.answer))
        session = opened(net, how, dialog, (offer, answer), invite)
        fill(how, session, messages)
        end(net, how, session)

    return script


def content_refused_then_taken(status: str) -> Script:
    """A SEND is refused; the messages come in another session."""

    def script(net: Network, how: Pushing) -> None:
        messages, session = begun(net, how)
        fill(how, session, messages[:1], status=status)
        end(net, how, session)
        net.wait(60 * SECOND)
        push_session(net, how, net.who.client, messages)

    return script


def content_refused_then_sent_anew(net: Network, how: Pushing) -> None:
    """A SEND times out and is sent anew in the same session (RFC 4975 section 7.3.1)."""
    messages, session = begun(net, how)
    fill(how, session, messages[:1], status="408 Timeout")
    fill(how, session, messages)
    end(net, how, session)


def reported_failed_then_taken(net: Network, how: Pushing) -> None:
    """What a relay has answered 200 it reports as failed later (RFC 4975 section 7.1.2)."""
    messages, session = begun(net, how)
    channel = session.channel
    for message in messages:
        fill(how, session, [message])
        named = net.shots[-2].octets.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
        size, paths = len(cpim(message)), channel.paths("pf")
        report = msrp_report(net.token(10), paths, named, size, "000 481 No such session")
        net.now = channel._put("client", report, Hop())
    end(net, how, session)
    net.wait(60 * SECOND)
    push_session(net, how, net.who.client, messages)


def unreported_then_sent_again(net: Network, how: Pushing) -> None:
    """Nobody ever says that the messages came: Failure-Report is no."""
    messages = waiting(net, how.count, repeat=how.repeat)
    for _ in range(2):
        push_session(net, replace(how, failure_report="no"), net.who.client, messages)
        net.wait(60 * SECOND)


def left_inside_a_message(net: Network, how: Pushing) -> None:
    """The client leaves in the midst of a message, and takes it later."""
    messages, session = begun(net, how)
    fill(how, session, messages[:1], chunk=100, stop_after=2)
    with suppress(EndedError):
        end(net, how, session, net.who.client)
    net.wait(60 * SECOND)
    push_session(net, how, net.who.client, messages)


def moves_to_another_connection(net: Network, how: Pushing) -> None:
    """A new TCP connection for each message of one session."""
    messages, session = begun(net, how)
    for message in messages:
        fill(how, session, [message])
        session.channel.port += 11
        session.channel.bind()
    end(net, how, session)


def held_and_resumed(net: Network, how: Pushing) -> None:
    """A re-INVITE holds the session, and another one resumes it."""
    messages, session = begun(net, how)
    fill(how, session, messages[:1])
    sides = session.channel.sides
    for ours, theirs in (("inactive", "inactive"), ("sendonly", "recvonly")):
        offer = replace(sides["pf"], direction=ours)
        answer = replace(sides["client"], direction=theirs)
        refresh(net, session, "INVITE", offer, answer)
        net.wait(5 * SECOND)
    fill(how, session, messages[1:])
    end(net, how, session)


def glared(net: Network, how: Pushing) -> None:
    """The client's re-INVITE meets one of ours: 491."""
    messages, session = begun(net, how)
    fill(how, session, messages)
    asked = inside(net, session.dialog, net.who.client, "INVITE", [contact(net.who.client)])
    net.answer(asked, 491, "Request Pending")
    net.acknowledge_refusal(asked)
    end(net, how, session)


def moves_its_contact(net: Network, how: Pushing) -> None:
    """The client's re-INVITE names another contact, to which the BYE then goes."""
    messages, session = begun(net, how)
    fill(how, session, messages)
    client, dialog = net.who.client, session.dialog
    moved = replace(client, port=5062)
    dialog.callee.node = moved
    dialog.path = [moved if node is client else node for node in dialog.path]
    asked = inside(net, dialog, moved, "INVITE", [contact(moved, how.service)])
    net.answer(asked, 200, "OK", [contact(net.who.pf)])
    inside(net, dialog, moved, "ACK", cseq=dialog.callee.cseq)
    dialog.caller.target = moved.contact
    end(net, how, session)


def ended_with(status: int, *, again: bool) -> Script:
    """The BYE is answered so, and sent again if its sender can mend it."""

    def script(net: Network, how: Pushing) -> None:
        messages, session = begun(net, how)
        fill(how, session, messages)
        names = hops(how.labels.end)
        asked = inside(net, session.dialog, net.who.pf, "BYE", names=() if again else names)
        net.answer(asked, status, "No")
        if again:
            end(net, how, session)

    return script


def rings_long(net: Network, how: Pushing) -> None:
    """180 after 180, and a 200 that is sent again until the ACK."""
    messages = waiting(net, how.count, repeat=how.repeat)
    offer, answer, invite = invites(net, how, messages)
    for status in (180, 181, 182, 183, 180):
        net.wait(5 * SECOND)
        net.answer(invite, status, "Still", [contact(net.who.client)])
    accepted = Acceptance((how.service,), think=10 * SECOND)
    dialog = accept(net, invite, answer, accepted, hops(how.labels.answer))
    first = net.shots[invite.answer_shots[0]]
    again = replace(
        first, time=first.time + 2 * SECOND, identification=9, label="", kind="implied"
    )
    later(net, lambda: net.shots.append(again), net.now)
    net.now = again.time + 20 * MILLISECOND
    session = opened(net, how, dialog, (offer, answer), invite)
    fill(how, session, messages)
    end(net, how, session)
