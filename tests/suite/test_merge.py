"""Two taps of one event: clocks aligned, copies folded, judged as what one tap would have seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cli.main import main
from conformance.observation.trace import Gap, GapReason, Observation, Shown, Skew
from conformance.reference.network.medium import Passed
from conformance.reference.network.tap import EVERYWHERE, Tap, link
from conformance.reference.scenarios.scenario import play
from conformance.report.model import Report
from conformance.report.spool import Spool
from conformance.suite import simulation
from conformance.suite.alignment import Clock
from conformance.suite.campaign import run
from conformance.suite.errors import ConformanceError
from conformance.suite.merge import WINDOW, Merger
from conformance.suite.recording import trace, write
from conformance.suite.setting import Grouping, Setting
from tests.suite.parallel_captures import STAMP

SECOND = 1_000_000_000
MS = SECOND // 1_000
AWAY = 2 * MS
"""What a message takes from one tap to the other: less than any party's time to react."""
MERGED = Setting(grouping=Grouping.MERGE)
ACCESS = link("client", "core")
NETWORK = ACCESS | link("core", "pf") | link("core", "remote") | link("pf", "pf")


def recorded(flow: str) -> list[Passed]:
    return play(simulation.find(flow)).passed


def at(passed: list[Passed], shift: Callable[[int], int]) -> list[Passed]:
    """The same as another clock shows it."""
    return [one._replace(time=shift(one.time)) for one in passed]


def capture(folder: Path, name: str, passed: list[Passed], tap: Tap = EVERYWHERE) -> str:
    path = folder / f"{name}.pcapng"
    with path.open("wb") as file:
        write(file, passed, tap, name=name)
    return str(path)


def judged(paths: list[str], setting: Setting = MERGED) -> tuple[Report, list[tuple[str, ...]]]:
    with Spool() as spool:
        report = run(paths, setting, spool, STAMP)
        found = [
            (one.flow, str(one.verdict), str(one.seen), str(one.reason_code)) for one in spool
        ]
        return report, sorted(found)


@pytest.mark.parametrize("flow", ["push-pager", "push", "push-large", "pull", "chat-deferred"])
@pytest.mark.parametrize(
    "shift",
    [
        lambda time: time + 3_700 * MS,
        lambda time: time - 3_600 * SECOND,
        lambda time: time + 60 * SECOND + (time % (10**6 * SECOND)) // 20_000,
    ],
    ids=["seconds", "an-hour-behind", "drifting"],
)
def test_two_taps_are_judged_as_one_that_saw_all(tmp_path, flow, shift):
    passed = recorded(flow)
    whole = judged([capture(tmp_path, "whole", passed)], Setting())[1]
    client = capture(tmp_path, "client", passed, Tap(links=ACCESS))
    core = capture(tmp_path, "core", at(passed, shift))
    report, found = judged([client, core])
    assert found == whole
    assert report.captures[0].skew is None
    assert report.captures[1].skew is not None


@pytest.mark.parametrize("flow", ["push-pager", "push", "push-large", "pull", "chat-deferred"])
def test_a_long_way_between_the_taps_accuses_nobody(tmp_path, flow):
    passed = recorded(flow)
    whole = judged([capture(tmp_path, "whole", passed)], Setting())[1]
    away = sorted(
        one._replace(time=one.time + (AWAY if one.receiver == "client" else -AWAY))
        for one in passed
        if "client" in (one.sender, one.receiver)
    )
    client = capture(tmp_path, "client", away)
    core = capture(tmp_path, "core", at(passed, lambda time: time + 5 * SECOND))
    report, found = judged([client, core])
    skew = report.captures[1].skew
    assert skew is not None
    assert abs(skew.offset - 5 * SECOND) <= skew.doubt
    assert skew.doubt >= AWAY
    assert [one[:2] for one in found] == [one[:2] for one in whole]


def test_the_skew_is_told(tmp_path, capsys):
    passed = recorded("push-pager")
    client = capture(tmp_path, "client", passed, Tap(links=ACCESS))
    core = capture(tmp_path, "core", at(passed, lambda time: time - 2_500 * MS))
    skew = judged([client, core])[0].captures[1].skew
    assert skew is not None
    assert (skew.against, skew.offset, skew.drift) == (client, -2_500 * MS, 0)
    assert skew.common > 3
    page = tmp_path / "page.html"
    main(["verify", client, core, "--merge", "--html", str(page)])
    told = capsys.readouterr().out
    assert "its clock is 2.500000 s behind that of" in told
    assert "2.500000 s behind" in page.read_text()


