from dataclasses import replace

import pytest

from conformance.flow.library import load
from conformance.suite.errors import ConformanceError
from conformance.suite.selection import choose, described, keeps
from conformance.suite.setting import Setting
from tests.report.samples import BEGIN, MS, passed_pager

FLOWS = load().flows


def ids(setting: Setting) -> list[str]:
    return [program.id for program in choose(FLOWS, setting)]


def test_without_a_choice_all_flows_are_judged() -> None:
    assert ids(Setting()) == list(FLOWS)


def test_a_choice_brings_what_is_expected_along() -> None:
    found = ids(Setting(flow=("pull",), expect=("push",), explain=("undelivered",)))
    assert sorted(found) == ["pull", "push", "undelivered"]


def test_a_flow_that_is_not_claimed_is_not_judged() -> None:
    assert "pull" not in ids(Setting(unclaimed=("pull",)))


@pytest.mark.parametrize("option", ["flow", "expect", "explain"])
def test_an_unknown_flow_is_refused_with_a_hint(option: str) -> None:
    with pytest.raises(ConformanceError, match="did you mean 'pull'"):
        choose(FLOWS, replace(Setting(), **{option: ("pul",)}))
    with pytest.raises(ConformanceError, match="there are chat-deferred"):
        choose(FLOWS, replace(Setting(), **{option: ("zzz",)}))


INSTANCE = passed_pager()


@pytest.mark.parametrize(
    ("setting", "kept"),
    [
        (Setting(), True),
        (Setting(user="sip:alice@example.com"), True),
        (Setting(user="alice@EXAMPLE.com"), True),
        (Setting(user="<sip:alice@example.com:5060;transport=tcp>"), True),
        (Setting(user="sip:bob@example.com"), False),
        (Setting(call_id="p1@10.0.3.1"), True),
        (Setting(call_id="p1"), False),
        (Setting(begin=BEGIN), True),
        (Setting(begin=BEGIN + 225 * MS), True),
        (Setting(begin=BEGIN + 1_000 * MS), False),
        (Setting(end=BEGIN + 225 * MS), True),
        (Setting(end=BEGIN), False),
    ],
)
def test_instances_are_chosen_by_user_call_id_and_time(setting: Setting, kept: bool) -> None:
    assert keeps(INSTANCE, setting) is kept


def test_the_choice_is_told_in_the_report() -> None:
    setting = Setting(flow=("pull",), user="u", call_id="c", begin=BEGIN, end=BEGIN)
    assert described(setting) == (
        "flow pull",
        "user u",
        "Call-ID c",
        "from 2026-03-02T09:00:00.000000000Z",
        "to 2026-03-02T09:00:00.000000000Z",
    )
    assert described(Setting()) == ()
