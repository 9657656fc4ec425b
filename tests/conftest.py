"""Options and fixtures of the whole suite."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from conformance.report.model import Report
from conformance.suite.assertion import verified
from conformance.suite.index import match, read_index
from conformance.suite.setting import Setting

# No test measures time: a machine that is busy, or pauses, breaks no law. Every run draws other
# examples: few each time, many where all laws are run in full.
settings.register_profile(
    "cpmspec",
    max_examples=60 if os.environ.get("CPMSPEC_FULL_LAWS", "") in ("", "0") else 1_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("cpmspec")

# The tests start hundreds of processes, and each of them reads the same modules: they are compiled
# once, also where nobody wants compiled modules to be kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

GOLDEN = Path(__file__).parent / "golden"
# Files whose tests take more than five seconds together, the longest first.
LONG = (
    "browser/test_chromium.py",
    "laws/test_never_fail.py",
    "peers/test_kamailio.py",
    "suite/test_drive_verdict.py",
    "peers/test_namespaces.py",
    "laws/test_complete.py",
    "capture/test_both_readers.py",
    "suite/test_parallel_dask.py",
    "peers/test_linphone.py",
    "peers/test_sipp.py",
    "reference/scenarios/test_catalogue.py",
    "laws/test_neighbours.py",
    "test_readme.py",
    "cli/test_drive.py",
    "robustness/test_linear.py",
)
# Of these, those that wait for the most part.
WAITING = (
    "peers/test_kamailio.py",
    "suite/test_drive_verdict.py",
    "peers/test_namespaces.py",
    "peers/test_linphone.py",
    "peers/test_sipp.py",
    "cli/test_drive.py",
)
INDEX = Path(__file__).parents[1] / "captures" / "index.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden anew from what the tests make, for a person to read the diff",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """A file's tests stay together: what a module's fixtures make is made once.

    Of three processes or more the last one begins with the tests that wait for real clocks: they
    need no core, and the others are left with what does.
    """
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _assign_work_unit(self, node: object) -> None:
            if len(self.nodes) > 2:
                is_last = node is self.nodes[-1]
                files = (one for one in self.workqueue if one.endswith(WAITING) is is_last)
                chosen = next(files, None)
                if chosen is not None:
                    self.workqueue.move_to_end(chosen, last=False)
            super()._assign_work_unit(node)

    if config.getoption("dist") != "load":
        return None
    # In the order that `_beginning` gives, not the most numerous first.
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the files that take longest begin first, so that no process works alone at the end."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_beginning)


def _beginning(item: pytest.Item) -> int:
    name = item.nodeid.partition("::")[0].removeprefix("tests/")
    return LONG.index(name) if name in LONG else len(LONG)


@pytest.fixture(scope="session")
def judged_captures() -> Report:
    """The report of captures/ by its index, judged once in each process of the tests."""
    if not INDEX.is_file():
        pytest.skip("captures/index.toml is absent: make captures")
    entries = read_index(str(INDEX))
    paths = [entry.path for entry in entries]
    return verified(paths, Setting(), index=match(entries, paths, str(INDEX)))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of tests/golden, octet by octet."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        octets = text.encode()
        if request.config.getoption("--update-golden"):
            path.write_bytes(octets)
        assert path.is_file(), f"tests/golden/{name} is absent: run pytest --update-golden"
        assert path.read_bytes() == octets, f"tests/golden/{name} differs"

    return check
