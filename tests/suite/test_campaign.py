import gc
import io
import weakref
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.capture.errors import CaptureError
from conformance.cli.demo_trace import ROLES, write_demo
from conformance.flow.errors import FlowError
from conformance.report.model import Report
from conformance.report.spool import Spool
from conformance.suite import campaign
from conformance.suite.campaign import Stamp, run, topology
from conformance.suite.errors import ConformanceError
from conformance.suite.index import Entry
from conformance.suite.opinions import Opinions
from conformance.suite.setting import Grouping, Setting
from conformance.verifier.verdict import Reason, Verdict
from tests.report.samples import BEGIN, MS
from tests.suite.demo import SETTING


@pytest.fixture
def demo(tmp_path: Path) -> str:
    path = tmp_path / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    return str(path)


@pytest.fixture
def spool():
    with Spool() as made:
        yield made


def judged(spool: Spool, paths: list[str], setting: Setting = SETTING, **more) -> Report:
    return run(paths, setting, spool, Stamp("1.2.3", "2026-03-03"), **more)


def verdicts(report: Report) -> dict[str, Verdict]:
    return {instance.flow: instance.verdict for instance in report.instances}


def test_the_whole_path_from_capture_to_report(spool, demo) -> None:
    report = judged(spool, [demo])
    assert verdicts(report) == {"push-pager": Verdict.PASS, "pull": Verdict.FAIL}
    assert report.verdict is Verdict.FAIL
    assert (report.tool, report.version, report.made) == ("cpmspec", "1.2.3", "2026-03-03")
    capture = report.captures[0]
    assert (capture.path, capture.packets, capture.sip_messages) == (demo, 11, 11)
    assert len(capture.sha256) == 64
    assert {note.role for note in report.roles} >= set(ROLES)
    assert len(report.flows) == 9
    broken = {one.id for one in report.requirements if one.verdict is Verdict.FAIL}
    assert "pull/6-7" in broken


def test_standard_input_is_judged_like_a_file(spool, demo) -> None:
    report = judged(spool, ["-"], stdin=io.BytesIO(Path(demo).read_bytes()))
    assert report.verdict is Verdict.FAIL
    assert report.captures[0].path == "-"


def test_only_the_flow_asked_for_is_judged(spool, demo) -> None:
    report = judged(spool, [demo], replace(SETTING, flow=("push-pager",)))
    assert verdicts(report) == {"push-pager": Verdict.PASS}
    assert report.verdict is Verdict.PASS
    assert report.selection == ("flow push-pager",)


def test_only_the_instances_asked_for_are_shown(spool, demo) -> None:
    report = judged(spool, [demo], replace(SETTING, end=BEGIN + 5_000 * MS))
    assert verdicts(report) == {"push-pager": Verdict.PASS}


def test_a_flow_that_is_not_claimed_is_not_applicable(spool, demo) -> None:
    report = judged(spool, [demo], replace(SETTING, unclaimed=("pull",)))
    assert "pull" not in verdicts(report)
    flow = next(one for one in report.flows if one.id == "pull")
    assert flow.reason_code is Reason.NOT_APPLICABLE


def test_an_expected_flow_that_is_absent_fails_the_run(spool, demo) -> None:
    setting = replace(SETTING, flow=("push-pager",), expect=("push-pager", "undelivered"))
    report = judged(spool, [demo], setting)
    met, absent = report.expected
    assert met.met
    assert not absent.met
    assert absent.sentence.startswith("undelivered was expected and does not appear")
    assert report.verdict is Verdict.FAIL


def test_what_nearly_was_a_flow_is_explained_without_failing(spool, demo) -> None:
    octets = (
        Path(demo).read_bytes().replace(b"Event: deferred-messages", b"Event: deferred-massages")
    )
    Path(demo).write_bytes(octets)
    setting = replace(SETTING, explain=("pull",), flow=("pull",))
    report = judged(spool, [demo], setting)
    assert "pull" not in verdicts(report)
    assert {miss.flow for miss in report.near_misses} <= {"pull"}
    assert report.verdict is not Verdict.FAIL


def test_captures_apart_and_as_one(spool, demo, tmp_path) -> None:
    other = tmp_path / "other.pcapng"
    with other.open("wb") as file:
        write_demo(file, BEGIN + 3_600_000 * MS)
    apart = judged(spool, [demo, str(other)], replace(SETTING, grouping=Grouping.SEPARATE))
    assert apart.flows[3].counts[Verdict.FAIL] == 2
    assert len({instance.id for instance in apart.instances}) == 4
    assert {cell.capture for cell in apart.matrix} == {0, 1}
    with Spool() as second:
        one = judged(second, [demo, str(other)], replace(SETTING, grouping=Grouping.AS_ONE))
        assert one.verdict is Verdict.FAIL


