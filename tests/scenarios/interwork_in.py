"""A non-CPM message to a CPM user (System Description Y, the second section Y.2)."""

from tests.ladder import Expect, Ladder
from tests.scenarios.agents import accept_contact, first_request
from tests.scenarios.bodies import Stored, cpim
from tests.scenarios.legs import EndedError, Exchange, Hop, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, ALICE_TEL, ICSI, SECOND, SMS_USER, Setting
from tests.scenarios.push_pager import available
from tests.scenarios.sessions import identities, waiting
from tests.scenarios.variations import (
    DEPARTURES,
    REFUSALS,
    UNSEEN,
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

FLOW = "interwork-in"
FORTH = [Hop(label, label) for label in ("2", "3", "4", "5")]
BACK = hops("6-10", 5)


def build(
    setting: Setting | None = None,
    *,
    status: tuple[int, str] = (200, "OK"),
    b2bua_pf: bool = False,
    count: int = 1,
) -> Ladder:
    """An SMS to a CPM user."""

    def script(net: Network) -> None:
        available(net)
        net.wait(5 * SECOND)
        for message in waiting(net, count, sender=SMS_USER, age=0):
            came = _come(net, message)
            legs = _legs(net, message, b2bua_pf)
            try:
                _answer(net, legs, status)
            except EndedError:
                if net.setting.departs:
                    net.answer(came, *net.setting.departs[1:], names=BACK[4:])
                raise
            net.answer(came, *status, names=BACK[4:])
            net.wait(SECOND)

    return play(FLOW, script, setting or Setting())


def _come(net: Network, message: Stored) -> Exchange:
    """Step 1: the other service's message to the gateway."""
    path = [net.who.noncpm, net.who.iwf]
    headers = [("Content-Type", "text/plain;charset=UTF-8")]
    ends, text = (SMS_USER, ALICE_TEL), message.text.encode()
    names = [Hop("1", "1")]
    return first_request(net, "MESSAGE", path, ALICE_TEL, ends, headers, text, names=names)


def _legs(net: Network, message: Stored, b2bua_pf: bool) -> list[Exchange]:
    """Steps 2 to 5, in one transaction or, over a back-to-back user agent, in two."""
    who, body = net.who, cpim(message)
    headers = [
        ("P-Asserted-Identity", f"<{SMS_USER}>"),
        ("P-Asserted-Service", f"{ICSI}.msg"),
        accept_contact("msg"),
        *identities(message),
        ("Content-Type", "message/cpim"),
    ]
    ends = (SMS_USER, ALICE)
    near, far = [who.iwf, *who.entry, who.pf], [*who.inner[::-1], who.client]
    if not b2bua_pf:
        path = near + far
        return [first_request(net, "MESSAGE", path, ALICE, ends, headers, body, names=FORTH)]
    first = first_request(net, "MESSAGE", near, ALICE, ends, headers, body, names=FORTH[:2])
    path, names = [who.pf, *far], FORTH[2:]
    second = first_request(net, "MESSAGE", path, ALICE, ends, headers, body, names=names)
    return [first, second]


def _answer(net: Network, legs: list[Exchange], status: tuple[int, str]) -> None:
    """The hops 6 to 9."""
    if len(legs) == 1:
        net.answer(legs[0], *status, names=BACK[:4])
        return
    net.answer(legs[1], *status, names=BACK[:2])
    net.answer(legs[0], *status, names=BACK[2:4])


VARIANTS = {
    **networks(build, by_client=False, with_session=False),
    **conforming("b2bua-pf", build, b2bua_pf=True),
    **conforming("answered-202", build, status=(202, "Accepted")),
    **conforming("two-messages", build, count=2),
    "b2bua-pf-three-core-nodes": make(
        "b2bua-pf-three-core-nodes", build, setting=Setting(core_nodes=3), b2bua_pf=True
    ),
    "mirrored": make("mirrored", build, after=mirrored),
    "non-cpm-leg-unseen": make(
        "non-cpm-leg-unseen",
        build,
        after=lambda ladder: ladder.without(lambda s: "noncpm" in (s.sender, s.receiver)),
    ),
    "iwf-side-only": make(
        "iwf-side-only", build, UNSEEN, after=tap(("core", "iwf"), ("iwf", "noncpm"))
    ),
    "one-direction-only": make(
        "one-direction-only",
        build,
        after=one_way(
            ("noncpm", "iwf"), ("iwf", "core"), ("core", "pf"), ("pf", "core"), ("core", "client")
        ),
    ),
}

HOLDERS = {
    "2": ("interwork-in/2", "iwf"),
    "3": ("interwork-in/3", "core"),
    "4": ("interwork-in/4", "pf"),
    "5": ("interwork-in/5", "core"),
    "6": ("interwork-in/6-10", "client"),
    "7": ("interwork-in/6-10", "core"),
    "8": ("interwork-in/6-10", "pf"),
    "9": ("interwork-in/6-10", "core"),
    "10": ("interwork-in/6-10", "iwf"),
}

BREAKS = {
    **silences(build, HOLDERS),
    **departures(build, "6-10", "interwork-in/6-10", "client", DEPARTURES),
    **too_early(build, "7", "6", "interwork-in/6-10", "core"),
    **too_early(build, "8", "7", "interwork-in/6-10", "pf"),
    **too_early(build, "9", "8", "interwork-in/6-10", "core"),
    **too_early(build, "10", "9", "interwork-in/6-10", "iwf"),
}

INCONCLUSIVE = {
    **unfinished(build, HOLDERS, shown=("7", "8", "9", "10")),
    **refusals(build, "6-10", REFUSALS),
    "iwf-side-only": (VARIANTS["iwf-side-only"], UNSEEN),
}

UNIDENTIFIED = {
    "silent-at-1": (
        make("silent-at-1", build, Expect("none"), setting=Setting(silent="1")),
        Expect("none"),
    )
}
