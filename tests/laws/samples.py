"""How much of the laws' product a run walks through: a part, spread evenly, or all of it."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar
from zlib import crc32

from tests.scenarios import catalogue

Thing = TypeVar("Thing")

FULL = "CPMSPEC_FULL_LAWS"
"""The environment variable that asks for the whole product (minutes instead of seconds)."""


def is_full() -> bool:
    """Whether everything is wanted."""
    return os.environ.get(FULL, "") not in ("", "0")


def spread(things: Iterable[Thing], every: int, salt: str) -> Iterator[Thing]:
    """One of `every` things; which one depends on the salt, so that ladders differ in it."""
    if is_full():
        return iter(things)
    return islice(things, crc32(salt.encode()) % every, None, every)


def named(*kinds: str) -> list[tuple[str, str, str]]:
    """(kind, flow, name) of all ladders of these kinds."""
    return [(kind, flow, name) for kind in kinds for flow, name in catalogue.names(kind)]


def label(value: object) -> str:
    """A test's id: kind, flow and name."""
    return "/".join(value) if isinstance(value, tuple) else str(value)
