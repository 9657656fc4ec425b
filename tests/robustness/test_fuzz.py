"""The targets of benchmarks/fuzz bear every seed that is kept, and some change of each."""

import subprocess
import sys
from itertools import islice
from random import Random

import pytest

from benchmarks.fuzz import run
from benchmarks.fuzz.run import Trial, keep, mutants, seeds
from benchmarks.fuzz.targets import TARGETS

KEPT = [(name, path) for name in TARGETS for path in seeds(name)]


def test_each_target_has_its_seeds():
    assert {name for name, _ in KEPT} == set(TARGETS)
    assert {path.name for path in run.SEEDS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize(("name", "path"), KEPT, ids=lambda value: getattr(value, "name", value))
def test_a_seed_is_borne(name, path):
    TARGETS[name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_changed_seeds_are_borne(name):
    known = [path.read_bytes() for path in seeds(name)]
    count = 20 if name in ("flow", "reader") else 60
    for octets in islice(mutants(known, Random(7)), count):
        TARGETS[name](octets)


def test_a_finding_is_kept_and_told_once_for_a_place(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "SEEDS", tmp_path)

    def falls(octets):
        if octets:
            raise ValueError("too bad")

    trial = Trial("reader", falls, 1_000)
    for octets in (b"octets", b"", b"others"):
        trial(octets)
    told = capsys.readouterr().err
    assert told.count("reader: ValueError at ") == 1
    (path,) = seeds("reader")
    assert path.read_bytes() == b"octets"
    assert path == keep("reader", b"octets")


def test_a_slow_input_is_a_finding(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "SEEDS", tmp_path)
    monkeypatch.setattr(run, "_SLOW", -1.0)
    Trial("reader", len, 1_000)(b"slow")
    assert "reader: slower than" in capsys.readouterr().err
    assert len(seeds("reader")) == 1


def command(*words):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzz.run", *words],
        cwd=run.SEEDS.parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command():
    done = command("short_message", "--seconds", "0.1", "--unguided")
    assert done.returncode == 0
    assert "short_message: " in done.stdout
    assert "nothing found" in done.stdout
    done = command("nothing")
    assert done.returncode == 2
    assert "there is no target nothing" in done.stderr


def test_inputs_follow_from_the_seed():
    one, other = (list(islice(mutants([b"abc"], Random(3)), 5)) for _ in range(2))
    assert one == other
