"""What several commands' tests begin with."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.cli.watching import Session
from conformance.suite.setting import Setting
from tests.cli.test_watching import options
from tests.live.growing import capture


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A watch of a folder with one push, which ends soon."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pcapng").write_bytes(capture("push-pager"))
    with ExitStack() as closing:
        yield Session(options(folder=".", duration=0.1), Setting(), closing)
