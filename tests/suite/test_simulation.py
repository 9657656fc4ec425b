"""Scenarios as captures: found, changed as wished, written, listed."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.capture.source import open_capture
from conformance.observation.packet import Transport
from conformance.observation.trace import Observation
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.faults.fault import Fault
from conformance.reference.network.medium import Conditions
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.scenarios.scenario import play
from conformance.suite.errors import ConformanceError
from conformance.suite.index import read_index
from conformance.suite.preferences import read_preferences
from conformance.suite.simulation import (
    Wish,
    find,
    index_of,
    octets_of,
    trace_of,
    wished,
    write_folder,
)
from conformance.verifier.verdict import Verdict

BASE = find("push-pager")


class Other(CpmClient):
    """A client that is the same."""


OTHER = Fault("client-other", "client", Other)


def test_one_is_found_by_flow_and_name():
    assert (BASE.flow, BASE.name) == ("push-pager", "base")
    assert find("push", "two-devices").setting.devices == 2
    assert find("").flow == ""


@pytest.mark.parametrize(
    ("flow", "variant", "sentence"),
    [
        ("pushpager", "", "there is no flow 'pushpager'"),
        ("zebra", "", "there are push-pager, push-large"),
        ("push", "two-device", "did you mean 'two-devices'"),
        ("push", "zebra", "push has no variant 'zebra': there are base"),
    ],
)
def test_what_there_is_not_is_told(flow: str, variant: str, sentence: str):
    with pytest.raises(ConformanceError, match=sentence):
        find(flow, variant)


def test_without_a_wish_all_is_as_it_was():
    assert wished(BASE, Wish()) == BASE


def test_each_wish_changes_its_part():
    conditions, preferences = Conditions(loss=0.5), Preferences()
    wish = Wish("9", Transport.TCP, True, conditions, preferences, (OTHER,))
    found = wished(BASE, wish)
    setting = found.setting
    assert (setting.seed, setting.transport, setting.ipv6) == ("9", Transport.TCP, True)
    assert (setting.conditions, setting.preferences) == (conditions, preferences)
    assert found.faults == (OTHER,)
    assert (found.flow, found.name, found.script) == (BASE.flow, BASE.name, BASE.script)


def test_two_faults_in_one_place_are_an_error_of_the_user():
    with pytest.raises(ConformanceError, match="two faults change client"):
        wished(BASE, Wish(faults=(OTHER, OTHER)))


def test_a_run_is_a_capture_with_the_steps_in_it(tmp_path: Path):
    # given
    path = tmp_path / "one.pcapng"
    # when
    octets = octets_of(play(BASE))
    path.write_bytes(octets)
    # then
    assert b"push-pager step 2: CPM Conversation Server A" in octets
    assert BASE.shows.encode() in octets
    assert octets == octets_of(play(BASE))
    read = [item for item in open_capture(str(path)) if isinstance(item, Observation)]
    assert len(read) == 12


def test_the_trace_of_a_run_is_what_its_capture_holds():
    played = play(BASE)
    found = [item for item in trace_of(played).items if isinstance(item, Observation)]
    assert len(found) == 12
    assert trace_of(played).health.path == "push-pager/base"


def test_a_folder_holds_captures_and_their_index(tmp_path: Path):
    # given
    broken = replace(BASE, name="broken", verdict="fail", requirement="push-pager/4-5")
    roles = ("client=10.0.2.20", "client=10.0.2.21", "pf=10.0.3.1")
    told = replace(BASE, name="told", roles=roles)
    # when
    written = write_folder(tmp_path, [BASE, broken, told])
    # then
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "push-pager/accepted_base.pcapng",
        "push-pager/rejected_push-pager-step-4-5_broken.pcapng",
        "push-pager/accepted_told.pcapng",
        "index.toml",
    ]
    one, other, third = read_index(str(tmp_path / "index.toml"))
    assert (one.verdict, one.flow, one.shows) == (Verdict.PASS, "push-pager", BASE.shows)
    assert (other.verdict, other.requirement) == (Verdict.FAIL, "push-pager/4-5")
    assert [str(rule.address) for rule in third.roles] == ["10.0.2.20", "10.0.2.21", "10.0.3.1"]
    assert Path(one.path).read_bytes() == octets_of(play(BASE))


def test_an_index_says_what_it_is():
    assert index_of([BASE]).startswith("# What each capture shows")
    assert index_of([BASE]).endswith('verdict = "pass"\n')


def test_preferences_lie_beside_a_capture_whose_verdict_needs_them(tmp_path: Path):
    # given
    kept = Preferences((Profile("home", display_name="At home"),))
    chosen = replace(BASE, preferences=True, setting=replace(BASE.setting, preferences=kept))
    nobodys = replace(BASE, name="unset", preferences=True)
    # when
    written = write_folder(tmp_path, [chosen, nobodys])
    # then
    one, other = read_index(str(tmp_path / "index.toml"))
    assert [one.preferences, other.preferences] == [str(written[1]), str(written[3])]
    assert read_preferences(one.preferences) == kept
    assert read_preferences(other.preferences) == Preferences()
