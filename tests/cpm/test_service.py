"""Service identifiers as real header fields write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cpm.service import (
    any_satisfies,
    cpm_services,
    feature_tag,
    satisfies,
    services,
    urn,
)

ICSI = "urn%3Aurn-7%3A3gpp-service.ims.icsi."


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg", {"oma.cpm.msg"}),
        ("URN:URN-7:3gpp-service.ims.icsi.oma.cpm.msg", {"oma.cpm.msg"}),
        ("3gpp-service.ims.icsi.oma.cpm.session", {"oma.cpm.session"}),
        (
            "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg, "
            "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg",
            {"oma.cpm.msg", "oma.cpm.largemsg"},
        ),
        (f'*;+g.3gpp.icsi-ref="{ICSI}oma.cpm.msg"', {"oma.cpm.msg"}),
        (f'*;+g.3gpp.icsi-ref="{ICSI.lower()}oma.cpm.deferred"', {"oma.cpm.deferred"}),
        (f'*;require;explicit;+G.3GPP.ICSI-REF="{ICSI}oma.cpm.session"', {"oma.cpm.session"}),
        (
            f'*;+g.3gpp.icsi-ref="{ICSI}oma.cpm.msg,{ICSI}oma.cpm.largemsg,'
            f' {ICSI}oma.cpm.deferred";+g.gsma.rcs.cpm.pager-large',
            {"oma.cpm.msg", "oma.cpm.largemsg", "oma.cpm.deferred"},
        ),
        (f"*;+g.3gpp.icsi-ref={ICSI}oma.cpm.session;explicit", {"oma.cpm.session"}),
        (
            f"*;+g.3gpp.icsi-ref={ICSI}oma.cpm.msg,{ICSI}oma.cpm.largemsg",
            {"oma.cpm.msg", "oma.cpm.largemsg"},
        ),
        (
            f'*;+g.3gpp.icsi-ref="{ICSI}oma.cpm.msg";+g.3gpp.icsi-ref="{ICSI}oma.cpm.session"',
            {"oma.cpm.msg", "oma.cpm.session"},
        ),
        (
            f'<sip:alice@10.0.2.20>;+sip.instance="<urn:gsma:imei:1>";'
            f'+g.3gpp.icsi-ref="{ICSI}oma.cpm.session.group"',
            {"oma.cpm.session.group"},
        ),
        ('*;+g.3gpp.icsi-ref="urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"', {"oma.cpm.msg"}),
        ('*;+g.3gpp.icsi-ref="3gpp-service.ims.icsi.oma.cpm.session"', {"oma.cpm.session"}),
        (f'*;+g.3gpp.icsi-ref="<{ICSI}oma.cpm.msg>"', {"oma.cpm.msg"}),
        ("*;+g.oma.sip-im", {"oma.sip-im"}),
        ("*;+g.oma.sip-im.large-message;explicit", {"oma.sip-im.large-message"}),
        ('<sip:a@b>;+g.oma.sip-im="TRUE"', {"oma.sip-im"}),
        ("*;+g.oma.sip-im.system-message", {"oma.sip-im.system-message"}),
    ],
)
def test_names_are_read(value, names):
    assert cpm_services([value]) == names


@pytest.mark.parametrize(
    "value",
    [
        "",
        "*",
        "*;explicit;require",
        f'*;+g.3gpp.icsi-ref="{ICSI}mmtel"',
        f'*;+g.3gpp.iari-ref="{ICSI}oma.cpm.msg"',
        f'*;+g.3gpp.icsi-ref="!{ICSI}oma.cpm.msg"',
        f'"{ICSI}oma.cpm.msg" <sip:alice@example.com>',
        '"+g.oma.sip-im" <sip:alice@example.com>',
        "<sip:alice@example.com;+g.oma.sip-im>",
        "*;+g.oma.sip-image",
        '*;+g.oma.sip-im="FALSE"',
        f'*;+g.3gpp.icsi-ref="{ICSI}"',
        "*;+g.3gpp.icsi-ref",
    ],
)
def test_what_names_no_cpm_service(value):
    assert cpm_services([value]) == frozenset()


def test_the_tag_need_not_be_in_the_first_field():
    values = ["*;+g.gsma.rcs.isbot;require;explicit", f'*;+g.3gpp.icsi-ref="{ICSI}oma.cpm.msg"']
    assert cpm_services(values) == {"oma.cpm.msg"}


def test_other_services_are_named_on_demand():
    assert services(f'*;+g.3gpp.icsi-ref="{ICSI}mmtel"') == {"mmtel"}


@pytest.mark.parametrize(
    ("service", "wanted", "expected"),
    [
        ("oma.cpm.session", "oma.cpm.session", True),
        ("oma.cpm.session.group", "oma.cpm.session", True),
        ("oma.cpm.session", "oma.cpm.session.group", False),
        ("oma.cpm.msgfoo", "oma.cpm.msg", False),
        ("oma.cpm.systemmsg", "oma.cpm.msg", False),
        ("oma.cpm.msg", "oma.cpm", True),
        ("oma.cpmx.msg", "oma.cpm", False),
    ],
)
def test_services_are_compared_by_components(service, wanted, expected):
    assert satisfies(service, wanted) is expected
    assert any_satisfies(["oma.sip-im", service], wanted) is expected


@given(
    st.lists(
        st.sampled_from(["oma.cpm.msg", "oma.cpm.session.group", "oma.cpm.deferred"]),
        min_size=1,
        unique=True,
    )
)
def test_a_written_tag_is_read_back(names):
    assert cpm_services(["*;" + feature_tag(*names) + ";explicit"]) == frozenset(names)
    assert cpm_services([urn(name) for name in names]) == frozenset(names)


def test_the_tag_keeps_to_the_grammar_of_tag_values():
    assert feature_tag("oma.cpm.msg") == f'+g.3gpp.icsi-ref="{ICSI}oma.cpm.msg"'


def test_simple_im_has_no_icsi():
    with pytest.raises(ValueError, match="of its own"):
        feature_tag("oma.sip-im.large-message")


@given(st.text(alphabet='+g.3picsi-ref="\\<>;,%A:urn-7omacp*! \udc80') | st.text())
def test_any_text_is_read(text):
    assert isinstance(cpm_services([text, ICSI + text, f'*;+g.3gpp.icsi-ref="{text}']), frozenset)


@pytest.mark.parametrize("unit", ['"', '\\"', '"\\', "<", ",", ";=", "a", "%3A", ' "', '<"'])
def test_long_values_are_read_in_linear_time(unit):
    # Were scanning quadratic, this would not come to an end.
    value = '.icsi "' + unit * 200_000
    assert cpm_services([value, value[6:] + ".icsi"]) == frozenset()
