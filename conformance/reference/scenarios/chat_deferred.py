"""Chat messages that were deferred, in a session that is there to receive (clause 7.3.12)."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from conformance.observation.packet import Transport
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import Tap, link
from conformance.reference.pf.settings import PfSettings
from conformance.reference.scenarios.beginnings import LONG, returns
from conformance.reference.scenarios.chat_parties import (
    AnswersInactive,
    Leaves,
    LeavesLater,
    Refreshes,
    Stays,
)
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import ALICE, WorldSetting
from conformance.reference.world.world import World

FLOW = "chat-deferred"
TEXTS = ("Shall we talk?", "I am still here.", "Well, later then.")
COMES_BACK = 60 * SECOND
"""When Alice's devices register, once Bob has given up; in ns."""

ROLES = tuple(f"{one}={WorldSetting().host(one)}" for one in ("client", "core", "pf", "remote"))
"""Who is who, for captures in which a party that never speaks shows nothing of its role."""

BOTH = ("positive-delivery", "display")
SETTING = WorldSetting()
REFRESHED = replace(SETTING, client=ClientSettings(registration=600 * SECOND))
"""A world in which something is seen five minutes after all has been said."""

CALM = replace(SETTING.conditions, low=4 * MILLISECOND, high=4 * MILLISECOND)
CLIENT_LINKS = link("client", "core") | link("client", "pf")


# What the users do.


def chat(
    world: World,
    texts: Sequence[str] = TEXTS,
    *,
    wants: Sequence[str] = (),
    at: int = SECOND,
    conversation: str = "",
) -> None:
    """Bob chats with Alice, who is away: the participating function takes what he says."""

    def start() -> None:
        remote = world.remote
        first = remote.compose(
            ALICE, "", service="session", wants=wants, conversation=conversation
        )
        session = remote.call(first, direction="sendrecv")
        for text in texts:
            remote.say(session, ALICE, text, wants=wants, conversation=first.conversation_id)

    world.simulation.after(at, start)


def chatting(texts: Sequence[str] = TEXTS, wants: Sequence[str] = ()) -> partial[None]:
    """A script: Bob chats, Alice comes back."""
    return partial(_chatting, texts=texts, wants=wants)


def _chatting(world: World, texts: Sequence[str], wants: Sequence[str]) -> None:
    chat(world, texts, wants=wants)
    returns(world, COMES_BACK)


def two_conversations(world: World) -> None:
    """Two chats of Bob's: each has an invitation of its own."""
    chat(world, TEXTS[:1])
    chat(world, TEXTS[1:], at=8 * SECOND)
    returns(world, COMES_BACK + 10 * SECOND)


def in_a_known_conversation(world: World) -> None:
    """Bob goes on in a conversation of which Alice's device has had messages already."""
    known = "4d1f6c9a7e2b40d58a3c1e0f9b2d7a65"
    chat(world, TEXTS[:1], conversation=known)
    returns(world, COMES_BACK)
    world.simulation.after(COMES_BACK + 20 * SECOND, world.client.deregister)
    chat(world, TEXTS[1:], conversation=known, at=COMES_BACK + 30 * SECOND)
    returns(world, COMES_BACK + 120 * SECOND)


def declined_then_taken(world: World) -> None:
    """Alice does not wish to receive now; later she does."""
    chat(world)
    returns(world, COMES_BACK)

    def willing() -> None:
        world.client.settings = replace(world.client.settings, chat_answers=(200,))
        world.client.register()

    world.simulation.after(COMES_BACK + 30 * SECOND, willing)


def replying(world: World, at: int = COMES_BACK + 5 * SECOND) -> None:
    """Alice replies to the last message while the session may still be there."""
    _chatting(world, TEXTS, ())
    world.simulation.after(at, lambda: _reply(world))


def _reply(world: World) -> None:
    world.client.reply(world.client.received[-1], "I am back.")


INACTIVE = Fault("client-answers-inactive", "client", replaced=AnswersInactive)
LEAVES = Fault("client-hangs-up", "client", replaced=Leaves)
LEAVES_LATER = Fault("client-hangs-up-later", "client", replaced=LeavesLater)
STAYS = Fault("pf-leaves-the-end-to-the-client", "pf", replaced=Stays)
REFRESHES = Fault("pf-refreshes", "pf", replaced=Refreshes)


# The variants.

BASE = Scenario(
    FLOW, "base", "three deferred chat messages in a sendonly session", chatting(), SETTING
)


def _varied(name: str, shows: str, setting: WorldSetting, *, of: Scenario = BASE) -> Scenario:
    return replace(of, name=name, shows=shows, setting=setting)


