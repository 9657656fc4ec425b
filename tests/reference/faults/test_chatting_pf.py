"""Participating functions that deliver deferred chat messages wrongly: what comes of it."""

import pytest

from conformance.msrp.message import MsrpRequest
from conformance.observation.content import Content
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest
from conformance.suite.simulation import trace_of
from tests.reference.faults.mutating import line, played


def from_pf(fault: str) -> list[SipRequest | MsrpRequest]:
    """The requests that left the faulty participating function, from the client's return on."""
    run = played(line(fault, "chat-deferred"))
    return [
        item.message
        for item in trace_of(run).items
        if isinstance(item, Observation)
        and isinstance(item.message, SipRequest | MsrpRequest)
        and item.source.host == run.scenario.setting.host("pf")
    ]


def sends(fault: str) -> list[MsrpRequest]:
    """Its SENDs with content."""
    return [one for one in from_pf(fault) if isinstance(one, MsrpRequest) and one.body]


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        ("pf-chat-delivers-nothing", 0),
        ("pf-chat-delivers-twice", 6),
        ("pf-chat-keeps-delivered", 1 + 3 + 3),
    ],
)
def test_what_is_delivered(fault: str, count: int) -> None:
    assert len(sends(fault)) == count


def test_the_identity_is_missing() -> None:
    found = sends("pf-chat-without-message-id")
    assert found
    assert not any(b"imdn.Message-ID" in one.body for one in found)
    assert all(Content(one).media_types for one in found)


@pytest.mark.parametrize(
    ("fault", "hangs_up"), [("pf-chat-delivers-one", True), ("pf-chat-never-ends", False)]
)
def test_whether_it_hangs_up(fault: str, hangs_up: bool) -> None:
    byes = [r for r in from_pf(fault) if isinstance(r, SipRequest) and r.method == "BYE"]
    assert bool(byes) is hangs_up
