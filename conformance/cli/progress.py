"""A progress bar with its rate, for large captures at a terminal."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from conformance.suite.inputs import Progress, quiet

LARGE = 16 * 1024 * 1024
"""Octets from which on a bar is worth its place."""


@contextmanager
def progress_bar(paths: Iterable[str], *, hidden: bool = False) -> Iterator[Progress]:
    """Something to tell the progress to: a bar on stderr, or nobody."""
    large = sum(os.path.getsize(path) for path in paths if os.path.isfile(path)) >= LARGE
    if hidden or not large or not sys.stderr.isatty():
        yield quiet
        return
    from rich import progress as rich_progress
    from rich.console import Console

    with rich_progress.Progress(
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(),
        rich_progress.DownloadColumn(),
        rich_progress.TransferSpeedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        tasks: dict[tuple[str, str], rich_progress.TaskID] = {}

        def show(doing: str, path: str, octets: int, total: int) -> None:
            key = (doing, path)
            if key not in tasks:
                name = os.path.basename(path)
                tasks[key] = bar.add_task(f"{doing} {name}", total=total)
            bar.update(tasks[key], completed=octets)

        yield show
