"""Pager Mode Deferred Message pushing (System Description C.3.2.1.3)."""

from itertools import product

from tests.ladder import Expect, Ladder
from tests.scenarios.agents import accept_contact, first_request
from tests.scenarios.bodies import Stored, cpim, imdn
from tests.scenarios.legs import Exchange, Hop, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, BOB, ICSI, SECOND, Node, Setting
from tests.scenarios.registration import register
from tests.scenarios.sessions import identities, waiting
from tests.scenarios.variations import (
    DEPARTURES,
    REFUSALS,
    UNSEEN,
    broken,
    conforming,
    core_answers,
    departures,
    make,
    mirrored,
    networks,
    one_way,
    play,
    refusals,
    silences,
    tap,
    too_early,
    unfinished,
)

FLOW = "push-pager"


def build(
    setting: Setting | None = None,
    *,
    count: int = 1,
    service: str = "msg",
    disposition: str = "",
    notices: tuple[str, ...] = (),
    status: tuple[int, str] = (200, "OK"),
    has_ids: bool = True,
    has_message_id: bool = True,
    deferral: bool = False,
    again: int = 0,
    registered: int | None = None,
    removed: bool = False,
    idle: int = 3,
    devices: int = 1,
    retried: bool = False,
) -> Ladder:
    """Push `count` pager messages, the first one `again` times more; see each variant's name."""

    def script(net: Network) -> None:
        messages = waiting(net, count, disposition=disposition)
        if deferral:
            defer(net, messages[0])
        available(net, registered, removed=removed, devices=devices)
        net.wait(idle * SECOND)
        if retried:
            _send(net, messages[0], net.who.client, service, has_ids, has_message_id)
            net.wait(130 * SECOND)
        clients = [net.who.client, net.who.second][:devices]
        for message, client in product(messages, clients):
            push(net, message, client, service, status, has_ids, has_message_id)
            net.wait(SECOND)
        for notice in notices:
            notify(net, messages[0], notice)
        for _ in range(again):
            net.wait(90 * SECOND)
            push(net, messages[0], clients[0], service, status, has_ids, has_message_id)

    return play(FLOW, script, setting or Setting())


def available(
    net: Network, registered: int | None = None, *, removed: bool = False, devices: int = 1
) -> None:
    """Step 1, seen if the setting wants it; `registered` for so many seconds only."""
    if not net.setting.registration:
        return
    for client in (net.who.client, net.who.second)[:devices]:
        register(net, client, **({"expires": registered} if registered else {}))
        if removed:
            net.wait(30 * SECOND)
            register(net, client, 0)


def push(
    net: Network,
    message: Stored,
    client: Node,
    service: str,
    status: tuple[int, str],
    has_ids: bool,
    has_message_id: bool,
) -> None:
    """Steps 2 to 5."""
    sent = _send(net, message, client, service, has_ids, has_message_id)
    net.answer(sent, *status, names=hops("4-5"))


def _send(
    net: Network,
    message: Stored,
    client: Node,
    service: str,
    has_ids: bool,
    has_message_id: bool,
) -> Exchange:
    headers = [
        ("P-Asserted-Identity", f"<{message.sender}>"),
        ("P-Asserted-Service", f"{ICSI}.{service}"),
        ("P-Charging-Vector", f"icid-value=pf-{net.token(8)};orig-ioi=home-a.example"),
        accept_contact(service),
        *(identities(message) if has_ids else []),
        ("Content-Type", "message/cpim"),
    ]
    body = cpim(message, with_id=has_message_id)
    path = [net.who.pf, *net.who.inner[::-1], client]
    ends = (message.sender, ALICE)
    return first_request(net, "MESSAGE", path, ALICE, ends, headers, body, names=hops("2-3"))


