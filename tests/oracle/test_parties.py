"""Which reference role takes the place of which real one."""

import pytest

from conformance.cpm.role import Role
from conformance.oracle.client_party import ClientParty
from conformance.oracle.explore import Scripted
from conformance.oracle.gateway_party import GatewayParty
from conformance.oracle.parties import maker
from conformance.oracle.pf_party import PfParty
from conformance.reference.preferences.profiles import Preferences
from tests.oracle.scenes import items_of


@pytest.mark.parametrize(
    ("role", "party", "kind"),
    [
        (Role.PF, "pf", PfParty),
        (Role.CLIENT, "client", ClientParty),
        (Role.IWF, "iwf", GatewayParty),
    ],
)
@pytest.mark.parametrize("preferences", [None, Preferences()])
def test_each_role_has_its_party_and_each_replay_a_fresh_one(role, party, kind, preferences):
    # given
    make = maker(role, items_of("interwork-out", "base", party), preferences)
    # when
    one, other = make(Scripted()), make(Scripted())
    # then
    assert type(one) is kind
    assert one is not other
    assert one.bench is not other.bench
