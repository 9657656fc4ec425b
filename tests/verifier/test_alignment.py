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


def test_that_consequences_are_not_counted() -> None:
    said = repair("BREAKS", "pull", "notify-skipped")
    assert said.count("; then ") == 0


def test_that_what_conforms_needs_no_repair() -> None:
    (one,) = verify(pull.build()).results
    assert one.repair == ""
