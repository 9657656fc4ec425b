"""Opinions of the oracle made by hand, and a report that holds them."""

from dataclasses import replace

from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.oracle.difference import Difference, Kind, Opinion
from conformance.report.model import OpinionResult, Report, RequirementResult
from conformance.verifier.verdict import Finding, InstanceResult, Reason, Verdict
from tests.report.samples import BEGIN, MS, at, cut_pager, failed_pull, passed_pager, report

PREFERENCES = "SD-5.4-consider"


def silent_pf() -> Opinion:
    """The participating function was to push by the preferences, and never did."""
    return Opinion(
        role=Role.PF,
        place="10.0.3.1",
        kind=Kind.SILENCE,
        verdict=Verdict.FAIL,
        reason_code=None,
        requirement=PREFERENCES,
        clause="System Description 5.4",
        would="INVITE sip:alice@example.com",
        did="nothing",
        differences=(),
        frames=(),
        time=BEGIN + 400 * MS,
        choice="decides message at delivery by the preferences",
    )


def other_conversation() -> Opinion:
    """The push carries another Conversation-ID; its setup differs, as it may."""
    return Opinion(
        role=Role.PF,
        place="10.0.3.1",
        kind=Kind.OTHERWISE,
        verdict=Verdict.FAIL,
        reason_code=None,
        requirement="CF-7.3.12-3-conversation-id",
        clause="Conversation Function 7.3.12 3)",
        would="MESSAGE sip:alice@example.com",
        did="MESSAGE sip:alice@example.com",
        differences=(
            Difference("Conversation-ID", "abc", "xyz"),
            Difference("sdp.setup", "active", "actpass", hard=False),
        ),
        frames=(at(21),),
        time=BEGIN + 210 * MS,
        call_ids=("p1@10.0.3.1",),
    )


def open_answer() -> Opinion:
    """Whether the client answered, the capture does not show."""
    return replace(
        silent_pf(),
        role=Role.CLIENT,
        place="10.0.2.20",
        verdict=Verdict.INCONC,
        reason_code=Reason.HOP_NOT_CAPTURED,
        requirement="",
        clause="",
        would="BYE sip:pf@example.com",
        choice="",
    )


def convicted_pager() -> InstanceResult:
    """A push that passes its flow, and that only the reference convicts."""
    whole, one = passed_pager(), other_conversation()
    found = Finding(
        requirement=one.requirement,
        level=Level.SHALL,
        verdict=Verdict.FAIL,
        clause=one.clause,
        sentence="The Conversation-ID is kept.",
        expected=(one.would,),
        observed=f"{one.did}; Conversation-ID: abc expected, xyz seen",
        frames=one.frames,
        role_at_fault=Role.PF,
        reason_code=None,
        repair="",
        flow_file="",
        line=0,
    )
    return replace(
        whole,
        verdict=Verdict.FAIL,
        summary=f"pf: {one.sentence}",
        findings=(found,),
        judged=(*whole.judged, (one.requirement, Verdict.FAIL)),
        notes=("by the flow alone: pass: one message pushed and answered",),
    )


def compared_report() -> Report:
    """A report with the oracle's opinions: on instances, and on none."""
    made = report(failed_pull(), convicted_pager(), cut_pager(), full=False)
    asked = RequirementResult(
        id=PREFERENCES,
        level=Level.SHALL,
        document="SD",
        clause="5.4",
        sentence="and SHALL take the following User Preferences into consideration",
        judged_by="the reference comparison",
        verdict=Verdict.FAIL,
        instances=(),
        counts={Verdict.FAIL: 1},
    )
    idle = replace(asked, id="SD-5.4-profile", verdict=Verdict.NONE, counts={})
    note = replace(
        other_conversation(),
        verdict=Verdict.PASS,
        requirement="",
        clause="",
        differences=(Difference("sdp.setup", "active", "actpass", hard=False),),
        frames=(at(3),),
        time=BEGIN + 30 * MS,
    )
    return replace(
        made,
        requirements=(*made.requirements, asked, idle),
        opinions=(
            OpinionResult(note, "pull-1", Verdict.FAIL, (0,)),
            OpinionResult(other_conversation(), "push-pager-1", Verdict.PASS, (0,)),
            OpinionResult(silent_pf(), captures=(0,)),
            OpinionResult(open_answer(), captures=(1,)),
        ),
        compared=True,
        preferences="lab/alice.xml",
    )
