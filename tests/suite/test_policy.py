from datetime import date

import pytest

from conformance.flow.program import Level
from conformance.suite.errors import ConformanceError
from conformance.suite.policy import Action, Known, Policy, read_policy

WHOLE = """
[levels]
flow = "warn"
should = "fail"
[limits]
inconclusive-shalls = 3
allow-nothing = true
[baseline]
lost = "fail"
[[known]]
requirement = "pull/6-7"
owner = "alice@example.com"
reason = "ticket 4711"
expires = 2026-12-31
message = "INVITE from the client (frame 9)"
capture = "lab/*.pcapng"
"""


def read(tmp_path, text: str) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    return read_policy(str(path))


def test_a_policy_is_read(tmp_path) -> None:
    policy = read(tmp_path, WHOLE)
    assert policy.action(Level.FLOW, strict=True) is Action.WARN
    assert policy.action(Level.SHOULD, strict=False) is Action.FAIL
    assert (policy.inconclusive_shalls, policy.inconclusive_instances) == (3, None)
    assert policy.allow_nothing
    assert policy.lost is Action.FAIL
    (known,) = policy.known
    assert (known.owner, known.expires) == ("alice@example.com", date(2026, 12, 31))


def test_an_empty_policy_lets_nothing_stay_open(tmp_path) -> None:
    assert read(tmp_path, "") == Policy()
    assert Policy().inconclusive_shalls == Policy().inconclusive_instances == 0


@pytest.mark.parametrize(
    ("level", "strict", "action"),
    [
        (Level.SHALL, False, Action.FAIL),
        (Level.RFC, False, Action.FAIL),
        (Level.SHOULD, False, Action.WARN),
        (Level.MAY, False, Action.WARN),
        (Level.SHOULD, True, Action.FAIL),
    ],
)
def test_unsaid_levels_act_as_the_run_did(level, strict, action) -> None:
    assert Policy().action(level, strict=strict) is action


def test_a_known_issue_covers_what_it_names() -> None:
    known = Known("pull/6-7", "o", "r", date(2026, 1, 1), "INVITE (frame 9)", "pull", "lab/*")
    assert known.covers("pull/6-7", "pull", "lab/a.pcap")
    assert not known.covers("pull/6-7", "pull", "field/a.pcap")
    assert not known.covers("pull/6-7", "push", "lab/a.pcap")
    assert not known.covers("pull/8-9", "pull", "lab/a.pcap")
    assert known.says("an INVITE (#) came")
    assert not known.says("a MESSAGE (#) came")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[level]", "did you mean 'levels'"),
        ('[levels]\nshal = "fail"', "did you mean 'shall'"),
        ('[levels]\nshall = "fial"', "did you mean 'fail'"),
        ("[limits]\ninconclusive-shalls = -1", "must not be negative"),
        ("[limits]\ninconclusive-shalls = true", "must be a whole number"),
        ("[limits]\ninconclusive-shalls = '1'", "must be a whole number"),
        ("[baseline]\nlost = 3", "must be a text"),
        ("[baseline]\nlose = 'fail'", "did you mean 'lost'"),
        ("known = 3", "write each known issue as"),
        ("known = [3]", "known issue 1: an entry is a table"),
        ("[[known]]\nowner = 'a'", "requirement is missing"),
        (WHOLE.replace("2026-12-31", "'2026-12-31'"), "without quotes"),
        (WHOLE.replace("2026-12-31", "2026-12-31T10:00:00Z"), "without quotes"),
        (WHOLE.replace("expires = 2026-12-31", ""), "expires is missing"),
        (WHOLE.replace('"ticket 4711"', '" "'), "reason is missing"),
        (WHOLE.replace("INVITE from the client ", ""), "message holds nothing that stays"),
        ("x = ", "it is no TOML"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_place(tmp_path, text, sentence) -> None:
    with pytest.raises(ConformanceError, match=r"policy\.toml") as refused:
        read(tmp_path, text)
    assert sentence in str(refused.value)
