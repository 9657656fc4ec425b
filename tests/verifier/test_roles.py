"""Roles inferred from what the capture shows; what the user gave is never overruled."""

import pytest

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint
from conformance.observation.topology import RoleRule, Topology
from conformance.verifier.roles import infer_topology, unknown_places
from conformance.verifier.verdict import Reason, Verdict
from tests.ladder import Ladder
from tests.scenarios import catalogue, push_pager
from tests.verifying import surveyed, verify

CLIENT, CORE, PF = (Endpoint(host, 5060) for host in ("10.0.2.20", "10.0.1.1", "10.0.3.1"))


def inferred(ladder: Ladder, *given: RoleRule) -> Topology:
    return infer_topology(surveyed(ladder.trace()), Topology(given))


@pytest.mark.parametrize("flow", ["push-pager", "push", "pull", "pull-notify", "chat-deferred"])
def test_that_a_registration_tells_who_is_who(flow: str) -> None:
    topology = inferred(catalogue.ladder("VARIANTS", flow, "base"))
    assert topology.roles(CLIENT) == {Role.CLIENT}
    assert topology.roles(CORE) == {Role.CORE}
    assert topology.roles(PF) == {Role.PF}


def test_that_what_was_given_stays() -> None:
    given = RoleRule(Role.IWF, "10.0.3.1")
    assert inferred(push_pager.build(), given).roles(PF) == {Role.IWF}


def test_that_each_inferred_rule_has_its_evidence() -> None:
    rules = inferred(push_pager.build()).rules
    assert rules
    assert all(rule.evidence and not rule.given for rule in rules)


def test_that_three_hosts_and_a_message_are_ambiguous_by_nature() -> None:
    ladder = push_pager.build()
    bare = ladder.only(lambda shot: shot.label in ("2", "5"))
    judged = verify(bare, roles="inferred")
    assert {one.reason_code for one in judged.results} <= {Reason.ROLE_UNKNOWN}
    assert judged.verdict in (Verdict.INCONC, Verdict.NONE)


def test_that_places_without_a_rule_are_named() -> None:
    found = surveyed(push_pager.build().trace())
    known = Topology([RoleRule(Role.CLIENT, "10.0.2.20")])
    assert unknown_places(found, known) == ["10.0.1.1", "10.0.3.1"]
