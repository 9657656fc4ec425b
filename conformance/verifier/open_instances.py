"""The instances that are open: found by their keys, settled in time, and put to sleep when idle.

A conversation stays open for minutes after its last message. Those that were heard least lately
lie on file meanwhile, and come back as they were when a message names them, or when they are due.
"""

import heapq
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain

from conformance.flow.profile import Profile
from conformance.verifier.asleep import Asleep
from conformance.verifier.exchange import SECOND, Event, Exchanges
from conformance.verifier.instance import Instance
from conformance.verifier.msrp_router import MSRP_KEYS, MsrpRouter
from conformance.verifier.plan import Plan
from conformance.verifier.slumber import Slumber, calls, conversation, transactions
from conformance.verifier.survey import Survey
from conformance.verifier.tie_index import Key, TieIndex
from conformance.verifier.ties import message_keys, own_keys, paired

AWAKE = 2_048
"""Instances that are held in memory, before those heard least lately are put to sleep."""
_RESTLESS = 4 * SECOND
"""How long after its last message a conversation stays awake, in ns, if there is room."""
_ROOM = 4
"""How many times `AWAKE` there may be of those."""
_NUMBER_BITS = 40


class OpenInstances:
    """Instances by Call-ID, session and identities; `due` says when nothing more can come of one.

    `awake`: how many are held in memory; `asleep`: how many lie on file.
    """

    def __init__(
        self,
        plans: Iterable[Plan],
        profile: Profile,
        survey: Survey,
        exchanges: Exchanges,
        msrp: MsrpRouter,
        due: Callable[[Instance], int],
    ) -> None:
        self.ties = TieIndex()
        self.awake = AWAKE
        self.asleep = 0
        self._survey = survey
        self._exchanges = exchanges
        self._msrp = msrp
        self._due = due
        self._awake: dict[int, Instance] = {}
        self._calls: dict[str, list[Instance]] = {}
        self._agenda: list[int] = []
        self._added = 0
        self._plans = tuple(plans)
        self._profile = profile
        self._asleep = Asleep()
        self._most = AWAKE
        self.ties.wake = self.get

    @cached_property
    def _slumber(self) -> Slumber:
        """Made once somebody goes to sleep: few captures hold that much at once."""
        return Slumber(self._plans, self._profile)

    def __len__(self) -> int:
        return len(self._awake) + self.asleep

    def of_call(self, call_id: str) -> Sequence[Instance]:
        """The instances that a Call-ID leads to, in the order in which they came."""
        return self._calls.get(call_id, ())

    def stir(self, key: Key) -> None:
        """Wake whom a key may lead to."""
        for group in dict.fromkeys(self._asleep.groups(key)):
            self._wake(group)

    def get(self, number: int) -> Instance | None:
        """An open instance by its number, awake."""
        found = self._awake.get(number)
        if found is None and self._asleep:
            group = self._asleep.home(number)
            if group is not None:
                self._wake(group)
                found = self._awake.get(number)
        return found

    def begin(self, instance: Instance) -> None:
        """Take one more."""
        self._awake[instance.number] = instance

    def holds(self, instance: Instance) -> bool:
        """Whether an instance is open, and awake."""
        return self._awake.get(instance.number) is instance

    # ------------------------------------------------------------ keys

    def register(self, instance: Instance, event: Event | None) -> None:
        """Let Call-IDs, sessions and identities lead to an instance that is held."""
        if event is not None:
            instance.new_keys.append(("call", event.message.call_id))
            if event.message.is_request:
                instance.new_keys.extend(event.lasting_keys(_lasting))
                instance.new_keys.extend(message_keys(instance, event))
        keys = instance.keys
        for key in instance.new_keys:
            if key not in keys:
                self._added += 1
                keys[key] = self._added
                self._index(key, instance)
        instance.new_keys.clear()

    def plan(self, instance: Instance) -> None:
        """Settle an instance when it is due; once is enough."""
        if not instance.planned:
            instance.planned = True
            self._put_down(self._due(instance), instance.number)

    def _index(self, key: Key, instance: Instance) -> None:
        kind, value = key
        if kind == "call":
            self._calls.setdefault(value, []).append(instance)
        elif kind in MSRP_KEYS:
            self._msrp.add(key, instance)
        else:
            self.ties.add(key, instance)

    def forget(self, instance: Instance) -> None:
        """Let nothing lead to an instance any more: it is settled."""
        instance.settled = True
        if self._awake.pop(instance.number, None) is None:
            return
        for key in instance.keys:
            kind, value = key
            if kind == "call":
                self._leave_call(value, instance)
            elif kind in MSRP_KEYS:
                self._msrp.remove(key, instance)
        self.ties.remove(instance.keys, instance)

    def _leave_call(self, call_id: str, instance: Instance) -> None:
        group = self._calls.get(call_id)
        if group and instance in group:
            group.remove(instance)
            if not group:
                del self._calls[call_id]

    # ------------------------------------------------------------ time

    def _put_down(self, due: int, number: int) -> None:
        heapq.heappush(self._agenda, due << _NUMBER_BITS | number)

    def is_quiet(self, now: int) -> bool:
        """Whether nothing is due, and nobody need be put to sleep."""
        agenda = self._agenda
        quiet = not agenda or agenda[0] >> _NUMBER_BITS > now
        return quiet and len(self._awake) <= self._most

    def due(self, now: int) -> Iterator[Instance]:
        """The instances of which nothing more can come, one by one."""
        while self._agenda and self._agenda[0] >> _NUMBER_BITS <= now:
            number = heapq.heappop(self._agenda) & (1 << _NUMBER_BITS) - 1
            group = self._asleep.home(number) if self._asleep else None
            if group is not None and self._asleep.due(group) > now:
                self._put_down(self._asleep.due(group), number)
                continue
            instance = self.get(number)
            if instance is None:
                continue
            due = self._due(instance)
            if due > now:
                self._put_down(due, number)
            else:
                yield instance

    def each(self) -> Iterator[Instance]:
        """Everyone, in the order in which they began; each may be settled meanwhile."""
        for number in sorted(chain(self._awake, self._asleep.numbers())):
            instance = self.get(number)
            if instance is not None:
                yield instance

    def oldest(self, count: int) -> Iterator[Instance]:
        """Those heard least lately; each may be settled meanwhile."""
        awake = ((one.last_time, number) for number, one in self._awake.items())
        for _, number in heapq.nsmallest(count, chain(awake, self._asleep.oldest())):
            instance = self.get(number)
            if instance is not None:
                yield instance

    def first_time(self) -> int | None:
        """When the first of them began, in ns."""
        times = [one.first_time for one in self._awake.values()]
        asleep = self._asleep.first_time()
        return min(times if asleep is None else [*times, asleep], default=None)

    # ------------------------------------------------------------ sleeping

    def rest(self, now: int) -> None:
        """Put those to sleep that were heard least lately, if there are many."""
        if len(self._awake) <= self._most:
            return
        idle = sorted(self._awake.values(), key=lambda one: one.last_time)
        for one in idle:
            left = len(self._awake)
            restless = one.last_time > now - _RESTLESS and left <= _ROOM * self.awake
            if left <= self.awake // 2 or restless:
                break
            if self.holds(one):
                self._put_to_sleep(one)
        # Those that cannot go are not tried again for each message.
        self._most = max(self.awake, len(self._awake) + self.awake // 2)

    def _put_to_sleep(self, instance: Instance) -> None:
        """Put a conversation on file, if it can go by itself."""
        members = conversation(instance, self.holds)
        if members is None:
            return
        known = transactions(members)
        ages = [self._exchanges.take_out(one) for one in known]
        try:
            group = self._asleep.write(self._slumber.written(members, known, ages))
        except (RecursionError, OSError) as error:
            for transaction, age in zip(known, ages, strict=True):
                self._exchanges.put_back(transaction, age)
            # Where there is no more room on file, memory must do.
            self.awake = sys.maxsize if isinstance(error, OSError) else self.awake
            return
        keys = dict.fromkeys(("call", call) for call in calls(members))
        for member in members:
            keys |= dict.fromkeys(key for key in member.keys if self._leave(key, member))
            del self._awake[member.number]
        span = (
            min(member.first_time for member in members),
            max(member.last_time for member in members),
            min(map(self._due, members)),
        )
        self._asleep.put(group, [member.number for member in members], keys, span)
        for member in members:
            member.let_go()
        self.asleep = len(self._asleep)
        self.ties.stir = self._msrp.stir = self.stir

    def _leave(self, key: Key, instance: Instance) -> bool:
        """Let a key lead to an instance no more; whether it must be known while it is asleep."""
        kind, value = key
        if kind == "call":
            self._leave_call(value, instance)
        elif kind in MSRP_KEYS:
            self._msrp.remove(key, instance)
        else:
            return self.ties.part(key, instance)
        return True

    def _wake(self, group: int) -> None:
        """Let a conversation be as if it had never been away."""
        members, known, ages = self._slumber.read(self._asleep.octets(group))
        keys = dict.fromkeys(("call", call) for call in calls(members))
        keys |= dict.fromkeys(key for member in members for key in member.keys)
        self._asleep.take(group, [member.number for member in members], keys)
        for transaction, age in zip(known, ages, strict=True):
            self._exchanges.put_back(transaction, age)
        for member in members:
            member.clocks, member.unsteady = self._survey.domains, self._survey.unsteady
            self._awake[member.number] = member
            for key in member.keys:
                self._come_back(key, member)
        self.asleep = len(self._asleep)
        if not self.asleep:
            self.ties.stir = self._msrp.stir = None

    def _come_back(self, key: Key, instance: Instance) -> None:
        kind, value = key
        if kind == "call":
            group = self._calls.setdefault(value, [])
            group.append(instance)
            group.sort(key=lambda one: one.keys[key])
        elif kind in MSRP_KEYS:
            self._msrp.rejoin(key, instance)
        else:
            self.ties.rejoin(key, instance)


def _lasting(event: Event) -> list[Key]:
    """The keys by which later messages find the instances that took this request."""
    return paired(own_keys(event))
