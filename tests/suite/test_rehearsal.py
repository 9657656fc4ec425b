from dataclasses import replace

import pytest

from conformance.observation.packet import Transport
from conformance.observation.trace import Observation
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import drop, request
from conformance.reference.preferences.profiles import Preferences
from conformance.suite.errors import ConformanceError
from conformance.suite.rehearsal import rehearse
from conformance.suite.setting import Setting
from conformance.verifier.verdict import Verdict

UNANSWERED = Fault("unanswered", "client", tamper=drop(request("INVITE")))


def transports(played) -> set[Transport]:
    return {one.transport for one in played.trace.items if isinstance(one, Observation)}


def test_a_flow_is_played_written_and_judged(tmp_path) -> None:
    played = rehearse("push-pager", tmp_path, Setting())
    assert played.path == tmp_path / "push-pager_base.pcapng"
    assert len(played.trace.items) == played.trace.health.sip_messages > 0
    report = played.verify()
    assert report.verdict is Verdict.PASS
    assert [one.flow for one in report.instances] == ["push-pager"]
    assert not report.compared


def test_the_same_seed_gives_the_same_octets_in_another_file(tmp_path) -> None:
    first, same, other = (
        rehearse("push-pager", tmp_path, Setting(), seed=seed) for seed in (7, "7", 8)
    )
    assert len({first.path, same.path, other.path}) == 3
    assert first.path.read_bytes() == same.path.read_bytes() != other.path.read_bytes()


def test_variant_transport_and_address_family_are_chosen(tmp_path) -> None:
    played = rehearse("push-pager", tmp_path, Setting(), variant="three-messages", ipv6=True)
    assert "three-messages" in played.path.name
    assert ":" in played.trace.items[0].source.host
    assert transports(played) == {Transport.UDP}
    assert transports(rehearse("push-pager", tmp_path, Setting(), transport="tcp")) == {
        Transport.TCP
    }


def test_a_fault_is_planted_and_found(tmp_path) -> None:
    silent = Fault("silent", "pf", tamper=drop(request("NOTIFY")))
    played = rehearse("pull", tmp_path, Setting(), faults=[silent])
    assert played.path.name == "pull_base_silent.pcapng"
    assert played.verify(flow="pull").verdict is not Verdict.PASS


def test_the_reference_is_asked_by_the_preferences_that_were_played(tmp_path) -> None:
    played = rehearse("push-pager", tmp_path, Setting(), preferences=Preferences())
    assert played.preferences.endswith(".xml")
    report = played.verify(preferences=played.preferences)
    assert report.compared
    assert report.preferences == played.preferences
    assert report.verdict is Verdict.PASS
    assert replace(report, compared=False) != report


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"flow": "pul"}, "did you mean 'pull'"),
        ({"variant": "bsae"}, "did you mean 'base'"),
        ({"transport": "sctp"}, "neither udp nor tcp"),
        ({"faults": ["nobody-knows-it"]}, "there is no fault"),
        ({"faults": [UNANSWERED, UNANSWERED]}, "two faults change client"),
        ({"preferences": "absent.xml"}, "it cannot be read"),
    ],
)
def test_what_there_is_not_is_refused(tmp_path, wishes, sentence) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        rehearse(wishes.pop("flow", "pull"), tmp_path, Setting(), **wishes)
