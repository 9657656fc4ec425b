"""Pushing deferred messages once a client has registered (C.3.2.1, C.3.3.1, 5.2.1.1.2)."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from conformance.cpm.identity import user_key
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import CPIM_TYPE
from conformance.reference.pf import policy
from conformance.reference.pf.availability import is_capable
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.deferred_chat import conversations
from conformance.reference.pf.host import Fields, PfHost, device_key
from conformance.reference.pf.push_session import Load, PushSession
from conformance.reference.pf.request import CHAT, DEFERRED, LARGE, MESSAGE
from conformance.reference.pf.settings import Push
from conformance.reference.preferences.profiles import Device, Kind, Preferences
from conformance.reference.store.deferred_queue import Deferred
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse

Done = Callable[[bool], None]
"""Is told that something has ended, and whether its client is still there."""


class Pushing:
    """Who pushes what to whom: one round for each device, one thing after the other."""

    session_class: type[PushSession] = PushSession

    def __init__(self, host: PfHost, deferral: Deferral) -> None:
        self.host = host
        self.deferral = deferral
        self._rounds: dict[tuple[str, str], Round] = {}

    def push(self, user: str, devices: Sequence[Device], preferences: Preferences | None) -> None:
        """Push what waits for a user to those of the devices that it is for."""
        waiting = self.deferral.waiting(user)
        if not waiting:
            return
        loads = [
            replace(load, preferences=preferences)
            for device in self.targets_of(user, devices, preferences)
            for load in self.loads(user, device, waiting)
        ]
        # Held from here on, so that what one device has already is not gone for the next.
        for load in loads:
            self.enter(load)

    def targets_of(
        self, user: str, devices: Sequence[Device], preferences: Preferences | None
    ) -> Sequence[Device]:
        """The devices that deferred messages go to (5.4 F 1): all or some."""
        everyone = self.host.availability.devices(user)
        options = policy.targets(preferences, Kind.MESSAGE, everyone)
        chosen = self.host.choose(Point.TARGETS, options, user)
        keys = {device_key(device) for device in devices}
        return [device for device in chosen if device_key(device) in keys]

    def loads(self, user: str, device: Device, waiting: Sequence[Deferred]) -> list[Load]:
        """What is brought to one device in which way, in the order in which it came."""
        mine = [d for d in waiting if self.is_due(d, device)]
        found = [
            Load(user, device, service, tuple(messages))
            for service, messages in self.grouped(mine)
        ]
        return [load for load in found if self.is_capable(load)]

    def is_due(self, deferred: Deferred, device: Device) -> bool:
        """Whether a device is still to get a message."""
        key = device_key(device)
        if key in deferred.delivered_to:
            return False
        under_way = self._rounds.get((user_key(deferred.user), key))
        return under_way is None or not under_way.brings(deferred.id)

    def grouped(self, waiting: Sequence[Deferred]) -> list[tuple[str, Sequence[Deferred]]]:
        """The messages by the way in which they go: service, and those that go together."""
        notices = [d for d in waiting if d.message.is_notification]
        others = [d for d in waiting if d.kind != "chat" and not d.message.is_notification]
        chats = [d for d in waiting if d.kind == "chat" and not d.message.is_notification]
        found: list[tuple[str, Sequence[Deferred]]] = [(MESSAGE, [d]) for d in notices]
        push = self.host.settings.push
        if push is Push.SESSION and others:
            found.append((DEFERRED, others))
        elif push is Push.LARGE:
            found += [(LARGE, [d]) for d in others]
        else:
            found += [(MESSAGE if d.kind == "pager" else LARGE, [d]) for d in others]
        found += [(CHAT, together) for together in conversations(chats)]
        return found

    def is_capable(self, load: Load) -> bool:
        """Whether the device can receive it, by what it registered with (5.2.1.1.2)."""
        return is_capable(load.device, load.service)

    def is_there(self, load: Load) -> bool:
        """Whether the device is still registered: SHALL wait until it is (5.2.1.1.2)."""
        there = self.host.availability.devices(load.user)
        return device_key(load.device) in [device_key(device) for device in there]

    def enter(self, load: Load) -> None:
        """Add something to the round of its device, and begin the round if it is new."""
        key = (user_key(load.user), device_key(load.device))
        round_ = self._rounds.get(key)
        if round_ is None:
            round_ = self._rounds[key] = self.make_round(lambda: self._forget(key))
        round_.add(load)

    def make_round(self, ended: Callable[[], None]) -> "Round":
        """A new round."""
        return Round(self, ended)

    def begin(self, load: Load, done: Done) -> None:
        """Bring one load to its device."""
        service = self.service_of(load)
        load = replace(load, service=service)
        if load.service in (MESSAGE, DEFERRED) and self.goes_by_message(load):
            self.push_pager(load, done)
        else:
            self.push_session(load, done)

    def goes_by_message(self, load: Load) -> bool:
        """Whether a load is one message that goes by MESSAGE."""
        only = load.messages[0]
        if len(load.messages) != 1:
            return False
        is_pager = self.host.settings.push is Push.PAGER and only.kind == "pager"
        return only.message.is_notification or is_pager

    def service_of(self, load: Load) -> str:
        """The service that a push names: its own, or that of deferred delivery."""
        options = [load.service]
        if load.service in (MESSAGE, LARGE):
            options.insert(0 if self.host.settings.names_deferred else 1, DEFERRED)
        return self.host.choose(Point.SERVICE, options, load.messages[0].id)

    def push_session(self, load: Load, done: Done) -> None:
        """Push over a session (C.3.2.1.4, C.3.3.1, 7.3.12)."""
        self.session_class(self.host, self.deferral, load, done).begin()

    def push_pager(self, load: Load, done: Done) -> None:
        """Push one message by MESSAGE (C.3.2.1.3)."""
        deferred = load.messages[0]
        message = load.adapted(deferred)
        self.deferral.hold(deferred)

        def answered(answer: SipResponse | Failure) -> None:
            if not isinstance(answer, Failure) and answer.status < 300:
                self.deferral.delivered(deferred, device_key(load.device))
            self.deferral.release(deferred)
            done(not isinstance(answer, Failure))

        self.host.agent.request(
            "MESSAGE",
            load.user,
            sender=self.host.shown_sender(message),
            headers=self.fields(load),
            content=Content(CPIM_TYPE, message.cpim()),
            answered=answered,
        )

    def fields(self, load: Load) -> Fields:
        """What a pushed MESSAGE says of itself."""
        return self.host.fields(load.messages[0].message, load.service, load.device)

    def _forget(self, key: tuple[str, str]) -> None:
        self._rounds.pop(key, None)


class Round:
    """What is brought to one device, one load after the other."""

    def __init__(self, pushing: Pushing, ended: Callable[[], None]) -> None:
        self.pushing = pushing
        self.ended = ended
        self._loads: deque[Load] = deque()
        self._current: Load | None = None
        self._is_starting = False

    def add(self, load: Load) -> None:
        """Bring something more, after what is there already."""
        for deferred in load.messages:
            self.pushing.deferral.hold(deferred)
        self._loads.append(load)
        if self._current is None and not self._is_starting:
            self._is_starting = True
            delay = self.pushing.host.settings.push_delay
            self.pushing.host.station.after(delay, self._next)

    def brings(self, identity: str) -> bool:
        """Whether a message is under way or about to be."""
        loads = [*self._loads, *([self._current] if self._current else [])]
        return any(d.id == identity for load in loads for d in load.messages)

    def _next(self) -> None:
        self._is_starting = False
        while self._loads and self._current is None:
            load = self._loads.popleft()
            is_there = self.pushing.is_there(load)
            left = tuple(d for d in load.messages if is_there and self._is_left(d, load.device))
            self._release(d for d in load.messages if d not in left)
            if left:
                self._begin(replace(load, messages=left))
        if self._current is None:
            self.ended()

    def _begin(self, load: Load) -> None:
        self._current = load
        self.pushing.begin(load, lambda is_there: self._done(is_there))
        # Who brings it holds it now.
        self._release(load.messages)

    def _is_left(self, deferred: Deferred, device: Device) -> bool:
        """Whether a message is still due: its user may have pulled it meanwhile."""
        found = self.pushing.host.queue.get(deferred.id)
        return found is not None and device_key(device) not in found.delivered_to

    def _done(self, is_there: bool) -> None:
        self._current = None
        if not is_there:
            # Nobody answered: what else there is waits for the next registration.
            dropped, self._loads = list(self._loads), deque()
            for other in dropped:
                self._release(other.messages)
        self._next()

    def _release(self, messages: Iterable[Deferred]) -> None:
        for deferred in messages:
            self.pushing.deferral.release(deferred)
