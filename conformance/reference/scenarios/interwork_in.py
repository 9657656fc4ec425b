"""Another service's messages to CPM Users (System Description, the second Y.2)."""

from dataclasses import replace

from conformance.observation.packet import Transport
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import Tap, link
from conformance.reference.pf.settings import Leg, PfSettings
from conformance.reference.scenarios.interwork_out import LONG, ROLES
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import ALICE_TEL, SMS_USER, WorldSetting
from conformance.reference.world.world import World

FLOW = "interwork-in"
SETTING = WorldSetting()
LOSSY = Conditions(low=2 * MILLISECOND, high=12 * MILLISECOND, loss=0.2)


def comes(world: World, at: int, text: str, *, wants_report: bool = False) -> None:
    """Somebody writes to Alice by the other service."""
    world.simulation.after(
        at, lambda: world.noncpm.send(ALICE_TEL, text, wants_report=wants_report)
    )


def one(world: World) -> None:
    """Alice registers, and a message comes."""
    world.simulation.after(SECOND, world.client.register)
    comes(world, 3 * SECOND, "Your parcel is at the door.")


def refreshed(world: World) -> None:
    """Alice writes first, so that every way is heard; a registration is the last thing."""
    world.simulation.after(SECOND, world.client.register)
    world.simulation.after(2 * SECOND, lambda: world.client.send_pager(SMS_USER, "And when?"))
    comes(world, 6 * SECOND, "Your parcel is at the door.")
    comes(world, 200 * SECOND, "Nobody was in.")
    world.simulation.after(280 * SECOND, world.client.register)


def two(world: World) -> None:
    """Two messages come."""
    one(world)
    comes(world, 9 * SECOND, "Nobody was in.")


def long(world: World) -> None:
    """A text that came in three short messages."""
    world.simulation.after(SECOND, world.client.register)
    comes(world, 3 * SECOND, LONG)


def reported(world: World) -> None:
    """The sender asks for a report."""
    world.simulation.after(SECOND, world.client.register)
    comes(world, 3 * SECOND, "Your parcel is at the door.", wants_report=True)


def two_devices(world: World) -> None:
    """Both of Alice's devices register."""
    for number, device in enumerate(world.devices, 1):
        world.simulation.after(number * SECOND, device.register)
    comes(world, 4 * SECOND, "Your parcel is at the door.")


BASE = Scenario(FLOW, "base", "an SMS to a CPM user", one, SETTING)

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
        name="refreshed",
        shows="the answer to a message of the user's; another much later, then a registration",
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
        BASE,
        name="two-devices",
        shows="both devices of the user get the message",
        script=two_devices,
        setting=replace(SETTING, devices=2),
    ),
    replace(BASE, name="long-text", shows="a text that came in three short messages", script=long),
    replace(
        BASE,
        name="delivery-reported",
        shows="the client's disposition notification goes back as a report",
        script=reported,
    ),
    replace(
        BASE,
        name="service-centre",
        shows="the message comes from a service centre, to the gateway as a telephone",
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
        name="smpp",
        shows="the centre delivers over SMPP, and gets a receipt",
        script=reported,
        setting=replace(SETTING, sms_leg="smpp"),
        roles=ROLES,
    ),
    replace(
        BASE,
        name="retransmitted",
        shows="packets lost on the way and sent again by the true timers",
        setting=replace(SETTING, conditions=LOSSY, seed="4"),
    ),
    replace(
        BASE,
        name="non-cpm-leg-unseen",
        shows="the non-CPM leg is not captured",
        tap=Tap(links=link("client", "core") | link("core", "pf") | link("core", "iwf")),
        roles=ROLES,
    ),
    replace(
        BASE,
        name="client-480",
        shows="the user does not wish to receive now",
        setting=replace(
            SETTING,
            client=ClientSettings(message_answers=(480,)),
            pf=PfSettings(defers_unreached=False),
        ),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="ends-before-6",
        shows="the capture ends before the client answers",
        tap=Tap(end=SETTING.begin + 3 * SECOND + 22 * MILLISECOND),
        verdict="inconc",
    ),
)
