"""Traffic that belongs to no flow, and users' preferences at work (System Description 5.4)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from conformance.body.iscomposing import MEDIA_TYPE as IS_COMPOSING
from conformance.reference.engine.timer import SECOND
from conformance.reference.pf.settings import PfSettings
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.rules import Adaptation, Disposal, Expiry, Rule, Stored
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.scenarios.beginnings import HELLO, LONG
from conformance.reference.scenarios.interwork_out import ROLES
from conformance.reference.scenarios.scenario import Scenario, Script
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Incoming
from conformance.reference.user_agents.subscription import Subscription
from conformance.reference.world.setting import ALICE, BOB, INSTANCES, WorldSetting
from conformance.reference.world.world import World
from conformance.sip.message import SipResponse

SETTING = WorldSetting()
DAY = 86_400 * SECOND
COMPOSING = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state>'
    "</isComposing>"
)


def registered(*then: Callable[[World], None], pause: int = 2 * SECOND) -> Script:
    """Alice's devices register; then one thing after the other happens."""

    def script(world: World) -> None:
        for number, device in enumerate(world.devices, 1):
            world.simulation.after(number * SECOND, device.register)
        begin = (len(world.devices) + 1) * SECOND
        for number, act in enumerate(then):
            world.simulation.after(begin + number * pause, partial(act, world))

    return script


def away(*then: Callable[[World], None], returns: int = 60 * SECOND) -> Script:
    """Alice is away; things happen; then her devices register."""

    def script(world: World) -> None:
        for number, act in enumerate(then, 1):
            world.simulation.after(number * SECOND, partial(act, world))
        for number, device in enumerate(world.devices):
            world.simulation.after(returns + number * SECOND, device.register)

    return script


def comes(world: World) -> None:
    """Bob writes to Alice."""
    world.remote.send_pager(ALICE, HELLO, wants=())


def comes_asking(world: World) -> None:
    """Bob writes to Alice, and wants to know."""
    world.remote.send_pager(ALICE, HELLO, wants=("positive-delivery", "display"))


def comes_marked_up(world: World) -> None:
    """Bob writes to Alice in HTML."""
    text = f"<p><b>{HELLO}</b></p>"
    world.remote.send_pager(ALICE, text, wants=(), content_type="text/html")


def comes_large(world: World) -> None:
    """Bob sends Alice something long."""
    world.remote.send_large(ALICE, LONG, wants=())


def comes_long(world: World) -> None:
    """Bob writes to Alice at some length."""
    world.remote.send_pager(ALICE, HELLO * 20, wants=())


def chats(world: World) -> None:
    """Bob begins a chat with Alice."""
    world.remote.start_chat(ALICE, "Are you there?", "The kettle is on.", wants=())


def chats_away(world: World) -> None:
    """Alice begins a chat with Bob."""
    chat = world.client.start_chat(BOB, "Anybody home?")
    world.simulation.after(20 * SECOND, chat.end)


def goes(world: World) -> None:
    """Alice writes to Bob."""
    world.client.send_pager(BOB, "On my way.")


def goes_asking(world: World) -> None:
    """Alice writes to Bob, and wants to know."""
    world.client.send_pager(BOB, "On my way.", wants=("positive-delivery",))


def composes(world: World) -> None:
    """Alice is seen to be writing (RFC 3994)."""
    message = world.client.compose(BOB, COMPOSING, content_type=IS_COMPOSING)
    world.client.send_message(message, lambda answer: None)


def asks(world: World) -> None:
    """Alice's device asks what Bob's side can do (RFC 3261 section 11)."""
    world.client.agent.request("OPTIONS", BOB, answered=lambda answer: None)


def leaves(world: World) -> None:
    """Alice's device deregisters."""
    world.client.deregister()


class _Watcher:
    """Whoever watches presence, and hears that it cannot."""

    def accepted(self, subscription: Subscription, response: SipResponse) -> None:
        """It may."""

    def notified(self, subscription: Subscription, incoming: Incoming) -> None:
        incoming.respond(200)

    def refused(self, subscription: Subscription, response: SipResponse | Failure) -> None:
        """It may not."""

    def ended(self, subscription: Subscription, why: str) -> None:
        """It is over."""


def watches(world: World) -> None:
    """Alice's device watches Bob's presence (RFC 3856)."""
    world.client.agent.subscribe(BOB, "presence", expires=600, user=_Watcher())


def by(profile: Profile, **changes: object) -> WorldSetting:
    """A world in which Alice has these preferences."""
    setting = replace(SETTING, preferences=Preferences.of(profile))
    return replace(setting, **changes)  # type: ignore[arg-type]


def several(*profiles: Profile, default: str, client: str) -> Preferences:
    """Several profiles: the default one, and the one that is active on the first device."""
    return Preferences(profiles, default, ((INSTANCES["client"], client),))


PLAINLY = Profile(
    when_unavailable=(Disposal.DEFER,), adaptations=(Adaptation(("text/html",), "text/plain"),)
)
"""A user who wants to read without a browser (5.4 B)."""

BASE = Scenario("", "registrations", "registrations alone", registered(), SETTING, verdict="none")
BY_CHOICE = replace(BASE, preferences=True)

