"""A reference role as a server for a laboratory's bench."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from conformance.live.clock import Timekeeper
from conformance.live.errors import PlumbingError
from conformance.live.network import SocketNetwork, obey_always, quietly
from conformance.live.recorder import Recorder
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault, world_with
from conformance.reference.network.network import PartyNote
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.store.database import StoreError
from conformance.reference.world.setting import PLACES
from conformance.suite import commands
from conformance.suite.bench_setting import BenchSetting
from conformance.suite.errors import ConformanceError

ROLES = ("pf", "core", "client", "iwf", "remote", "noncpm")
"""The roles that can be played."""

Say = Callable[[str], None]
"""Prints a line."""

_FAREWELL = 2.0
"""Real seconds that a client may take to deregister when it stops."""


@dataclass(frozen=True, slots=True)
class Played:
    """What a bench did: messages and octets, both ways, and its notes by what they say."""

    messages: int
    octets: int
    notes: Counter[str]

    def __str__(self) -> str:
        notes = ", ".join(f"{what} {count}" for what, count in sorted(self.notes.items()))
        head = f"{self.messages} messages or pieces of them, {self.octets} octets"
        return f"{head}; {notes}" if notes else head


class Bench:
    """One role of the world on sockets, everybody else being somewhere else.

    `say` prints a line for each note, and for each thing that is wrong with a command.
    `faults` are planted in it. ConformanceError for a queue that cannot be used, and for a fault
    of another role.
    """

    def __init__(
        self,
        role: str,
        setting: BenchSetting,
        clock: Timekeeper,
        say: Say,
        *,
        preferences: Preferences | None = None,
        queue: str = ":memory:",
        faults: Iterable[Fault] = (),
    ) -> None:
        faults = tuple(faults)
        for fault in faults:
            if fault.party != role:
                sentence = f"{fault.id} is a fault of the {fault.party}, not of the {role}"
                raise ConformanceError(sentence)
        self.role = role
        self._say = say
        self._setting = setting
        self._counts: Counter[str] = Counter()
        self._recorder = Recorder()
        begin = clock.now()
        world = replace(setting.world, begin=begin, seed=f"{role} {begin}", queue_path=queue)
        if preferences is not None:
            world = replace(world, preferences=preferences)
        self.network = SocketNetwork(clock, absent=frozenset(PLACES) - {role}, told=self._told)
        try:
            self.world = world_with(world, faults, self.network)
        except StoreError as error:
            raise ConformanceError(str(error)) from None

    async def run(self, stop: asyncio.Event, lines: "asyncio.Queue[str] | None" = None) -> Played:
        """Serve until it is told to stop, carrying out commands; what was done.

        ConformanceError for an address that cannot be had; an error of ours goes on as it is.
        """
        quietly(asyncio.get_running_loop(), self._say)
        setting = self._setting
        plumbing = self.network.plumb(
            self._recorder, security=setting.security, secure=setting.secure
        )
        try:
            await plumbing.start()
        except PlumbingError as error:
            self.world.close()
            raise ConformanceError(str(error)) from None
        self._say(f"{self.role} listens at {setting.world.endpoint(self.role)}")
        works = [asyncio.create_task(obey_always(self.network))]
        if lines is not None:
            works.append(asyncio.create_task(self._listen(lines)))
        try:
            while not stop.is_set() and plumbing.error is None:
                await _sleep(stop, 0.2)
            await self._say_farewell()
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
            await plumbing.stop()
            self.world.close()
        if plumbing.error is not None:
            raise plumbing.error
        return Played(self._recorder.messages, self._recorder.octets_seen, self._counts)

    def obey(self, line: str) -> None:
        """Carry out one command; what is wrong with it is said."""
        try:
            command = commands.read(line)
            self.network.after(0, lambda: commands.carry_out(command, self.role, self.world))
            self.network.obey()
        except ConformanceError as error:
            self._say(str(error))

    async def _listen(self, lines: "asyncio.Queue[str]") -> None:
        while True:
            self.obey(await lines.get())

    async def _say_farewell(self) -> None:
        """A client that is registered takes its registration back before it goes."""
        if not self._is_registered():
            return
        self.obey("deregister")
        for _ in range(int(_FAREWELL / 0.05)):
            if self._is_registered():
                await asyncio.sleep(0.05)

    def _is_registered(self) -> bool:
        return self.role == "client" and self.world.client.is_registered

    def _told(self, note: PartyNote) -> None:
        self._counts[note.note.what] += 1
        details = " ".join(f"{name}={value}" for name, value in note.note.details)
        self._say(f"{_time_of_day(note.time)} {note.party} {note.note.what} {details}".rstrip())


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _time_of_day(time: int) -> str:
    """A time of the bench's clock as hours, minutes, seconds and ms, UTC."""
    seconds, ms = divmod(time // 1_000_000, 1_000)
    minutes, seconds = divmod(seconds % (86_400 * SECOND // SECOND), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{ms:03}"
