import io
import sys

from conformance.cli import progress
from conformance.suite.inputs import quiet


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_small_captures_need_no_bar(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.progress_bar([str(tmp_path / "absent")]) as told:
        assert told is quiet


def test_a_large_capture_has_a_bar_at_a_terminal_only(tmp_path, monkeypatch) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x")
    monkeypatch.setattr(progress, "LARGE", 1)
    with progress.progress_bar([str(path)]) as told:
        assert told is quiet
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    with progress.progress_bar([str(path)], hidden=True) as told:
        assert told is quiet
    with progress.progress_bar([str(path)]) as told:
        told("judging", str(path), 1, 2)
        told("judging", str(path), 2, 2)
    assert "judging large" in shown.getvalue()
