"""Traffic that resembles a flow and is none: no instance may come of it."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from conformance.observation.packet import Endpoint
from tests.ladder import Ladder
from tests.scenarios.agents import (
    Headers,
    accept_contact,
    acknowledge,
    contact,
    dialog_of,
    first_request,
    hang_up,
    inside,
)
from tests.scenarios.bodies import Media, Stored, cpim, stamp
from tests.scenarios.channel import open_channel
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, BOB, ICSI, MILLISECOND, SECOND, Node, Setting
from tests.scenarios.push_pager import notify
from tests.scenarios.registration import register
from tests.scenarios.sessions import Acceptance, accept, call, identities, media, waiting
from tests.scenarios.silence import keep_alive
from tests.scenarios.variations import NO_INSTANCE, Make, play

REGINFO = (
    '<?xml version="1.0"?>\r\n<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" '
    f'state="full">\r\n<registration aor="{ALICE}" id="a1" state="active"/>\r\n</reginfo>\r\n'
)
PRESENCE = (
    '<?xml version="1.0" encoding="UTF-8"?>\r\n<presence xmlns="urn:ietf:params:xml:ns:pidf" '
    f'entity="{BOB}">\r\n<tuple id="t1"><status><basic>open</basic></status></tuple>\r\n'
    "</presence>\r\n"
)


def _make(name: str, script: Callable[[Network], None]) -> Make:
    def made(**changes: object) -> Ladder:
        def registered(net: Network) -> None:
            if net.setting.registration:
                register(net)
                net.wait(2 * SECOND)
            script(net)

        setting = Setting(**changes)  # type: ignore[arg-type]
        return play("ordinary", registered, setting).named(name).expecting(NO_INSTANCE)

    return made


def _subscribe(net: Network, path: Sequence[Node], uri: str, event: str, body: str) -> None:
    """A subscription to another package, with its first NOTIFY."""
    kind = "application/reginfo+xml" if event == "reg" else "application/pidf+xml"
    headers = [
        ("P-Preferred-Identity", f"<{ALICE}>"),
        contact(net.who.client),
        ("Event", event),
        ("Expires", "3600"),
        ("Accept", kind),
    ]
    asked = first_request(net, "SUBSCRIBE", path, uri, (ALICE, uri), headers)
    net.answer(asked, 200, "OK", [contact(path[-1]), ("Expires", "3600")])
    told = [contact(path[-1]), ("Event", event), ("Subscription-State", "active;expires=3600")]
    told.append(("Content-Type", kind))
    notice = inside(net, dialog_of(asked), path[-1], "NOTIFY", told, body.encode())
    net.answer(notice, 200, "OK")


def reg_event(net: Network) -> None:
    """The client watches its own registration."""
    path = [net.who.client, *net.who.inner]
    if len(path) > 1:
        _subscribe(net, path, ALICE, "reg", REGINFO)


def presence(net: Network) -> None:
    """The client watches a friend's presence in system A."""
    _subscribe(net, [net.who.client, *net.who.inner, net.who.remote], BOB, "presence", PRESENCE)


def chat_invite(net: Network, message: Stored) -> None:
    """The client opens an ordinary chat, which the other side declines for now."""
    client = net.who.client
    headers = [
        ("P-Preferred-Identity", f"<{ALICE}>"),
        ("P-Preferred-Service", f"{ICSI}.session"),
        accept_contact("session"),
        contact(client, "session"),
        *[(name, value[::-1]) for name, value in identities(message)],
    ]
    path = [client, *net.who.inner, net.who.pf]
    offer = media(net, client, "actpass", "")
    invite = call(net, path, BOB, (ALICE, BOB), headers, offer)
    net.answer(invite, 480, "Temporarily Unavailable")
    net.acknowledge_refusal(invite)


def declined_chat(net: Network) -> None:
    """A chat of the client's that comes to nothing."""
    chat_invite(net, waiting(net, 1)[0])


def chat(net: Network) -> None:
    """An ordinary chat towards the client, both ways."""
    message, reply = waiting(net, 2, age=0)
    pf, client = net.who.pf, net.who.client
    headers = _asserted("session", message)
    path = [pf, *net.who.inner[::-1], client]
    offer, answer = media(net, pf, "actpass", ""), media(net, client, "active", "")
    headers.append(contact(pf, "session"))
    invite = call(net, path, ALICE, (BOB, ALICE), headers, offer)
    dialog = accept(net, invite, answer, Acceptance(("session",)))
    acknowledge(net, dialog)
    channel = open_channel(net, client, offer, answer, "pf")
    channel.bind()
    channel.send("pf", cpim(message))
    channel.send("client", cpim(reply))
    hang_up(net, dialog, client)


