"""What is special in the traffic of no flow, and in preferences at work."""

import shutil
import subprocess

import pytest

from conformance.cpm.role import Role
from conformance.observation.topology import Topology
from conformance.oracle.comparison import Seen, compare
from conformance.reference.scenarios.catalogue import scenario, scenarios
from conformance.reference.scenarios.ordinary import CHOSEN
from conformance.reference.scenarios.scenario import Scenario, play
from conformance.suite.simulation import octets_of
from conformance.verifier.roles import infer_topology
from conformance.verifier.survey import survey
from conformance.verifier.verdict import Verdict
from tests.reference.scenarios.playing import Told, tell

PF, CORE, CLIENT, IWF, REMOTE = Role.PF, Role.CORE, Role.CLIENT, Role.IWF, Role.REMOTE


def told(name: str) -> Told:
    return tell(scenario("", name))


@pytest.mark.parametrize("one", scenarios(""), ids=lambda one: one.name)
def test_it_belongs_to_no_flow_and_breaks_nothing(one: Scenario):
    found = tell(one)
    assert found.results == []
    assert [each for each in found.opinions if each.verdict is Verdict.FAIL] == []


@pytest.mark.parametrize("one", CHOSEN, ids=lambda one: one.name)
def test_nobody_is_convicted_whose_preferences_are_not_known(one: Scenario):
    found = tell(one)
    surveyed = survey(found.trace)
    topology = infer_topology(surveyed, Topology(()))
    seen = Seen(found.trace.items, topology, found.trace.health.last_time or 0)
    assert [each for each in compare(seen) if each.verdict is Verdict.FAIL] == []


@pytest.mark.parametrize(
    ("name", "answers", "notes"),
    [
        ("discarded-unavailable", [202], ["discarded"]),
        ("stored-unavailable", [202], ["stored"]),
        ("blacklisted", [403], ["rejected"]),
        ("redirected", [302], ["redirected"]),
        ("profile-of-the-device", [403], ["rejected"]),
        ("too-large", [403, 200], ["rejected", "delivered"]),
        ("immediate-delivery", [200], ["delivered"]),
    ],
)
def test_what_becomes_of_a_message(name, answers, notes):
    # when
    found = told(name)
    # then
    assert found.answers("MESSAGE", CORE, REMOTE) == answers
    for what in notes:
        assert list(found.notes(what)), what


def test_expired_messages_may_be_kept_in_the_store():
    found = told("expired-stored")
    assert [one["why"] for one in found.notes("stored")] == ["expired"]
    assert found.requests("MESSAGE", CORE, REMOTE) == []


def test_a_copy_is_kept_of_what_comes_and_goes():
    found = told("kept-copy")
    assert {one["why"] for one in found.notes("stored")} == {"received", "sent"}


def test_the_xdms_is_asked_before_a_message_is_served():
    found = told("preferences-by-xcap")
    (asked,) = list(found.notes("preferences"))
    assert asked["method"] == "GET"
    assert asked["status"] == "200"
    assert found.times_of("preferences") < found.times_of("delivered")


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_another_dissector_reads_the_retrieval_request_and_its_answer(tmp_path):
    # given
    file = tmp_path / "xcap.pcapng"
    file.write_bytes(octets_of(play(scenario("", "preferences-by-xcap"))))
    # when
    names = ("http.request.method", "http.request.uri", "http.response.code", "http.content_type")
    options = [option for name in names for option in ("-e", name)]
    done = subprocess.run(
        ["tshark", "-r", str(file), "-Y", "http", "-T", "fields", *options],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    # then
    request, answer = done.stdout.splitlines()[:2]
    assert request.startswith("GET\t")
    assert "/org.openmobilealliance.user-preferences/users/" in request
    assert "\t200\tapplication/vnd.oma.cpm-user-preferences+xml" in answer
