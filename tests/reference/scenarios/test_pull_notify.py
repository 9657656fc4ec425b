"""What is special in each variant of pulling after a NOTIFY that nobody asked for."""

import pytest

from conformance.body.deferred_list import identities
from conformance.reference.scenarios.pull_notify import SCENARIOS
from tests.reference.scenarios.shown import (
    answers,
    content,
    notes,
    observations,
    played,
    requests,
    times,
)

FLOW = "pull-notify"


def test_names_are_unique() -> None:
    names = [one.name for one in SCENARIOS]
    assert len(set(names)) == len(names)
    assert names[0] == "base"


def test_the_list_comes_unasked() -> None:
    assert not requests(FLOW, "base", "SUBSCRIBE", "client")
    (notify,) = requests(FLOW, "base", "NOTIFY", "pf")
    assert notify.to_tag is None
    entries = identities(notify.body)
    assert isinstance(entries, tuple)
    assert len(entries) == 3
    assert len(content(FLOW, "base", "pf")) == 2


def test_networks() -> None:
    assert all(":" in one.source.host for one in observations(FLOW, "ipv6"))
    nodes = {one.source.host for one in observations(FLOW, "three-core-nodes")}
    assert {"10.0.1.1", "10.0.1.2", "10.0.1.3"} <= nodes


@pytest.mark.parametrize("name", ["retransmitted", "duplicated"])
def test_what_comes_more_than_once(name: str) -> None:
    seen = [
        (one.source, one.destination, getattr(one.message, "octets", b""))
        for one in observations(FLOW, name)
    ]
    assert len(set(seen)) < len(seen)


def test_a_large_message_is_chunked() -> None:
    chunks = content(FLOW, "chunked", "pf")
    assert len(chunks) > len({chunk.message_id for chunk in chunks})


@pytest.mark.parametrize(
    ("name", "retrieved", "left"),
    [
        ("one-message", 1, 0),
        ("all-retrieved", 3, 0),
        ("nothing-chosen", 0, 3),
        ("only-discard", 0, 0),
        ("only-store", 0, 0),
        ("retrieve-discard-store", 1, 0),
        ("chosen-at-once", 3, 0),
        ("two-sessions", 2, 0),
        ("told-again", 2, 1),
        ("told-of-the-rest", 1, 2),
    ],
)
def test_what_becomes_of_the_messages(name: str, retrieved: int, left: int) -> None:
    assert len(played(FLOW, name).world.client.received) == retrieved
    removed = notes(FLOW, name, "removed", "pf")
    deferred = notes(FLOW, name, "deferred", "pf")
    assert len(deferred) - len(removed) == left


def test_a_rule_asks_nobody() -> None:
    told = times(FLOW, "chosen-at-once", "NOTIFY", "core")[0]
    assert times(FLOW, "chosen-at-once", "INVITE", "client")[0] - told < 1e8


def test_lists_that_repeat() -> None:
    first, second = requests(FLOW, "told-again", "NOTIFY", "pf")
    assert first.call_id != second.call_id
    assert identities(first.body) == identities(second.body)
    whole, rest = requests(FLOW, "told-of-the-rest", "NOTIFY", "pf")
    entries = identities(whole.body)
    assert isinstance(entries, tuple)
    assert identities(rest.body) == entries[1:]


def test_both_devices_are_told() -> None:
    assert len(requests(FLOW, "two-devices", "NOTIFY", "pf")) == 2
    assert not requests(FLOW, "two-devices", "INVITE", "second")


@pytest.mark.parametrize(
    ("name", "enders"),
    [("base", {"client"}), ("pf-ends", {"pf"}), ("crossing-byes", {"client", "pf"})],
)
def test_who_ends_the_session(name: str, enders: set[str]) -> None:
    assert {who for who in ("client", "pf") if requests(FLOW, name, "BYE", who)} == enders


def test_what_is_declined() -> None:
    assert {a.status for a in answers(FLOW, "notify-declined-480", "NOTIFY", "client")} == {480}
    assert {a.status for a in answers(FLOW, "declined-480", "INVITE", "pf")} == {480}