def test_what_only_one_of_them_saw_is_there_and_nothing_twice(tmp_path):
    passed = recorded("pull")
    client = capture(tmp_path, "client", passed, Tap(links=ACCESS))
    core = capture(tmp_path, "core", at(passed, lambda time: time + 9 * SECOND))
    alone = judged([core], Setting())[1]
    for paths in ([client, core], [core, client]):
        assert judged(paths)[1] == alone


def test_nothing_in_common(tmp_path):
    passed = recorded("push-pager")
    client = capture(tmp_path, "client", passed, Tap(links=ACCESS))
    other = capture(tmp_path, "other", passed, Tap(links=link("core", "pf")))
    with pytest.raises(ConformanceError, match="no message in common with") as caught:
        judged([client, other])
    assert caught.value.place == "--merge"


def test_over_a_third_tap(tmp_path):
    passed = recorded("push-pager")
    paths = [
        capture(tmp_path, "client", passed, Tap(links=ACCESS)),
        capture(
            tmp_path, "pf", at(passed, lambda t: t + 8 * SECOND), Tap(links=link("core", "pf"))
        ),
        capture(tmp_path, "core", at(passed, lambda t: t + 3 * SECOND)),
    ]
    report, found = judged(paths)
    assert found == judged([capture(tmp_path, "whole", passed)], Setting())[1]
    offsets = [one.skew.offset if one.skew else 0 for one in report.captures]
    assert offsets == [0, 8 * SECOND, 3 * SECOND]


def test_one_capture_is_nothing_to_merge(tmp_path):
    path = capture(tmp_path, "client", recorded("push-pager"))
    with pytest.raises(ConformanceError, match="two captures or more"):
        judged([path])


def observations(capture: int, shift: int = 0) -> list[Shown]:
    items = trace(recorded("push-pager")).items
    return [replace(item, capture=capture, time=item.time + shift) for item in items]


def test_a_retransmission_is_no_copy():
    first = observations(0)
    message = first[0]
    assert isinstance(message, Observation)
    again = replace(message, time=message.time + 2 * WINDOW, number=99)
    copy = replace(message, capture=1)
    merger = Merger({0: Clock(), 1: Clock()})
    found = list(merger.merged([iter([message, again]), iter([copy])]))
    assert [(one.capture, one.time) for one in found] == [
        (0, message.time),
        (0, again.time),
    ]


def test_the_same_captures_can_be_merged_again_and_again():
    merger = Merger({0: Clock(), 1: Clock(offset=SECOND)})
    here, there = observations(0), observations(1, SECOND)
    once = list(merger.merged([iter(here), iter(there)]))
    assert list(merger.merged([iter(here), iter(there)])) == once
    assert [one.capture for one in once] == [0] * len(here)


def test_gaps_are_kept():
    gap = Gap(3, 7 * SECOND, 1, "a hole", GapReason.TCP_HOLE)
    merger = Merger({0: Clock(), 1: Clock(offset=SECOND)})
    assert list(merger.merged([iter([]), iter([gap])])) == [replace(gap, time=6 * SECOND)]


def test_clocks_that_are_not_known_well_are_not_one():
    well = {0: Clock(), 2: Clock(offset=5, doubt=100)}
    assert Merger(well).domains == {0: 0, 2: 0}
    assert Merger(well | {3: Clock(doubt=50 * MS)}).domains == {0: 0, 2: 2, 3: 3}


def test_a_skew_in_words():
    assert Skew("a.pcap", 1_500_000_000, 12_000, 400_000, 1).sentence == (
        "its clock is 1.500000 s ahead of that of a.pcap, drifting by +12.0 ppm "
        "(by 1 message seen in both, ±0.400 ms)"
    )


def test_a_wrong_message_stays_wrong(tmp_path):
    passed = recorded("pull")
    client = capture(tmp_path, "client", passed, Tap(links=ACCESS))
    core = capture(tmp_path, "core", passed)
    for name in (client, core):
        octets = Path(name).read_bytes()
        Path(name).write_bytes(octets.replace(b"+g.oma.sip-im", b"+g.oma.sip-mi"))
    assert judged([client, core])[1] == judged([core], Setting())[1]
