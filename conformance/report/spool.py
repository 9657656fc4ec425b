"""Finished instances on disk, so that memory holds only the conversations that are open."""

import json
from collections.abc import Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import NamedTuple, Self

from conformance.report import decode, encode
from conformance.report.place import Place
from conformance.verifier.verdict import InstanceResult, Verdict

_TO_JSON = json.JSONEncoder(separators=(",", ":")).encode


class Line(NamedTuple):
    """An instance as it is spooled, with what is asked of it before it is read again."""

    id: str
    verdict: Verdict
    judged: tuple[tuple[str, Verdict], ...]
    octets: bytes

    @classmethod
    def of(cls, instance: InstanceResult) -> "Line":
        """The line of an instance."""
        octets = _TO_JSON(encode.instance(instance)).encode("ascii") + b"\n"
        return cls(instance.id, instance.verdict, instance.judged, octets)


class Spool:
    """Instances as lines of JSON in a temporary file that vanishes with it.

    Without `passing`, those that passed are counted only: for reports that show no more.
    """

    def __init__(self, *, passing: bool = True) -> None:
        self._file = TemporaryFile(prefix="cpmspec-")  # noqa: SIM115 - lives as long as the spool
        self._length = 0
        self._keeps_passing = passing
        self._passing: list[bool] = []
        self._at_end = True

    def append(self, instance: InstanceResult) -> None:
        """Add one instance at the end."""
        if self.keeps(instance.verdict):
            self.put(Line.of(instance))
        else:
            self._length += 1

    def keeps(self, verdict: Verdict) -> bool:
        """Whether instances of this verdict are kept, not only counted."""
        return self._keeps_passing or verdict is not Verdict.PASS

    def put(self, line: Line) -> None:
        """Add one instance that is a line already."""
        self._length += 1
        if not self.keeps(line.verdict):
            return
        if not self._at_end:
            self._file.seek(0, 2)
            self._at_end = True
        self._file.write(line.octets)
        self._passing.append(line.verdict is Verdict.PASS)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[InstanceResult]:
        """Read the instances from the first; two readings may run side by side."""
        return self._read(passing=True)

    def departures(self) -> Iterator[InstanceResult]:
        """Read the instances that did not pass; the others are not even opened."""
        return self._read(passing=False)

    def _read(self, *, passing: bool) -> Iterator[InstanceResult]:
        position = 0
        for passed in list(self._passing):
            self._at_end = False
            self._file.seek(position)
            line = self._file.readline()
            position = self._file.tell()
            if passing or not passed:
                yield decode.instance(Place(json.loads(line)))

    def close(self) -> None:
        """Let the temporary file go."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
