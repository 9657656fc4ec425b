"""Clients that pull wrongly: what leaves them."""

import pytest

from conformance.body import multipart
from conformance.body.deferred_list import ACTIONS_TYPE, Entry, identities
from conformance.observation.trace import Observation
from conformance.reference.faults.pulling_client import MADE_UP
from conformance.sip.message import SipRequest, SipResponse
from conformance.suite.simulation import trace_of
from tests.reference.faults.mutating import line, played


def sent(fault: str, variant: str, method: str) -> list[SipRequest]:
    """The requests of a method that the faulty client sent."""
    run = played(line(fault, "pull", variant))
    return [
        item.message
        for item in trace_of(run).items
        if isinstance(item, Observation)
        and isinstance(item.message, SipRequest)
        and item.message.method == method
        and item.source.host == run.scenario.setting.host("client")
    ]


def actions(fault: str, variant: str = "base") -> list[Entry]:
    """What the invitation says is to be done."""
    invite = sent(fault, variant, "INVITE")[0]
    part = multipart.find(invite.header("Content-Type") or "", invite.body, ACTIONS_TYPE)
    assert part is not None
    found = identities(part.content)
    assert isinstance(found, tuple)
    return list(found)


def test_no_message_is_named() -> None:
    assert actions("client-names-no-message") == []


def test_no_action_is_named() -> None:
    found = actions("client-names-no-action")
    assert len(found) == 2
    assert not any(entry.action for entry in found)


def test_one_action_is_forgotten() -> None:
    found = [entry.action for entry in actions("client-forgets-one-action", "all-retrieved")]
    assert found == ["retrieve", "retrieve", None]


def test_a_message_is_made_up() -> None:
    assert actions("client-names-unlisted")[-1].identity == MADE_UP


def test_the_invitation_comes_before_the_list() -> None:
    variant = "nothing-chosen"
    (guess,) = actions("client-invites-before-the-list", variant)
    assert guess.identity == MADE_UP


def test_the_tag_is_that_of_sessions() -> None:
    (invite,) = sent("client-invites-as-cpm-session", "base", "INVITE")
    assert (invite.header("P-Preferred-Service") or "").endswith("oma.cpm.session")


@pytest.mark.parametrize(
    ("fault", "variant", "received"),
    [
        ("client-hangs-up-at-once", "base", 0),
        ("client-never-hangs-up", "pf-leaves-the-end", 2),
        ("client-asks-nobody", "base", 0),
    ],
)
def test_how_much_it_receives(fault: str, variant: str, received: int) -> None:
    client = played(line(fault, "pull", variant)).world.client
    assert len(client.received) == received


@pytest.mark.parametrize("status", [481, 500])
def test_how_the_list_is_answered(status: int) -> None:
    run = played(line(f"client-answers-notify-{status}", "pull"))
    statuses = {
        item.message.status
        for item in trace_of(run).items
        if isinstance(item, Observation)
        and isinstance(item.message, SipResponse)
        and item.message.cseq_method == "NOTIFY"
    }
    assert statuses == {status}
