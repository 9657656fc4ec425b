import pytest

from conformance.live.losing import (
    LosesBehindAnswer,
    LosesBetween,
    LosesConnection,
    LosesWhatComes,
)
from conformance.suite.wrong_media import CASES, CHUNKS


@pytest.mark.parametrize("sut", ["client", "pf"])
def test_messages_come_in_chunks_of_each_size(sut):
    names = [one.scenario.name for one in CASES if (one.sut, one.flow) == (sut, "push")]
    assert {f"chunks-of-{size}" for size in CHUNKS} <= set(names)


def test_connections_are_lost_by_who_sends_and_by_who_receives():
    lost = [one for one in CASES if one.wrapped]
    wraps = {(one.sut, party, wrap) for one in lost for party, wrap in one.wrapped.items()}
    assert wraps == {
        ("client", "pf", LosesConnection),
        ("client", "pf", LosesBetween),
        ("pf", "client", LosesBehindAnswer),
        ("pf", "client", LosesWhatComes),
        ("pf", "remote", LosesConnection),
    }
    assert all(one.ends_early for one in lost)


def test_sessions_are_refreshed_from_both_sides():
    names = {(one.sut, one.scenario.name) for one in CASES if "reinvite" in one.scenario.name}
    assert ("client", "refreshed-by-reinvite") in names
    assert ("pf", "client-reinvites") in names
