"""Scenarios played, and one role's items of them, for the tests of the oracle's parties."""

from dataclasses import replace

from conformance.flow.library import load
from conformance.oracle.comparison import Seen, compare
from conformance.oracle.difference import Opinion
from conformance.oracle.view import Item, of_place
from conformance.reference.network.tap import Tap
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.scenarios.catalogue import scenario
from conformance.reference.scenarios.scenario import Scenario, play
from conformance.suite.mutants import verdicts
from conformance.suite.simulation import trace_of
from conformance.verifier.verdict import Verdict


def seen(one: Scenario, tap: Tap | None = None) -> Seen:
    """What a capture of a scenario shows, by this tap if one is given."""
    played = play(one if tap is None else replace(one, tap=tap))
    trace = trace_of(played)
    _, topology = verdicts(trace, one, load(None))
    return Seen(trace.items, topology, trace.health.last_time or 0)


def items_of(flow: str, name: str, party: str) -> tuple[Item, ...]:
    """What one party of a scenario lived."""
    one = scenario(flow, name)
    host = one.setting.host(party)
    return of_place(seen(one).items, lambda end: end.host == host)


def wrong(found: Seen, preferences: Preferences | None = None) -> list[Opinion]:
    """The opinions that convict somebody."""
    return [one for one in compare(found, preferences) if one.verdict is Verdict.FAIL]
