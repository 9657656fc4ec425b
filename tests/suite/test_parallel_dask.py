"""A Dask cluster of two processes gives a serial run's report; a lost worker loses nothing.

Nor does the last worker, or the scheduler: what is left is done here.
"""

import gc
import subprocess
import sys
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from conformance.report.spool import Spool
from conformance.suite import parallel
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Input
from conformance.suite.parallel import Lost
from conformance.suite.parallel_dask import Cluster, may_come
from conformance.suite.parallel_part import Reading, Task, read
from tests.suite.parallel_captures import (
    SETTING,
    STAMP,
    demos,
    dies,
    dies_once,
    ends_the_scheduler,
    pauses,
    serial,
    shared,
    waits,
)

dask = pytest.importorskip("dask", reason="Dask is not installed: cpmspec[dask]")
distributed = pytest.importorskip("distributed", reason="Dask is not installed: cpmspec[dask]")

SCHEDULER = """
import asyncio, distributed
async def main():
    async with distributed.Scheduler(host="127.0.0.1", dashboard_address=None) as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()
asyncio.run(main())
"""
WORKER = ("-m", "distributed.cli.dask_worker", "--no-nanny", "--nthreads=1", "--no-dashboard")
# Nor does it look at its memory, and go on when there is enough.
WORKER = (*WORKER, "--memory-limit=0")
LONG = 300
"""Seconds in which whatever is begun has begun, however busy the machine is."""

# Dask leaves sockets and event loops to the collector.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A scheduler, and two workers that are begun again when they end."""
    folder = tmp_path_factory.mktemp("dask")
    # A task is suspect with the first worker that ends: the four of Dask take long to begin again.
    suspicious = dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with warnings.catch_warnings(), suspicious:
        warnings.simplefilter("ignore")
        cluster = distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=2,
            processes=True,
            dashboard_address=None,
            local_directory=str(folder),
            silence_logs=50,
        )
    with cluster:
        yield cluster.scheduler_address
    # Now, and not where warnings are errors again.
    gc.collect()


@pytest.fixture
def cluster(address):
    with Cluster(address) as made:
        yield made


@contextmanager
def begun(*words):
    """A process of Python that is ended at the end, if it still runs."""
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen([sys.executable, *words], **given) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def small(folder):
    """A scheduler and one worker, which nobody begins again: their processes, and the address."""
    with ExitStack() as closing:
        scheduler = closing.enter_context(begun("-c", SCHEDULER))
        address = scheduler.stdout.readline().strip()
        words = (*WORKER, "--local-directory", str(folder), address)
        yield scheduler, closing.enter_context(begun(*words)), address


def tasks(paths):
    return [
        Task((Input(number, path, path),), SETTING, {}, slot=number)
        for number, path in enumerate(paths)
    ]


def test_the_report_is_that_of_a_serial_run(cluster, tmp_path):
    paths = demos(tmp_path, 4)
    told = []
    found = shared(cluster, paths, progress=lambda *what: told.append(what))
    assert found == serial(paths)
    assert told


def test_captures_by_address(cluster, tmp_path):
    paths = [Path(path).as_uri() for path in demos(tmp_path, 2)]
    assert shared(cluster, paths) == serial(paths)


def test_a_worker_that_dies_loses_nothing(cluster, tmp_path):
    paths = demos(tmp_path, 4)
    dying = str(tmp_path / "dies.pcapng")
    Path(paths[1]).rename(dying)
    paths[1] = dying
    done = dict(cluster.do(dies_once, tasks(paths), lambda _: None))
    assert [type(done[place]) for place in range(4)] == [Reading] * 4


def test_a_capture_that_ends_every_worker_takes_no_other_along(cluster, tmp_path):
    paths = demos(tmp_path, 3)
    dying = str(tmp_path / "dies.pcapng")
    Path(paths[1]).rename(dying)
    paths[1] = dying
    done = dict(cluster.do(dies, tasks(paths), lambda _: None))
    lost = done.pop(1)
    assert isinstance(lost, Lost)
    assert "every worker that took it ended" in lost.sentence
    assert [type(done[place]) for place in (0, 2)] == [Reading] * 2


