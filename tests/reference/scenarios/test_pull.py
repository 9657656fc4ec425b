"""What is special in each variant of pulling with a subscription."""

import pytest

from conformance.body.deferred_list import identities
from conformance.observation.packet import Transport
from conformance.reference.scenarios.pull import SCENARIOS
from tests.reference.scenarios.shown import (
    answers,
    content,
    notes,
    observations,
    played,
    requests,
    times,
)

FLOW = "pull"


def lists(name: str) -> list[int]:
    """How many messages each list names that the participating function sends."""
    seen: dict[str, int] = {}
    for notify in requests(FLOW, name, "NOTIFY", "pf"):
        entries = identities(notify.body) if notify.body else ()
        assert isinstance(entries, tuple)
        seen[f"{notify.call_id} {notify.cseq}"] = len(entries)
    return list(seen.values())


def test_names_are_unique() -> None:
    names = [one.name for one in SCENARIOS]
    assert len(set(names)) == len(names)
    assert names[0] == "base"


def test_two_of_three_are_retrieved() -> None:
    assert lists("base")[0] == 3
    assert len(content(FLOW, "base", "pf")) == 2
    assert len(played(FLOW, "base").world.client.received) == 2


def test_networks() -> None:
    assert {one.transport for one in observations(FLOW, "tcp")} == {Transport.TCP}
    assert all(":" in one.source.host for one in observations(FLOW, "ipv6"))
    nodes = {one.source.host for one in observations(FLOW, "three-core-nodes-tcp")}
    assert {"10.0.1.1", "10.0.1.2", "10.0.1.3"} <= nodes
    challenge = answers(FLOW, "registration-challenged", "REGISTER", "core")[0]
    assert challenge.status == 401


@pytest.mark.parametrize("name", ["retransmitted", "duplicated"])
def test_what_comes_more_than_once(name: str) -> None:
    seen = [(one.source, one.destination, one.message) for one in observations(FLOW, name)]
    octets = [(*way, getattr(message, "octets", b"")) for *way, message in seen]
    assert len(set(octets)) < len(octets)


def test_registration_is_refreshed_long_after() -> None:
    first, *_, last = times(FLOW, "registration-refreshed", "REGISTER", "client")
    assert last - first == pytest.approx(300e9, abs=1e9)


def test_who_connects() -> None:
    empty = [one for one in observations(FLOW, "client-connects") if "SEND" in str(one.message)]
    assert empty[0].source.host == "10.0.2.20"


def test_large_messages_are_chunked() -> None:
    chunks = content(FLOW, "large-messages", "pf")
    assert len(chunks) > len({chunk.message_id for chunk in chunks})


@pytest.mark.parametrize(
    ("name", "retrieved", "left"),
    [
        ("all-retrieved", 3, 0),
        ("one-retrieved", 1, 2),
        ("nothing-chosen", 0, 3),
        ("only-discard", 0, 0),
        ("only-store", 0, 0),
        ("only-interwork", 0, 2),
        ("keeps-one", 2, 1),
        ("every-action", 1, 0),
        ("two-sessions", 2, 0),
    ],
)
def test_what_becomes_of_the_messages(name: str, retrieved: int, left: int) -> None:
    assert len(played(FLOW, name).world.client.received) == retrieved
    removed = notes(FLOW, name, "removed", "pf")
    deferred = notes(FLOW, name, "deferred", "pf")
    assert len(deferred) - len(removed) == left


def test_each_action_is_done() -> None:
    for what in ("delivered", "interworked", "discarded", "stored"):
        assert len(notes(FLOW, "every-action", what, "pf")) == 1, what


def test_nothing_chosen_means_no_session() -> None:
    assert not requests(FLOW, "nothing-chosen", "INVITE", "client")


def test_the_list_overtakes_the_answer() -> None:
    name = "notify-before-200"
    notify = times(FLOW, name, "NOTIFY", "core")[0]
    assert notify < times(FLOW, name, "SIP/2.0 200", "core", "SUBSCRIBE")[0]


def test_subscriptions() -> None:
    statuses = {a.status for a in answers(FLOW, "subscribe-answered-202", "SUBSCRIBE", "pf")}
    assert statuses == {202}
    granted = answers(FLOW, "shorter-expiry", "SUBSCRIBE", "pf")[0].header("Expires")
    assert granted == "1800"
    refreshes = [s for s in requests(FLOW, "refreshed", "SUBSCRIBE", "client") if s.to_tag]
    assert len(refreshes) >= 2
    calls = {s.call_id for s in requests(FLOW, "two-subscriptions", "SUBSCRIBE", "client")}
    assert len(calls) == 2


def test_the_last_list_ends_the_subscription() -> None:
    last = requests(FLOW, "unsubscribes", "NOTIFY", "pf")[-1]
    assert (last.header("Subscription-State") or "").startswith("terminated")


def test_the_first_list_is_empty() -> None:
    assert lists("first-list-empty")[:2] == [0, 1]


def test_both_devices_subscribe() -> None:
    for device in ("client", "second"):
        assert requests(FLOW, "two-devices", "SUBSCRIBE", device)
    assert not requests(FLOW, "two-devices", "INVITE", "second")


@pytest.mark.parametrize(
    ("name", "enders"),
    [
        ("base", {"client"}),
        ("pf-ends", {"pf"}),
        ("crossing-byes", {"client", "pf"}),
        ("pf-leaves-the-end", {"client"}),
    ],
)
def test_who_ends_the_session(name: str, enders: set[str]) -> None:
    assert {who for who in ("client", "pf") if requests(FLOW, name, "BYE", who)} == enders


def test_byes_cross() -> None:
    last_bye = max(times(FLOW, "crossing-byes", "BYE", who)[0] for who in ("client", "pf"))
    assert last_bye < min(times(FLOW, "crossing-byes", "SIP/2.0 200", "core", "BYE"))


def test_taps() -> None:
    for one in observations(FLOW, "client-side-only"):
        assert "10.0.2.20" in (one.source.host, one.destination.host)
    for one in observations(FLOW, "core-side-only"):
        assert {one.source.host, one.destination.host} == {"10.0.1.1", "10.0.3.1"}


def test_declined() -> None:
    assert {a.status for a in answers(FLOW, "declined-480", "INVITE", "pf")} == {480}
