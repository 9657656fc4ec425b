"""Which capture files continue one another: ring files and files split by time are one capture."""

from collections.abc import Sequence

from conformance.observation.trace import CaptureHealth

TOLERANCE = 1_000_000_000
"""Nanoseconds by which the next file may begin before the last one's end: what several interfaces
have buffered when a ring turns is written in no strict order."""

_PART = 4
"""No more of either file may overlap than one in so many: else they lie side by side."""

LONGEST_PAUSE = 60_000_000_000
"""Nanoseconds that may lie between one file's last frame and the next one's first."""


def group(healths: Sequence[CaptureHealth]) -> list[list[int]]:
    """Captures that continue one another, as indexes into `healths`, each group in time order.

    Two follow one another when they saw the same interfaces with the same link types, the second
    begins when the first ends, and no frame lies in both. What lies side by side in time, as
    captures do that begin at once, was recorded twice or elsewhere. Groups come in the order of
    their first member's index; a capture without frames stands alone.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(healths)), key=lambda i: _first(healths[i])):
        for members in reversed(groups):
            if _continues(healths[members[-1]], healths[index]):
                members.append(index)
                break
        else:
            groups.append([index])
    return sorted(groups, key=min)


def _first(health: CaptureHealth) -> int:
    return -1 if health.first_time is None else health.first_time


def _continues(before: CaptureHealth, after: CaptureHealth) -> bool:
    if before.last_time is None or after.first_time is None or after.last_time is None:
        return False
    if before.first_time is None or after.last_time < before.last_time:
        return False
    pause = after.first_time - before.last_time
    shorter = min(before.last_time - before.first_time, after.last_time - after.first_time)
    return (
        before.interfaces == after.interfaces
        and before.sha256 != after.sha256
        and -min(TOLERANCE, shorter // _PART) <= pause <= LONGEST_PAUSE
    )
