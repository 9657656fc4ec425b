"""The reference gateway in the place of a real one: the services that it was seen to have."""

import pytest

from conformance.oracle.explore import Scripted
from conformance.oracle.gateway_party import (
    GatewayParty,
    core_of,
    form_of,
    home_of,
    text_name,
)
from conformance.reference.interworking.site import CENTRE, PLAIN, TELEPHONE
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.sip.message import SipRequest
from tests.oracle.samples import item, request
from tests.oracle.scenes import items_of


@pytest.mark.parametrize(
    ("name", "legs"),
    [
        ("base", {"sms"}),
        ("plain-text", {"im"}),
        ("user-prefers-sms", {"sms", "im"}),
        ("smpp", set()),
    ],
)
def test_its_services_are_those_that_were_used(name, legs):
    found = GatewayParty(items_of("interwork-out", name, "iwf"), None, Scripted())
    assert set(found.gateway.legs) == legs


@pytest.mark.parametrize(
    ("flow", "name", "form"),
    [
        ("interwork-out", "base", TELEPHONE),
        ("interwork-in", "base", TELEPHONE),
        ("interwork-out", "service-centre", CENTRE),
        ("interwork-in", "service-centre", CENTRE),
        ("interwork-in", "plain-text", PLAIN),
    ],
)
def test_the_form_of_a_service(flow, name, form):
    found = {
        form_of(one.message, incoming=one.incoming)
        for one in items_of(flow, name, "iwf")
        if isinstance(one.message, SipRequest)
    }
    assert found - {""} == {form}


def test_where_it_is():
    items = items_of("interwork-out", "base", "iwf")
    assert core_of(items).host == "10.0.1.1"
    assert home_of(items) == "home-a.example"
    assert home_of([item(request())]) == "example.invalid"


@pytest.mark.parametrize(
    ("services", "name"),
    [((), "im"), (("sms",), "im"), (("SMS", "mms", "xmpp"), "xmpp"), (("im", "sms"), "im")],
)
def test_what_preferences_call_plain_text(services, name):
    assert text_name(Preferences.of(Profile(noncpm_services=services))) == name
    assert text_name(None) == "im"


def test_nobody_gives_it_commands():
    found = GatewayParty(items_of("interwork-out", "base", "iwf"), None, Scripted())
    assert not found.explain(item(request(), incoming=False))
