"""Finished instances on disk, so that memory holds only the conversations that are open."""

import json
from collections.abc import Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from conformance.report import decode, encode
from conformance.report.place import Place
from conformance.verifier.verdict import InstanceResult, Verdict


class Spool:
    """Instances as lines of JSON in a temporary file that vanishes with it."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="cpmspec-")  # noqa: SIM115 - lives as long as the spool
        self._length = 0
        self._passing: list[bool] = []

    def append(self, instance: InstanceResult) -> None:
        """Add one instance at the end."""
        self._file.seek(0, 2)
        line = json.dumps(encode.instance(instance), separators=(",", ":"))
        self._file.write(line.encode("ascii") + b"\n")
        self._length += 1
        self._passing.append(instance.verdict is Verdict.PASS)

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
        for passed in self._passing[: self._length]:
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
