"""Unsuccessful delivery with a delivery notification request (System Description C.3.1.1.3)."""

from tests.ladder import Expect, Ladder
from tests.scenarios.agents import accept_contact, first_request
from tests.scenarios.bodies import Stored, cpim, imdn
from tests.scenarios.legs import EndedError, Exchange, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, BOB, ICSI, SECOND, Setting
from tests.scenarios.push_pager import push
from tests.scenarios.sessions import identities, waiting
from tests.scenarios.variations import (
    DEPARTURES,
    REFUSALS,
    broken,
    conforming,
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

FLOW = "undelivered"
ASKS = "negative-delivery"
EXPIRY = 7_200 * SECOND


def build(
    setting: Setting | None = None,
    *,
    accepted: tuple[int, str] = (202, "Accepted"),
    disposition: str = ASKS,
    status: str = "failed",
    has_message_id: bool = True,
    notifies: bool = True,
    delivered_at: str = "",
    count: int = 1,
) -> Ladder:
    """A deferred message that expires; `delivered_at`: before (the 202) or after (the notice)."""

    def script(net: Network) -> None:
        messages = waiting(net, count, disposition=disposition, age=0)
        for message in messages:
            arrival = _arrive(net, message, has_message_id)
            if delivered_at == "before":
                _deliver(net, message)
            _accept(net, arrival, accepted)
            net.wait(20 * SECOND)
        net.wait(EXPIRY)
        for message in messages if notifies else []:
            _tell(net, message, status)
            net.wait(SECOND)
        if delivered_at == "after":
            net.wait(60 * SECOND)
            _deliver(net, messages[0])

    return play(FLOW, script, setting or Setting())


def _arrive(net: Network, message: Stored, has_message_id: bool) -> Exchange:
    """Steps 1 and 2."""
    headers = [
        ("P-Asserted-Identity", f"<{BOB}>"),
        ("P-Asserted-Service", f"{ICSI}.msg"),
        accept_contact("msg"),
        *identities(message),
        ("Content-Type", "message/cpim"),
    ]
    path = [net.who.remote, *net.who.entry, net.who.pf]
    body = cpim(message, with_id=has_message_id)
    return first_request(
        net, "MESSAGE", path, ALICE, (BOB, ALICE), headers, body, names=hops("1-2")
    )


def _accept(net: Network, arrival: Exchange, status: tuple[int, str]) -> None:
    """Steps 4 and 5; if somebody falls silent here, the rest still happens."""
    try:
        net.answer(arrival, *status, names=hops("4-5"))
    except EndedError:
        net.wait(120 * SECOND)


def _deliver(net: Network, message: Stored) -> None:
    net.as_other()
    push(net, message, net.who.client, "msg", (200, "OK"), has_ids=True, has_message_id=True)
    net.as_flow()


def _tell(net: Network, message: Stored, status: str) -> None:
    """Steps 7 to 10."""
    headers = [
        ("P-Asserted-Identity", f"<{ALICE}>"),
        ("P-Asserted-Service", f"{ICSI}.msg"),
        accept_contact("msg"),
        ("Content-Type", "message/cpim"),
    ]
    path = [net.who.pf, net.who.serving, net.who.remote]
    body = imdn(message, status, net.token(16), net.now)
    told = first_request(net, "MESSAGE", path, BOB, (ALICE, BOB), headers, body, names=hops("7-8"))
    net.answer(told, 200, "OK", names=hops("9-10"))


VARIANTS = {
    **networks(build, by_client=False, with_session=False),
    **conforming("both-asked", build, disposition="positive-delivery, negative-delivery"),
    **conforming("status-error", build, status="error"),
    **conforming("status-forbidden", build, status="forbidden"),
    **conforming("two-messages", build, count=2),
    "mirrored": make("mirrored", build, after=mirrored),
    "remote-side-only": make("remote-side-only", build, after=tap(("remote", "core"))),
    "core-side-only": make("core-side-only", build, after=tap(("core", "pf"))),
}
del VARIANTS["b2bua-core"], VARIANTS["registration-unseen"]

HOLDERS = {
    "4": ("undelivered/4-5", "pf"),
    "5": ("undelivered/4-5", "core"),
    "8": ("undelivered/7-8", "core"),
    "9": ("undelivered/9-10", "remote"),
    "10": ("undelivered/9-10", "core"),
}

BREAKS = {
    **silences(build, HOLDERS),
    **departures(build, "9-10", "undelivered/9-10", "remote", DEPARTURES),
    **too_early(build, "5", "4", "undelivered/4-5", "core"),
    **too_early(build, "10", "9", "undelivered/9-10", "core"),
    **broken("accepted-200", build, "undelivered/4-5", "pf", accepted=(200, "OK")),
    **broken("delivered-all-the-same", build, "undelivered/3", "pf", delivered_at="before"),
    **broken("delivered-after-notice", build, "undelivered/6", "pf", delivered_at="after"),
}

INCONCLUSIVE = {
    **unfinished(build, ("8", "9", "10"), shown=("10",)),
    **refusals(build, "9-10", REFUSALS),
}

UNIDENTIFIED = {
    "notice-unseen": (
        make(
            "notice-unseen",
            build,
            Expect("none"),
            after=one_way(("remote", "core"), ("core", "pf")),
        ),
        Expect("none"),
    ),
    "notice-withheld": (
        make("notice-withheld", build, Expect("none"), notifies=False),
        Expect("none"),
    ),
    "asks-without-message-id": (
        make(
            "asks-without-message-id", build, Expect("none"), has_message_id=False, notifies=False
        ),
        Expect("none"),
    ),
}
