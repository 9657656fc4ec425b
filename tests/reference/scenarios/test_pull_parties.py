"""Participating functions that serve a pull in another way, and may."""

from tests.reference.scenarios.shown import answers, requests, times


def test_the_first_list_is_ahead_of_the_answer() -> None:
    flow, name = "pull", "notify-before-200"
    told, *_ = times(flow, name, "NOTIFY", "pf")
    granted, *_ = times(flow, name, "SIP/2.0 200", "pf", "SUBSCRIBE")
    assert told < granted


def test_an_invitation_is_declined_and_nothing_lost() -> None:
    for flow in ("pull", "pull-notify"):
        assert {answer.status for answer in answers(flow, "declined-480", "INVITE", "pf")} == {480}
        assert not requests(flow, "declined-480", "BYE", "client")
