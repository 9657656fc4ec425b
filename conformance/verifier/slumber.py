"""Open conversations as octets, and back: what flows, profile and reader share is not copied.

A conversation is every instance that reads one of its messages, with the messages and their
transactions: whatever of it may still change goes together, or not at all.
"""

import copyreg
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from types import MethodType
from typing import Any
from weakref import WeakValueDictionary

from conformance.body.deferred_list import IdentityPaths
from conformance.flow.profile import Profile
from conformance.flow.program import Requirement, Step
from conformance.observation.content import Content
from conformance.verifier.exchange import Event, Repeats, Transaction
from conformance.verifier.instance import Instance
from conformance.verifier.plan import Plan
from conformance.wire.malformed import Malformed

Age = int | None
MAX_READINGS = 24
"""Instances of one conversation that are put away together; what hangs together wider stays."""


def conversation(instance: Instance, is_open: Callable[[Instance], bool]) -> list[Instance] | None:
    """Every instance that shares a message with this one; None where it cannot go by itself."""
    members = [instance]
    for member in members:
        if len(members) > MAX_READINGS or not is_open(member):
            return None
        for event in _events(member):
            for claimant, _ in event.claims:
                if claimant not in members:
                    members.append(claimant)
    return members


def transactions(members: Iterable[Instance]) -> list[Transaction]:
    """The transactions of their messages."""
    found: dict[int, Transaction] = {}
    for member in members:
        for event in _events(member):
            if event.transaction is not None:
                found[id(event.transaction)] = event.transaction
    return [*found.values()]


def calls(members: Iterable[Instance]) -> set[str]:
    """The Call-IDs of their messages."""
    return {event.message.call_id for member in members for event in _events(member)}


def _events(instance: Instance) -> Iterator[Event]:
    """Every message that an instance holds, and those of its transactions."""
    held = [line.event for line in instance.lines if line.event is not None]
    # What others have taken, and it has only looked at, is theirs.
    own = [one for one in instance.suspects if any(who is instance for who, _ in one.claims)]
    for event in (*held, *instance.events(), *own, *instance.acks, *instance.aborts):
        yield event
        transaction = event.transaction
        if transaction is not None:
            yield from transaction.provisional
            yield from transaction.final
            if transaction.request is not None:
                yield transaction.request


class Slumber:
    """Writes and reads conversations; `shared` are the objects that they refer to by number."""

    def __init__(self, plans: Iterable[Plan], profile: Profile) -> None:
        self._shared: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._readers: dict[MethodType, int] = {}
        self._repeats: WeakValueDictionary[int, Repeats] = WeakValueDictionary()
        self._count = 0
        self._members: set[int] = set()
        self._share(profile, profile.paths())
        for plan in plans:
            self._share(plan, *plan.program.steps, *plan.requirements.values())
            self._share(*(one for step in plan.program.steps for one in step.requirements))
        by_number = self._by_number
        self._table: dict[type, Callable[[Any], Any]] = {
            **copyreg.dispatch_table,
            Content: _content,
            Event: self._event,
            IdentityPaths: by_number,
            Instance: _instance,
            MethodType: self._reader,
            Plan: by_number,
            Profile: by_number,
            Repeats: self._times,
            Requirement: by_number,
            Step: by_number,
        }

    def written(self, members: list[Instance], known: list[Transaction], ages: list[Age]) -> bytes:
        """A conversation as octets: its instances, their transactions and the ages of these."""
        for member in members:
            for line in member.lines:
                if not isinstance(line.observation.message, Malformed):
                    line.observation.message.slim()
        self._members = set(map(id, members))
        made = BytesIO()
        pickler = pickle.Pickler(made, protocol=5)
        pickler.dispatch_table = self._table
        pickler.dump((members, known, ages))
        return zlib.compress(made.getvalue(), 1)

    def read(self, octets: bytes) -> tuple[list[Instance], list[Transaction], list[Age]]:
        """What was written."""
        found: tuple[list[Instance], list[Transaction], list[Age]]
        found = _Reader(zlib.decompress(octets), self._shared, self._repeats).load()
        return found

    def _share(self, *some: object) -> None:
        for one in some:
            if id(one) not in self._numbers:
                self._numbers[id(one)] = len(self._shared)
                self._shared.append(one)

    def _by_number(self, one: object) -> tuple[Any, ...]:
        number = self._numbers.get(id(one))
        if number is None:
            self._share(one)
            number = self._numbers[id(one)]
        return _shared, (number,)

    def _reader(self, method: MethodType) -> tuple[Any, ...]:
        """Whatever reads octets again: few serve all messages, each a new object all the time."""
        number = self._readers.get(method)
        if number is None:
            number = self._readers[method] = len(self._shared)
            self._shared.append(method)
        return _shared, (number,)

    def _event(self, event: Event) -> tuple[Any, ...]:
        """A message; of one that others have taken, what can be looked at."""
        state = event.__getstate__()[1]  # type: ignore[index]
        if any(id(who) not in self._members for who, _ in event.claims):
            state |= {"claims": (), "transaction": None}
        return copyreg.__newobj__, (Event,), (None, state)  # type: ignore[attr-defined]

    def _times(self, repeats: Repeats) -> tuple[Any, ...]:
        """Times of copies; who remembers them beyond their message must see those to come."""
        if not repeats.is_shared:
            return Repeats, (), None, iter(repeats)
        if repeats.number is None:
            self._count += 1
            repeats.number = self._count
            self._repeats[self._count] = repeats
        return _repeated, (repeats.number, tuple(repeats))


class _Reader(pickle.Unpickler):
    """Reads what `Slumber` has written, and makes nothing else."""

    def __init__(
        self, octets: bytes, shared: list[Any], repeats: WeakValueDictionary[int, Repeats]
    ) -> None:
        super().__init__(BytesIO(octets))
        # Nothing of its own: it remembers what it names, and would know itself for ever.
        again = partial(_again, repeats)
        self._named = {_shared.__name__: shared.__getitem__, _repeated.__name__: again}

    def find_class(self, module: str, name: str) -> object:
        """What stands for a name: what is shared is not made again."""
        if module == __name__ and name in self._named:
            return self._named[name]
        return super().find_class(module, name)


def _again(
    known: WeakValueDictionary[int, Repeats], number: int, times: tuple[int, ...]
) -> Repeats:
    """The times that somebody remembers still, else as they were written."""
    found = known.get(number)
    return Repeats(times) if found is None else found


def _shared(number: int) -> object:
    """Stands in what is written for an object that is shared, by its number."""
    raise NotImplementedError


def _repeated(number: int, times: tuple[int, ...]) -> Repeats:
    """Stands in what is written for times that somebody else remembers."""
    raise NotImplementedError


def _instance(one: Instance) -> tuple[Any, ...]:
    """An instance without the clocks, which are the whole capture's."""
    state = one.__getstate__()[1]  # type: ignore[index]
    del state["clocks"], state["unsteady"]
    return copyreg.__newobj__, (Instance,), (None, state)  # type: ignore[attr-defined]


def _content(one: Content) -> tuple[Any, ...]:
    """A content without what was opened of it, if that is in its message."""
    state = one.__getstate__()[1]  # type: ignore[index]
    if one.lies_in_message:
        state["_carried"] = None
    state["_known"] = None
    return copyreg.__newobj__, (Content,), (None, state)  # type: ignore[attr-defined]
