"""The fourth law: a FAIL stays a FAIL, with the same cause, once its witness was seen."""

import pytest

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.laws.mutilations import mirror_all
from tests.laws.samples import label, named, spread
from tests.scenarios import catalogue
from tests.verifying import causes, convicting, role_rules, said, said_of, verify

BROKEN = named("BREAKS")

TWOFOLD = {
    ("pull", "silent-at-5"): "with the core's silence the NOTIFY stays away too: two deadlines",
}
"""Where two requirements are broken at once, and the earlier deadline is named first."""

pytestmark = pytest.mark.parametrize("named", BROKEN, ids=label)


def witnessed(ladder: Ladder) -> int:
    """The index of the first shot behind which the whole capture's verdict stands."""
    low, high = 0, len(ladder) - 1
    while low < high:
        middle = (low + high) // 2
        if verify(ladder.cut_behind(middle)).verdict is Verdict.FAIL:
            high = middle
        else:
            low = middle + 1
    return low


def test_that_what_follows_the_witness_changes_no_cause(named: tuple[str, str, str]) -> None:
    ladder = catalogue.ladder(*named)
    cause = causes(verify(ladder))[:1]
    assert cause, ladder.show()
    behind = range(witnessed(ladder), len(ladder))
    for index in spread(behind, 3, str(named)):
        left = ladder.cut_behind(index)
        judged = verify(left)
        shown = f"cut behind {index + 1}, the whole breaks {cause}{said_of(left, judged)}"
        assert judged.verdict is Verdict.FAIL, shown
        if named[1:] not in TWOFOLD:
            assert causes(judged)[:1] == cause, shown


def test_that_copies_change_no_cause(named: tuple[str, str, str]) -> None:
    ladder = catalogue.ladder(*named)
    expected = causes(verify(ladder))
    for what, make in mirror_all(ladder):
        judged = verify(make(), rules=role_rules(ladder))
        assert causes(judged) == expected, "\n".join([what, *said(judged), ladder.show()])


def test_that_a_finding_can_be_looked_up(named: tuple[str, str, str]) -> None:
    """Every accusation names its frames, its flow file's line, the text and who is at fault."""
    ladder = catalogue.ladder(*named)
    judged = verify(ladder)
    times = {
        frame: item.time for item in ladder.trace().items for frame in getattr(item, "frames", ())
    }
    for finding in convicting(judged):
        shown = f"{finding}{said_of(ladder, judged)}"
        assert finding.frames, shown
        assert all(ref.time == times[ref.frame] for ref in finding.frames), shown
        assert finding.flow_file.startswith("flows/"), shown
        assert finding.line > 0, shown
        assert finding.sentence, shown
        assert finding.observed, shown
        assert finding.role_at_fault is not None, shown