def notify(net: Network, message: Stored, status: str, names: tuple[Hop, ...] = ()) -> None:
    """The client's disposition notification, in a MESSAGE of its own."""
    net.wait(2 * SECOND)
    path = [net.who.client, *net.who.inner, net.who.pf]
    body = imdn(message, status, net.token(16), net.now)
    headers = [
        ("P-Preferred-Identity", f"<{ALICE}>"),
        ("P-Preferred-Service", f"{ICSI}.msg"),
        accept_contact("msg"),
        ("Content-Type", "message/cpim"),
    ]
    ends = (ALICE, message.sender)
    uri = message.sender
    sent = first_request(net, "MESSAGE", path, uri, ends, headers, body, names=names)
    net.answer(sent, 200, "OK")


def defer(net: Network, message: Stored) -> None:
    """How the message came to wait: it arrives from system A and is accepted with 202."""
    net.as_other()
    headers = [
        ("P-Asserted-Identity", f"<{BOB}>"),
        ("P-Asserted-Service", f"{ICSI}.msg"),
        accept_contact("msg"),
        *identities(message),
        ("Content-Type", "message/cpim"),
    ]
    path = [net.who.remote, *net.who.entry, net.who.pf]
    sent = first_request(net, "MESSAGE", path, ALICE, (BOB, ALICE), headers, cpim(message))
    net.answer(sent, 202, "Accepted")
    net.as_flow()
    net.wait(7_200 * SECOND)


VARIANTS = {
    **networks(build, by_client=False, with_session=False),
    **conforming("service-deferred", build, service="deferred"),
    **conforming("two-messages", build, count=2),
    **conforming("two-devices", build, devices=2),
    **conforming("deferral-shown", build, deferral=True),
    **conforming("notified", build, disposition="positive-delivery", notices=("delivered",)),
    **conforming(
        "notified-twice",
        build,
        disposition="positive-delivery, display",
        notices=("delivered", "displayed"),
    ),
    **conforming("notification-withheld", build, disposition="positive-delivery"),
    **conforming("retried-after-silence", build, retried=True),
    **conforming("answered-202", build, status=(202, "Accepted")),
    **conforming("without-cpm-ids", build, has_ids=False),
    "client-side-only": make("client-side-only", build, after=tap(("client", "core"))),
    "core-side-only": make("core-side-only", build, after=tap(("core", "pf"))),
    "mirrored": make("mirrored", build, after=mirrored),
    "one-direction-only": make(
        "one-direction-only", build, UNSEEN, after=one_way(("pf", "core"), ("core", "client"))
    ),
}

HOLDERS = {
    "3": ("push-pager/2-3", "core"),
    "4": ("push-pager/4-5", "client"),
    "5": ("push-pager/4-5", "core"),
}

REFUSED, DECLINES = core_answers(build, FLOW, ("2-3", "4-5"))

BREAKS = {
    **REFUSED,
    **silences(build, HOLDERS),
    **departures(build, "4-5", "push-pager/4-5", "client", DEPARTURES),
    **too_early(build, "5", "4", "push-pager/4-5", "core"),
    **broken("pushed-again", build, "SD-5.2.1.1.2-remove", "pf", again=1),
    **broken("pushed-after-expiry", build, "SD-5.2.1.1.2-wait", "pf", registered=3600, idle=7200),
    **broken("pushed-after-removal", build, "SD-5.2.1.1.2-wait", "pf", removed=True),
    **broken(
        "asks-without-message-id",
        build,
        "RFC5438-message-id",
        "pf",
        disposition="positive-delivery",
        has_message_id=False,
    ),
}

INCONCLUSIVE = {
    **unfinished(build, HOLDERS, shown=("5",)),
    **DECLINES,
    **refusals(build, "4-5", REFUSALS),
    "one-direction-only": (VARIANTS["one-direction-only"], UNSEEN),
}

UNIDENTIFIED = {
    "silent-at-2": (
        make("silent-at-2", build, Expect("none"), setting=Setting(silent="2")),
        Expect("none"),
    )
}
