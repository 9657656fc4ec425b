"""All ladders by flow and name, built when asked for and then kept."""

from collections.abc import Iterator
from functools import cache
from types import ModuleType

from tests.ladder import Ladder
from tests.scenarios import (
    chat,
    interwork_in,
    interwork_out,
    pull,
    pull_notify,
    push,
    push_large,
    push_pager,
    undelivered,
)
from tests.scenarios import (
    ordinary as ordinary_traffic,
)
from tests.scenarios.variations import Make

Named = Iterator[tuple[str, str, Ladder]]

FLOWS: dict[str, ModuleType] = {
    module.FLOW: module
    for module in (
        push_pager,
        push_large,
        push,
        pull,
        pull_notify,
        chat,
        undelivered,
        interwork_out,
        interwork_in,
    )
}
"""The module of each flow, by the flow's id."""

KINDS = ("VARIANTS", "BREAKS", "INCONCLUSIVE", "UNIDENTIFIED", "ORDINARY")


def names(kind: str) -> list[tuple[str, str]]:
    """(flow, name) of every ladder of one kind, without building any."""
    if kind == "ORDINARY":
        return [("ordinary", name) for name in ordinary_traffic.ORDINARY]
    inconclusive = {(flow, name) for flow, module in FLOWS.items() for name in module.INCONCLUSIVE}
    return [
        (flow, name)
        for flow, module in FLOWS.items()
        for name in getattr(module, kind)
        if kind != "VARIANTS" or (flow, name) not in inconclusive
    ]


@cache
def ladder(kind: str, flow: str, name: str) -> Ladder:
    """One ladder, built once."""
    if kind == "ORDINARY":
        return ordinary_traffic.ORDINARY[name]()
    entry = getattr(FLOWS[flow], kind)[name]
    build: Make = entry[0] if isinstance(entry, tuple) else entry
    return build()


def _all(kind: str) -> Named:
    for flow, name in names(kind):
        yield flow, name, ladder(kind, flow, name)


def conforming() -> Named:
    """Every ladder that should pass."""
    return _all("VARIANTS")


def breaks() -> Named:
    """Every ladder that should fail, for the requirement that its `expect` names."""
    return _all("BREAKS")


def inconclusive() -> Named:
    """Every ladder that should be inconclusive."""
    return _all("INCONCLUSIVE")


def unidentified() -> Named:
    """What a flow begins with and never becomes an instance of it."""
    return _all("UNIDENTIFIED")


def ordinary() -> Named:
    """Traffic that belongs to no flow."""
    return _all("ORDINARY")
