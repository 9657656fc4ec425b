"""The words and signs of verdicts and steps, the same in every report."""

from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.verifier.verdict import Reason, Status, Verdict

SIGNS = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.INCONC: "?",
    Verdict.NONE: "\u2013",
    Verdict.ERROR: "!",
}
"""One sign a verdict: colour never tells alone."""

WORDS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.INCONC: "inconclusive",
    Verdict.NONE: "not exercised",
    Verdict.ERROR: "error",
}

MEANINGS = {
    Verdict.PASS: "Every required step was seen, and all that could be judged holds.",
    Verdict.FAIL: "Something seen in the capture contradicts a requirement.",
    Verdict.INCONC: "Not all of it could be seen; nothing that was seen is wrong.",
    Verdict.NONE: "The capture does not show this flow.",
    Verdict.ERROR: "The verifier itself failed: no statement about the system under test.",
}

HEADLINES = {
    Verdict.PASS: "Everything that could be judged conforms.",
    Verdict.FAIL: "The traffic departs from the specification.",
    Verdict.INCONC: "The captures do not show enough for a verdict.",
    Verdict.NONE: "No flow of the specification appears in the captures.",
    Verdict.ERROR: "The verifier failed; its other results stand, but are not complete.",
}

STATUS_SIGNS = {
    Status.OBSERVED: "✓",
    Status.MISSING: "✗",
    Status.VIOLATED: "✗",
    Status.DECLINED: "⊘",
    Status.UNOBSERVED: "·",
    Status.NOT_TAKEN: "\u2013",
    Status.PENDING: "…",
    Status.INTERNAL: "·",
    Status.WITNESSED: "✓",
}

ROLE_NAMES = {
    Role.CLIENT: "CPM Client",
    Role.CORE: "SIP/IP Core",
    Role.PF: "Participating Function",
    Role.ISF: "Interworking Selection Function",
    Role.IWF: "Interworking Function",
    Role.NONCPM: "Non-CPM client",
    Role.REMOTE: "CPM System A",
    Role.CORE_B: "SIP/IP Core B",
    Role.PF_B: "Participating Function B",
    Role.CLIENT_B: "CPM Client B",
}

REASONS = {
    Reason.HOP_NOT_CAPTURED: "a required step passed where the capture does not look",
    Reason.CAPTURE_STARTS_LATE: "the capture starts after the flow did",
    Reason.CAPTURE_ENDS_EARLY: "the capture ends before the flow does",
    Reason.GAP: "something between was not recorded",
    Reason.UNDECRYPTABLE: "the traffic is encrypted and no key was given",
    Reason.AMBIGUOUS_CORRELATION: "several readings tie the messages together equally well",
    Reason.POLICY_UNKNOWN: "the text leaves this to the policy of the operator or user",
    Reason.ROLE_UNKNOWN: "which address plays which role is not known",
    Reason.TIMER_NOT_ELAPSED: "the time allowed had not passed when the capture ended",
    Reason.IDENTITY_UNREADABLE: "the identities of the messages cannot be compared",
    Reason.SPEC_AMBIGUOUS: "the specification leaves this open",
    Reason.NOT_EXERCISED: "no capture shows this flow",
    Reason.NOT_APPLICABLE: "the supplier's statement (ICS) does not claim this flow",
    Reason.UNSUPPORTED: "not supported",
    Reason.EXPECTED_ABSENT: "the flow was expected and does not appear",
}

LEVELS = {
    Level.SHALL: "SHALL",
    Level.SHOULD: "SHOULD",
    Level.MAY: "MAY",
    Level.DERIVED: "derived",
    Level.FLOW: "figure",
    Level.RFC: "RFC",
}


def role_name(role: str) -> str:
    """The name of a role as the figures print it; the text itself when it is no role."""
    try:
        return ROLE_NAMES[Role(role)]
    except ValueError:
        return role
