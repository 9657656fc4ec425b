"""The captures of the repository are those of the ladders, and are judged as their index says."""

from pathlib import Path

import pytest

from conformance.capture.source import open_capture
from conformance.flow.catalogue import catalogue as requirements
from conformance.flow.library import load
from conformance.flow.program import Level, Rule
from conformance.observation.trace import Trace
from conformance.suite.index import Entry, Outcome, read_index
from tests.make_captures import FOLDER, captures, write
from tests.verifying import said, verify

INDEX = read_index(str(FOLDER / "index.toml")) if (FOLDER / "index.toml").is_file() else ()
MOST = 3_000_000
"""Octets that the folder may hold."""

UNREJECTED = {
    "RFC5438-message-id",
    "SD-5.2.1.1.1-info",
}
"""Named requirements without a capture for each of their flows: one flow's stands for all."""


def test_that_the_captures_are_made_from_the_ladders(tmp_path: Path) -> None:
    made = {path.relative_to(tmp_path): path.read_bytes() for path in write(tmp_path)}
    kept = {
        path.relative_to(FOLDER): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()
    }
    assert sorted(made) == sorted(kept), "run `python -m tests.make_captures`"
    differing = [str(path) for path in made if made[path] != kept[path]]
    assert differing == [], "run `python -m tests.make_captures`"


def test_that_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < MOST


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: entry.path.partition("captures/")[2])
def test_that_each_capture_is_judged_as_its_index_says(entry: Entry) -> None:
    source = open_capture(entry.path)
    items = list(source)
    judged = verify(Trace(items, source.health), rules=entry.roles)
    outcome = Outcome()
    for instance in judged.results:
        outcome.add(instance)
    result = outcome.against(entry, 0)
    assert result.as_expected, "\n".join([result.sentence, *said(judged)])


def test_that_every_flow_is_accepted_rejected_and_left_open() -> None:
    found = {(entry.flow, str(entry.verdict)) for entry in INDEX}
    wanted = {(flow, verdict) for flow in load().flows for verdict in ("pass", "fail", "inconc")}
    assert wanted <= found


def test_that_every_named_requirement_is_rejected_by_a_capture() -> None:
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


def test_that_each_capture_says_what_it_shows() -> None:
    paths = [made.path for made in captures()]
    assert len(paths) == len(set(paths))
    assert all(made.shows and '"' not in made.shows for made in captures())
