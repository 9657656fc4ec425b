import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.flow.library import load
from conformance.suite.errors import ConformanceError
from conformance.suite.ics import Kind, Statement, check, read_ics, read_statement, template
from conformance.suite.registrations import Registered
from tests.report.samples import report

FLOWS = ("pull", "pull-notify", "push", "push-pager")
SEEN = Registered("a.pcap", 4)


def statement(services: tuple[str, ...] | None = None, **flows: bool) -> Statement:
    claims = {name.replace("_", "-"): claimed for name, claimed in flows.items()}
    return Statement("Lab", "App", "1.0", services, claims)


def told(made: Statement, registered: dict[str, Registered], kind: Kind) -> list[str]:
    return [one.sentence for one in check(made, report(), registered) if one.kind is kind]


def test_flows_answered_with_false_are_not_claimed(tmp_path) -> None:
    path = tmp_path / "ics.toml"
    path.write_text('supplier = "Lab"\n[flows]\npull = true\npull-notify = false\n')
    assert read_ics(str(path), FLOWS) == ("pull-notify",)
    assert read_statement(str(path), FLOWS).services is None


def test_a_statement_is_read_whole(tmp_path) -> None:
    path = tmp_path / "ics.toml"
    path.write_text('implementation = "App"\nversion = "1"\nservices = ["oma.cpm.msg"]\n')
    made = read_statement(str(path), FLOWS)
    assert (made.implementation, made.version, made.services) == ("App", "1", ("oma.cpm.msg",))
    assert made.unclaimed() == ()


@pytest.mark.parametrize(
    "text",
    ["[flows]\npul = true", "[flows]\npull = 'no'", "flows = 1", "other = 1", "services = 3"],
)
def test_a_wrong_statement_is_refused(tmp_path, text) -> None:
    path = tmp_path / "ics.toml"
    path.write_text(text)
    with pytest.raises(ConformanceError):
        read_ics(str(path), FLOWS)


def test_the_template_claims_every_flow_and_is_read_back(tmp_path) -> None:
    flows = load().flows
    path = tmp_path / "ics.toml"
    path.write_text(template(flows))
    made = read_statement(str(path), flows)
    assert made.flows == dict.fromkeys(flows, True)
    # Uncommented, the list of services is TOML too.
    loose = template(flows).replace("# services", "services").replace('#   "', '"')
    assert "oma.cpm.msg" in tomllib.loads(loose.replace("# ]", "]"))["services"]


def test_the_statement_of_the_documents_is_one(tmp_path) -> None:
    told = (Path(__file__).parents[2] / "docs" / "ics.md").read_text("utf-8")
    path = tmp_path / "ics.toml"
    path.write_text(told.split("```toml\n")[1].split("```")[0])
    assert read_statement(str(path), FLOWS).unclaimed() == ("pull-notify",)


def test_a_flow_that_appears_unclaimed_is_a_contradiction() -> None:
    assert told(statement(pull=False), {}, Kind.CONTRADICTION) == [
        "pull is not claimed, and appears (pull-1)"
    ]


def test_one_that_may_have_appeared_is_a_note() -> None:
    made = report()
    flows = tuple(
        replace(flow, counts={verdict: 1 for verdict in flow.counts if verdict == "inconc"})
        for flow in made.flows
    )
    remarks = check(statement(push_pager=False), replace(made, flows=flows), {})
    assert remarks[0].kind is Kind.NOTE
    assert any("perhaps appears" in remark.sentence for remark in remarks)


def test_a_claimed_flow_that_nothing_shows_is_a_note() -> None:
    assert told(statement(), {}, Kind.CONTRADICTION) == []
    assert "push is claimed, and no capture shows it judged" in told(statement(), {}, Kind.NOTE)


def test_services_registered_and_not_claimed_contradict() -> None:
    made = statement(("oma.cpm.session",))
    seen = {"oma.cpm.session.group": SEEN, "oma.cpm.msg": SEEN}
    assert told(made, seen, Kind.CONTRADICTION) == [
        "oma.cpm.msg is registered and not claimed (REGISTER in frame 4 of a.pcap)"
    ]


def test_services_claimed_and_not_registered_contradict() -> None:
    made = statement(("oma.cpm.session", "oma.cpm.msg"))
    assert told(made, {"oma.cpm.msg": SEEN}, Kind.CONTRADICTION) == [
        "oma.cpm.session is claimed, and no REGISTER names it"
    ]


def test_without_a_registration_or_a_list_nothing_contradicts() -> None:
    assert told(statement(("oma.cpm.msg",)), {}, Kind.CONTRADICTION) == []
    assert "no capture shows a REGISTER with a CPM service in it" in told(
        statement(("oma.cpm.msg",)), {}, Kind.NOTE
    )
    assert "services are not stated; registered are oma.cpm.msg" in told(
        statement(), {"oma.cpm.msg": SEEN}, Kind.NOTE
    )
