"""What a core knows of its world."""

import pytest

from conformance.observation.packet import Endpoint
from conformance.reference.core.setting import CoreSetting, Subscriber, loose_route
from tests.reference.core.world import ALICE, ALICE_TEL, BOB, NODES, PSI, SETTING


def test_a_core_has_one_node_or_three():
    assert CoreSetting(nodes=NODES).entry == NODES[1]
    assert CoreSetting(nodes=NODES).serving == NODES[2]
    assert CoreSetting().entry == CoreSetting().serving
    with pytest.raises(ValueError, match="not 2"):
        CoreSetting(nodes=NODES[:2])


def test_a_subscriber_is_found_by_any_identity_however_written():
    for address in (ALICE, ALICE_TEL, f"<{ALICE};user=phone>;tag=1", "tel:+1-555-0100"):
        user = SETTING.subscriber(address)
        assert user is not None
        assert user.aor == ALICE
    assert SETTING.subscriber(BOB) is None
    assert not Subscriber(("nonsense",)).is_named("nonsense")


def test_services_names_and_trust_are_by_setting():
    assert SETTING.is_service(PSI + ";x=1")
    assert not SETTING.is_service(ALICE)
    assert "10.0.9.1" in SETTING.trust_domain
    assert "10.0.2.20" not in SETTING.trust_domain
    assert SETTING.names["home-b.example"] == Endpoint("10.0.9.1", 5060)


def test_a_loose_route_may_bear_a_mark():
    assert loose_route(Endpoint("::1", 5060), "x") == "<sip:x@[::1]:5060;lr>"
    assert loose_route(Endpoint("10.0.0.1", 5060)) == "<sip:10.0.0.1:5060;lr>"
