"""A CPM Message to a non-CPM service (System Description Y.3)."""

from tests.ladder import Expect, Ladder
from tests.scenarios.agents import accept_contact, first_request
from tests.scenarios.bodies import Stored, cpim
from tests.scenarios.legs import EndedError, Exchange, Hop, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, ICSI, MILLISECOND, SECOND, SMS_USER, Setting
from tests.scenarios.push_pager import available
from tests.scenarios.sessions import identities, waiting
from tests.scenarios.variations import (
    DEPARTURES,
    REFUSALS,
    UNSEEN,
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

FLOW = "interwork-out"
SINGLE = [Hop(label, label) for label in ("1", "2", "3", "4")]
BACK = hops("7-8") + hops("9-10")


def build(
    setting: Setting | None = None,
    *,
    disposition: str = "",
    has_message_id: bool = True,
    status: tuple[int, str] = (200, "OK"),
    b2bua_pf: bool = False,
    at_once: bool = False,
    noncpm_fails: int = 0,
    bypass: bool = False,
    count: int = 1,
) -> Ladder:
    """A message to an SMS user.

    `at_once`: the gateway answers before it has an answer. `bypass`: the core leaves out the
    participating function.
    """

    def script(net: Network) -> None:
        available(net)
        net.wait(5 * SECOND)
        net.ends(net.who.iwf, net.who.noncpm)
        messages = waiting(
            net, count, disposition=disposition, sender=ALICE, recipient=SMS_USER, age=0
        )
        for message in messages:
            if bypass:
                _bypassed(net, message)
                continue
            legs = _legs(net, message, has_message_id, b2bua_pf)
            if at_once:
                _cross(net, legs, _hand_over(net, message), status)
                continue
            result = (noncpm_fails, "Server Internal Error") if noncpm_fails else (200, "OK")
            net.answer(_hand_over(net, message), *result, names=[Hop("6", "6")])
            _answer(net, legs, result if noncpm_fails else status)
            net.wait(SECOND)

    return play(FLOW, script, setting or Setting())


def _cross(net: Network, legs: list[Exchange], out: Exchange, status: tuple[int, str]) -> None:
    """The gateway's answer leaves while the other service still works on its own."""
    begin = net.now
    _answer(net, legs, status)
    net.now = begin + 300 * MILLISECOND
    net.answer(out, 200, "OK", names=[Hop("6", "6")])


def _legs(net: Network, message: Stored, has_message_id: bool, b2bua_pf: bool) -> list[Exchange]:
    """Steps 1 to 4, in one transaction or, over a back-to-back user agent, in two."""
    who = net.who
    body = cpim(message, with_id=has_message_id)
    mine, common = _headers(message)
    ends = (ALICE, SMS_USER)
    near, far = [who.client, *who.inner, who.pf], [who.serving, who.iwf]
    path = near if b2bua_pf else near + far
    names = SINGLE[:2] if b2bua_pf else SINGLE
    first = first_request(net, "MESSAGE", path, SMS_USER, ends, mine, body, names=names)
    if not b2bua_pf:
        return [first]
    theirs = [
        ("P-Asserted-Identity", f"<{ALICE}>"),
        ("P-Asserted-Service", f"{ICSI}.msg"),
        *common,
    ]
    path, names = [who.pf, *far], SINGLE[2:]
    second = first_request(net, "MESSAGE", path, SMS_USER, ends, theirs, body, names=names)
    return [first, second]


def _headers(message: Stored) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What the client puts into its request, and what of it goes on from node to node."""
    common = [accept_contact("msg"), *identities(message), ("Content-Type", "message/cpim")]
    mine = [
        ("P-Preferred-Identity", f"<{ALICE}>"),
        ("P-Preferred-Service", f"{ICSI}.msg"),
        ("P-Access-Network-Info", "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000001"),
        *common,
    ]
    return mine, common


def _bypassed(net: Network, message: Stored) -> None:
    """The message on a way that the figure does not show: client, core, gateway."""
    path, ends = [net.who.client, *net.who.inner, net.who.iwf], (ALICE, SMS_USER)
    names = [SINGLE[0], SINGLE[3]]
    headers, body = _headers(message)[0], cpim(message)
    sent = first_request(net, "MESSAGE", path, SMS_USER, ends, headers, body, names=names)
    net.answer(_hand_over(net, message), 200, "OK", names=[Hop("6", "6")])
    net.answer(sent, 200, "OK", names=[BACK[0], BACK[3]])


def _hand_over(net: Network, message: Stored) -> Exchange:
    """Step 5: the gateway's own message to the other service."""
    path = [net.who.iwf, net.who.noncpm]
    headers = [("Content-Type", "text/plain;charset=UTF-8")]
    ends = (f"sip:{net.who.iwf.user}@{net.who.iwf.sent_by}", SMS_USER)
    text = message.text.encode()
    names = [Hop("5", "5")]
    return first_request(net, "MESSAGE", path, SMS_USER, ends, headers, text, names=names)


def _answer(net: Network, legs: list[Exchange], status: tuple[int, str]) -> None:
    """Steps 7 to 10."""
    if len(legs) == 1:
        net.answer(legs[0], *status, names=BACK)
        return
    try:
        net.answer(legs[1], *status, names=BACK[:2])
    except EndedError:
        if net.setting.departs:
            _, code, reason = net.setting.departs
            net.answer(legs[0], code, reason, names=BACK[2:])
        raise
    net.answer(legs[0], *status, names=BACK[2:])


VARIANTS = {
    **networks(build, by_client=True, with_session=False),
    **conforming("b2bua-pf", build, b2bua_pf=True),
    **conforming("answered-202", build, status=(202, "Accepted")),
    **conforming("notification-asked", build, disposition="positive-delivery"),
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
    "core-only": make("core-only", build, after=tap(("core", "pf"), ("core", "iwf"))),
    "iwf-side-only": make(
        "iwf-side-only", build, UNSEEN, after=tap(("core", "iwf"), ("iwf", "noncpm"))
    ),
    "one-direction-only": make(
        "one-direction-only",
        build,
        after=one_way(("client", "core"), ("core", "pf"), ("pf", "core"), ("core", "iwf")),
    ),
}

HOLDERS = {
    "5": ("interwork-out/5", "iwf"),
    "6": ("interwork-out/6", "noncpm"),
    "7": ("interwork-out/7-8", "iwf"),
    "8": ("interwork-out/7-8", "core"),
    "9": ("interwork-out/9-10", "pf"),
    "10": ("interwork-out/9-10", "core"),
}

BYPASSED = Expect("fail", "interwork-out/2", "core")

BREAKS = {
    "participating-function-bypassed": (
        make("participating-function-bypassed", build, BYPASSED, bypass=True),
        BYPASSED,
    ),
    **silences(build, HOLDERS),
    **departures(build, "7-8", "interwork-out/7-8", "iwf", DEPARTURES),
    **broken("6-answered-500", build, "interwork-out/6", "noncpm", noncpm_fails=500),
    **broken("answered-at-once", build, "interwork-out/7-8", "iwf", at_once=True),
    **too_early(build, "8", "7", "interwork-out/7-8", "core"),
    **too_early(build, "9", "8", "interwork-out/9-10", "pf"),
    **too_early(build, "10", "9", "interwork-out/9-10", "core"),
    **broken(
        "asks-without-message-id",
        build,
        "RFC5438-message-id",
        "client",
        disposition="positive-delivery",
        has_message_id=False,
    ),
}

INCONCLUSIVE = {
    **unfinished(build, HOLDERS, shown=("10",)),
    **refusals(build, "7-8", REFUSALS),
    "iwf-side-only": (VARIANTS["iwf-side-only"], UNSEEN),
}

UNIDENTIFIED = {
    f"silent-at-{label}": (
        make(f"silent-at-{label}", build, Expect("none"), setting=Setting(silent=label)),
        Expect("none"),
    )
    for label in ("1", "2", "3", "4")
}
