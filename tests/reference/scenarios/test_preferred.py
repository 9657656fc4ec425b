"""What is special where deferred messages are delivered by preference."""

import pytest

from conformance.cpm.role import Role
from conformance.reference.scenarios.catalogue import scenario, scenarios
from conformance.reference.scenarios.preferred import PULL, PULL_NOTIFY, PUSH, PUSH_PAGER
from tests.reference.scenarios.playing import Told, tell

PF, CORE, CLIENT = Role.PF, Role.CORE, Role.CLIENT


def told(flow: str, name: str) -> Told:
    return tell(scenario(flow, name))


@pytest.mark.parametrize(
    "one", [*PUSH, *PUSH_PAGER, *PULL, *PULL_NOTIFY], ids=lambda one: one.path
)
def test_each_is_among_the_scenarios_of_its_flow(one):
    assert one in scenarios(one.flow)
    assert one.preferences
    assert one.setting.preferences is not None


@pytest.mark.parametrize(
    ("flow", "method"), [("push", "INVITE"), ("push-pager", "MESSAGE"), ("pull-notify", "NOTIFY")]
)
def test_only_the_chosen_device_is_reached(flow, method):
    found = told(flow, "preferred-one-device").requests(method, CORE, CLIENT)
    first = {one.uri for one in found if one.to_tag is None}
    assert first == {"sip:alice@10.0.2.21:5060"}


def test_the_profile_of_the_device_counts():
    found = told("push", "preferred-profile-of-the-device").requests("INVITE", CORE, CLIENT)
    assert {one.uri for one in found if one.to_tag is None} == {"sip:alice@10.0.2.21:5060"}


def test_what_is_extended_is_delivered_later():
    found = told("push", "preferred-extended")
    assert len(list(found.notes("extended"))) == 3
    assert min(found.times_of("received")) > 2 * 86_400


def test_the_users_choice_of_the_two_options_is_kept_to():
    assert told("push", "preferred-pushed").requests("NOTIFY", PF, CORE) == []
    assert told("pull-notify", "preferred-notified").requests("NOTIFY", PF, CORE)
