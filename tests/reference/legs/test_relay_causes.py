"""Causes and validity periods as the short message service writes them (TS 24.011, TS 23.040)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.reference.engine.timer import SECOND
from conformance.reference.legs.leg import Cause
from conformance.reference.legs.relay_causes import cause_of_relay, relay_cause, validity

MINUTE, DAY = 60 * SECOND, 86_400 * SECOND


@pytest.mark.parametrize("cause", [Cause.UNKNOWN, Cause.BARRED, Cause.BUSY, Cause.REFUSED])
def test_a_network_can_say_why(cause: Cause) -> None:
    assert cause_of_relay(relay_cause(cause, from_network=True)) is cause


def test_a_telephone_has_two_causes() -> None:
    assert {relay_cause(cause, from_network=False) for cause in Cause} == {22, 111}


@given(st.integers(0, 255))
def test_every_octet_is_some_cause(octet: int) -> None:
    assert cause_of_relay(octet) in Cause


@pytest.mark.parametrize(
    ("lifetime", "octet"),
    [
        (0, 0),
        (5 * MINUTE, 0),
        (6 * MINUTE, 1),
        (12 * 60 * MINUTE, 143),
        (12 * 60 * MINUTE + 1, 144),
        (DAY, 167),
        (DAY + 1, 168),
        (30 * DAY, 196),
        (31 * DAY, 197),
        (35 * DAY, 197),
        (36 * DAY, 198),
        (1000 * DAY, 255),
    ],
)
def test_a_lifetime_is_rounded_up(lifetime: int, octet: int) -> None:
    assert validity(lifetime) == octet
    assert lifetime > 441 * DAY or _told(octet) >= lifetime


def _told(octet: int) -> int:
    """What the octet means (TS 23.040 section 9.2.3.12.1)."""
    if octet <= 143:
        return (octet + 1) * 5 * MINUTE
    if octet <= 167:
        return (12 * 60 + (octet - 143) * 30) * MINUTE
    return (octet - 166) * DAY if octet <= 196 else (octet - 192) * 7 * DAY
