from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest

from conformance.capture.native import NativeSource
from conformance.cli.telling import Silent
from conformance.live.source import FollowedSource
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Observation, Shown
from conformance.report.model import Report
from conformance.report.spool import Spool
from conformance.suite.campaign import Stamp, run
from conformance.suite.restored import about
from conformance.suite.results import Results
from conformance.suite.setting import Setting, parse_role
from conformance.suite.watch import SECOND, Bounds, Watch
from conformance.verifier.instance import Instance
from conformance.verifier.verdict import Finding, InstanceResult, Reason, Verdict
from tests.live.growing import blocks, capture, parts, statistics

STAMP = Stamp("1.2.3", "2026-03-03")
FLOWS = ("push", "pull", "push-pager", "undelivered", "interwork-out", "interwork-in")


class Heard(Silent):
    def __init__(self) -> None:
        self.instances: list[InstanceResult] = []
        self.findings: list[Finding] = []
        self.gaps: list[Gap] = []

    def settled(self, instance: InstanceResult) -> None:
        self.instances.append(instance)

    def finding(self, instance: Instance, finding: Finding) -> None:
        self.findings.append(finding)

    def gap(self, gap: Gap) -> None:
        self.gaps.append(gap)


class Bench:
    """Watches made for one test."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.heard = Heard()
        self.results: Results | None = None
        self.watch: Watch | None = None

    def over(self, source, setting: Setting | None = None, **bounds) -> Report:
        """The report of a watch over a source."""
        self.begin(source.healths, setting, **bounds)
        for item in source:
            self.watch.take(item)
        return self.end()

    def begin(self, healths, setting: Setting | None = None, **bounds) -> Watch:
        setting = setting or Setting()
        self.results = Results.begin(str(self.folder / "results"), about(setting, STAMP))
        self.watch = Watch(setting, self.results, healths, self.heard, bounds=Bounds(**bounds))
        return self.watch

    def end(self) -> Report:
        self.watch.finish()
        return self.watch.report(STAMP)


@pytest.fixture
def bench(tmp_path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    if made.results is not None:
        made.results.close()


def live(*files: bytes) -> FollowedSource:
    opened = [BytesIO(one) for one in files]
    return FollowedSource(CaptureHealth("live", "native"), opened, lambda: True)


def items(octets: bytes) -> list[Shown]:
    return list(NativeSource(CaptureHealth("live", "native"), 0, lambda: BytesIO(octets)))


def told(report: Report) -> list[tuple[str, Verdict, tuple[str, ...]]]:
    return sorted(
        (one.flow, one.verdict, tuple(found.requirement for found in one.findings))
        for one in report.instances
    )


def verified(folder, octets: bytes, setting: Setting | None = None):
    path = folder / "whole.pcapng"
    path.write_bytes(octets)
    with Spool() as spool:
        return told(run([str(path)], setting or Setting(), spool, STAMP))


@pytest.mark.parametrize("flow", FLOWS)
def test_what_is_watched_gets_the_verdicts_that_verify_gives(bench, tmp_path, flow: str) -> None:
    report = bench.over(live(*parts(capture(flow), 3)))
    assert told(report) == verified(tmp_path, capture(flow))
    assert report.verdict is Verdict.PASS
    assert [one.id for one in bench.heard.instances] == [one.id for one in report.instances]
    assert bench.watch.open == bench.watch.held == 0
    assert {note.given for note in report.roles} == {False}


def test_given_roles_are_used_from_the_first_message_on(bench) -> None:
    roles = (
        *parse_role("core=10.0.1.1"),
        *parse_role("pf=10.0.3.1"),
        *parse_role("client=10.0.2.20"),
    )
    report = bench.over(live(capture("push-pager")), Setting(roles=roles), behind=0)
    assert [one.verdict for one in report.instances] == [Verdict.PASS]


def test_before_the_warm_up_is_over_nothing_is_judged(bench) -> None:
    watch = bench.begin([CaptureHealth("live", "native")])
    seen = items(capture("push-pager"))
    watch.take(seen[0])
    assert (watch.held, watch.open) == (1, 0)


def test_what_is_held_is_bounded(bench) -> None:
    watch = bench.begin([CaptureHealth("live", "native")], held=3)
    for item in items(capture("push-pager")):
        watch.take(item)
        assert watch.held <= 3


def test_verdicts_come_while_the_capture_goes_on(bench) -> None:
    health = CaptureHealth("live", "native")
    watch = bench.begin([health])
    seen = items(capture("push-pager"))
    for item in seen:
        watch.take(item)
    assert not bench.heard.instances
    # A quiet link: nothing but its clock goes on.
    watch.tick(seen[-1].time + 600 * SECOND)
    assert [one.verdict for one in bench.heard.instances] == [Verdict.PASS]
    assert watch.open == 0


def test_a_clock_that_went_less_far_settles_nothing(bench) -> None:
    watch = bench.begin([CaptureHealth("live", "native")])
    watch.tick(SECOND)
    seen = items(capture("push-pager"))
    for item in seen:
        watch.take(item)
    watch.tick(seen[-1].time)
    assert not bench.heard.instances


def test_lost_packets_are_a_gap_and_convict_nobody(bench) -> None:
    cut = capture("push")[: len(capture("push")) * 2 // 3]
    whole = cut[: sum(len(one) for one in _blocks(cut))]
    source = live(whole + statistics(5))
    report = bench.over(source)
    assert source.lost == 5
    assert bench.heard.gaps
    assert report.verdict is not Verdict.FAIL
    assert [gap.reason for gap in report.captures[0].gaps] == [GapReason.DROPPED]


def _blocks(octets: bytes) -> list[bytes]:
    return [one for one in blocks(octets) if len(one) == int.from_bytes(one[4:8], "little")]


def test_more_open_conversations_than_allowed_are_let_go_and_told_of(bench) -> None:
    health = CaptureHealth("live", "native")
    watch = bench.begin([health], most=1, warm_up=1, behind=0)
    seen = [
        item
        for flow in ("pull", "push", "undelivered", "push-pager")
        for item in items(capture(flow))
        if isinstance(item, Observation)
    ]
    shift = 0
    for number, item in enumerate(seen, 1):
        shift = max(shift, item.time)
        watch.take(replace(item, time=seen[0].time + number * 1_000_000, number=number))
        assert watch.open <= 3
    report = bench.end()
    assert watch.evicted
    assert any("let go" in gap.where for gap in report.captures[0].gaps)
    inconclusive = [one for one in report.instances if one.reason_code is Reason.GAP]
    assert all("--max-open" in one.would_settle for one in inconclusive)
    assert report.verdict is not Verdict.FAIL


def test_an_error_of_ours_is_a_fault_and_the_watch_goes_on(bench, monkeypatch) -> None:
    watch = bench.begin([CaptureHealth("live", "native")], warm_up=0, behind=0)
    judge = watch._judge
    feed, calls = judge.feed, []

    def stumbling(item):
        calls.append(item)
        if len(calls) == 1:
            raise KeyError("ours")
        return feed(item)

    monkeypatch.setattr(judge, "feed", stumbling)
    seen = items(capture("push-pager"))
    for item in seen:
        watch.take(item)
    report = bench.end()
    assert len(calls) == len(seen)
    assert [fault.sentence for fault in report.faults] == ["KeyError: 'ours'"]
    assert report.verdict is Verdict.ERROR


def test_a_selection_keeps_out_what_was_not_asked_for(bench) -> None:
    report = bench.over(live(capture("push-pager")), Setting(call_id="nobody's"))
    assert len(report.instances) == 0
    assert report.verdict is Verdict.NONE
