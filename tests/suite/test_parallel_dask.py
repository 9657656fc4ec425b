"""A Dask cluster of two processes gives a serial run's report; a lost worker loses nothing."""

import warnings
from pathlib import Path

import pytest

from conformance.report.spool import Spool
from conformance.suite import parallel
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Input
from conformance.suite.parallel import Lost
from conformance.suite.parallel_dask import Cluster
from conformance.suite.parallel_part import Reading, Task
from tests.suite.parallel_captures import SETTING, STAMP, demos, dies, dies_once, serial, shared

distributed = pytest.importorskip("distributed", reason="Dask is not installed: cpmspec[dask]")

# Dask leaves sockets and event loops to the collector.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A scheduler, and two workers that are begun again when they end."""
    folder = tmp_path_factory.mktemp("dask")
    with warnings.catch_warnings():
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


@pytest.fixture
def cluster(address):
    with Cluster(address) as made:
        yield made


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