def test_the_last_worker_ends_and_what_is_left_is_done_here(tmp_path):
    paths = demos(tmp_path, 3)
    dying = str(tmp_path / "dies.pcapng")
    Path(paths[1]).rename(dying)
    paths[1] = dying
    said = []
    with (
        small(tmp_path) as (_, _, address),
        Cluster(address, LONG, patience=0, say=said.append) as cluster,
    ):
        done = dict(cluster.do(dies, tasks(paths), lambda _: None))
        later = dict(cluster.do(dies, tasks(paths[:1]), lambda _: None))
    (sentence,) = said
    assert sentence.startswith(f"the Dask scheduler {address} has had no worker for 0 s: what is")
    # It ends a process of this host as well, and takes nothing along.
    lost = done.pop(1)
    assert isinstance(lost, Lost)
    assert "the process that did it ended" in lost.sentence
    assert [type(one) for one in (done[0], done[2], later[0])] == [Reading] * 3


def test_the_last_worker_pauses_and_what_is_left_is_done_here(tmp_path):
    paths, said = demos(tmp_path, 2), []
    with (
        small(tmp_path) as (_, _, address),
        Cluster(address, LONG, patience=0, say=said.append) as cluster,
        distributed.Client(address) as beside,
    ):
        beside.run(pauses)
        done = dict(cluster.do(read, tasks(paths), lambda _: None))
    (sentence,) = said
    head = f"what is left has waited at paused workers of the Dask scheduler {address} for 0 s"
    assert sentence == f"{head}: what is left is judged here, one capture after another"
    assert [type(done[place]) for place in (0, 1)] == [Reading] * 2


@pytest.mark.parametrize(
    ("workers", "given", "is_there"),
    [
        ({}, {}, False),
        ({"a": "running"}, {"a": ["ours"]}, True),
        ({"a": "running"}, {"a": ["another's"]}, True),  # ours waits for its turn
        ({"a": "paused"}, {"a": ["ours"]}, False),
        ({"a": "paused", "b": "running"}, {"a": ["ours"]}, False),
        ({"a": "paused", "b": "running"}, {"b": ["ours"]}, True),
        ({"a": "paused at work"}, {"a": ["ours"]}, True),
        ({"a": "paused, who knows"}, {"a": ["ours"]}, True),
    ],
)
def test_who_may_still_bring_something(workers, given, is_there):
    counts = {
        "paused": {"task_counts": {"executing": 0}},
        "paused at work": {"task_counts": {"executing": 1}},
    }
    known = {
        name: {"status": how.split()[0].strip(","), "metrics": counts.get(how, {})}
        for name, how in workers.items()
    }
    assert may_come({"ours"}, known, given) is is_there


def test_the_scheduler_ends_and_what_is_left_is_done_here(tmp_path):
    paths = demos(tmp_path, 3)
    said, told = [], []
    with (
        small(tmp_path) as (scheduler, _, address),
        Cluster(address, LONG, patience=0, say=said.append) as cluster,
    ):
        Path(f"{paths[1]}.pid").write_text(str(scheduler.pid))
        done = dict(cluster.do(ends_the_scheduler, tasks(paths), told.append))
        scheduler.wait()
    # Either its connection ended first, or it was asked first and did not answer.
    (sentence,) = said
    assert sentence.startswith(f"the Dask scheduler {address} ")
    assert sentence.endswith("what is left is judged here, one capture after another")
    assert [type(done[place]) for place in range(3)] == [Reading] * 3
    assert told == sorted(told)


def test_a_scheduler_that_was_lost_for_a_moment_is_asked_again(address, tmp_path):
    paths = demos(tmp_path, 2)
    waiting = str(tmp_path / "waits.pcapng")
    Path(paths[1]).rename(waiting)
    paths[1] = waiting
    said = []

    async def cut(client):
        client.scheduler_comm.comm.abort()

    with Cluster(address, LONG, patience=LONG, say=said.append) as cluster:
        first = cluster._client

        def tell(_):
            if first is cluster._client:
                first.sync(cut, first)
                Path(f"{waiting}.mark").touch()

        done = dict(cluster.do(waits, tasks(paths), tell))
        assert cluster._client is not first
    assert not said
    assert [type(done[place]) for place in range(2)] == [Reading] * 2


def test_a_capture_that_no_worker_sees_is_the_users_affair(cluster, tmp_path):
    path = str(tmp_path / "absent.pcapng")
    with Spool() as spool, pytest.raises(Exception, match="absent"):
        parallel.run([path], SETTING, spool, STAMP, cluster)


def test_standard_input_stays_here(cluster):
    with Spool() as spool, pytest.raises(ConformanceError, match="standard input"):
        parallel.run(["-"], SETTING, spool, STAMP, cluster)


def test_nobody_answers():
    with pytest.raises(ConformanceError, match="no Dask scheduler with a worker"):
        Cluster("tcp://127.0.0.1:9", wait=0.5)
