import argparse
import json
from pathlib import Path

import pytest

from conformance.cli import sharing
from conformance.cli.main import main
from conformance.suite import campaign
from tests.suite.parallel_captures import demos


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    sharing.add_arguments(parser)
    parser.add_argument("--merge", action="store_true")
    return parser.parse_args(words)


def test_one_job_and_one_capture_need_no_process() -> None:
    for words, paths in (((), ["a", "b"]), (("--jobs", "8"), ["a"])):
        with sharing.runner(parsed(*words), paths) as run:
            assert run is campaign.run


@pytest.mark.parametrize("text", ["0", "-1", "many", "513", "1.5"])
def test_a_number_that_is_none(text, capsys) -> None:
    with pytest.raises(SystemExit):
        parsed(f"--jobs={text}")
    assert "neither auto nor a number" in capsys.readouterr().err


def test_jobs_and_dask_are_two_ways() -> None:
    with pytest.raises(SystemExit):
        parsed("--jobs", "2", "--dask", "tcp://x:1")


def reported(paths: list[str], file: Path, *words: str) -> tuple[int, dict]:
    status = main(["verify", *paths, "--json", str(file), "-q", *words])
    return status, json.loads(file.read_text()) | {"made": ""}


def test_the_report_does_not_depend_on_the_jobs(tmp_path) -> None:
    paths = demos(tmp_path, 3)
    alone = reported(paths, tmp_path / "alone.json")
    assert reported(paths, tmp_path / "shared.json", "--jobs", "2") == alone


def test_a_cluster_that_is_not_there(tmp_path, capsys, monkeypatch) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: cpmspec[dask]")
    monkeypatch.setattr("conformance.suite.parallel_dask.WAIT", 0.5)
    assert main(["verify", *demos(tmp_path, 2), "--dask", "tcp://127.0.0.1:9"]) == 2
    assert "no Dask scheduler" in capsys.readouterr().err


def test_what_becomes_of_a_cluster_is_a_line(capsys, monkeypatch) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed: cpmspec[dask]")

    class Lonely:
        def __init__(self, address: str, *, say) -> None:
            say(f"nobody is left at {address}")

        def __enter__(self):
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("conformance.suite.parallel_dask.Cluster", Lonely)
    with sharing.runner(parsed("--dask", "tcp://x:1"), ["a", "b"]):
        pass
    assert capsys.readouterr().err == "cpmspec: nobody is left at tcp://x:1\n"
