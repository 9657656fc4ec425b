"""`cpmspec simulate`: captures of flows."""

from pathlib import Path

import pytest

from conformance.cli.main import main
from conformance.reference.scenarios import catalogue
from conformance.suite import mutants


def capture(tmp_path: Path, *words: str) -> bytes:
    path = tmp_path / "found.pcapng"
    assert main(["simulate", *words, "-o", str(path)]) == 0
    return path.read_bytes()


def test_a_flow_becomes_a_capture_that_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # when
    octets = capture(tmp_path, "push-pager")
    # then
    assert octets[:4] == b"\x0a\x0d\x0d\x0a"
    assert "push-pager base, a short deferred message" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "found.pcapng")]) == 0


def test_the_same_seed_gives_the_same_octets(tmp_path: Path) -> None:
    one = capture(tmp_path, "push", "--seed", "7")
    assert one == capture(tmp_path, "push", "--seed", "7")
    assert one != capture(tmp_path, "push", "--seed", "8")


def test_a_fault_is_planted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("push-pager", "--mutate", "client-answers-push-400")
    assert b"SIP/2.0 400 Bad Request" in capture(tmp_path, *words)
    assert main(["verify", str(tmp_path / "found.pcapng")]) == 1
    assert "push-pager/4-5" in capsys.readouterr().out


def test_the_network_is_as_wished(tmp_path: Path) -> None:
    plain = capture(tmp_path, "push", "--variant", "one-message")
    lossy = ("--loss", "0.3", "--duplication", "0.2", "--reordering", "0.2", "--delay", "5")
    assert len(capture(tmp_path, "push", "--variant", "one-message", *lossy)) > len(plain)
    over = capture(tmp_path, "push", "--transport", "tcp", "--ipv6")
    assert b"SIP/2.0/TCP [2001:db8:" in over


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["simulate", "push-pager", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out[:4] == b"\x0a\x0d\x0d\x0a"


def test_all_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--list"]) == 0
    out = capsys.readouterr().out
    for flow in catalogue.MODULES:
        assert f"\n{flow or 'ordinary traffic'}\n" in f"\n{out}"
    assert "  base " in out
    assert "--mutate pf-never-tears-down" in out


def test_one_flow_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "push", "--list"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("push\n")
    assert "push-large" not in out.split()


def test_all_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given: two of each kind in the place of all
    few, broken = catalogue.scenarios("push-pager")[:2], mutants.rejected()[:2]
    monkeypatch.setattr(catalogue, "every", lambda: few)
    monkeypatch.setattr(mutants, "rejected", lambda: broken)
    # when
    assert main(["simulate", "--all", "-o", str(tmp_path / "all")]) == 0
    # then
    found = list((tmp_path / "all").rglob("*.pcapng"))
    assert len(found) == 4
    assert "4 captures and their index" in capsys.readouterr().err
    index = tmp_path / "all" / "index.toml"
    assert main(["verify", str(tmp_path / "all"), "--index", str(index)]) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "say which flow; --list shows them"),
        (("push",), "say where to write it: -o FILE"),
        (("--all",), "say where to write it: -o FILE"),
        (("pusch",), "did you mean 'push'"),
        (("-o", "x"), "say which flow; --list shows them"),
        (("pusch", "-o", "x"), "did you mean 'push'"),
        (("push", "--variant", "zebra", "-o", "x"), "push has no variant 'zebra'"),
        (("push", "--mutate", "zebra", "-o", "x"), "there is no fault 'zebra'"),
        (("push", "--loss", "2", "-o", "x"), "loss is a probability"),
        (("push", "--delay", "-100", "-o", "x"), "latency"),
        (("pusch", "--list"), "did you mean 'push'"),
        (("push", "--preferences", "nowhere.xml", "-o", "x"), "nowhere.xml"),
        (
            ("push", "--mutate", "pf-pushes-nothing", "--mutate", "pf-pushes-again", "-o", "x"),
            "two faults change pf",
        ),
        (("push-pager", "-o", "/nowhere/at/all.pcapng"), "/nowhere/at/all.pcapng: it cannot be"),
        (("--all", "-o", "/dev/null/here"), "/dev/null/here"),
    ],
)
def test_what_cannot_be_is_told(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *words]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told
