"""What the users of the world do, a story for each flow."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import SECOND
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.preferences.rules import Delivery
from conformance.reference.world.setting import ALICE, ALICE_TEL, SMS_USER, WorldSetting
from conformance.reference.world.world import World

MINUTE = 60 * SECOND
LONG = "A long story, told line by line. " * 150


@dataclass(frozen=True)
class Story:
    """What is set and done, and how long it takes."""

    tell: Callable[[World], None]
    setting: dict[str, Any] = field(default_factory=dict)
    length: int = 5 * MINUTE

    def world(self, setting: WorldSetting, **others: Any) -> World:
        """The world in which it is told."""
        return World(replace(setting, **self.setting), **others)

    def happen(self, world: World) -> World:
        """Tell it to its end."""
        self.tell(world)
        world.simulation.run(until=world.setting.begin + self.length)
        return world


def later(world: World, seconds: float, command: Callable[[], object]) -> None:
    world.simulation.after(int(seconds * SECOND), lambda: command() and None)


def register(world: World, seconds: float = 1) -> None:
    for number, device in enumerate(world.devices):
        later(world, seconds + number, device.register)


def deferred(world: World, count: int = 3, text: str = "Are you there?") -> None:
    """Bob writes while Alice is away; she comes back after a minute."""
    for number in range(count):
        send = world.remote.send_large if text == LONG else world.remote.send_pager
        later(world, 1 + 10 * number, lambda n=number, send=send: send(ALICE, f"{n}: {text}"))
    register(world, 60)


def chat(world: World) -> None:
    later(world, 1, lambda: world.remote.start_chat(ALICE, "Shall we talk?"))
    register(world, 90)


def undelivered(world: World) -> None:
    wants = ("negative-delivery",)
    later(world, 1, lambda: world.remote.send_pager(ALICE, "Never mind.", wants=wants))


def interwork_out(world: World) -> None:
    register(world)
    later(world, 10, lambda: world.client.send_pager(SMS_USER, "See you at eight."))


def interwork_in(world: World) -> None:
    register(world)
    later(world, 10, lambda: world.noncpm.send(ALICE_TEL, "The train is late."))


_NOTIFY = PfSettings(deliveries=(Delivery.NOTIFICATION,))
_SUBSCRIBES = ClientSettings(subscribes=True)

STORIES = {
    "push": Story(deferred, {"push": Push.SESSION}),
    "push-large": Story(lambda world: deferred(world, 2, LONG), {"push": Push.LARGE}),
    "push-pager": Story(deferred, {"push": Push.PAGER}),
    "pull": Story(deferred, {"pf": _NOTIFY, "client": _SUBSCRIBES}),
    "pull-notify": Story(deferred, {"pf": replace(_NOTIFY, unsolicited=True)}),
    "chat-deferred": Story(chat),
    "undelivered": Story(undelivered, {"pf": PfSettings(defers_for=2 * MINUTE)}),
    "interwork-out": Story(interwork_out),
    "interwork-in": Story(interwork_in),
}
