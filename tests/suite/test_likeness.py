from dataclasses import replace

import pytest

from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import play
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
