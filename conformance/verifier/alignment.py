"""The repair: what would have to be otherwise for a failed instance to conform."""

from conformance.flow.program import Kind
from conformance.verifier.findings import said
from conformance.verifier.instance import Instance
from conformance.verifier.plan import bits
from conformance.verifier.settle import Outcome
from conformance.verifier.verdict import Status, Verdict


def shortest_repair(instance: Instance, outcome: Outcome) -> str:
    """The repairs of the causes, one after the other; their consequences need none of their own.

    Each cause names one edit: a hop inserted, moved or mended. No search over the order is made.
    """
    edits = [
        finding.repair
        for finding in instance.findings
        if finding.verdict is Verdict.FAIL and finding.repair and not finding.consequence
    ]
    edits.extend(_moves(instance, outcome) if not edits else [])
    return "; then ".join(dict.fromkeys(edits))


def _moves(instance: Instance, outcome: Outcome) -> list[str]:
    """What to insert or to move so that every hop follows what it must follow."""
    edits = []
    for index in bits(outcome.run):
        step = instance.program.steps[index]
        if step.kind is Kind.INTERNAL:
            continue
        for hop in step.hops:
            if outcome.statuses.get(hop) is Status.MISSING:
                edits.append(f"insert step {instance.program.hops[hop].number}: {step.text}")
            elif outcome.statuses.get(hop) is Status.VIOLATED:
                seen = instance.first[hop]
                if seen is not None:
                    edits.append(f"mend {said(seen.observation)} of step {step.label}")
    return edits
