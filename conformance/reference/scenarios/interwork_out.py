"""CPM Messages to users of another service (System Description Y.3)."""

from dataclasses import replace
from functools import partial

from conformance.observation.packet import Transport
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.legs.leg import Cause
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import Tap, link
from conformance.reference.pf.settings import Leg, PfSettings
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.rules import Disposal
from conformance.reference.remote.non_cpm_client import NonCpmSettings
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import ALICE, ALICE_TEL, SMS_USER, WorldSetting
from conformance.reference.world.world import OTHER_SERVICE, SERVICE, World

FLOW = "interwork-out"
SETTING = WorldSetting()
LOSSY = Conditions(low=2 * MILLISECOND, high=12 * MILLISECOND, loss=0.2)
TEXT = "Back at seven."
LONG = "The train stands still between two stations, and nobody knows why or for how long. " * 4
"""A text of one short message, and one that takes three."""

ROLES = (
    "client=10.0.2.20,10.0.2.21",
    "core=10.0.1.1",
    "pf=10.0.3.1",
    "iwf=10.0.4.1",
    "noncpm=10.0.5.1",
    "remote=10.0.9.1",
)
"""Who is who, where what passes does not tell."""

TWO_SERVICES = replace(SETTING, sms_leg="rp", other_leg="plain")
BY_SMS = Preferences.of(Profile(when_unavailable=(Disposal.INTERWORK,)))
TEXT_FIRST = Preferences.of(Profile(noncpm_services=(OTHER_SERVICE, SERVICE)))
SMS_FIRST = Preferences.of(Profile(noncpm_services=(SERVICE, OTHER_SERVICE)))
TEXT_ONLY = Preferences.of(Profile(noncpm_services=(OTHER_SERVICE,)))


def write(world: World, at: int, text: str = TEXT, wants: tuple[str, ...] = ()) -> None:
    """Alice writes to a telephone number."""
    world.simulation.after(at, lambda: world.client.send_pager(SMS_USER, text, wants=wants))


def one(world: World) -> None:
    """Alice registers, and writes once."""
    world.simulation.after(SECOND, world.client.register)
    write(world, 3 * SECOND)


def refreshed(world: World) -> None:
    """A message comes first, so that every way is heard; a registration is the last thing."""
    world.simulation.after(2 * SECOND, lambda: world.noncpm.send(ALICE_TEL, "Where are you?"))
    world.simulation.after(SECOND, world.client.register)
    write(world, 6 * SECOND)
    write(world, 200 * SECOND, "Here I am.")
    world.simulation.after(280 * SECOND, world.client.register)


def two(world: World) -> None:
    """Alice writes twice."""
    one(world)
    write(world, 9 * SECOND, "Or rather at eight.")


def long(world: World) -> None:
    """A text that is too long for one short message."""
    world.simulation.after(SECOND, world.client.register)
    write(world, 3 * SECOND, LONG)


def reported(world: World) -> None:
    """Alice asks to be told of the delivery."""
    world.simulation.after(SECOND, world.client.register)
    write(world, 3 * SECOND, wants=("positive-delivery", "negative-delivery"))


def unavailable(world: World) -> None:
    """Bob, of another system, writes to Alice, who is away."""
    world.simulation.after(SECOND, lambda: world.remote.send_pager(ALICE, TEXT, wants=()))


def both_ways(world: World) -> None:
    """A message comes from either service, then Alice writes."""
    world.simulation.after(SECOND, world.client.register)
    for number, service in enumerate((SERVICE, OTHER_SERVICE), 2):
        world.simulation.after(number * SECOND, partial(_comes, world, service))
    write(world, 9 * SECOND)


def _comes(world: World, service: str) -> None:
    world.noncpm.send(ALICE_TEL, f"By {service}: are you there?", service=service)


BASE = Scenario(FLOW, "base", "a message to an SMS user", one, SETTING)
BY_CHOICE = replace(BASE, script=both_ways, roles=ROLES, preferences=True)

