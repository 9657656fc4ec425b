"""What the user of a device, or an operator, can be told to do: one command a line.

The lines are the same for the reference roles of a bench and for whoever operates a device under
test (an upper tester, ISO/IEC 9646-1).
"""

import shlex
from collections.abc import Callable
from typing import NamedTuple

from conformance.flow.errors import did_you_mean
from conformance.reference.world.world import World
from conformance.suite.errors import ConformanceError

NOTHING = "none"
"""The word for a message in the list of which the user says nothing."""


class Command(NamedTuple):
    """A verb and its words."""

    verb: str
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return shlex.join([self.verb, *self.words])


class Verb(NamedTuple):
    """What a role can do: the words it takes, any number where they end in `…`, how it is done."""

    words: str
    does: Callable[..., object]


def _reply(world: World, text: str) -> None:
    if not world.client.received:
        raise ConformanceError("nothing has been received to reply to")
    world.client.reply(world.client.received[-1], text)


def _choose(world: World, *actions: str) -> None:
    wanted = ["" if action == NOTHING else action for action in actions]
    world.client.select(dict(zip(world.client.listed, wanted, strict=False)))


_CLIENT = {
    "register": Verb("", lambda world: world.client.register()),
    "deregister": Verb("", lambda world: world.client.deregister()),
    "send": Verb("URI TEXT", lambda world, to, text: world.client.send_pager(to, text)),
    "send-large": Verb("URI TEXT", lambda world, to, text: world.client.send_large(to, text)),
    "chat": Verb("URI TEXT", lambda world, to, text: world.client.start_chat(to, text)),
    "reply": Verb("TEXT", _reply),
    "subscribe": Verb("", lambda world: world.client.subscribe_deferred()),
    "unsubscribe": Verb("", lambda world: world.client.unsubscribe_deferred()),
    "select": Verb("ACTION", lambda world, action: world.client.select(action)),
    "choose": Verb("ACTION…", _choose),
    "decline": Verb("", lambda world: world.client.decline()),
}
_REMOTE = {
    "send": Verb("URI TEXT", lambda world, to, text: world.remote.send_pager(to, text)),
    "send-large": Verb("URI TEXT", lambda world, to, text: world.remote.send_large(to, text)),
    "chat": Verb("URI TEXT", lambda world, to, text: world.remote.start_chat(to, text)),
}
_NONCPM = {"send": Verb("URI TEXT", lambda world, to, text: world.noncpm.send(to, text))}

VERBS: dict[str, dict[str, Verb]] = {
    "client": _CLIENT,
    "remote": _REMOTE,
    "noncpm": _NONCPM,
    "core": {},
    "pf": {},
    "iwf": {},
}
"""What each role can be told to do."""


def read(line: str) -> Command:
    """The command in a line; ConformanceError for a line that is none."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ConformanceError(f"'{line.strip()}' is no command: {error}") from None
    if not words:
        raise ConformanceError("an empty line is no command")
    return Command(words[0], tuple(words[1:]))


def carry_out(command: Command, role: str, world: World) -> None:
    """Let a role of the world do it; ConformanceError for what it cannot do."""
    verbs = VERBS[role]
    verb = verbs.get(command.verb)
    if verb is None:
        hint = did_you_mean(command.verb, verbs) or f": it knows {', '.join(verbs) or 'none'}"
        raise ConformanceError(f"the {role} knows no command '{command.verb}'{hint}")
    if not verb.words.endswith("…") and len(command.words) != len(verb.words.split()):
        raise ConformanceError(f"write {command.verb} {verb.words}".rstrip())
    verb.does(world, *command.words)
