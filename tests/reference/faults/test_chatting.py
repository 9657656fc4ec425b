"""Every fault of its list is as the list expects."""

import pytest

from conformance.reference.faults.catalogue import Mutant
from conformance.reference.faults.chatting import FAULTS
from tests.reference.faults.mutating import lines, noticed, told

MUTANTS = lines(FAULTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=told)
def test_mutant_is_as_expected(mutant: Mutant) -> None:
    found = noticed(mutant)
    assert found.is_as_expected, (found.by_flows, found.by_oracle)


def test_every_fault_is_listed() -> None:
    assert {fault.id for fault in FAULTS} == {mutant.fault for mutant in MUTANTS}


def test_each_requirement_has_a_fault() -> None:
    broken = {mutant.requirement for mutant in MUTANTS if mutant.is_violation}
    wanted = {
        "CF-7.3.12-1-receive",
        "CF-7.3.12-2-notification",
        "CF-7.3.12-3-conversation-id",
        "CF-7.3.12-3-accept",
        "CF-7.3.12-3-msrp",
        "CF-7.3.12-3-decline",
        "CF-7.3.12-note-reply",
        "RFC3264-recvonly",
        "RFC5438-message-id",
    }
    steps = {f"chat-deferred/{label}" for label in ("1-2", "3-4", "5-6", "8", "end")}
    assert wanted | steps <= broken
