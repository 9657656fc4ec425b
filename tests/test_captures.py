"""captures/ is what the reference implementation makes, and is judged as its index says."""

from pathlib import Path

import pytest

from conformance.flow.catalogue import catalogue as requirements
from conformance.flow.library import load
from conformance.flow.program import Level, Rule
from conformance.suite.index import read_index
from conformance.suite.mutants import sample
from conformance.suite.simulation import write_folder

FOLDER = Path(__file__).parents[1] / "captures"
INDEX = read_index(str(FOLDER / "index.toml"))
MOST = 5_000_000
"""Octets that the folder may hold."""

UNREJECTED = {"RFC5438-message-id", "SD-5.2.1.1.1-info"}
"""Named requirements without a capture for each of their flows: one flow's stands for all."""


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_that_the_folder_is_made_again_octet_for_octet(tmp_path):
    write_folder(tmp_path, sample())
    made, kept = files(tmp_path), files(FOLDER)
    assert sorted(made) == sorted(kept), "run `make captures`"
    assert [name for name in made if made[name] != kept[name]] == [], "run `make captures`"
    assert sum(map(len, kept.values())) < MOST


@pytest.mark.parametrize(
    "number", range(len(INDEX)), ids=lambda n: INDEX[n].path.split("captures/")[1]
)
def test_that_each_capture_is_judged_as_its_index_says(judged_captures, number):
    result = judged_captures.index[number]
    assert result.as_expected, result.sentence


def test_that_every_flow_is_accepted_rejected_and_left_open():
    found = {(entry.flow, str(entry.verdict)) for entry in INDEX}
    wanted = {(flow, verdict) for flow in load().flows for verdict in ("pass", "fail", "inconc")}
    assert wanted <= found


def test_that_every_named_requirement_is_rejected_by_a_capture():
    rejected = {(entry.flow, entry.requirement) for entry in INDEX}
    named = [
        (flow, one.requirement.id)
        for one in requirements(load().flows.values())
        if not {Rule.STEP, Rule.NONE, Rule.REFERENCE} & set(one.rules)
        and one.requirement.level not in (Level.SHOULD, Level.MAY)
        for flow in one.flows
    ]
    any_flow = {requirement for _, requirement in rejected}
    missing = [
        f"{flow} {one}"
        for flow, one in named
        if (flow, one) not in rejected and not (one in UNREJECTED and one in any_flow)
    ]
    assert missing == []


def test_that_each_capture_says_what_it_shows():
    paths = [one.path for one in sample()]
    assert len(paths) == len(set(paths))
    assert all(one.shows and '"' not in one.shows for one in sample())
