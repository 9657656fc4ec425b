import io
from contextlib import ExitStack

from rich.console import Console

from conformance.cli import live_table
from conformance.cli.live_table import LiveTable
from conformance.cli.watching import Session
from conformance.suite.setting import Setting
from tests.cli.test_watching import options
from tests.live.growing import capture


def test_the_table_shows_how_the_watch_stands(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pcapng").write_bytes(capture("push-pager"))
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr(live_table, "Console", lambda **_: console)
    with ExitStack() as closing:
        session = Session(options(folder=".", duration=0.1), Setting(), closing)
        with LiveTable(session) as table:
            report = session.run()
            table.beat()
            table.write("fail", "something [bold]failed[/bold]")
            table.ended(report)
    text = shown.getvalue()
    for word in ("open", "pass", "dropped", "lag", "rate", "something [bold]failed[/bold]"):
        assert word in text
