"""Whether a capture's clock runs forward: where it does not, intervals cannot be trusted."""

from operator import gt

from conformance.capture.pcap import Batch

STEP = 1_000_000_000
"""Nanoseconds back that are borne: frames of several interfaces are written in no strict order."""


class ClockWatch:
    """Looks at the times of all frames; `jump` tells where they go back."""

    def __init__(self) -> None:
        self._latest = 0
        self._frame = 0
        self._count = 0
        self._first = (0, 0)

    def take(self, batch: Batch) -> None:
        """Look at the next frames."""
        records = batch.records
        if records[0][0] >= self._latest and not any(map(gt, records, records[1:])):
            self._latest = records[-1][0]
        else:
            self._look(records)
        self._frame += len(records)

    def _look(self, records: list[tuple[int, int, int, int]]) -> None:
        latest = self._latest
        for number, (time, *_) in enumerate(records, self._frame + 1):
            if time < latest - STEP:
                self._count += 1
                if self._count == 1:
                    self._first = (number, latest - time)
                # The clock was set: what follows is measured by the new time.
                latest = time
            latest = max(latest, time)
        self._latest = latest

    @property
    def jump(self) -> tuple[int, str] | None:
        """The first frame at which time went back, and a sentence; None if it never did."""
        if not self._count:
            return None
        frame, size = self._first
        more = f", and {self._count - 1} times more" if self._count > 1 else ""
        seconds = size / 1_000_000_000
        return frame, (
            f"time goes back by {seconds:.3f} s at frame {frame}{more}: "
            "the clock was set, or captures were joined without their order (mergecap)"
        )
