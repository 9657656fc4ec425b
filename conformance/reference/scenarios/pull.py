"""Pulling with a subscription to the list of deferred messages (System Description B.3.6.2)."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from conformance.observation.packet import Transport
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import answer, change, with_status
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import Tap, link
from conformance.reference.pf.settings import Ender, PfSettings
from conformance.reference.preferences.rules import Delivery
from conformance.reference.scenarios import preferred
from conformance.reference.scenarios.beginnings import HELLO, LONG, RETURNS, deferred, returns
from conformance.reference.scenarios.pull_parties import Declines, NotifiesFirst
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import ALICE, WorldSetting
from conformance.reference.world.world import World

FLOW = "pull"
TEXTS = (HELLO, "Or shall we say one o'clock?", "One it is.")
CHOOSES = 5 * SECOND
"""How long after their return the user chooses, in ns."""

LASTS = 400 * SECOND
"""How long a scenario lasts: until long after the last of its deadlines; in ns."""

CLIENT = ClientSettings(subscribes=True, selects=False)
PF = PfSettings(deliveries=(Delivery.NOTIFICATION,))
SETTING = WorldSetting(client=CLIENT, pf=PF)
WATCHED = replace(SETTING, client=replace(CLIENT, registration=600 * SECOND))
"""A world in which something is seen five minutes after all has been said."""

CALM = replace(SETTING.conditions, low=4 * MILLISECOND, high=4 * MILLISECOND)
ROLES = tuple(f"{role}={SETTING.host(role)}" for role in ("client", "core", "pf", "remote"))
"""Who is who, for captures in which a party that never speaks shows nothing of its role."""

SOME, ALL = ("retrieve", "", "retrieve"), ("retrieve", "retrieve", "retrieve")
CLIENT_LINKS = link("client", "core") | link("client", "pf")
PF_LINKS = link("core", "pf") | link("client", "pf")


# What the users do.


def waiting(world: World, texts: Sequence[str] = TEXTS) -> None:
    """Messages are deferred, and Alice comes back."""
    deferred(world, texts)
    returns(world)


def chooses(world: World, actions: Sequence[str], at: int = RETURNS + CHOOSES) -> None:
    """Alice says for each message on the list what is to be done, "" for no word about it."""
    world.simulation.after(at, lambda: _select(world, actions))


def _select(world: World, actions: Sequence[str]) -> None:
    listed = list(world.client.listed)
    world.client.select(dict(zip(listed, actions, strict=False)))


def choosing(*actions: str, texts: Sequence[str] = TEXTS) -> partial[None]:
    """A script in which one choice is made."""
    return partial(_choosing, actions=actions, texts=texts)


def _choosing(world: World, actions: Sequence[str], texts: Sequence[str]) -> None:
    waiting(world, texts)
    chooses(world, actions)


def watching(*actions: str, texts: Sequence[str] = TEXTS) -> partial[None]:
    """The same; at last Alice ends the subscription, and is told what is left."""
    return partial(_watching, actions=actions, texts=texts)


def _watching(world: World, actions: Sequence[str], texts: Sequence[str]) -> None:
    _choosing(world, actions, texts)
    world.simulation.after(40 * SECOND, lambda: world.client.unsubscribe_deferred())


def in_two_sessions(world: World) -> None:
    """A choice, and another one later about what was left."""
    waiting(world)
    chooses(world, ("retrieve", "discard", ""))
    chooses(world, ("retrieve",), RETURNS + 20 * SECOND)


def subscribing_twice(world: World) -> None:
    """A second subscription of the same client, before anything is chosen."""
    _choosing(world, SOME, TEXTS)

    def subscribe() -> None:
        world.client.subscribe_deferred()

    world.simulation.after(RETURNS + 2 * SECOND, subscribe)


def nothing_yet(world: World) -> None:
    """Alice is there but takes no message at once: nothing waits, and then one does."""
    returns(world)

    def write() -> None:
        world.remote.send_pager(ALICE, HELLO)

    world.simulation.after(15 * SECOND, write)
    chooses(world, ("retrieve",), 20 * SECOND)


DECLINES = Fault("pf-declines-480", "pf", replaced=Declines)
EARLY = Fault("pf-notifies-first", "pf", replaced=NotifiesFirst)
ACCEPTED = change(answer("SUBSCRIBE", 200), with_status(202, "Accepted"))


# The variants.

BASE = Scenario(
    FLOW,
    "base",
    "a subscription, a list of three, two of them retrieved",
    choosing(*SOME),
    SETTING,
    lasts=LASTS,
)


def _varied(name: str, shows: str, setting: WorldSetting, *, of: Scenario = BASE) -> Scenario:
    return replace(of, name=name, shows=shows, setting=setting)


def _chosen(name: str, shows: str, *actions: str, texts: Sequence[str] = TEXTS) -> Scenario:
    return replace(BASE, name=name, shows=shows, script=watching(*actions, texts=texts))


NETWORKS = (
    _varied("tcp", "the same over TCP", replace(WATCHED, transport=Transport.TCP)),
    _varied("ipv6", "the same over IPv6", replace(SETTING, ipv6=True)),
    _varied(
        "three-core-nodes-tcp",
        "a P-, an I- and an S-CSCF, over TCP",
        replace(SETTING, core_nodes=3, transport=Transport.TCP),
    ),
    _varied(
        "registration-refreshed",
        "the client is registered for ten minutes, and refreshes that after five",
        WATCHED,
        of=replace(BASE, roles=ROLES),
    ),
    _varied(
        "registration-challenged",
        "the registration needs credentials",
        replace(SETTING, challenge=True),
    ),
    _varied(
        "retransmitted",
        "packets lost on the way and sent again by the true timers",
        replace(SETTING, conditions=replace(CALM, loss=0.15), seed="3"),
    ),
    _varied(
        "duplicated",
        "packets doubled and overtaken on the way",
        replace(
            SETTING, conditions=Conditions(CALM.low, CALM.high, duplication=0.3, reordering=0.2)
        ),
    ),
    _varied(
        "client-connects",
        "the client connects, the participating function waits",
        replace(SETTING, client=replace(CLIENT, offered_setup="active")),
    ),
    _varied(
        "large-messages",
        "messages of the large message mode, in chunks of 512 octets",
        replace(SETTING, pf=replace(PF, chunk=512)),
        of=_chosen("", "", "retrieve", "retrieve", texts=(LONG, HELLO)),
    ),
)

CHOICES = (
    _chosen("all-retrieved", "all three are retrieved", *ALL),
    _chosen("one-retrieved", "one of three is retrieved", "", "retrieve"),
    _chosen("nothing-chosen", "the user chooses nothing: the flow is complete at 9", "", "", ""),
    _chosen("only-discard", "all are discarded, so that no message comes", *["discard"] * 3),
    _chosen("only-store", "all are stored in the Message Storage Server", *["store"] * 3),
    _chosen("only-interwork", "one is handed to the Interworking Function", "interwork"),
    _chosen("keeps-one", "the middle one is named to be kept", "retrieve", "keep", "retrieve"),
    _chosen(
        "every-action",
        "four messages: one retrieved, one interworked, one discarded, one stored",
        *("retrieve", "interwork", "discard", "store"),
        texts=(*TEXTS, "At the corner."),
    ),
    replace(
        BASE,
        name="two-sessions",
        shows="a second session for what was left by the first",
        script=in_two_sessions,
    ),
)

SUBSCRIPTIONS = (
    replace(
        BASE,
        name="notify-before-200",
        shows="the NOTIFY overtakes the 200 to its SUBSCRIBE (RFC 6665)",
        faults=(EARLY,),
    ),
    replace(
        BASE,
        name="subscribe-answered-202",
        shows="202 to the SUBSCRIBE, an older specification's answer",
        faults=(Fault("pf-answers-202", "pf", tamper=ACCEPTED),),
    ),
    replace(
        BASE, name="unsubscribes", shows="the client ends its subscription", script=watching(*SOME)
    ),
    replace(
        BASE,
        name="two-subscriptions",
        shows="two subscriptions of one client, and both are told",
        script=subscribing_twice,
    ),
    _varied(
        "shorter-expiry",
        "less is granted than asked",
        replace(SETTING, pf=replace(PF, subscription_expires=1800)),
    ),
    _varied(
        "refreshed",
        "a subscription of two minutes that is refreshed",
        replace(SETTING, client=replace(CLIENT, subscription=120 * SECOND)),
    ),
    replace(
        _varied(
            "first-list-empty",
            "the first list is empty; a message deferred later is on the second",
            replace(SETTING, client=replace(CLIENT, message_answers=(480,))),
        ),
        script=nothing_yet,
    ),
    _varied(
        "two-devices", "two devices subscribe, one of them retrieves", replace(SETTING, devices=2)
    ),
)

ENDS = (
    _varied(
        "pf-leaves-the-end",
        "the participating function leaves the end of the session to the client",
        replace(WATCHED, pf=replace(PF, pull_guard=600 * SECOND)),
    ),
    _varied(
        "pf-ends",
        "the participating function hangs up",
        replace(SETTING, pf=replace(PF, pull_end=Ender.PF)),
    ),
    _varied(
        "crossing-byes",
        "both sides hang up at once",
        replace(
            SETTING,
            pf=replace(PF, pull_end=Ender.PF),
            client=replace(CLIENT, teardown_after=MILLISECOND),
        ),
    ),
)

TAPS = (
    replace(
        BASE,
        name="client-side-only",
        shows="a tap on the client's own links",
        tap=Tap(links=CLIENT_LINKS),
    ),
    replace(
        BASE,
        name="pf-side-only",
        shows="a tap on the participating function's links",
        tap=Tap(links=PF_LINKS),
    ),
)

OPEN = (
    replace(
        BASE,
        name="core-side-only",
        shows="a tap between core and participating function shows no MSRP",
        tap=Tap(links=link("core", "pf")),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="declined-480",
        shows="the participating function declines the invitation",
        faults=(DECLINES,),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="ends-before-the-list",
        shows="the capture ends before the NOTIFY is due",
        tap=Tap(end=SETTING.begin + RETURNS + 55 * MILLISECOND),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="ends-in-the-session",
        shows="the capture ends before all messages have come",
        tap=Tap(end=SETTING.begin + RETURNS + CHOOSES + 50 * MILLISECOND),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="subscribe-unseen",
        shows="the capture begins after the SUBSCRIBE",
        tap=Tap(begin=SETTING.begin + RETURNS + 80 * MILLISECOND),
        verdict="inconc",
    ),
)

SCENARIOS = (BASE, *NETWORKS, *CHOICES, *SUBSCRIPTIONS, *ENDS, *TAPS, *OPEN, *preferred.PULL)
