"""What a real role did otherwise than the reference role would have."""

from dataclasses import dataclass
from enum import StrEnum

from conformance.cpm.role import Role
from conformance.verifier.verdict import FrameRef, Reason, Verdict

COMPARED = (Role.CLIENT, Role.PF)
"""Roles that are compared, in this order; what a core forwards, the flows judge hop by hop."""

CHOOSERS = (Role.IWF,)
"""Roles that are compared where preferences are known, in what these decide."""


class Kind(StrEnum):
    """How an observed output departs from what is allowed (ioco: silence is an output too)."""

    OTHERWISE = "otherwise"
    UNEXPECTED = "unexpected"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what the reference would have written there, and what was seen.

    `hard` is False where the specification leaves the field open or nobody could read it there.
    """

    field: str
    expected: str
    observed: str
    hard: bool = True

    @property
    def weight(self) -> int:
        """How many values are missing or too many, one for another as one; 1 at least."""
        return max(len(self.lacking), len(self.extra), 1)

    @property
    def lacking(self) -> set[str]:
        """The expected values that were not seen."""
        return _listed(self.expected) - _listed(self.observed)

    @property
    def extra(self) -> set[str]:
        """The values seen that were not expected."""
        return _listed(self.observed) - _listed(self.expected)

    @property
    def is_less(self) -> bool:
        """Whether some of the expected values are missing, and none is there besides."""
        return bool(self.lacking) and not self.extra


def _listed(text: str) -> set[str]:
    return set(text.split(", ")) - {"none"}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the oracle says of one output of a role, or of its silence.

    `would` is what the reference would have sent and `did` what was sent, each as a start line or
    a few words; `choice` names the decisions that the reference was left with.
    """

    role: Role
    place: str
    kind: Kind
    verdict: Verdict
    reason_code: Reason | None
    requirement: str
    clause: str
    would: str
    did: str
    differences: tuple[Difference, ...]
    frames: tuple[FrameRef, ...]
    time: int
    choice: str = ""
    call_ids: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The opinion in one line."""
        would, did = self.would, self.did
        hard = next((one for one in self.differences if one.hard), None)
        if hard is not None and would == did:
            would, did = f"{would} with {hard.field} {hard.expected}", hard.observed
        where = f" (it {self.choice})" if self.choice else ""
        return f"the reference would have sent {would}{where}; seen: {did}"
