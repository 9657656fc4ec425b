"""Implied traffic: shown, judged by no step, and never a fault of its own."""

import pytest

from conformance.verifier.verdict import Verdict
from tests.scenarios import catalogue
from tests.verifying import said_of, verify


@pytest.mark.parametrize(
    ("flow", "name"),
    [
        ("pull", "challenged"),
        ("push", "reliable-provisional"),
        ("push", "losing-fork-cancelled"),
        ("push", "losing-fork-busy"),
        ("chat-deferred", "refreshed-by-reinvite"),
        ("chat-deferred", "refreshed-by-update"),
        ("pull", "unsubscribes"),
        ("push", "crossing-byes-481"),
        ("push", "success-reports"),
    ],
)
def test_that_implied_traffic_changes_no_verdict(flow: str, name: str) -> None:
    ladder = catalogue.ladder("VARIANTS", flow, name)
    judged = verify(ladder)
    assert judged.verdict is Verdict.PASS, said_of(ladder, judged)


def test_that_it_is_shown_without_a_label() -> None:
    (one,) = verify(catalogue.ladder("VARIANTS", "push", "reliable-provisional")).results
    implied = {line.summary.split()[0] for line in one.ladder if not line.label}
    assert {"PRACK", "ACK"} <= implied


def test_that_an_ack_to_a_refusal_is_no_step() -> None:
    ladder = catalogue.ladder("VARIANTS", "chat-deferred", "declined-480")
    (one,) = verify(ladder).results
    assert one.verdict is Verdict.PASS
    assert all(line.label == "" for line in one.ladder if line.summary.startswith("ACK"))
