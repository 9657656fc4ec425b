"""Whether a departure is a known issue of the policy, so that a test may expect it."""

from datetime import date

from conformance.report.model import Report
from conformance.suite.failures import Failure, failures
from conformance.suite.policy import Action, Known, Policy


def excuse(report: Report, policy: Policy, flow: str, requirement: str, today: date) -> str:
    """Why what is broken is no news, on one line; empty where any of it is.

    Without a requirement it is about the whole flow. What follows from a known failure is known
    with it. As the gate has it: an expired issue excuses nothing, nor one whose message changed.
    """
    levels = {one.id: one.level for one in report.requirements}
    if requirement and policy.action(levels[requirement], strict=report.strict) is not Action.FAIL:
        return f"the policy lets level {levels[requirement]} be"
    counting = {
        level
        for level in levels.values()
        if policy.action(level, strict=report.strict) is Action.FAIL
    }
    found = [one for one in failures(report, counting) if one.flow == flow]
    own = [one for one in found if one.requirement == requirement] or found
    known = [_known(one, policy, today) for one in own]
    if not known:
        return "the policy lets these levels be"
    lines = [_told(one) for one in known if one is not None]
    return "; ".join(dict.fromkeys(lines)) if len(lines) == len(known) else ""


def _known(failure: Failure, policy: Policy, today: date) -> Known | None:
    for one in policy.known:
        covers = one.covers(failure.requirement, failure.flow, failure.capture)
        if covers and one.says(failure.pinned) and today <= one.expires:
            return one
    return None


def _told(known: Known) -> str:
    return f"known until {known.expires} ({known.owner}: {known.reason})"
