"""What a gateway and a service tell each other."""

import pytest

from conformance.reference.legs.leg import (
    DELIVERED,
    SIP_STATUS,
    TAKEN,
    Arrival,
    Cause,
    NonCpmMessage,
    Outcome,
    cause_of_status,
)
from conformance.reference.transport.draft import REASONS

MESSAGE = NonCpmMessage("1", "tel:+1", "tel:+2", "text", wants_report=True)


def test_every_cause_has_a_final_answer() -> None:
    assert set(SIP_STATUS) == set(Cause)
    assert all(status >= 400 and status in REASONS for status in SIP_STATUS.values())


@pytest.mark.parametrize("cause", [Cause.UNKNOWN, Cause.ABSENT, Cause.REFUSED, Cause.NO_ANSWER])
def test_a_cause_is_the_same_behind_two_gateways(cause: Cause) -> None:
    assert cause_of_status(SIP_STATUS[cause]) is cause


@pytest.mark.parametrize(
    ("status", "cause"),
    [(200, None), (202, None), (299, None), (500, Cause.FAILED), (699, Cause.FAILED)],
)
def test_the_cause_of_a_status(status: int, cause: Cause | None) -> None:
    assert cause_of_status(status) is cause


def test_an_arrival_is_answered_once() -> None:
    told: list[Outcome] = []
    arrival = Arrival(MESSAGE, told.append)
    arrival.answer(TAKEN)
    arrival.answer(DELIVERED)
    assert told == [TAKEN]
    assert arrival.is_answered


def test_a_report_goes_only_where_it_was_asked_for_and_has_a_form() -> None:
    told: list[bool] = []
    Arrival(MESSAGE, lambda _: None, told.append).report(delivered=False)
    Arrival(NonCpmMessage("2", "", "", ""), lambda _: None, told.append).report(delivered=True)
    Arrival(MESSAGE, lambda _: None).report(delivered=True)
    assert told == [False]
