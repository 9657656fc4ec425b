"""A conversation that names its flow between places whose roles nobody knows."""

from conformance.observation.topology import RoleRule
from conformance.verifier.verdict import Reason, Verdict
from tests.scenarios import catalogue, push
from tests.verifying import verify


def test_that_unknown_parties_leave_it_open() -> None:
    ladder = push.build().only(lambda shot: shot.label == "2")
    judged = verify(ladder, rules=[RoleRule("noncpm", "192.0.2.1")], roles="inferred")
    assert judged.verdict in (Verdict.INCONC, Verdict.NONE)
    assert {one.reason_code for one in judged.results} <= {Reason.ROLE_UNKNOWN}


def test_that_a_known_conversation_is_not_offered_twice() -> None:
    judged = verify(push.build())
    assert Reason.ROLE_UNKNOWN not in {one.reason_code for one in judged.results}


def test_that_ordinary_traffic_of_unknown_parties_is_nothing() -> None:
    for flow, name in catalogue.names("ORDINARY"):
        judged = verify(catalogue.ladder("ORDINARY", flow, name), roles="inferred")
        assert judged.verdict is not Verdict.FAIL, name
