"""The shortest repair of a failed instance."""

from tests.scenarios import catalogue, pull
from tests.verifying import verify


def repair(kind: str, flow: str, name: str) -> str:
    (one,) = verify(catalogue.ladder(kind, flow, name)).results
    return one.repair


def test_that_a_missing_hop_is_inserted() -> None:
    assert repair("BREAKS", "push-pager", "silent-at-4").startswith(
        "insert step 4, client to core"
    )


def test_that_an_early_hop_is_moved() -> None:
    said = repair("BREAKS", "push-pager", "5-before-4")
    assert said.startswith("send ")
    assert " after step 4-5" in said


def test_that_a_broken_condition_is_mended() -> None:
    said = repair("BREAKS", "pull", "expires-raised")
    assert said.startswith("mend 200 OK")


def test_that_one_fault_needs_one_edit() -> None:
    said = repair("BREAKS", "pull", "notify-skipped")
    assert said.count("; then ") == 0
    assert said.startswith("insert step 6, pf to core")


def test_that_two_silences_need_two() -> None:
    said = repair("BREAKS", "pull", "silent-at-4").split("; then ")
    assert [one.partition(",")[0] for one in said] == ["insert step 4", "insert step 6"]


def test_that_a_wrong_answer_is_changed() -> None:
    assert repair("BREAKS", "push", "4-5-answered-501") == "answer as step 4-5 prints"


def test_that_what_must_never_come_is_left_out() -> None:
    said = repair("BREAKS", "chat-deferred", "notice-over-msrp")
    assert said.startswith("leave out")


def test_that_what_is_mended_decides_anew_what_is_owed() -> None:
    """An INVITE without actions asks for nothing; with them its messages are right."""
    ladder = catalogue.ladder("BREAKS", "pull", "second-selection-no-action")
    _, second = verify(ladder).results
    assert second.repair == "mend INVITE of step 10-11 at client"


def test_that_what_goes_past_the_core_is_changed() -> None:
    said = repair("BREAKS", "pull", "6-7-past-the-core")
    assert said == "send NOTIFY of step 6-7 along the dialog's route set"


def test_that_what_was_not_captured_is_not_inserted() -> None:
    ladder = catalogue.ladder("BREAKS", "pull", "expires-raised")
    left = ladder.drop(ladder.find("6"))
    (one,) = verify(left).results
    assert one.repair.startswith("mend 200 OK")
    assert "insert" not in one.repair


def test_that_what_conforms_needs_no_repair() -> None:
    (one,) = verify(pull.build()).results
    assert one.repair == ""
