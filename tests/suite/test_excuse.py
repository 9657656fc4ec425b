from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conformance.cli.demo_trace import write_demo
from conformance.flow.program import Level
from conformance.report.model import Report
from conformance.suite.assertion import verified
from conformance.suite.excuse import excuse
from conformance.suite.policy import Action, Known, Policy
from tests.report.samples import BEGIN
from tests.suite.demo import SETTING

TODAY = date(2026, 3, 2)
KNOWN = Known("pull/6-7", "lab", "LAB-17", date(2026, 12, 31), "nothing was sent")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    path: Path = tmp_path_factory.mktemp("demo") / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    return verified(path, SETTING)


def told(report: Report, known: Known, requirement: str = "") -> str:
    return excuse(report, Policy(known=(known,)), "pull", requirement, TODAY)


def test_a_known_issue_excuses_its_requirement_and_its_flow(report) -> None:
    for requirement in ("", "pull/6-7"):
        assert told(report, KNOWN, requirement) == "known until 2026-12-31 (lab: LAB-17)"


def test_what_follows_from_a_known_issue_is_known_with_it(report) -> None:
    assert told(report, KNOWN, "pull/8-9").startswith("known until")


@pytest.mark.parametrize(
    "changes",
    [
        {"expires": date(2026, 3, 1)},
        {"message": "it was late"},
        {"requirement": "pull/8-9"},
        {"flow": "push"},
        {"capture": "other/*"},
    ],
)
def test_anything_else_is_news(report, changes) -> None:
    assert told(report, replace(KNOWN, **changes), "pull/6-7") == ""


def test_it_holds_up_to_and_with_its_last_day(report) -> None:
    assert told(report, replace(KNOWN, expires=TODAY))


def test_without_known_issues_nothing_is_excused(report) -> None:
    assert excuse(report, Policy(), "pull", "", TODAY) == ""


def test_a_level_that_does_not_count_is_let_be(report) -> None:
    policy = Policy(levels={Level.FLOW: Action.WARN})
    assert excuse(report, policy, "pull", "pull/6-7", TODAY) == "the policy lets level flow be"
    assert excuse(report, policy, "pull", "", TODAY) == "the policy lets these levels be"
