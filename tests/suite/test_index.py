from dataclasses import replace

import pytest

from conformance.cpm.role import Role
from conformance.suite.errors import ConformanceError
from conformance.suite.index import Entry, Outcome, match, read_index
from conformance.verifier.verdict import Verdict
from tests.report.samples import cut_pager, failed_pull, passed_pager

GOOD = """
[[capture]]
path = "pull/rejected.pcapng"
shows = "No NOTIFY comes."
flow = "pull"
verdict = "fail"
requirement = "pull/6-7"
profile = "rcs"
[capture.roles]
pf = ["10.0.3.1"]

[[capture]]
path = "other.pcap"
verdict = "none"
"""


def index(tmp_path, text: str) -> str:
    path = tmp_path / "index.toml"
    path.write_text(text)
    return str(path)


def test_an_index_is_read(tmp_path) -> None:
    first, second = read_index(index(tmp_path, GOOD))
    assert first.path == str(tmp_path / "pull" / "rejected.pcapng")
    assert (first.flow, first.verdict, first.requirement) == ("pull", Verdict.FAIL, "pull/6-7")
    assert (first.profile, first.roles[0].role) == ("rcs", Role.PF)
    assert (second.flow, second.verdict) == ("", Verdict.NONE)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "lists no"),
        ("capture = 1", "lists no"),
        ("capture = [1]", "an entry is a table"),
        ("[[capture]]\nverdict = 'pass'", "path is missing"),
        ("[[capture]]\npath = 'a'", "verdict must be one of"),
        ("[[capture]]\npath = 'a'\nverdict = 'passed'", "did you mean 'pass'"),
        ("[[capture]]\npath = 'a'\nverdict = 'pass'\nwhy = 1", "unknown key 'why'"),
        (GOOD + "\n[[capture]]\npath = './other.pcap'\nverdict = 'pass'", "listed twice"),
        ("[other]", "unknown key 'other'"),
    ],
)
def test_a_wrong_index_is_refused(tmp_path, text, sentence) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        read_index(index(tmp_path, text))


def test_preferences_lie_beside_the_index(tmp_path) -> None:
    text = GOOD.replace('profile = "rcs"', 'preferences = "pull/alice.xml"')
    first, second = read_index(index(tmp_path, text))
    assert first.preferences == str(tmp_path / "pull" / "alice.xml")
    assert second.preferences == ""


def test_captures_and_entries_must_be_the_same() -> None:
    entry = Entry("a/b.pcap", "", "pull", Verdict.PASS)
    assert match([entry], ["a/./b.pcap"], "i") == {"a/./b.pcap": entry}
    with pytest.raises(ConformanceError, match=r"c\.pcap is not listed"):
        match([entry], ["a/b.pcap", "c.pcap"], "i")
    with pytest.raises(ConformanceError, match=r"a/b\.pcap is listed, but"):
        match([entry], [], "i")


PULL = Entry("a", "", "pull", Verdict.FAIL, "pull/6-7")


def outcome(*instances) -> Outcome:
    found = Outcome()
    for instance in instances:
        found.add(instance)
    return found


def test_what_is_as_expected_has_no_sentence() -> None:
    row = outcome(failed_pull(), passed_pager()).against(PULL, 3)
    assert row.as_expected
    assert row.sentence == ""
    assert (row.capture, row.verdict, row.requirement) == (3, Verdict.FAIL, "pull/6-7")


OF_NO_FLOW = Entry("a", "", "", Verdict.FAIL, "SD-5.4-consider")


def test_an_opinion_on_no_instance_is_what_an_entry_without_a_flow_expects() -> None:
    found = outcome(passed_pager())
    found.add_opinion("SD-5.4-enforce", Verdict.NONE)
    assert not found.against(OF_NO_FLOW, 0).as_expected
    found.add_opinion("SD-5.4-consider", Verdict.FAIL)
    found.add_opinion("SD-5.4-enforce", Verdict.FAIL)
    row = found.against(OF_NO_FLOW, 0)
    assert (row.as_expected, row.requirement) == (True, "SD-5.4-consider")


def test_an_opinion_that_the_entry_does_not_expect_is_told() -> None:
    found = outcome(passed_pager())
    found.add_opinion("SD-5.4-consider", Verdict.FAIL)
    row = found.against(Entry("a", "", "push-pager", Verdict.PASS), 0)
    assert row.sentence == "also fail: the reference, which the index does not expect"


def test_an_instance_that_two_flows_describe_counts_for_both() -> None:
    assert outcome(failed_pull()).against(replace(PULL, flow="pull-notify"), 0).as_expected


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (replace(PULL, verdict=Verdict.PASS), "verdict fail, the index expects pass"),
        (replace(PULL, requirement="x"), "first finding pull/6-7, the index expects x"),
        (replace(PULL, flow="push"), "verdict none, the index expects fail"),
        (
            replace(PULL, flow="push-pager", verdict=Verdict.PASS, requirement=""),
            "also fail: pull, pull-notify, which the index does not expect",
        ),
    ],
)
def test_a_difference_is_told(entry: Entry, sentence: str) -> None:
    row = outcome(failed_pull(), passed_pager()).against(entry, 0)
    assert not row.as_expected
    assert row.sentence == sentence


def test_a_capture_that_shows_no_flow() -> None:
    nothing = Entry("a", "", "", Verdict.NONE)
    assert outcome().against(nothing, 0).as_expected
    assert outcome(cut_pager()).against(nothing, 0).sentence == (
        "verdict inconc, the index expects none"
    )


def test_where_preferences_are_named_an_opinion_on_no_instance_counts_for_the_entry() -> None:
    found = outcome(passed_pager())
    found.add_opinion("SD-5.4-consider", Verdict.FAIL)
    entry = Entry("a", "", "push-pager", Verdict.FAIL, "SD-5.4-consider", preferences="alice.xml")
    assert found.against(entry, 0).as_expected
    assert not found.against(replace(entry, preferences=""), 0).as_expected


def test_where_preferences_are_named_any_opinion_may_be_the_one_expected() -> None:
    found = outcome(failed_pull())
    found.add_opinion("SD-5.4-enforce", Verdict.FAIL)
    found.add_opinion("SD-5.4-consider", Verdict.FAIL)
    entry = replace(PULL, requirement="SD-5.4-consider", preferences="alice.xml")
    assert found.against(entry, 0).as_expected
    assert not found.against(replace(entry, preferences=""), 0).as_expected