PLAIN = (
    BASE,
    replace(
        BASE,
        name="deregistered",
        shows="a device registers, and deregisters",
        script=registered(leaves),
        setting=replace(SETTING, challenge=True),
    ),
    replace(
        BASE,
        name="immediate-delivery",
        shows="a message is delivered while its sender waits",
        script=registered(comes),
    ),
    replace(
        BASE,
        name="immediate-to-two",
        shows="both of the user's devices get a message at once",
        script=registered(comes),
        setting=replace(SETTING, devices=2),
    ),
    replace(
        BASE,
        name="immediate-large",
        shows="a large message is delivered while its sender waits",
        script=registered(comes_large),
    ),
    replace(
        BASE,
        name="notifications",
        shows="a message delivered at once, and the notifications that its sender asked for",
        script=registered(comes_asking),
    ),
    replace(
        BASE,
        name="outgoing",
        shows="a message to another system's user, who notifies of its delivery",
        script=registered(goes_asking, goes),
    ),
    replace(
        BASE,
        name="chat",
        shows="an ordinary chat, both ways",
        script=registered(chats),
    ),
    replace(
        BASE,
        name="outgoing-chat",
        shows="an ordinary chat that the client begins and ends",
        script=registered(chats_away),
    ),
    replace(
        BASE,
        name="is-composing",
        shows="an is-composing indication",
        script=registered(composes),
    ),
    replace(
        BASE,
        name="options",
        shows="a device asks for capabilities",
        script=registered(asks),
    ),
    replace(
        BASE,
        name="subscribe-presence",
        shows="a device asks to watch a friend's presence, and may not",
        script=registered(watches),
    ),
    replace(
        BASE,
        name="deferred-and-waiting",
        shows="a message is deferred, and nobody comes for it",
        roles=ROLES,
        script=lambda world: world.simulation.after(SECOND, lambda: comes(world)),
    ),
    replace(
        BASE,
        name="expired-unasked",
        shows="a deferred message expires, and nobody asked to be told",
        roles=ROLES,
        script=lambda world: world.simulation.after(SECOND, lambda: comes(world)),
        setting=replace(SETTING, pf=PfSettings(defers_for=3_600 * SECOND)),
        lasts=2 * 3_600 * SECOND,
    ),
)

CHOSEN = (
    replace(
        BY_CHOICE,
        name="preferences-by-xcap",
        shows="the participating function asks the XDMS for the recipient's preferences by XCAP",
        script=registered(comes),
        setting=by(Profile(identifier="home"), xdms="xcap"),
    ),
    replace(
        BY_CHOICE,
        name="discarded-unavailable",
        shows="preferences discard what comes while no client is there",
        script=away(comes),
        setting=by(Profile(when_unavailable=(Disposal.DISCARD,))),
    ),
    replace(
        BY_CHOICE,
        name="stored-unavailable",
        shows="preferences store what comes while no client is there",
        script=away(comes),
        setting=by(Profile(when_unavailable=(Disposal.STORE,))),
    ),
    replace(
        BY_CHOICE,
        name="blacklisted",
        shows="the sender is on the recipient's blacklist, and is refused",
        script=registered(comes),
        setting=by(Profile(blacklist=(BOB,))),
    ),
    replace(
        BY_CHOICE,
        name="too-large",
        shows="preferences refuse what is larger than 200 octets",
        script=registered(comes_long, comes),
        setting=by(Profile(rules=(Rule(Disposal.REJECT, larger_than=200),))),
    ),
    replace(
        BY_CHOICE,
        name="redirected",
        shows="preferences redirect text to another address",
        script=registered(comes),
        setting=by(
            Profile(
                rules=(
                    Rule(
                        Disposal.REDIRECT,
                        content_types=("text/*",),
                        redirect_to="sip:desk@home-a.example",
                    ),
                )
            )
        ),
    ),
    replace(
        BY_CHOICE,
        name="expired-stored",
        shows="preferences store a deferred message that expires",
        roles=ROLES,
        script=lambda world: world.simulation.after(SECOND, lambda: _asked(world)),
        setting=by(
            Profile(when_unavailable=(Disposal.DEFER,), when_expired=(Expiry.STORE,)),
            remote=RemoteSettings(expires=3 * DAY),
        ),
        lasts=4 * DAY,
    ),
    replace(
        BY_CHOICE,
        name="profile-of-the-device",
        shows="the profile active on the device refuses the sender, the default one does not",
        script=registered(comes),
        setting=replace(
            SETTING,
            preferences=several(
                Profile("home"), Profile("work", blacklist=(BOB,)), default="home", client="work"
            ),
        ),
    ),
    replace(
        BY_CHOICE,
        name="adapted",
        shows="preferences want HTML as plain text",
        script=registered(comes_marked_up),
        setting=by(PLAINLY),
    ),
    replace(
        BY_CHOICE,
        name="kept-copy",
        shows="preferences store a copy of what is delivered",
        script=registered(comes, goes),
        setting=by(Profile(stored=frozenset({Stored.MESSAGE}))),
    ),
)

SCENARIOS = (*PLAIN, *CHOSEN)


def _asked(world: World) -> None:
    world.remote.send_pager(ALICE, HELLO, wants=("negative-delivery",))