def _asserted(service: str, message: Stored) -> list[tuple[str, str]]:
    return [
        ("P-Asserted-Identity", f"<{BOB}>"),
        ("P-Asserted-Service", f"{ICSI}.{service}"),
        accept_contact(service),
        *identities(message),
    ]


def immediate(net: Network) -> None:
    """A message that is delivered while system A still waits for its answer."""
    message = waiting(net, 1, age=0)[0]
    headers: Headers = [*_asserted("msg", message), ("Content-Type", "message/cpim")]
    body, ends = cpim(message), (BOB, ALICE)
    up = [net.who.remote, *net.who.entry, net.who.pf]
    came = first_request(net, "MESSAGE", up, ALICE, ends, headers, body)
    down = [net.who.pf, *net.who.inner[::-1], net.who.client]
    went = first_request(net, "MESSAGE", down, ALICE, ends, headers, body)
    net.answer(went, 200, "OK")
    net.answer(came, 200, "OK")


def immediate_large(net: Network) -> None:
    """A large message that is delivered while system A's session is being set up."""
    message = waiting(net, 1, age=0, repeat=60)[0]
    who, ends = net.who, (BOB, ALICE)
    headers = _asserted("largemsg", message)
    far = Media(Endpoint(who.remote.host, 21_000), net.token(12), "actpass", "sendonly")
    up = [who.remote, *who.entry, who.pf]
    came = call(net, up, ALICE, ends, [*headers, contact(who.remote, "largemsg")], far)
    offer = media(net, who.pf, "actpass", "sendonly")
    answer = media(net, who.client, "active", "recvonly")
    down = [who.pf, *who.inner[::-1], who.client]
    went = call(net, down, ALICE, ends, [*headers, contact(who.pf, "largemsg")], offer)
    quick = Acceptance(("largemsg",), 100 * MILLISECOND)
    below = accept(net, went, answer, quick)
    acknowledge(net, below)
    near = media(net, who.pf, "active", "recvonly")
    above = accept(net, came, near, Acceptance(("largemsg",), 0))
    acknowledge(net, above)
    channel = open_channel(net, who.client, offer, answer, "pf")
    channel.bind()
    channel.send("pf", cpim(message))
    hang_up(net, above, who.remote)
    hang_up(net, below, who.pf)


def notifications(net: Network) -> None:
    """Disposition notifications about messages that are not in the capture."""
    message = waiting(net, 1)[0]
    notify(net, message, "delivered")
    notify(net, message, "displayed")


def file_transfer(net: Network) -> None:
    """A file that is offered to the client, who declines."""
    message = waiting(net, 1)[0]
    pf, client = net.who.pf, net.who.client
    offer = media(net, pf, "actpass", "sendonly")
    headers = [*_asserted("filetransfer", message), contact(pf, "filetransfer")]
    selector = b'a=file-selector:name:"map.png" type:image/png size:48211\r\n'
    body = offer.sdp() + selector + b"a=file-transfer-id:8f21c0\r\n"
    headers.append(("Content-Type", "application/sdp"))
    path = [pf, *net.who.inner[::-1], client]
    invite = first_request(net, "INVITE", path, ALICE, (BOB, ALICE), headers, body)
    net.answer(invite, 603, "Decline", think=3 * SECOND)
    net.acknowledge_refusal(invite)


def composing(net: Network) -> None:
    """An is-composing indication in a MESSAGE towards the client."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state>'
        f"<lastactive>{stamp(net.now)}</lastactive></isComposing>\r\n"
    )
    headers = [
        *_asserted("msg", waiting(net, 1)[0]),
        ("Content-Type", "application/im-iscomposing+xml"),
    ]
    path = [net.who.pf, *net.who.inner[::-1], net.who.client]
    sent = first_request(net, "MESSAGE", path, ALICE, (BOB, ALICE), headers, body.encode())
    net.answer(sent, 200, "OK")


def options(net: Network) -> None:
    """OPTIONS on every link, both ways."""
    path = [net.who.client, *net.who.inner]
    for one, two in pairwise(path):
        net.ends(one, two)
    keep_alive(net)


def nothing_more(net: Network) -> None:
    """The registration alone, renewed."""
    net.wait(3_600 * SECOND)
    register(net)


ORDINARY: dict[str, Make] = {
    name: _make(name, script)
    for name, script in {
        "subscribe-reg": reg_event,
        "subscribe-presence": presence,
        "chat": chat,
        "declined-chat": declined_chat,
        "immediate-delivery": immediate,
        "immediate-large-delivery": immediate_large,
        "notifications": notifications,
        "file-transfer": file_transfer,
        "is-composing": composing,
        "options": options,
        "registrations": nothing_more,
    }.items()
}
