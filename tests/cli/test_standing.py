from contextlib import ExitStack

import pytest

from conformance.cli.standing import Silent, status
from conformance.cli.watching import Session
from conformance.observation.trace import Gap, GapReason
from conformance.suite.setting import Setting
from tests.cli.test_watching import options
from tests.live.growing import capture
from tests.report.samples import passed_pager


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pcapng").write_bytes(capture("push-pager"))
    with ExitStack() as closing:
        yield Session(options(folder=".", duration=0.1), Setting(), closing)


def test_how_a_watch_stands_is_told_in_numbers(session) -> None:
    session.run()
    now = status(session)
    assert now["pass"] == 1
    assert now["sip_messages"] == now["packets"] > 0
    assert (now["open"], now["dropped"], now["lag"]) == (0, 0, 0)


def test_silence_is_kept() -> None:
    heard = Silent()
    heard.gap(Gap(1, 0, 0, "somewhere", GapReason.TCP_HOLE))
    heard.settled(passed_pager())
    heard.beat()