SCENARIOS = (
    BASE,
    replace(
        BASE,
        name="tcp",
        shows="the same over TCP",
        setting=replace(SETTING, transport=Transport.TCP),
    ),
    replace(BASE, name="ipv6", shows="the same over IPv6", setting=replace(SETTING, ipv6=True)),
    replace(
        BASE,
        name="three-core-nodes",
        shows="the core is a P-, an I- and an S-CSCF",
        setting=replace(SETTING, core_nodes=3),
    ),
    replace(
        BASE,
        name="b2bua-pf",
        shows="the participating function is a back-to-back user agent",
        setting=replace(SETTING, pf=PfSettings(leg=Leg.B2BUA)),
    ),
    replace(
        BASE,
        name="challenged",
        shows="the core asks for digest credentials at the registration",
        setting=replace(SETTING, challenge=True),
    ),
    replace(
        BASE,
        name="refreshed",
        shows="the answer to a message that came; another much later, then a registration",
        script=refreshed,
    ),
    replace(
        BASE,
        name="refreshed-roles",
        shows="the same, where the judge is told who is who",
        script=refreshed,
        roles=ROLES,
    ),
    replace(BASE, name="two-messages", shows="two messages, one after the other", script=two),
    replace(
        BASE, name="long-text", shows="a text that goes out as three short messages", script=long
    ),
    replace(
        BASE,
        name="delivery-reported",
        shows="a delivery report comes back as a disposition notification",
        script=reported,
    ),
    replace(
        BASE,
        name="service-centre",
        shows="the gateway submits to a service centre",
        setting=replace(SETTING, sms_leg="centre"),
    ),
    replace(
        BASE,
        name="plain-text",
        shows="the other service is plain text in SIP MESSAGE",
        setting=replace(SETTING, sms_leg="plain"),
        roles=ROLES,
    ),
    replace(
        BASE,
        name="plain-text-refreshed",
        shows="the same over plain text in SIP MESSAGE",
        script=refreshed,
        setting=replace(SETTING, sms_leg="plain"),
        roles=ROLES,
    ),
    replace(
        BASE,
        name="smpp",
        shows="the gateway submits over SMPP, and the centre's receipt comes back",
        script=reported,
        setting=replace(SETTING, sms_leg="smpp"),
        roles=ROLES,
    ),
    replace(
        BASE,
        name="answered-202",
        shows="accepted with 202: advised against, no fault",
        setting=replace(SETTING, iwf=IwfSettings(answers=(202,))),
    ),
    replace(
        BY_CHOICE,
        name="user-prefers-text",
        shows="two services: the sender's preferences put plain text before SMS",
        setting=replace(TWO_SERVICES, preferences=TEXT_FIRST),
    ),
    replace(
        BY_CHOICE,
        name="user-prefers-sms",
        shows="two services: the sender's preferences put SMS before plain text",
        setting=replace(TWO_SERVICES, preferences=SMS_FIRST),
    ),
    replace(
        BY_CHOICE,
        name="user-wants-text-only",
        shows="two services: the sender's preferences name plain text alone",
        setting=replace(TWO_SERVICES, preferences=TEXT_ONLY),
    ),
    replace(
        BASE,
        name="recipient-unavailable",
        shows="the recipient's preferences deliver by SMS what comes while no client is there",
        script=unavailable,
        setting=replace(SETTING, preferences=BY_SMS),
        roles=ROLES,
        preferences=True,
    ),
    replace(
        BASE,
        name="retransmitted",
        shows="packets lost on the way and sent again by the true timers",
        setting=replace(SETTING, conditions=LOSSY, seed="5"),
    ),
    replace(
        BASE,
        name="non-cpm-leg-unseen",
        shows="the non-CPM leg is not captured",
        tap=Tap(
            links=link("client", "core") | link("core", "pf") | link("core", "iwf"),
        ),
        roles=ROLES,
    ),
    replace(
        BASE,
        name="unknown-404",
        shows="the non-CPM user is not known",
        setting=replace(SETTING, sms_leg="plain", noncpm=NonCpmSettings(knows=("tel:+15550178",))),
        roles=ROLES,
        verdict="inconc",
    ),
    replace(
        BASE,
        name="absent-480",
        shows="the non-CPM user's telephone is switched off",
        setting=replace(SETTING, sms_leg="plain", noncpm=NonCpmSettings(refusal=Cause.ABSENT)),
        roles=ROLES,
        verdict="inconc",
    ),
    replace(
        BASE,
        name="ends-before-7",
        shows="the capture ends before the gateway answers",
        tap=Tap(end=SETTING.begin + 3 * SECOND + 100 * MILLISECOND),
        verdict="inconc",
    ),
)
