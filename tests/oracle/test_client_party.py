"""The reference client in the place of a real one: its user's commands."""

import pytest

from conformance.oracle.client_party import ClientParty
from conformance.oracle.explore import Scripted
from conformance.sip.message import SipRequest
from tests.oracle.samples import item, request
from tests.oracle.scenes import items_of


def party(flow: str, name: str) -> ClientParty:
    return ClientParty(items_of(flow, name, "client"), Scripted())


def test_it_is_the_user_who_registered():
    found = party("push", "base").client
    assert found.identity.aor == "sip:+15550100@home-a.example"
    assert found.identity.instance.startswith("urn:uuid:")
    assert found.home == "home-a.example"


@pytest.mark.parametrize(
    ("flow", "name", "method"),
    [
        ("pull", "base", "SUBSCRIBE"),
        ("pull", "base", "INVITE"),
        ("interwork-out", "base", "MESSAGE"),
        ("", "outgoing-chat", "INVITE"),
    ],
)
def test_what_its_user_did_is_done_again(flow, name, method):
    # given
    items = items_of(flow, name, "client")
    one = ClientParty(items, Scripted())
    sent = next(
        each
        for each in items
        if not each.incoming
        and isinstance(each.message, SipRequest)
        and each.message.method == method
        and each.message.to_tag is None
    )
    # when
    explained = one.explain(sent)
    # then
    assert explained
    methods = [found.message.method for found in one.bench.sent]
    assert methods == [method]


def test_a_notification_about_what_was_not_captured_is_nobodys_command():
    items = items_of("", "notifications", "client")
    one = ClientParty(items, Scripted())
    notices = [
        each
        for each in items
        if not each.incoming
        and isinstance(each.message, SipRequest)
        and each.message.method == "MESSAGE"
    ]
    assert notices
    assert not any(one.explain(each) for each in notices)


def test_what_is_within_a_dialog_is_nobodys_command():
    one = party("push", "base")
    assert not one.explain(item(request("BYE", to_tag="t"), incoming=False))
