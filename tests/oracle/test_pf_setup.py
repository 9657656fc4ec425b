"""What a participating function's own traffic tells of its setting."""

import pytest

from conformance.oracle.pf_setup import leads_elsewhere, settings_of
from conformance.reference.pf.settings import Push
from tests.oracle.scenes import items_of

ALICE = "sip:+15550100@home-a.example"


@pytest.mark.parametrize(
    ("flow", "name", "push", "unsolicited"),
    [
        ("push", "base", Push.SESSION, False),
        ("push-large", "base", Push.LARGE, False),
        ("push-pager", "base", Push.PAGER, False),
        ("pull-notify", "base", Push.SESSION, True),
    ],
)
def test_how_it_pushes_is_read_off_what_it_pushed(flow, name, push, unsolicited):
    found = settings_of(items_of(flow, name, "pf"))
    assert (found.push, found.home) == (push, "home-a.example")
    assert found.unsolicited or not unsolicited


def test_the_gateways_name_is_read_off_what_went_to_it():
    found = settings_of(items_of("interwork-out", "recipient-unavailable", "pf"))
    assert found.gateway == "iwf.home-a.example"


@pytest.mark.parametrize(
    ("uri", "user", "elsewhere"),
    [
        ("sip:+15550100@iwf.home-a.example;user=phone", ALICE, True),
        (ALICE, ALICE, False),
        ("sip:alice@10.0.2.20:5060", ALICE, False),
        ("sip:alice@[2001:db8::20]:5060", ALICE, False),
        ("tel:+15550100", ALICE, False),
        (ALICE, "tel:+15550100", False),
    ],
)
def test_whether_a_request_leads_to_another_service(uri, user, elsewhere):
    assert leads_elsewhere(uri, user) is elsewhere
