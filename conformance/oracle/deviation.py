"""Where a replay and what was seen part, and how far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from conformance.oracle.difference import Difference, Kind
from conformance.oracle.shape import Sip
from conformance.oracle.view import Item
from conformance.sip.message import SipRequest


@dataclass(slots=True)
class Deviation:
    """A difference as a replay found it; `item` is None for a silence, `wanted` for a surprise."""

    kind: Kind
    time: int
    wanted: Sip | None
    item: Item | None
    differences: tuple[Difference, ...] = ()

    @property
    def is_hard(self) -> bool:
        """Whether anything in it could be a fault."""
        return self.kind is not Kind.OTHERWISE or any(one.hard for one in self.differences)

    @property
    def is_apart(self) -> bool:
        """Whether the two went different ways, be it a fault or not."""
        return self.is_hard or any(one.field == "status" for one in self.differences)

    @property
    def is_withheld(self) -> bool:
        """Whether it is a request that begins something, and never came: policies may keep it."""
        wanted = self.wanted
        is_first = isinstance(wanted, SipRequest) and wanted.to_tag is None
        return self.kind is Kind.SILENCE and is_first

    @property
    def weight(self) -> int:
        """How far it is from what the reference does; 1 at least."""
        return sum(one.weight for one in self.differences if one.hard) or 1


@dataclass(slots=True)
class Played:
    """What one replay came to; a difference of open fields alone counts for nothing here."""

    deviations: list[Deviation] = field(default_factory=list)

    @property
    def agreed_until(self) -> float:
        """The time of the first difference; infinity without one.

        What a policy may withhold only counts: no other choice is to be made to explain it.
        """
        apart = (one for one in self.deviations if one.is_apart and not one.is_withheld)
        return min((one.time for one in apart), default=inf)

    @property
    def count(self) -> int:
        """How many hard differences there are, each value of a list for itself."""
        return sum(one.weight for one in self.deviations if one.is_apart)


def distance(differences: Sequence[Difference]) -> tuple[int, int]:
    """How far two messages are from one another: hard differences first, then all."""
    return sum(one.hard for one in differences), len(differences)
