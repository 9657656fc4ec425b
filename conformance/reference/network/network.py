"""The network on which a world lives: what its parties and scripts ask of it.

The simulated one and the one of sockets are such networks.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Component, Effect, Note
from conformance.reference.network.medium import Medium


class Hosted(Component, Protocol):
    """A component with an address: a `Station`, or something around one."""

    @property
    def host(self) -> str:
        """Its IP address in canonical text form."""
        ...

    @property
    def listening(self) -> tuple[Endpoint, ...]:
        """The endpoints that take connections."""
        ...

    def effects(self) -> list[Effect]:
        """What is to be done since this was asked last."""
        ...


class PartyNote(NamedTuple):
    """What a party noted, and when (ns)."""

    time: int
    party: str
    note: Note


class Network(Protocol):
    """Parties, and users who do things at their times. Times in ns since 1970-01-01 UTC."""

    notes: list[PartyNote]
    medium: Medium

    @property
    def now(self) -> int:
        """The time."""
        ...

    @property
    def parties(self) -> Mapping[str, object]:
        """Who takes part, by name."""
        ...

    def add(self, name: str, role: Role | None, component: Hosted) -> object:
        """Put a party on the network, at its component's host."""
        ...

    def replace(self, name: str, component: Hosted) -> None:
        """Put another component in a party's place, at the same host."""
        ...

    def at(self, time: int, command: Callable[[], object]) -> None:
        """Let a user or operator do something at a time."""
        ...

    def after(self, ns: int, command: Callable[[], object]) -> None:
        """Let a user or operator do something in so many ns."""
        ...
