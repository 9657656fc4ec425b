"""A run that is shared out gives the report of a serial run, whoever does the tasks."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.capture.errors import CaptureError
from conformance.report import tally
from conformance.report.spool import Spool
from conformance.suite import parallel
from conformance.suite.index import Entry
from conformance.suite.parallel import Lost
from conformance.suite.parallel_part import Task
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.redact import Redaction
from conformance.suite.setting import Grouping, Setting
from conformance.verifier.verdict import Verdict
from tests.report.samples import MS
from tests.suite.parallel_captures import SETTING, STAMP, demos, serial, shared

OURS = Path(__file__).resolve().parents[2] / "captures"


class Here:
    """A crew that does everything in this process, the last task first."""

    def __init__(self, folder: str = "", lost: str = "") -> None:
        self.folder = folder
        self.lost = lost
        self.done = 0

    def refuse(self, paths: Sequence[str], setting: Setting) -> None:
        """Nothing is refused."""

    def do(self, work, tasks: Sequence[Task], tell) -> Iterator[tuple[int, object]]:
        for place, task in reversed(list(enumerate(tasks))):
            self.done += 1
            tell(place)
            died = self.lost and task.names.endswith(self.lost) and self.done > self.after
            yield place, Lost("it died") if died else work(task)

    after = 0
    fetches = False


@pytest.fixture(params=["folder", "memory"])
def crew(request, tmp_path) -> Here:
    folder = tmp_path / "shared"
    folder.mkdir()
    return Here(str(folder) if request.param == "folder" else "")


@pytest.mark.parametrize("grouping", [Grouping.AUTO, Grouping.AS_ONE, Grouping.SEPARATE])
def test_it_is_the_serial_report(crew, tmp_path, grouping):
    paths = demos(tmp_path, 4)
    setting = replace(SETTING, grouping=grouping, expect=("pull", "undelivered"))
    assert shared(crew, paths, setting) == serial(paths, setting)


def test_files_that_continue_one_another_are_judged_together(crew, tmp_path):
    paths = demos(tmp_path, 3, apart=40_000 * MS)
    assert shared(crew, paths) == serial(paths)
    assert crew.done == 3 + 1


@pytest.mark.parametrize("path", ["pull", "push-pager", "ordinary"])
def test_our_captures(crew, path):
    paths = sorted(map(str, (OURS / path).glob("*.pcapng")))[:12]
    setting = Setting(grouping=Grouping.SEPARATE, compare=True)
    assert shared(crew, paths, setting) == serial(paths, setting)


def test_an_index(crew, tmp_path):
    paths = demos(tmp_path, 3)
    index = {
        path: Entry(path, "a pull", "pull", verdict, roles=SETTING.roles)
        for path, verdict in zip(paths, (Verdict.FAIL, Verdict.PASS, Verdict.FAIL), strict=True)
    }
    assert shared(crew, paths, Setting(), index=index) == serial(paths, Setting(), index=index)


def test_pseudonyms_are_the_same_everywhere(crew, tmp_path):
    paths = demos(tmp_path, 2)
    setting = replace(Setting(), redaction=Redaction(Pseudonyms(bytes(32))))
    assert shared(crew, paths, setting) == serial(paths, setting)


def test_what_a_report_lists_does_not_depend_on_who_judged(crew, tmp_path, monkeypatch):
    monkeypatch.setattr(tally, "LISTED", 3)
    monkeypatch.setattr(tally, "NAMED", 2)
    paths = demos(tmp_path, 6)
    for everything in (False, True):
        setting = replace(SETTING, everything=everything)
        assert shared(crew, paths, setting) == serial(paths, setting)


def test_a_report_that_keeps_no_passing_instances(crew, tmp_path):
    paths = demos(tmp_path, 2)
    with Spool(passing=False) as spool:
        report = parallel.run(paths, SETTING, spool, STAMP, crew)
        assert {one.verdict for one in spool} == {Verdict.FAIL}
        assert report.total(Verdict.PASS) == 2
        assert len(spool) == 4


def test_standard_input_is_one_of_them(crew, tmp_path):
    paths = demos(tmp_path, 2)
    octets = Path(paths[1]).read_bytes()
    found = shared(crew, [paths[0], "-"], stdin=io.BytesIO(octets))
    assert found == serial([paths[0], "-"], stdin=io.BytesIO(octets))


def test_what_is_no_capture_is_refused_before_anything_is_judged(crew, tmp_path):
    wrong = tmp_path / "wrong.pcapng"
    wrong.write_bytes(b"no capture")
    with pytest.raises(CaptureError, match="no capture"):
        shared(crew, [*demos(tmp_path, 1), str(wrong)])
    assert not crew.done


@pytest.mark.parametrize(("after", "doing"), [(0, "reading"), (3, "judging")])
def test_a_task_that_is_lost_takes_no_other_along(crew, tmp_path, after, doing):
    paths = demos(tmp_path, 3)
    crew.lost, crew.after = "1.pcapng", after
    with Spool() as spool:
        report = parallel.run(paths, SETTING, spool, STAMP, crew)
        assert [fault.doing for fault in report.faults] == [f"{doing} {paths[1]}"]
        assert report.faults[0].sentence == "it died"
        assert report.verdict is Verdict.ERROR
        assert {one.captures for one in spool} == {(0,), (2,)}
        assert len(report.captures) == 3


def test_a_task_lost_when_each_capture_is_judged_alone(crew, tmp_path):
    paths = demos(tmp_path, 2)
    crew.lost = "0.pcapng"
    with Spool() as spool:
        setting = replace(SETTING, grouping=Grouping.SEPARATE)
        report = parallel.run(paths, setting, spool, STAMP, crew)
        assert [fault.doing for fault in report.faults] == [f"judging {paths[0]}"]
        assert [one.sha256 == "" for one in report.captures] == [True, False]


def test_nothing_is_left_in_the_folder(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    shared(Here(str(folder)), demos(tmp_path, 3))
    assert list(folder.iterdir()) == []


def test_progress_is_one_bar_over_all_of_it(crew, tmp_path):
    paths = demos(tmp_path, 3)
    told = []
    shared(crew, paths, progress=lambda *what: told.append(what))
    assert {(doing, name) for doing, name, _, _ in told} == {("judging", "3 captures")}
    assert all(octets <= total for _, _, octets, total in told)
