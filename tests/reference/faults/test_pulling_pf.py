"""Participating functions that serve pulls wrongly: what comes to the client."""

import pytest

from conformance.body.deferred_list import identities
from conformance.msrp.message import MsrpRequest
from conformance.observation.trace import Observation
from conformance.reference.faults.catalogue import Mutant
from conformance.sip.message import SipRequest
from conformance.suite.simulation import trace_of
from tests.reference.faults.mutating import line, played


def from_pf(one: Mutant) -> list[SipRequest | MsrpRequest]:
    """The requests that left the faulty participating function."""
    run = played(one)
    return [
        item.message
        for item in trace_of(run).items
        if isinstance(item, Observation)
        and isinstance(item.message, SipRequest | MsrpRequest)
        and item.source.host == run.scenario.setting.host("pf")
    ]


def lists(one: Mutant) -> list[int]:
    """How many messages its lists name."""
    found = []
    for request in from_pf(one):
        if isinstance(request, SipRequest) and request.method == "NOTIFY":
            entries = identities(request.body) if request.body else ()
            assert isinstance(entries, tuple)
            found.append(len(entries))
    return found


def sends(one: Mutant) -> int:
    """How many messages it sends over MSRP."""
    return sum(
        isinstance(request, MsrpRequest) and request.method == "SEND" and bool(request.body)
        for request in from_pf(one)
    )


@pytest.mark.parametrize(
    ("fault", "variant", "wanted"),
    [
        ("pf-never-notifies", "registration-refreshed", []),
        ("pf-lists-nothing", "base", [0]),
        ("pf-lists-not-all", "base", [2, 1]),
        ("pf-lists-handled", "unsubscribes", [3, 3, 3, 3]),
        ("pf-keeps-handled", "unsubscribes", [3, 3]),
    ],
)
def test_what_is_listed(fault: str, variant: str, wanted: list[int]) -> None:
    assert lists(line(fault, "pull", variant))[: len(wanted)] == wanted


def test_the_list_comes_outside_the_subscription() -> None:
    one = line("pf-notifies-outside-the-dialog", "pull")
    notifies = [r for r in from_pf(one) if isinstance(r, SipRequest) and r.method == "NOTIFY"]
    assert all(notify.to_tag is None for notify in notifies)


@pytest.mark.parametrize(
    ("fault", "variant", "count"),
    [
        ("pf-delivers-unchosen", "base", 3),
        ("pf-delivers-not-all", "all-retrieved", 2),
        ("pf-delivers-nothing", "base", 0),
        ("pf-delivers-twice", "base", 4),
        ("pf-answers-pull-500", "base", 0),
    ],
)
def test_what_is_delivered(fault: str, variant: str, count: int) -> None:
    assert sends(line(fault, "pull", variant)) == count


def test_what_is_to_be_done_is_not_done() -> None:
    for variant in ("only-discard", "only-store", "only-interwork"):
        run = played(line("pf-does-nothing-but-deliver", "pull", variant))
        what = {noted.note.what for noted in run.world.simulation.notes if noted.party == "pf"}
        assert not what & {"discarded", "stored", "interworked"}, variant
