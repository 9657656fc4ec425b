"""How scenarios begin: users who are away, messages that are deferred, clients that come back."""

from collections.abc import Callable, Sequence
from functools import partial

from conformance.reference.engine.timer import SECOND
from conformance.reference.world.setting import ALICE
from conformance.reference.world.world import World

HELLO = "Are we still on for lunch?"
LONG = "The minutes of the meeting, word for word. " * 60
"""A text of the pager mode and one beyond it (1300 octets)."""

THREE = (HELLO, "Or shall we say one o'clock?", "One it is.")
"""Three short messages."""

RETURNS = 10 * SECOND
"""When Alice's devices register, if a scenario says nothing else; in ns."""

DAY = 86_400 * SECOND

Script = Callable[[World], None]


def deferred(world: World, texts: Sequence[str] = (HELLO,), *, wants: Sequence[str] = ()) -> None:
    """Bob writes to Alice, who is away: each message is deferred."""
    for number, text in enumerate(texts, 1):
        world.simulation.after(number * SECOND, partial(writes, world, text, wants))


def writes(world: World, text: str = HELLO, wants: Sequence[str] = ()) -> None:
    """Bob writes to Alice now."""
    if len(text.encode()) > 1_000:
        world.remote.send_large(ALICE, text, wants=wants)
    else:
        world.remote.send_pager(ALICE, text, wants=wants)


def returns(world: World, at: int = RETURNS) -> None:
    """Alice's devices register, one a second after the other."""
    for number, device in enumerate(world.devices):
        world.simulation.after(at + number * SECOND, device.register)


def leaves(world: World, at: int) -> None:
    """Alice's first device takes its registration back."""
    world.simulation.after(at, world.client.deregister)


def waiting(*texts: str, wants: Sequence[str] = (), at: int = RETURNS) -> Script:
    """A script: these messages are deferred, then Alice's devices register."""

    def script(world: World) -> None:
        deferred(world, texts or (HELLO,), wants=wants)
        returns(world, at)

    return script
