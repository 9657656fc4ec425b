from pathlib import Path

import pytest

from conformance.cli.demo_trace import write_demo
from conformance.suite.batch import (
    OF_THE_USER,
    Batch,
    find_captures,
    find_entries,
    make_setting,
)
from conformance.suite.campaign import Stamp
from conformance.suite.errors import ConformanceError
from conformance.suite.setting import Grouping, Setting
from conformance.verifier.verdict import Verdict
from tests.report.samples import BEGIN
from tests.suite.demo import SETTING

INDEX = '[[capture]]\npath = "x/a.pcapng"\nshows = "A."\nflow = "pull"\nverdict = "fail"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("x/a.pcapng", "x/y/b.pcapng"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        with path.open("wb") as file:
            write_demo(file, BEGIN)
    (tmp_path / "x" / "notes.txt").write_text("no capture")
    return tmp_path


def test_patterns_and_folders_name_each_capture_once(folder) -> None:
    both = {folder / "x/a.pcapng": "x/a.pcapng", folder / "x/y/b.pcapng": "x/y/b.pcapng"}
    assert find_captures(["**/*.pcapng"], folder) == both
    assert find_captures(["x", "x/a.pcapng", "x/y"], folder) == both
    assert list(find_captures([str(folder / "x/y/*.pcapng")], folder).values()) == ["x/y/b.pcapng"]


def test_a_pattern_without_a_match_is_refused(folder) -> None:
    with pytest.raises(ConformanceError, match=r"z/\*: nothing matches"):
        find_captures(["z/*"], folder)


def test_the_index_is_read_for_the_captures_at_hand(folder) -> None:
    (folder / "index.toml").write_text(INDEX)
    one = find_captures(["x/a.pcapng"], folder)
    assert find_entries("index.toml", folder, one)["x/a.pcapng"].verdict is Verdict.FAIL
    with pytest.raises(ConformanceError, match=r"b\.pcapng is not listed"):
        find_entries("index.toml", folder, find_captures(["x"], folder))


def test_a_capture_is_judged_once_however_often_it_is_asked(folder, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "index.toml").write_text(INDEX)
    captures = find_captures(["x/a.pcapng"], folder)
    entries = find_entries("index.toml", folder, captures)
    batch = Batch(SETTING, captures, entries, Stamp("1", "2026-03-03"))
    first = batch.report("x/a.pcapng")
    assert batch.report("x/a.pcapng") is first
    assert first.index[0].as_expected
    assert first.made == "2026-03-03"


def test_all_are_judged_each_alone(folder, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    captures = find_captures(["x"], folder)
    report = Batch(SETTING, captures, {}, Stamp("1")).judge(captures.values())
    assert [one.captures for one in report.instances if one.flow == "pull"] == [(0,), (1,)]


def test_options_go_before_the_file(tmp_path) -> None:
    (tmp_path / "lab.toml").write_text(
        'profile = "rcs"\nstrict = true\n[roles]\npf = "192.0.2.1"\ncore = "192.0.2.2"\n'
    )
    (tmp_path / "ics.toml").write_text("[flows]\npull = false\n")
    made = make_setting(
        file=str(tmp_path / "lab.toml"),
        roles=["pf=192.0.2.9"],
        flow=["push"],
        ics=str(tmp_path / "ics.toml"),
    )
    assert {(rule.role, rule.address) for rule in made.roles} == {
        ("pf", "192.0.2.9"),
        ("core", "192.0.2.2"),
    }
    assert (made.profile, made.strict, made.flow) == ("rcs", True, ("push",))
    assert made.unclaimed == ("pull",)
    assert made.grouping is Grouping.SEPARATE


def test_nothing_given_is_the_default_but_for_the_grouping() -> None:
    assert make_setting() == Setting(grouping=Grouping.SEPARATE)


def test_mistakes_of_the_user_are_told_from_ours() -> None:
    assert issubclass(ConformanceError, OF_THE_USER)
    assert not issubclass(KeyError, OF_THE_USER)


def test_preferences_are_read_at_once_and_imply_the_comparison(tmp_path) -> None:
    path = tmp_path / "alice.xml"
    path.write_text('<user-preferences xmlns="urn:oma:xml:cpm:user-preferences"/>')
    with pytest.raises(ConformanceError, match=r"alice\.xml"):
        make_setting(preferences=str(path))
    path.write_text(
        '<user-preferences xmlns="urn:oma:xml:cpm:user-preferences"><profile id="a"/>'
        "</user-preferences>"
    )
    made = make_setting(preferences=str(path))
    assert (made.compare, made.preferences) == (True, str(path))
    assert make_setting(compare=True).compare
    assert not make_setting().compare
