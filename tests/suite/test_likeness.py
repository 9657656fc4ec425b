from dataclasses import replace

import pytest

from conformance.observation.packet import Transport
from conformance.observation.trace import Closing, Gap, GapReason, Observation
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import play
from conformance.sip.message import SipRequest
from conformance.suite.likeness import differences
from conformance.suite.simulation import trace_of


def scenario(**changes):
    found = catalogue.scenarios("push-pager")[0]
    return replace(found, setting=replace(found.setting, **changes))


@pytest.fixture(scope="module")
def trace():
    return trace_of(play(scenario()))


def test_other_identities_and_times_make_no_difference(trace):
    assert differences(trace, trace_of(play(scenario(seed="another")))) == []


def test_a_missing_message_is_named(trace):
    shorter = replace(trace, items=trace.items[:-1])
    (first, *_) = differences(trace, shorter)
    assert "only the first has SIP/2.0 200 OK" in first
    assert differences(shorter, trace)[0].endswith("only the second has SIP/2.0 200 OK")


def test_another_message_is_named(trace):
    other = trace_of(play(catalogue.scenario("push-pager", "answered-202")))
    assert any("202" in one for one in differences(trace, other))


def test_identities_correspond_one_for_one(trace):
    (found, *_) = [one for one in trace.items if b"MESSAGE" in one.message.octets[:8]]
    octets = found.message.octets
    tag = found.message.call_id.encode()[:20]
    renamed = type(found.message)(octets.replace(tag, tag[::-1], 1))
    place = trace.items.index(found)
    items = [*trace.items]
    items[place] = replace(found, message=renamed)
    assert "are not the same" in differences(trace, replace(trace, items=items))[0]


@pytest.fixture(scope="module")
def long():
    """A trace in which links show several conversations of several messages."""
    return trace_of(play(catalogue.scenario("push", "base")))


def swapped(trace, of):
    """The trace with two SIP requests of a link, of whom `of` is so, in each other's place."""
    requests = [
        one
        for one in trace.items
        if isinstance(one, Observation) and isinstance(one.message, SipRequest)
    ]
    for place, first in enumerate(requests):
        for second in requests[place + 1 :]:
            if hosts(first) == hosts(second) and of(first, second):
                others = {id(first): second, id(second): first}
                items = [others.get(id(one), one) for one in trace.items]
                return replace(trace, items=items)
    raise AssertionError("no link has two such requests")


def hosts(seen):
    return seen.source.host, seen.destination.host


def are_strangers(one, other):
    return one.transport == other.transport and one.message.call_id != other.message.call_id


def are_of_one_conversation(one, other):
    return one.transport == other.transport and one.message.call_id == other.message.call_id


def go_by_other_transports(one, other):
    return one.transport != other.transport


def test_which_of_two_conversations_comes_first_matters_on_a_link_and_a_connection(long):
    other = swapped(long, are_strangers)
    assert differences(long, other)
    assert differences(long, other, within="connection")
    assert differences(long, other, within="conversation") == []


def test_whether_a_stream_or_a_datagram_comes_first_matters_on_a_link(long):
    other = swapped(long, go_by_other_transports)
    assert differences(long, other)
    assert differences(long, other, within="connection") == []


def test_of_one_conversation_the_order_always_matters(long):
    other = swapped(long, are_of_one_conversation)
    assert differences(long, other)
    assert differences(long, other, within="connection")
    assert differences(long, other, within="conversation")


def test_a_message_on_another_connection_is_named():
    # Given a trace over TCP, in which answers come over the connections of their requests,
    trace = trace_of(play(scenario(transport=Transport.TCP)))
    last = trace.items[-1]
    assert last.message.start_line == "SIP/2.0 200 OK"
    # when the last comes over one of its own, or from where nobody listens,
    for end in ("source", "destination"):
        other = replace(last, **{end: getattr(last, end)._replace(port=1)})
        moved = replace(trace, items=[*trace.items[:-1], other])
        # then that is told.
        assert "came from port" in differences(trace, moved)[0]


def test_another_port_of_a_datagram_is_named(trace):
    first, *others = trace.items
    moved = replace(first, source=first.source._replace(port=1))
    found = differences(trace, replace(trace, items=[moved, *others]))
    assert "came from port" in found[0]


def test_where_nothing_could_be_seen_is_compared(trace):
    first = trace.items[0]
    gap = Gap(1, first.time, 0, "", GapReason.SNAPLEN, first.source, first.destination)
    blind = replace(trace, items=[*trace.items, gap])
    hosts = f"{first.source.host} to {first.destination.host}"
    assert differences(trace, blind) == [f"only the second has a gap, snaplen from {hosts}"]
    assert differences(blind, trace) == [f"only the first has a gap, snaplen from {hosts}"]
    assert differences(blind, blind) == []
    somewhere = replace(gap, source=None, destination=None)
    nowhere = replace(trace, items=[*trace.items, somewhere])
    assert differences(nowhere, trace) == ["only the first has a gap, snaplen"]


def test_who_closes_a_connection_matters(long):
    closing = next(one for one in long.items if isinstance(one, Closing))
    other = replace(closing, source=closing.destination, destination=closing.source)
    items = [other if one is closing else one for one in long.items]
    told = differences(long, replace(long, items=items))
    assert [one.split(" closed ")[0] for one in told] == [
        f"only the first shows that {closing.source.host}",
        f"only the second shows that {closing.destination.host}",
    ]
