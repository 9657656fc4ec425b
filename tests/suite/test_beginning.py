from conformance.observation.trace import CaptureHealth, GapReason
from conformance.report.spool import Spool
from conformance.suite import beginning
from conformance.suite.beginning import watched_beginning, without_beginning
from conformance.suite.campaign import Stamp, run
from conformance.suite.setting import Setting
from tests.scenarios import catalogue


def remarks(items):
    health = CaptureHealth("a", "native")
    assert list(watched_beginning(iter(items), health)) == list(items)
    assert all(gap.reason is GapReason.MID_DIALOG for gap in health.gaps)
    return health.gaps, health


def test_what_is_whole_has_no_remark():
    trace = catalogue.ladder("VARIANTS", "pull", "base").trace()
    assert remarks(trace.items)[0] == []


def test_a_dialog_whose_beginning_is_not_there():
    ladder = catalogue.ladder("VARIANTS", "pull", "base")
    items = ladder.trace().items
    place = next(n for n, one in enumerate(items) if b"NOTIFY" in one.message.octets[:8])
    (gap,), health = remarks(items[place:])
    assert "had begun before the capture did" in gap.where
    assert gap.after_frame == items[place].frames[-1] - 1
    assert gap.time == items[place].time
    without_beginning(health)
    assert health.gaps == []


def test_an_answer_whose_request_is_not_there():
    items = catalogue.ladder("VARIANTS", "push-pager", "base").trace().items
    place = next(n for n, one in enumerate(items) if one.message.octets.startswith(b"SIP/2.0"))
    assert len(remarks(items[place:])[0]) == 1


def test_only_the_first_conversations_are_looked_at(monkeypatch):
    monkeypatch.setattr(beginning, "_MOST", 1)
    items = catalogue.ladder("VARIANTS", "pull", "base").trace().items
    place = next(n for n, one in enumerate(items) if b"NOTIFY" in one.message.octets[:8])
    assert remarks([*items[:1], *items[place:]])[0] == []


def test_it_is_told_with_the_capture_and_changes_no_verdict(tmp_path):
    ladder = catalogue.ladder("VARIANTS", "pull", "base")
    path = tmp_path / "late.pcapng"
    ladder.cut_before(ladder.find("6")).write_pcapng(path)
    with Spool() as spool:
        report = run([str(path)], Setting(everything=True), spool, Stamp(""))
        reasons = [one.reason_code for one in spool]
    (capture,) = report.captures
    assert [gap.reason for gap in capture.gaps] == [GapReason.MID_DIALOG]
    assert not [reason for reason in reasons if reason == "gap"]
