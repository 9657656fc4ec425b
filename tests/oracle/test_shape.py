"""Two messages compared: what the specification fixes is hard, the rest is open."""

import pytest

from conformance.oracle.shape import Known, compare, told
from tests.oracle.samples import request, response

PUSH = {"Accept_Contact": '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.%s"'}


def differences(reference, real, known=None):
    return {one.field: one for one in compare(reference, real, known or Known())}


def tagged(service, **more):
    return request(Accept_Contact=PUSH["Accept_Contact"].replace("%s", service), **more)


def test_equal_messages_have_no_difference():
    assert differences(request(), request(call_id="call-2")) == {}


@pytest.mark.parametrize(
    ("mine", "its", "hard"),
    [("msg", "deferred", None), ("msg", "session", True), ("largemsg", "deferred", None)],
)
def test_services_of_one_family_stand_for_one_another(mine, its, hard):
    found = differences(tagged(mine), tagged(its, call_id="x"))
    assert ("service" in found) is (hard is not None)


def test_another_addressee_is_hard():
    found = differences(request(), request(uri="sip:+15550199@home-a.example", call_id="x"))
    assert found["Request-URI"].hard


def test_a_contact_stands_for_its_user():
    known = Known()
    known.take(
        request(
            "REGISTER",
            From="<sip:+15550100@home-a.example>;tag=r",
            Contact="<sip:alice@10.0.2.20:5060>",
        )
    )
    assert (
        differences(request(), request(uri="sip:alice@10.0.2.20:5060", call_id="x"), known) == {}
    )


def test_whom_it_is_from_is_open():
    found = differences(request(), request(From="<sip:cpm-pf@home-a.example>;tag=1", call_id="x"))
    assert not found["From"].hard


def test_a_call_id_that_was_used_before_is_not_new():
    known = Known(call_ids={"old"})
    invited = request("INVITE"), request("INVITE", call_id="old")
    assert differences(*invited, known)["Call-ID"].hard


def test_a_call_id_used_before_may_be_of_a_copy_whose_first_was_not_captured():
    known = Known(call_ids={"old"})
    asked = request("SUBSCRIBE"), request("SUBSCRIBE", call_id="old")
    assert not differences(*asked, known)["Call-ID"].hard


def test_an_identity_that_was_told_must_be_kept():
    known = Known(identities={"conv-1"})
    mine = request(Conversation_ID="conv-1")
    assert differences(mine, request(Conversation_ID="conv-2", call_id="x"), known)[
        "Conversation-ID"
    ].hard
    assert differences(mine, request(Conversation_ID="conv-1", call_id="x"), known) == {}


def test_an_identity_of_its_own_may_be_any():
    assert (
        differences(request(Conversation_ID="a"), request(Conversation_ID="b", call_id="x")) == {}
    )


def test_another_status_is_hard():
    asked = request()
    assert differences(response(asked, 202), response(asked, 200))["status"].hard


@pytest.mark.parametrize(("method", "hard"), [("SUBSCRIBE", False), ("INVITE", True)])
def test_202_stands_for_200_where_it_once_did(method, hard):
    asked = request(method)
    found = differences(response(asked, 200), response(asked, 202))
    assert found["status"].hard is hard


def test_a_bye_that_crosses_another_may_find_no_dialog():
    asked = request("BYE")
    assert not differences(response(asked, 200), response(asked, 481))["status"].hard


def test_another_event_is_hard():
    found = differences(
        request("NOTIFY", Event="deferred-messages"),
        request("NOTIFY", Event="presence", call_id="x"),
    )
    assert found["Event"].hard


def test_messages_are_told_in_a_few_words():
    assert told(request("BYE")) == "BYE sip:+15550100@home-a.example"
    assert told(response(request(), 202)) == "202 Reason to MESSAGE"


def test_a_redirection_is_a_choice():
    asked = request()
    found = compare(response(asked, 403), response(asked, 302), Known())
    assert not any(one.hard for one in found)
