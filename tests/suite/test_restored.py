from io import BytesIO

import pytest

from conformance.cli.telling import Silent
from conformance.live.source import FollowedSource
from conformance.observation.trace import CaptureHealth
from conformance.report import tally
from conformance.report.read_json import read_json
from conformance.report.render_json import pieces
from conformance.suite.campaign import Stamp
from conformance.suite.restored import about, restored
from conformance.suite.results import Results, open_results
from conformance.suite.setting import Setting
from conformance.suite.watch import Watch
from tests.live.growing import capture

STAMP = Stamp("1.2.3", "2026-03-03")
LATE = 4_000_000_000 * 1_000_000_000


def watched(path: str, octets: bytes, setting: Setting) -> tuple[Watch, Results]:
    source = FollowedSource(CaptureHealth("live", "native"), [BytesIO(octets)], lambda: True)
    results = Results.begin(path, about(setting, STAMP))
    watch = Watch(setting, results, source.healths, Silent())
    for item in source:
        watch.take(item)
    return watch, results


@pytest.mark.parametrize("flow", ["push", "pull", "undelivered"])
def test_the_report_can_be_made_anew_from_what_was_kept(tmp_path, flow: str) -> None:
    path = str(tmp_path / "results")
    watch, results = watched(path, capture(flow), Setting(strict=True))
    watch.finish()
    report = watch.report(STAMP)
    again = restored(open_results(path))
    assert "".join(pieces(again)) == "".join(pieces(report))
    assert read_json("".join(pieces(again))).strict
    results.close()


def test_what_a_killed_watch_had_judged_is_all_there(tmp_path) -> None:
    path = str(tmp_path / "results")
    watch, results = watched(path, capture("push"), Setting())
    watch.checkpoint()
    watch.tick(LATE)
    assert watch.counts.verdicts.total() == 1
    # No finish, no report: as if it had been killed.
    report = restored(open_results(path))
    assert [one.flow for one in report.instances] == ["push"]
    assert report.captures[0].packets > 0
    assert report.roles
    results.close()


def test_passing_instances_that_are_not_listed_are_counted_again(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tally, "LISTED", 0)
    path = str(tmp_path / "results")
    watch, results = watched(path, capture("push"), Setting())
    watch.finish()
    report = watch.report(STAMP)
    again = restored(open_results(path))
    assert len(report.instances) == len(again.instances) == 0
    assert report.counted == again.counted == 1
    assert "".join(pieces(again)) == "".join(pieces(report))
    results.close()