NETWORKS = (
    _varied("tcp", "the same over TCP", replace(SETTING, transport=Transport.TCP)),
    _varied("ipv6", "the same over IPv6", replace(SETTING, ipv6=True)),
    _varied(
        "registration-refreshed",
        "the client is registered for ten minutes, and refreshes that after five",
        REFRESHED,
        of=replace(BASE, roles=ROLES, lasts=450 * SECOND),
    ),
    _varied("three-core-nodes", "a P-, an I- and an S-CSCF", replace(SETTING, core_nodes=3)),
    _varied(
        "retransmitted",
        "packets lost on the way, the 200 to the invitation sent again until its ACK comes",
        replace(SETTING, conditions=replace(CALM, loss=0.15), seed="4"),
    ),
    _varied(
        "duplicated",
        "packets doubled and overtaken on the way",
        replace(
            SETTING, conditions=Conditions(CALM.low, CALM.high, duplication=0.3, reordering=0.2)
        ),
    ),
    _varied(
        "passive-client",
        "the participating function connects",
        replace(SETTING, client=ClientSettings(setups=("passive",))),
    ),
    _varied(
        "passive-offer",
        "the participating function offers to wait, the client connects",
        replace(SETTING, pf=PfSettings(setup=("passive",))),
    ),
    _varied(
        "chunked",
        "a long message in chunks of 512 octets",
        replace(SETTING, pf=PfSettings(chunk=512)),
        of=replace(BASE, script=chatting((LONG, *TEXTS))),
    ),
)

MESSAGES = (
    replace(BASE, name="one-message", shows="one message", script=chatting(TEXTS[:1])),
    replace(
        BASE,
        name="two-conversations",
        shows="two conversations, an invitation for each",
        script=two_conversations,
    ),
    _varied(
        "known-conversation",
        "the Conversation-ID is one that the client knows",
        replace(REFRESHED, pf=PfSettings(channel_guard=300 * SECOND)),
        of=replace(BASE, script=in_a_known_conversation, roles=ROLES, lasts=560 * SECOND),
    ),
    _varied(
        "two-devices",
        "two devices of the user, a session for each",
        replace(SETTING, devices=2, pf=PfSettings(push_delay=3 * SECOND)),
    ),
)

NOTIFICATIONS = (
    replace(
        BASE,
        name="delivered-and-displayed",
        shows="both notifications for each message, a SIP MESSAGE each",
        script=chatting(wants=BOTH),
    ),
    replace(
        BASE,
        name="delivered",
        shows="a notification of delivery for each message",
        script=chatting(wants=BOTH[:1]),
    ),
    _varied(
        "notifications-late",
        "the notifications come after the session has ended",
        replace(
            SETTING, client=ClientSettings(notify_after=20 * SECOND, display_after=30 * SECOND)
        ),
        of=replace(BASE, script=chatting(wants=BOTH)),
    ),
    _varied(
        "notifications-withheld",
        "the user's settings allow no notification",
        replace(SETTING, client=ClientSettings(notifies=())),
        of=replace(BASE, script=chatting(wants=BOTH)),
    ),
)

ANSWERS = (
    _varied(
        "declined-480",
        "the client does not wish to receive now",
        replace(SETTING, client=ClientSettings(chat_answers=(480,))),
    ),
    _varied(
        "declined-then-delivered",
        "480 at first; after the next registration it is delivered",
        replace(SETTING, client=ClientSettings(chat_answers=(480,))),
        of=replace(BASE, script=declined_then_taken),
    ),
    _varied(
        "rings",
        "the client rings, and the user accepts after eight seconds",
        replace(SETTING, client=ClientSettings(rings=True, answer_after=8 * SECOND)),
    ),
    replace(
        BASE,
        name="inactive-answer",
        shows="an inactive answer is legal, and nothing is owed then",
        faults=(INACTIVE,),
    ),
    replace(
        BASE,
        name="reply-in-new-session",
        shows="the user's reply is a session of its own",
        script=replying,
    ),
    replace(
        BASE,
        name="reply-while-open",
        shows="the reply is a session of its own while the first is still there",
        script=replying,
        faults=(STAYS, LEAVES_LATER),
    ),
    _varied(
        "refreshed-by-reinvite",
        "a session refresh that changes nothing, before the channel is set up",
        replace(SETTING, client=ClientSettings(setups=("passive",))),
        of=replace(BASE, faults=(REFRESHES,)),
    ),
    replace(BASE, name="client-ends", shows="the client hangs up", faults=(STAYS, LEAVES)),
    replace(BASE, name="crossing-byes", shows="both sides hang up at once", faults=(LEAVES,)),
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
        tap=Tap(links=link("core", "pf") | link("client", "pf")),
    ),
)

OPEN = (
    _varied(
        "declined-486",
        "486: the text leaves open whether it is allowed",
        replace(SETTING, client=ClientSettings(chat_answers=(486,))),
        of=replace(BASE, verdict="inconc", reason="spec-ambiguous"),
    ),
    replace(
        BASE,
        name="core-side-only",
        shows="a tap between core and participating function shows no MSRP",
        tap=Tap(links=link("core", "pf")),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="ends-before-the-channel",
        shows="the capture ends before the client connects",
        tap=Tap(end=SETTING.begin + COMES_BACK + 65 * MILLISECOND),
        verdict="inconc",
    ),
)

SCENARIOS = (BASE, *NETWORKS, *MESSAGES, *NOTIFICATIONS, *ANSWERS, *TAPS, *OPEN)
