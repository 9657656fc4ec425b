"""What makes one scenario of pushing into another."""

from conformance.observation.packet import Transport
from conformance.reference.engine.timer import SECOND
from conformance.reference.scenarios import push, push_large
from conformance.reference.scenarios.beginnings import RETURNS, waiting
from conformance.reference.scenarios.push_sessions import (
    DOUBLING,
    LOSSY,
    OVERTAKING,
    channels,
    crossing,
    declined,
    networks,
    open_to,
    taps,
    unfinished,
    unseen_channel,
    varied,
)
from conformance.reference.scenarios.scenario import Scenario

PLAIN = Scenario("push", "plain", "what there is", waiting())


def names(scenarios) -> set[str]:
    return {one.name for one in scenarios}


def test_one_is_varied_in_a_part_of_its_setting_alone():
    found = varied(PLAIN, "other", "something else", core_nodes=3)
    assert (found.name, found.shows, found.setting.core_nodes) == ("other", "something else", 3)
    assert (found.flow, found.script, found.setting.devices) == ("push", PLAIN.script, 1)


def test_networks_differ_in_what_they_are_named_for():
    found = networks(PLAIN, ((LOSSY, "3"), (DOUBLING, "4"), (OVERTAKING, "5")))
    by_name = {one.name: one.setting for one in found}
    assert by_name["tcp"].transport is Transport.TCP
    assert by_name["ipv6"].ipv6
    assert by_name["three-core-nodes-tcp"].core_nodes == 3
    assert by_name["challenged"].challenge
    assert (by_name["retransmitted"].conditions, by_name["retransmitted"].seed) == (LOSSY, "3")
    assert by_name["duplicated"].conditions.duplication == 1
    assert by_name["reordered"].conditions.reordering > 0


def test_taps_hear_the_channel_where_there_is_one():
    with_channel = {one.name: one.tap for one in taps(PLAIN, with_channel=True)}
    without = {one.name: one.tap for one in taps(PLAIN, with_channel=False)}
    assert len(with_channel["client-side-only"].links or ()) == 2
    assert len(without["client-side-only"].links or ()) == 1
    assert with_channel["mirrored"].mirrored


def test_what_cannot_be_said_is_open_with_its_reason():
    found = open_to(PLAIN, "half of it", "gap")
    assert (found.verdict, found.reason, found.shows) == ("inconc", "gap", "half of it")
    opened = [*declined(PLAIN), *unfinished(PLAIN, step_4=SECOND), *unseen_channel(PLAIN)]
    assert {one.verdict for one in opened} == {"inconc"}
    assert names(opened) >= {"declined-480", "ends-before-4", "sip-only", "core-side-only"}


def test_an_unfinished_capture_ends_after_the_return():
    (found,) = unfinished(PLAIN, step_4=SECOND)
    assert found.tap.end == PLAIN.setting.begin + RETURNS + SECOND


def test_channels_and_crossings_change_what_the_ends_do():
    by_name = {one.name: one.setting for one in channels(PLAIN)}
    assert by_name["passive-client"].client.setups[0] == "passive"
    assert by_name["active-offer"].pf.setup == ("active",)
    assert by_name["small-chunks"].pf.chunk == 500
    assert crossing(PLAIN, 3).setting.client.leaves_after == 3


def test_both_ways_of_pushing_have_them():
    shared = {"tcp", "long-wait", "restarted", "passive-client", "crossing-byes", "declined-603"}
    for module in (push, push_large):
        assert shared <= names(module.SCENARIOS)
