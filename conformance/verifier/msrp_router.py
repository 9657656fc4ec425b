"""Which instances an MSRP message belongs to: by the session that its paths name."""

from collections import deque
from collections.abc import Callable

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import session_id
from conformance.observation.packet import Endpoint
from conformance.observation.trace import Observation
from conformance.verifier import sessions
from conformance.verifier.confirm import confirmed_by_msrp
from conformance.verifier.exchange import SECOND
from conformance.verifier.instance import Instance
from conformance.verifier.memory import Memory, remember
from conformance.verifier.tie_index import Key

_MSRP = (MsrpRequest, MsrpResponse)
_EARLY = 1024
"""MSRP messages kept for a session that is not known yet."""


class MsrpRouter:
    """Sessions by their session-id, and messages that came before their session was known."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._sessions: dict[str, list[Instance]] = {}
        self._early: deque[Observation] = deque(maxlen=_EARLY)
        self._awaited: set[str] = set()
        self._copies: dict[tuple[Endpoint, Endpoint, int], int] = {}
        self._fresh: list[str] = []
        self.stir: Callable[[Key], object] | None = None

    def add(self, identity: str, instance: Instance) -> None:
        """A session of this instance has become known."""
        if self.stir is not None:
            self.stir(("session", identity))
        self._sessions.setdefault(identity, []).append(instance)
        self._fresh.append(identity)

    def remove(self, identity: str, instance: Instance) -> None:
        """Forget an instance's session."""
        group = self._sessions.get(identity)
        if group and instance in group:
            group.remove(instance)
            if not group:
                del self._sessions[identity]

    def rejoin(self, identity: str, instance: Instance) -> None:
        """One who was asleep is there again, in the order in which they came."""
        group = self._sessions.setdefault(identity, [])
        group.append(instance)
        group.sort(key=lambda one: one.keys["session", identity])

    def take(self, item: Observation, message: MsrpRequest | MsrpResponse) -> list[Instance]:
        """The instances that took a message; a mirrored copy is nobody's."""
        if self._is_mirrored(item):
            return []
        identities = _identities(message)
        stir = self.stir
        if stir is not None:
            for identity in identities:
                stir(("session", identity))
        if not any(identity in self._sessions for identity in identities):
            self._early.append(item)
            self._await(identities)
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
                for identity in _identities(item.message)
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
                if identity in _identities(message):
                    self._early.remove(item)
                    found.extend(self._offer(item, message))
        return found

    def _offer(self, item: Observation, message: MsrpRequest | MsrpResponse) -> list[Instance]:
        for identity in _identities(message):
            instances = list(self._sessions.get(identity, ()))
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


def _identities(message: MsrpRequest | MsrpResponse) -> list[str]:
    paths = (message.to_path[-1:], message.from_path[-1:])
    return [session_id(path) for ends in paths for path in ends]