def test_the_report_says_what_was_judged_as_one(spool, demo, tmp_path) -> None:
    """Captures that begin at once are not; files of a ring are."""
    other = tmp_path / "other.pcapng"
    with other.open("wb") as file:
        write_demo(file, BEGIN + MS)
    rows = judged(spool, [demo, str(other)], SETTING).captures
    assert [one.judged_with for one in rows] == [(), ()]
    with Spool() as second:
        asked = replace(SETTING, grouping=Grouping.AS_ONE)
        rows = judged(second, [demo, str(other)], asked).captures
        assert [one.judged_with for one in rows] == [(1,), (0,)]


def entry(path: str, **more) -> dict[str, Entry]:
    found = Entry(path, "A pull without NOTIFY.", "pull", Verdict.FAIL, roles=SETTING.roles)
    return {path: replace(found, **more)}


def test_an_index_is_compared_with_what_came(spool, demo) -> None:
    report = judged(spool, [demo], Setting(), index=entry(demo))
    assert report.index[0].as_expected
    with Spool() as second:
        wrong = judged(second, [demo], Setting(), index=entry(demo, verdict=Verdict.PASS))
        assert wrong.index[0].sentence == "verdict fail, the index expects pass"


@pytest.mark.parametrize("more", [{"flow": "pul"}, {"profile": "rsc"}])
def test_a_wrong_name_in_an_index_is_refused(spool, demo, more) -> None:
    with pytest.raises((ConformanceError, FlowError), match="did you mean"):
        judged(spool, [demo], Setting(), index=entry(demo, **more))


def test_our_own_exception_is_an_error_and_no_verdict(spool, demo, monkeypatch) -> None:
    class Broken:
        def __init__(self, *arguments, **names) -> None:
            raise KeyError("x")

    monkeypatch.setattr(campaign, "BoundedJudge", Broken)
    report = judged(spool, [demo])
    assert report.verdict is Verdict.ERROR
    assert report.faults[0].doing == f"judging {demo}"
    assert report.faults[0].sentence == "KeyError: 'x'"
    assert "Traceback" in report.faults[0].traceback


def test_what_is_no_capture_is_refused_before_anything_is_judged(spool, demo, tmp_path) -> None:
    text = tmp_path / "text.pcap"
    text.write_text("INVITE")
    with pytest.raises(CaptureError):
        judged(spool, [demo, str(text)])
    assert len(spool) == 0


def test_an_unknown_profile_is_refused(spool, demo) -> None:
    with pytest.raises(FlowError, match="there is no profile 'rsc'"):
        judged(spool, [demo], replace(SETTING, profile="rsc"))


def test_progress_is_told_of_both_passes(spool, demo) -> None:
    told: list[str] = []
    judged(spool, [demo], progress=lambda doing, path, octets, total: told.append(doing))
    assert set(told) == {"reading", "judging"}


def test_roles_are_read_from_captures(demo) -> None:
    rules = topology([demo], SETTING)
    assert {(rule.role.value, rule.address) for rule in rules if rule.given} == set(ROLES.items())


def test_a_judge_that_is_done_with_waits_for_no_collector(spool, demo, monkeypatch) -> None:
    judges: list[weakref.ref[campaign.BoundedJudge]] = []

    class Seen(campaign.BoundedJudge):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)
            judges.append(weakref.ref(self))

    monkeypatch.setattr(campaign, "BoundedJudge", Seen)
    monkeypatch.setattr(campaign, "_MANY", 0)
    gc.collect()
    gc.disable()
    try:
        run([demo], SETTING, spool, Stamp("0"))
        assert [judge() for judge in judges] == [None]
    finally:
        gc.enable()


def test_the_collector_looks_often_while_the_reference_plays_and_then_as_before(
    spool, demo, monkeypatch
) -> None:
    seen: list[int] = []
    ask = Opinions.ask

    def watched(*given: object, **named: object) -> object:
        seen.append(gc.get_threshold()[0])
        return ask(*given, **named)

    monkeypatch.setattr(Opinions, "ask", watched)
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 20, 100)
    try:
        judged(spool, [demo], replace(SETTING, compare=True))
        assert seen == [campaign._MANY]
        assert gc.get_threshold() == (1_000_000, 20, 100)
    finally:
        gc.set_threshold(*before)
