"""The way of a dialog's requests: through a core that is in it, past one that is not."""

from dataclasses import replace

import pytest

from conformance.flow.library import load
from conformance.observation.trace import Trace
from conformance.reference.core.sip_ip_core import AccessNode, SipIpCore, WholeNode
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.pushing_core import core
from conformance.reference.scenarios.scenario import play
from conformance.suite.mutants import verdicts
from conformance.suite.simulation import trace_of
from conformance.verifier.verdict import Reason, Status, Verdict
from tests.ladder import Ladder
from tests.scenarios import catalogue, pull
from tests.scenarios.parties import Setting
from tests.verifier.worlds import variant
from tests.verifying import Judged, causes, role_rules, said_of, verify

SESSIONS = ("push-large", "push", "pull", "pull-notify", "chat-deferred")


class StaysOut(WholeNode):
    """A proxy that has no Record-Route."""

    record_routes = False


class FirstStaysOut(SipIpCore):
    """Three nodes, of which the first is in no dialog, and the last believes no stranger."""

    class Access(AccessNode):
        record_routes = False

    access = Access


def rewritten(ladder: Ladder, old: bytes, new: bytes) -> Trace:
    """The trace of a ladder with some octets changed wherever they stand."""
    changed = ladder.named(ladder.variant)
    changed.shots = [replace(one, octets=one.octets.replace(old, new)) for one in ladder.shots]
    return changed.trace()


def hops_of(judged: Judged, label: str) -> list[tuple[str, str, Status]]:
    """From whom to whom the hops of a step went, and how each ended."""
    (one,) = judged.results
    steps = [step for step in one.steps if step.label == label and step.frames]
    return [(str(step.sender), str(step.receiver), step.status) for step in steps]


@pytest.mark.parametrize("flow", SESSIONS)
def test_that_a_dialog_past_a_core_that_stays_out_is_right(flow: str) -> None:
    ladder = catalogue.ladder("VARIANTS", flow, "core-stays-out")
    judged = verify(ladder)
    assert judged.verdict is Verdict.PASS, said_of(ladder, judged)
    assert any("no Record-Route keeps" in note for note in judged.results[0].notes)


def test_that_what_goes_past_is_one_hop_from_end_to_end() -> None:
    judged = verify(catalogue.ladder("VARIANTS", "pull", "core-stays-out"))
    assert hops_of(judged, "6-7") == [("pf", "client", Status.OBSERVED)]
    assert hops_of(judged, "8-9") == [("client", "pf", Status.OBSERVED)]
    (one,) = judged.results
    assert (one.seen, one.printed) == (12, 12)


def test_that_the_reference_passes_with_such_a_core() -> None:
    told = variant("pull")
    told = replace(told, faults=(Fault("out", "core", replaced=core(StaysOut)),))
    (one,) = verdicts(trace_of(play(told)), told, load(None))[0]
    assert one.verdict is Verdict.PASS, one.findings


def test_that_a_core_in_the_dialog_must_not_be_passed_by() -> None:
    ladder = catalogue.ladder("BREAKS", "pull", "6-7-past-the-core")
    judged = verify(ladder)
    assert causes(judged) == ["pull/6-7"], said_of(ladder, judged)
    assert "past the core, whose Record-Route" in judged.results[0].findings[0].observed
    assert hops_of(judged, "6-7") == [("pf", "client", Status.VIOLATED)]


def test_that_a_record_route_of_an_unknown_name_convicts_nobody() -> None:
    """Who it is that wants to stay in the dialog cannot be told."""
    ladder = catalogue.ladder("BREAKS", "pull", "6-7-past-the-core")
    for host in ladder.roles["core"]:
        old = f"Record-Route: <sip:{host}".encode()
        trace = rewritten(ladder, old, b"Record-Route: <sip:sbc.home-a.example")
    judged = verify(trace, rules=role_rules(ladder))
    assert causes(judged) == []


def test_that_a_late_capture_knows_what_goes_past() -> None:
    ladder = catalogue.ladder("VARIANTS", "pull", "core-stays-out")
    late = ladder.cut_before(ladder.find("6"))
    judged = verify(late)
    (one,) = judged.results
    assert (one.flow, one.verdict) == ("pull", Verdict.INCONC), said_of(late, judged)
    assert one.reason_code is Reason.CAPTURE_STARTS_LATE


def test_that_a_list_is_missed_only_on_the_link_between_the_ends() -> None:
    """With the session's end that link shows SIP both ways; without it nothing is known."""
    ladder = pull.build(Setting(stays_out=True), skips_notify=True)
    judged = verify(ladder)
    assert causes(judged) == ["pull/6-7"], said_of(ladder, judged)
    assert "pf to client" in judged.results[0].findings[-1].observed
    left = ladder.cut_behind(ladder.find("13"))
    judged = verify(left)
    assert judged.verdict is Verdict.INCONC, said_of(left, judged)
    assert judged.results[0].reason_code is Reason.HOP_NOT_CAPTURED


def test_that_the_end_of_a_session_may_be_refused_on_its_way() -> None:
    """The last node of the core takes nothing from strangers; the client did hang up."""
    told = variant("pull")
    setting = replace(told.setting, core_nodes=3)
    fault = Fault("first-stays-out", "core", replaced=FirstStaysOut)
    told = replace(told, setting=setting, faults=(fault,))
    (one,) = verdicts(trace_of(play(told)), told, load(None))[0]
    assert (one.verdict, one.reason_code) == (Verdict.INCONC, Reason.POLICY_UNKNOWN), one.findings
