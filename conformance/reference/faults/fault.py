"""Planted faults: a role that does one thing wrong, and is right in everything else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from conformance.reference.network.medium import Passed
from conformance.reference.network.network import Network
from conformance.reference.network.tampering import Tamper
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World

Edit = Callable[[list[Passed]], list[Passed]]
"""Changes a recording."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one party of the world.

    `replaced` is a class for the party in the place of its own, which overrides what is done
    wrongly; `tamper` changes what leaves it; `edit` changes what the capture shows of it all,
    whatever the parties did. `id` is the name by which lists speak of it.
    """

    id: str
    party: str
    replaced: type[Any] | None = None
    tamper: Tamper | None = None
    edit: Edit | None = None


def world_with(
    setting: WorldSetting, faults: Iterable[Fault], network: Network | None = None
) -> World:
    """The world with these faults planted; ValueError for two in the same place."""
    classes, tampers = planted(faults)
    return World(setting, classes=classes, tampers=tampers, network=network)


def planted(faults: Iterable[Fault]) -> tuple[dict[str, type], dict[str, Tamper]]:
    """The classes and the tampers of faults by party; ValueError for two in the same place."""
    classes: dict[str, type] = {}
    tampers: dict[str, Tamper] = {}
    for fault in faults:
        is_taken = (fault.replaced is not None and fault.party in classes) or (
            fault.tamper is not None and fault.party in tampers
        )
        if is_taken:
            raise ValueError(f"two faults change {fault.party}: {fault.id} is one too many")
        if fault.replaced is not None:
            classes[fault.party] = fault.replaced
        if fault.tamper is not None:
            tampers[fault.party] = fault.tamper
    return classes, tampers


def edited(recording: list[Passed], faults: Iterable[Fault]) -> list[Passed]:
    """The recording as the faults that change the capture leave it, in the order of time."""
    for fault in faults:
        if fault.edit is not None:
            recording = sorted(fault.edit(recording), key=lambda passed: passed.time)
    return recording
