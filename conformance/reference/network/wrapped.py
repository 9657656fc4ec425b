"""A component in a wrapper, through which what it sends passes on its way out."""

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Effect, Event
from conformance.reference.network.network import Hosted


class Wrapped:
    """Does as the component does; `_passed` says what becomes of its effects."""

    def __init__(self, component: Hosted) -> None:
        self._component = component
        self._now = 0

    @property
    def host(self) -> str:
        """The address of the component."""
        return self._component.host

    @property
    def listening(self) -> tuple[Endpoint, ...]:
        """The endpoints that take datagrams and connections."""
        return self._component.listening

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Let the component take an event."""
        self._now = max(self._now, now)
        return self._passed(self._component.receive(now, event))

    def wake(self, now: int) -> list[Effect]:
        """Let what is due happen."""
        self._now = max(self._now, now)
        return self._passed(self._component.wake(now))

    def next_deadline(self) -> int | None:
        """When to wake it next, in ns UTC; None for never."""
        return self._component.next_deadline()

    def effects(self) -> list[Effect]:
        """What is to be done since this was asked last."""
        return self._passed(self._component.effects())

    def _passed(self, effects: list[Effect]) -> list[Effect]:
        return effects
