"""Parties that deliver or take deferred chat messages in another way, and may."""

import pytest

from conformance.reference.scenarios import chat_parties
from tests.reference.scenarios.shown import played, requests, times

FLOW = "chat-deferred"


@pytest.mark.parametrize(
    ("name", "party", "kind"),
    [
        ("inactive-answer", "client", chat_parties.AnswersInactive),
        ("client-ends", "client", chat_parties.Leaves),
        ("client-ends", "pf", chat_parties.Stays),
        ("reply-while-open", "client", chat_parties.LeavesLater),
        ("refreshed-by-reinvite", "pf", chat_parties.Refreshes),
    ],
)
def test_who_plays(name: str, party: str, kind: type[object]) -> None:
    assert isinstance(getattr(played(FLOW, name).world, party), kind)


def test_who_leaves_later_waits() -> None:
    at_once = times(FLOW, "client-ends", "BYE", "client")[0]
    later = times(FLOW, "reply-while-open", "BYE", "client")[0]
    assert later - at_once > 9e9


def test_who_stays_sends_no_bye() -> None:
    assert not requests(FLOW, "client-ends", "BYE", "pf")


def test_the_refresh_is_there_once() -> None:
    within = requests(FLOW, "refreshed-by-reinvite", "INVITE", "pf")
    assert len({one.cseq for one in within if one.to_tag}) == 1
