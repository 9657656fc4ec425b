import json
import sys
from contextlib import ExitStack

import pytest

from conformance.cli.telling import JsonLines, Lines, teller
from conformance.cli.watching import Session
from conformance.observation.trace import Gap, GapReason
from conformance.suite.setting import Setting
from tests.cli.test_watching import options
from tests.live.growing import capture
from tests.report.samples import failed_pull, passed_pager


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pcapng").write_bytes(capture("push-pager"))
    with ExitStack() as closing:
        yield Session(options(folder=".", duration=0.1), Setting(), closing)


def test_each_event_is_a_line_of_json(session, capsys) -> None:
    lines = JsonLines(session)
    lines.gap(Gap(1, 0, 0, "somewhere", GapReason.TCP_HOLE))
    lines.settled(failed_pull())
    lines.beat()
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in found] == ["gap", "instance", "status"]
    assert found[1]["verdict"] == "fail"
    assert found[1]["findings"][0]["requirement"]


def test_only_what_did_not_pass_has_a_line_of_text() -> None:
    written = []
    lines = Lines(lambda kind, line: written.append((kind, line)))
    lines.settled(passed_pager())
    lines.settled(failed_pull())
    assert [kind for kind, _ in written] == ["fail"]
    assert failed_pull().id in written[0][1]


def test_without_a_terminal_there_is_no_table(session, monkeypatch) -> None:
    with teller(options(), session) as told:
        assert told.listeners == []
    with teller(options(quiet=False), session) as told:
        assert [type(one) for one in told.listeners] == [Lines]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with teller(options(quiet=False, jsonl=True), session) as told:
        assert [type(one).__name__ for one in told.listeners] == ["JsonLines", "LiveTable"]
