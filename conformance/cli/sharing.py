"""The options that share a run out: `--jobs` on this host, `--dask` on a cluster."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.report.model import Report

AUTO = "auto"
MOST = 512
"""Processes that may be asked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who judges, and how many at once."""
    group = parser.add_argument_group("sharing out")
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--jobs",
        type=_jobs,
        default=1,
        metavar="N|auto",
        help="judge so many captures at once, each in a process of its own (default 1; "
        "auto: as many as there are processors)",
    )
    either.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="judge on a Dask cluster, as tcp://scheduler:8786; needs cpmspec[dask]",
    )


def _jobs(text: str) -> int:
    if text == AUTO:
        return 0
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is neither auto nor a number from 1 to {MOST}")
    return int(text)


@contextmanager
def runner(args: argparse.Namespace, paths: Sequence[str]) -> "Iterator[Callable[..., Report]]":
    """What judges captures as the options say; called as `campaign.run` is."""
    if args.dask:
        from conformance.suite.parallel import run as run_shared
        from conformance.suite.parallel_dask import Cluster

        with Cluster(args.dask, say=_say) as cluster:
            yield partial(_by, run_shared, cluster)
        return
    jobs = args.jobs
    # What is merged is one conversation.
    if jobs == 1 or len(paths) == 1 or args.merge:
        from conformance.suite.campaign import run

        yield run
        return
    from conformance.suite.parallel import run as run_shared
    from conformance.suite.parallel_processes import Processes, available

    with Processes(jobs or available(), len(paths)) as processes:
        yield partial(_by, run_shared, processes)


def _say(sentence: str) -> None:
    sys.stderr.write(f"cpmspec: {sentence}\n")


def _by(run: "Callable[..., Report]", crew: object, *given: object, **named: object) -> "Report":
    return run(*given, crew, **named)
