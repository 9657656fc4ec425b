"""`cpmspec watch` in another process, from its first packet to its report."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]


class Watching:
    """At work from the beginning of the block; `report` ends it."""

    def __init__(self, folder: Path, *words: str, inside: tuple[str, ...] = ()) -> None:
        self._folder = folder
        command = [*inside, sys.executable, "-m", "conformance.cli.main", "watch", *words]
        command += ["--jsonl", "--results", "kept", "--json", "watched.json"]
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def report(self) -> dict[str, list[dict[str, object]]]:
        """End it; what it found."""
        self._process.send_signal(signal.SIGTERM)
        _, said = self._process.communicate(timeout=PATIENCE)
        assert self._process.returncode in (0, 1, 3), said
        found: dict[str, list[dict[str, object]]] = json.loads(
            (self._folder / "watched.json").read_text()
        )
        return found

    def __enter__(self) -> "Watching":
        # The results begin once it captures.
        kept = self._folder / "kept"
        until(lambda: kept.exists() or self._process.poll() is not None)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
