import pickle
from dataclasses import replace

from conformance.flow.library import load
from conformance.report.spool import Line, Spool
from conformance.report.tally import Tally
from conformance.verifier.verdict import Reason, Verdict
from tests.report.opinion_samples import PREFERENCES, silent_pf
from tests.report.samples import cut_pager, failed_pull, passed_pager
from tests.report.test_devices import exchange

PROGRAMS = tuple(load().flows.values())


def test_flows_that_no_capture_shows_are_not_exercised() -> None:
    with Spool() as spool:
        flows = {flow.id: flow for flow in Tally(spool).flows(PROGRAMS, {})}
    assert len(flows) == 9
    assert {flow.verdict for flow in flows.values()} == {Verdict.NONE}
    assert {flow.reason_code for flow in flows.values()} == {Reason.NOT_EXERCISED}


def test_a_flow_that_is_not_claimed_says_so() -> None:
    with Spool() as spool:
        flows = Tally(spool).flows(PROGRAMS, {"pull": Reason.NOT_APPLICABLE})
    assert next(flow for flow in flows if flow.id == "pull").reason_code is Reason.NOT_APPLICABLE


def test_the_worst_verdict_stands_for_a_flow_and_for_all() -> None:
    with Spool() as spool:
        tally = Tally(spool)
        for instance in (passed_pager(), cut_pager()):
            tally.add(instance)
        flows = {flow.id: flow for flow in tally.flows(PROGRAMS, {})}
        assert flows["push-pager"].verdict is Verdict.INCONC
        assert flows["push-pager"].reason_code is Reason.CAPTURE_ENDS_EARLY
        assert tally.verdict() is Verdict.INCONC
        tally.add(failed_pull())
        assert tally.verdict() is Verdict.FAIL
        assert [(cell.capture, cell.flow) for cell in tally.matrix()] == [
            (0, "pull"),
            (0, "push-pager"),
        ]


def test_passing_instances_beyond_the_limit_are_counted_and_not_listed(monkeypatch) -> None:
    monkeypatch.setattr("conformance.report.tally.LISTED", 2)
    with Spool() as spool:
        tally = Tally(spool)
        for number in range(5):
            tally.add(passed_pager(id_=f"p{number}"))
        tally.add(failed_pull())
        assert [instance.id for instance in spool] == ["p0", "p1", "pull-1"]
        assert tally.counted == 3
        pager = next(flow for flow in tally.flows(PROGRAMS, {}) if flow.id == "push-pager")
        assert pager.counts == {Verdict.PASS: 5}
        step = next(r for r in tally.requirements(PROGRAMS) if r.id == "push-pager/2-3")
        assert step.counts == {Verdict.PASS: 5}
        assert step.instances == ("p0", "p1")


def test_all_lists_all(monkeypatch) -> None:
    monkeypatch.setattr("conformance.report.tally.LISTED", 2)
    with Spool() as spool:
        tally = Tally(spool, everything=True)
        for number in range(5):
            tally.add(passed_pager(id_=f"p{number}"))
        assert len(spool) == 5
        assert tally.counted == 0


def test_a_requirement_names_its_worst_instances_first(monkeypatch) -> None:
    monkeypatch.setattr("conformance.report.tally.NAMED", 1)
    with Spool() as spool:
        tally = Tally(spool)
        tally.add(replace(failed_pull(), id="good", judged=(("pull/6-7", Verdict.PASS),)))
        tally.add(failed_pull())
        tally.add(replace(failed_pull(), id="second"))
        found = {one.id: one for one in tally.requirements(PROGRAMS)}
    assert found["pull/6-7"].instances == ("pull-1", "good")
    assert found["pull/6-7"].verdict is Verdict.FAIL
    assert found["pull/6-7"].counts == {Verdict.PASS: 1, Verdict.FAIL: 2}
    assert found["pull/8-9"].verdict is Verdict.NONE
    assert found["pull/6-7"].judged_by


def test_devices_are_told_with_what_is_said_of_each() -> None:
    made = exchange(passed_pager())
    with Spool() as spool:
        tally = Tally(spool)
        tally.add(made)
        assert [one.product for one in tally.devices()] == ["Talk/1.0", "Core/2"]


def test_opinions_on_no_instance_count_for_their_requirement() -> None:
    with Spool() as spool:
        tally = Tally(spool)
        tally.opinions([silent_pf(), replace(silent_pf(), requirement="")])
        rows = {one.id: one for one in tally.requirements(tuple(load().flows.values()))}
    assert rows[PREFERENCES].verdict is Verdict.FAIL
    assert rows[PREFERENCES].counts == {Verdict.FAIL: 1}
    assert rows[PREFERENCES].instances == ()


def test_two_halves_are_the_whole(monkeypatch) -> None:
    monkeypatch.setattr("conformance.report.tally.LISTED", 2)
    settled = [
        replace(one, id=f"{one.id}-{number}", captures=(number % 2,))
        for number, one in enumerate(
            [passed_pager(), failed_pull(), exchange(passed_pager()), passed_pager(), cut_pager()]
        )
    ]
    with Spool() as spool, Spool() as other, Spool() as third:
        whole, merged = Tally(spool), Tally(other)
        for one in settled:
            whole.add(one)
        for part in (settled[:2], settled[2:]):
            tally = Tally(third, limit=1_000)
            for one in part:
                tally.add(one)
            kept = [Line.of(one) for one in part]
            merged.absorb(pickle.loads(pickle.dumps(tally)), kept)
        assert list(other) == list(spool)
        for told in ("devices", "matrix", "verdict"):
            assert getattr(merged, told)() == getattr(whole, told)()
        assert merged.requirements(PROGRAMS) == whole.requirements(PROGRAMS)
        assert merged.flows(PROGRAMS, {}) == whole.flows(PROGRAMS, {})
        assert merged.counted == whole.counted == 1
