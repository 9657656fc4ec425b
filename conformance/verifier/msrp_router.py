"""Which instances an MSRP message belongs to: by the session that its paths name.

Who closed a connection concerns those of whose sessions a message went over it.
"""

from collections import deque
from collections.abc import Callable

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import session_id
from conformance.observation.packet import Endpoint
from conformance.observation.trace import Closing, Observation
from conformance.verifier import sessions
from conformance.verifier.confirm import confirmed_by_msrp
from conformance.verifier.exchange import SECOND
from conformance.verifier.instance import Instance
from conformance.verifier.memory import Memory, remember
from conformance.verifier.tie_index import Key

_MSRP = (MsrpRequest, MsrpResponse)
_EARLY = 1024
"""MSRP messages kept for a session that is not known yet; so are closings of connections."""

MSRP_KEYS = frozenset({"session", "connection"})
"""Kinds of keys by which this leads to instances."""


class MsrpRouter:
    """Sessions by their session-id, and messages that came before their session was known."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._led: dict[Key, list[Instance]] = {}
        self._ended: dict[Key, Closing] = {}
        self._early: deque[Observation] = deque(maxlen=_EARLY)
        self._awaited: set[str] = set()
        self._copies: dict[tuple[Endpoint, Endpoint, int], int] = {}
        self._fresh: list[str] = []
        self.stir: Callable[[Key], object] | None = None

    def add(self, key: Key, instance: Instance) -> None:
        """A session of this instance, or a connection that carries one, has become known."""
        if self.stir is not None:
            self.stir(key)
        self._led.setdefault(key, []).append(instance)
        kind, identity = key
        if kind == "session":
            self._fresh.append(identity)
        elif key in self._ended:
            sessions.close(instance, self._ended[key])

    def remove(self, key: Key, instance: Instance) -> None:
        """Forget an instance's session or connection."""
        group = self._led.get(key)
        if group and instance in group:
            group.remove(instance)
            if not group:
                del self._led[key]

    def rejoin(self, key: Key, instance: Instance) -> None:
        """One who was asleep is there again, in the order in which they came."""
        group = self._led.setdefault(key, [])
        group.append(instance)
        group.sort(key=lambda one: one.keys[key])

    def close(self, closing: Closing) -> None:
        """Tell whom it concerns that a connection was closed; nobody may be known yet."""
        key = sessions.connection(closing)
        if self.stir is not None:
            self.stir(key)
        for instance in self._led.get(key, ()):
            sessions.close(instance, closing)
        # Who closed first: the other side follows.
        if key not in self._ended or closing.time - self._ended[key].time > SECOND:
            remember(self._ended, key, closing, limit=_EARLY)

    def take(self, item: Observation, message: MsrpRequest | MsrpResponse) -> list[Instance]:
        """The instances that took a message; a mirrored copy is nobody's."""
        if self._is_mirrored(item):
            return []
        keys = _keys(message)
        stir = self.stir
        if stir is not None:
            for key in keys:
                stir(key)
        if not any(key in self._led for key in keys):
            self._early.append(item)
            self._await([identity for _, identity in keys])
            return []
        return self._offer(item, message)

    def _await(self, identities: list[str]) -> None:
        """Note what early messages name; at times, forget what the dropped ones did."""
        self._awaited.update(identities)
        if len(self._awaited) > 4 * _EARLY:
            self._awaited = {
                identity
                for item in self._early
                if isinstance(item.message, _MSRP)
                for _, identity in _keys(item.message)
            }

    def replayed(self) -> list[Instance]:
        """Offer early messages to sessions that have become known; the instances that took some.

        MSRP may be seen before the SDP that names its session: by another clock, or after a loss.
        """
        found: list[Instance] = []
        while self._fresh:
            identity = self._fresh.pop()
            if identity not in self._awaited:
                continue
            self._awaited.discard(identity)
            for item in list(self._early):
                message = item.message
                if not isinstance(message, _MSRP):
                    continue
                if ("session", identity) in _keys(message):
                    self._early.remove(item)
                    found.extend(self._offer(item, message))
        return found

    def _offer(self, item: Observation, message: MsrpRequest | MsrpResponse) -> list[Instance]:
        for key in _keys(message):
            instances = list(self._led.get(key, ()))
            taken = [one for one in instances if sessions.take(one, item)]
            for instance in taken:
                confirmed_by_msrp(self._memory, instance, item)
            if instances:
                return taken
        return []

    def _is_mirrored(self, item: Observation) -> bool:
        """Whether this is a copy of a segment seen within the last second."""
        if item.mirror is None:
            return False
        key = (item.source, item.destination, item.mirror)
        before = self._copies.get(key)
        remember(self._copies, key, item.time, limit=_EARLY)
        return before is not None and item.time - before < SECOND


def _keys(message: MsrpRequest | MsrpResponse) -> list[Key]:
    paths = (message.to_path[-1:], message.from_path[-1:])
    return [("session", session_id(path)) for ends in paths for path in ends]
