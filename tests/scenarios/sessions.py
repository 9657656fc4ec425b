"""INVITE sessions between a client and the participating function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.observation.packet import Endpoint
from tests.scenarios.agents import (
    ALLOW,
    Dialog,
    Headers,
    acknowledge,
    contact,
    dialog_of,
    first_request,
    inside,
    provisional,
    refresh_headers,
)
from tests.scenarios.bodies import Media, Stored, multipart
from tests.scenarios.channel import DISCARD_PORT, Channel, open_channel
from tests.scenarios.legs import IMPLIED, EndedError, Exchange, Hop
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, BOB, SECOND, Node

DAY = 86_400 * SECOND

# No semicolon: Wireshark takes one that begins a chunk for a parameter of its Content-Type.
TEXTS = (
    "The train leaves at nine from platform four, I keep a seat for you.",
    "Bring the blue folder, please.",
    "We moved the meeting to Thursday.",
)


@dataclass(slots=True)
class Session:
    """An established session and its channel."""

    dialog: Dialog
    channel: Channel
    invite: Exchange


def waiting(
    net: Network,
    count: int,
    *,
    disposition: str = "",
    sender: str = BOB,
    recipient: str = ALICE,
    repeat: int = 1,
    age: int = DAY,
) -> list[Stored]:
    """Messages that were deferred a day ago; `repeat` makes their texts longer."""
    conversation = net.token(32)
    return [
        Stored(
            message_id=f"{net.token(16)}",
            text=" ".join([TEXTS[i % len(TEXTS)]] * repeat),
            subject=f"Notice {i + 1}",
            sender=sender,
            recipient=recipient,
            date=net.setting.begin - age + i * 60 * SECOND,
            disposition=disposition,
            conversation=conversation,
            contribution=net.token(32),
        )
        for i in range(count)
    ]


def identities(message: Stored) -> list[tuple[str, str]]:
    """The fields by which CPM ties messages across legs."""
    return [
        ("Conversation-ID", message.conversation),
        ("Contribution-ID", message.contribution),
    ]


def media(net: Network, node: Node, setup: str, direction: str) -> Media:
    """One side of the MSRP session; an active side shows the discard port."""
    port = 20_000 + net.random.randrange(1, 800) if node.role == "pf" else 2_855
    shown = DISCARD_PORT if setup == "active" else 0
    return Media(Endpoint(node.host, port), net.token(12), setup, direction, shown)


def call(
    net: Network,
    path: Sequence[Node],
    uri: str,
    ends: tuple[str, str],
    headers: Headers,
    offer: Media | None,
    *,
    parts: Sequence[tuple[str, bytes]] = (),
    names: Sequence[Hop] = (),
    timer: bool = False,
) -> Exchange:
    """The initial INVITE with its offer, and with further parts beside it if there are any."""
    kind, body = "application/sdp", offer.sdp() if offer else b""
    if parts:
        kind, body = multipart([(kind, body), *parts] if body else list(parts))
    common = [("Allow", ALLOW), ("Supported", "timer, 100rel" if timer else "100rel")]
    common += refresh_headers("uac")[1:] if timer else []
    typed = [("Content-Type", kind)] if body else []
    extra = [*headers, *common, *typed]
    return first_request(net, "INVITE", path, uri, ends, extra, body, names=names)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How an INVITE is accepted."""

    services: Sequence[str]
    think: int = 2 * SECOND
    status: tuple[int, str] = (200, "OK")
    timer: bool = False


def accept(
    net: Network,
    invite: Exchange,
    answer: Media,
    how: Acceptance,
    names: Sequence[Hop] = (),
) -> Dialog:
    """The provisional answers that the setting wants, and the 2xx with its SDP."""
    node = invite.path[-1]
    if how.status[0] >= 300:
        net.answer(invite, *how.status, names=names, think=how.think)
        net.acknowledge_refusal(invite)
        raise EndedError
    near = [contact(node, *how.services), ("Allow", ALLOW)]
    provisional(net, invite, near)
    if how.timer:
        near += [("Require", "timer"), *refresh_headers("uac")]
    extra = [*near, ("Content-Type", "application/sdp")]
    body = answer.sdp()
    net.answer(invite, *how.status, extra, body, names=names, think=how.think)
    return dialog_of(invite)


def establish(
    net: Network,
    invite: Exchange,
    offer: Media,
    answer: Media,
    how: Acceptance,
    *,
    names: Sequence[Hop] = (),
    ack_names: Sequence[Hop] = IMPLIED,
    is_offerless: bool = False,
) -> Session:
    """Accept and acknowledge; offerless: the offer is in the 200 and the answer in the ACK."""
    dialog = accept(net, invite, offer if is_offerless else answer, how, names)
    caller = invite.path[0]
    offerer = invite.path[-1].role if is_offerless else caller.role
    acknowledge(net, dialog, answer.sdp() if is_offerless else b"", names=ack_names)
    client = caller if caller.is_end else invite.path[-1]
    return Session(dialog, open_channel(net, client, offer, answer, offerer), invite)


def refresh(net: Network, session: Session, method: str, offer: Media, answer: Media) -> None:
    """A session refresh that changes nothing: re-INVITE or UPDATE (RFC 4028)."""
    caller = session.dialog.caller.node
    extra = [contact(caller), *refresh_headers("uac"), ("Content-Type", "application/sdp")]
    asked = inside(net, session.dialog, caller, method, extra, offer.sdp(2))
    node = session.dialog.callee.node
    back = [contact(node), ("Require", "timer"), *refresh_headers("uac")]
    net.answer(asked, 200, "OK", [*back, ("Content-Type", "application/sdp")], answer.sdp(2))
    if method == "INVITE":
        number = session.dialog.caller.cseq
        inside(net, session.dialog, caller, "ACK", cseq=number)
        asked.acked = net.now


def hang_up_both(
    net: Network,
    session: Session,
    names: Sequence[Hop],
    second: tuple[int, str] = (200, "OK"),
) -> None:
    """Both ends send BYE before the other's arrives."""
    dialog, begin = session.dialog, net.now
    end = begin
    for node, status in ((dialog.caller.node, (200, "OK")), (dialog.callee.node, second)):
        net.now = begin
        bye = inside(net, dialog, node, "BYE", names=names)
        net.answer(bye, *status)
        end = max(end, net.now)
    net.now = end


def later(net: Network, what: Callable[[], object], at: int) -> None:
    """Let something happen at its own time, whatever the clock says meanwhile."""
    end, net.now = net.now, at
    what()
    net.now = max(end, net.now)
