from dataclasses import replace
from pathlib import Path

import pytest

from conformance.capture.errors import CaptureError
from conformance.cli.demo_trace import write_demo
from conformance.report.model import Fault, Report
from conformance.suite.assertion import SHOWN, WIDTH, assert_conforms, explanation, verified
from conformance.suite.errors import ConformanceError
from conformance.verifier.verdict import Reason, Verdict
from tests.report.opinion_samples import compared_report
from tests.report.samples import BEGIN, passed_pager
from tests.suite.demo import SETTING


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo") / "demo.pcapng"
    with made.open("wb") as file:
        write_demo(file, BEGIN)
    return made


@pytest.fixture(scope="module")
def report(path: Path) -> Report:
    return verified(path, SETTING)


def test_files_folders_and_lists_are_judged_whole(report, path) -> None:
    assert {one.flow for one in report.instances} == {"push-pager", "pull"}
    assert report.counted == 0
    for captures in (str(path), path.parent, [path]):
        assert len(verified(captures, SETTING).instances) == 2


def test_what_is_no_capture_is_the_users_mistake(tmp_path) -> None:
    with pytest.raises(CaptureError):
        verified(tmp_path / "absent.pcap", SETTING)


def test_what_holds_is_silent(report) -> None:
    assert_conforms(report, "push-pager")
    assert_conforms(report, requirement="push-pager/2-3")


def test_a_departure_shows_its_ladder(report) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_conforms(report)
    text = str(raised.value)
    for words in (
        "the captures: fail in ",
        "6 ✗ missing: NOTIFY",
        "◀━ here",
        "expected: step 6-7",
        "observed: pf to core: nothing was sent",
        "at fault: Participating Function",
        "B.3.6.2_pull.flow:",
        "shortest repair: insert step 6",
    ):
        assert words in text


def test_another_requirements_findings_are_not_told(report) -> None:
    pull = next(one for one in report.instances if one.flow == "pull")
    assert "observed:" in explanation(pull, "pull/6-7")
    assert "observed:" not in explanation(pull, "pull/2-3")


def test_the_ladder_keeps_its_width(report) -> None:
    pull = next(one for one in report.instances if one.flow == "pull")
    arrows = [line for line in explanation(pull).splitlines() if "│" in line]
    assert arrows
    assert all(len(line) <= WIDTH + 2 for line in arrows)


def test_inconclusive_is_no_conformance_unless_allowed(report) -> None:
    unsure = replace(
        next(iter(report.instances)),
        verdict=Verdict.INCONC,
        reason_code=Reason.GAP,
        would_settle="a capture without the gap",
    )
    found = replace(report, instances=(unsure,))
    with pytest.raises(AssertionError, match="would settle it: a capture without the gap"):
        assert_conforms(found)
    assert_conforms(found, allow=["inconc"])
    assert_conforms(found, allow="inconc")


def test_nothing_exercised_is_no_conformance_unless_allowed(report) -> None:
    with pytest.raises(AssertionError, match="push: not exercised"):
        assert_conforms(report, "push")
    assert_conforms(report, "push", allow=["none"])


def test_many_departures_are_counted(report) -> None:
    pull = next(one for one in report.instances if one.flow == "pull")
    found = replace(
        report, instances=tuple(replace(pull, id=f"pull.{n}") for n in range(SHOWN + 2))
    )
    with pytest.raises(AssertionError, match="2 instances more"):
        assert_conforms(found, "pull")


def test_our_fault_and_an_absent_flow_are_told(report, path) -> None:
    with pytest.raises(AssertionError, match="cpmspec itself failed: KeyError"):
        assert_conforms(replace(report, faults=(Fault("judging", "KeyError: x"),)))
    found = verified(path, replace(SETTING, expect=("undelivered",)))
    with pytest.raises(AssertionError, match="undelivered was expected"):
        assert_conforms(found, "push-pager")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"flow": "pul"}, "'pul' is none of the flows judged"),
        ({"requirement": "pull/99"}, "'pull/99' is no requirement"),
        ({"allow": ["fail"]}, "'fail' is neither inconc nor none"),
    ],
)
def test_a_wrong_name_is_refused(report, arguments, sentence) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        assert_conforms(report, **arguments)


def test_what_the_reference_finds_outside_every_instance_conforms_to_nothing() -> None:
    made = replace(compared_report(), instances=(passed_pager(),))
    with pytest.raises(AssertionError, match=r"10\.0\.3\.1: the reference would have sent INVITE"):
        assert_conforms(made)
    assert_conforms(made, "push-pager")
    assert_conforms(replace(made, opinions=()))
