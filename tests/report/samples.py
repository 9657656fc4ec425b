"""Instances and reports made by hand, for the tests of everything that shows them."""

from dataclasses import replace

from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.report.instant import from_text
from conformance.report.model import (
    CaptureFlow,
    CaptureResult,
    DeviceResult,
    ExpectedFlow,
    Fault,
    FlowResult,
    GapNote,
    IndexResult,
    Report,
    RequirementResult,
    RoleNote,
)
from conformance.verifier.verdict import (
    Finding,
    FrameRef,
    InstanceResult,
    NearMiss,
    Reason,
    ShownClosing,
    ShownMessage,
    Status,
    StepResult,
    Verdict,
)

BEGIN = from_text("2026-03-02T09:00:00Z") or 0
MS = 1_000_000

HOSTS = {
    Role.CLIENT: "10.0.2.20:5060",
    Role.CORE: "10.0.1.1:5060",
    Role.PF: "10.0.3.1:5060",
}
SENTENCE = "CPM Participating Function A sends a SIP NOTIFY request to CPM Client A."


def at(frame: int, ms: int = 0) -> FrameRef:
    return FrameRef(0, frame, BEGIN + (ms or frame * 10) * MS)


CLOSING = ShownClosing(at(7), "10.0.3.1:2855", "[2001:db8::1]:9", reset=True)


def message(
    number: int,
    sender: Role,
    receiver: Role,
    summary: str,
    label: str = "",
    step: str = "",
    *,
    body: bytes = b"",
    violated: bool = False,
    folded: int = 0,
) -> ShownMessage:
    octets = f"{summary}\r\nCall-ID: c1@10.0.2.20\r\n\r\n".encode() + body
    return ShownMessage(
        capture=0,
        number=number,
        time=BEGIN + number * 10 * MS,
        frames=(number,),
        source=HOSTS[sender],
        destination=HOSTS[receiver],
        sender=sender,
        receiver=receiver,
        summary=summary,
        label=label,
        step=step,
        octets=octets,
        folded=folded,
        violated=violated,
    )


def hop(
    label: str,
    number: str,
    sender: Role,
    receiver: Role,
    status: Status = Status.OBSERVED,
    frames: tuple[int, ...] = (),
    text: str = "",
) -> StepResult:
    place = 1 if number == label.split("-")[0] else 2
    shown = tuple(at(frame) for frame in frames)
    return StepResult(label, number, "", place, 0, sender, receiver, status, shown, text)


def failed_pull() -> InstanceResult:
    """The client goes on to INVITE although no NOTIFY came."""
    client, core, pf = Role.CLIENT, Role.CORE, Role.PF
    ladder = (
        message(1, client, core, "SUBSCRIBE sip:alice@example.com SIP/2.0", "2", "2-3", folded=1),
        message(2, core, pf, "SUBSCRIBE sip:alice@example.com SIP/2.0", "3", "2-3"),
        message(3, pf, core, "SIP/2.0 200 OK", "4", "4-5"),
        message(4, core, client, "SIP/2.0 200 OK", "5", "4-5"),
        message(
            9, client, core, "INVITE sip:pf@example.com SIP/2.0", "10", "10-11", violated=True
        ),
        message(10, core, client, "SIP/2.0 100 Trying"),
    )
    steps = (
        StepResult("1", "1", "", 1, 0, None, None, Status.INTERNAL, (), "defers the message"),
        hop("2-3", "2", client, core, frames=(1,), text="SUBSCRIBE"),
        hop("2-3", "3", core, pf, frames=(2,), text="SUBSCRIBE"),
        hop("4-5", "4", pf, core, frames=(3,), text="200 to SUBSCRIBE"),
        hop("4-5", "5", core, client, frames=(4,), text="200 to SUBSCRIBE"),
        hop("6-7", "6", pf, core, Status.MISSING, text="NOTIFY"),
        hop("6-7", "7", core, client, Status.MISSING, text="NOTIFY"),
        hop("10-11", "10", client, core, Status.VIOLATED, (9,), "INVITE"),
        hop("10-11", "11", core, pf, Status.UNOBSERVED, text="INVITE"),
    )
    cause = Finding(
        requirement="pull/6-7",
        level=Level.FLOW,
        verdict=Verdict.FAIL,
        clause="B.3.6.2",
        sentence=SENTENCE,
        expected=("NOTIFY from Participating Function to Core (6)", "a BYE of nobody"),
        observed="INVITE from the client (frame 9) without a NOTIFY before it",
        frames=(at(1), at(9)),
        role_at_fault=Role.PF,
        reason_code=None,
        repair="insert NOTIFY (6-7) before frame 9",
        flow_file="flows/system_description/B.3.6.2_pull.flow",
        line=31,
        step="6-7",
    )
    later = replace(
        cause, requirement="pull/10-11", consequence=True, step="10-11", frames=(at(9),), line=44
    )
    note = replace(
        cause,
        requirement="pull-202",
        level=Level.SHOULD,
        verdict=Verdict.PASS,
        observed="202 would have been wrong",
    )
    return InstanceResult(
        id="pull-1",
        flow="pull",
        title="Deferred CPM Messages: pulling",
        also=("pull-notify",),
        verdict=Verdict.FAIL,
        reason_code=None,
        would_settle="",
        summary="the client sent INVITE (10-11), yet no NOTIFY (6-7) came",
        seen=5,
        printed=13,
        roles={"client": ("10.0.2.20:5060",), "core": ("10.0.1.1:5060",)},
        role_evidence=("given: client=10.0.2.20",),
        captures=(0,),
        first_time=ladder[0].time,
        last_time=ladder[-1].time,
        steps=steps,
        findings=(cause, later, note),
        ladder=ladder,
        judged=(("pull/2-3", Verdict.PASS), ("pull/6-7", Verdict.FAIL)),
        notes=("pull-notify would pass",),
        repair="Frame 9: the client sent INVITE before NOTIFY (step 6-7, B.3.6.2)",
        user="sip:alice@example.com",
        call_ids=("c1@10.0.2.20",),
    )


def passed_pager(body: bytes = b"Hello", id_: str = "push-pager-1") -> InstanceResult:
    """A conforming push over two hops."""
    core, pf, client = Role.CORE, Role.PF, Role.CLIENT
    ladder = (
        message(21, pf, core, "MESSAGE sip:alice@example.com SIP/2.0", "2", "2-3", body=body),
        message(22, core, client, "MESSAGE sip:alice@10.0.2.20 SIP/2.0", "3", "2-3", body=body),
        message(23, client, core, "SIP/2.0 200 OK", "4", "4-5"),
        message(24, core, pf, "SIP/2.0 200 OK", "5", "4-5"),
    )
    return InstanceResult(
        id=id_,
        flow="push-pager",
        title="Deferred CPM Messages: pushing in pager mode",
        also=(),
        verdict=Verdict.PASS,
        reason_code=None,
        would_settle="",
        summary="one message pushed and answered",
        seen=4,
        printed=4,
        roles={"client": ("10.0.2.20:5060",)},
        role_evidence=(),
        captures=(0,),
        first_time=ladder[0].time,
        last_time=ladder[-1].time,
        steps=(
            hop("2-3", "2", pf, core, frames=(21,)),
            hop("2-3", "3", core, client, frames=(22,)),
            hop("4-5", "4", client, core, frames=(23,)),
            hop("4-5", "5", core, pf, frames=(24,)),
        ),
        findings=(),
        ladder=ladder,
        judged=(("push-pager/2-3", Verdict.PASS), ("push-pager/4-5", Verdict.PASS)),
        user="sip:alice@example.com",
        call_ids=("p1@10.0.3.1",),
    )


def cut_pager() -> InstanceResult:
    """The capture ends before the answer."""
    whole = passed_pager(id_="push-pager-2")
    steps = (
        *whole.steps[:2],
        *(replace(step, status=Status.PENDING, frames=()) for step in whole.steps[2:]),
    )
    return replace(
        whole,
        verdict=Verdict.INCONC,
        reason_code=Reason.CAPTURE_ENDS_EARLY,
        would_settle="the answer to frame 22, up to 128 s after it",
        summary="pushed, not answered before the capture ends",
        seen=2,
        steps=steps,
        ladder=whole.ladder[:2],
        judged=(("push-pager/2-3", Verdict.PASS), ("push-pager/4-5", Verdict.INCONC)),
    )


MISS = NearMiss("pull", at(12), "SUBSCRIBE seen, Event presence", "deferred-messages is expected")


def capture(path: str = "lab/pull.pcapng") -> CaptureResult:
    return CaptureResult(
        path=path,
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        reader="native",
        octets=4_096,
        packets=31,
        first_time=BEGIN,
        last_time=BEGIN + 3_600_000 * MS,
        sip_messages=24,
        msrp_messages=2,
        malformed=1,
        unrelated=9,
        gaps=(GapNote(30, BEGIN + MS, "10.0.2.20 to 10.0.3.1: 4 octets lost", "tcp-hole"),),
        interfaces=("eth0",),
    )


def joined() -> Report:
    """A report over two captures that were judged as one; it names a third that is not there."""
    first = replace(capture("lab/1.pcapng"), judged_with=(1, 7))
    second = replace(capture("lab/2.pcapng"), judged_with=(0,))
    return replace(report(full=False), captures=(first, second))


def report(*instances: InstanceResult, full: bool = True) -> Report:
    """A report over these instances, by default over one of each verdict."""
    listed = instances or (failed_pull(), passed_pager(), cut_pager())
    verdict = max((one.verdict for one in listed), key=lambda one: one.badness)
    flows = (
        FlowResult("pull", "Pulling", "SD", "B.3.6.2", Verdict.FAIL, None, {Verdict.FAIL: 1}),
        FlowResult(
            "push-pager",
            "Pushing in pager mode",
            "SD",
            "B.3.6.1",
            Verdict.INCONC,
            Reason.CAPTURE_ENDS_EARLY,
            {Verdict.PASS: 3, Verdict.INCONC: 1},
        ),
        FlowResult("push", "Pushing", "SD", "5.2.1.1.2", Verdict.NONE, Reason.NOT_EXERCISED, {}),
    )
    made = Report(
        tool="cpmspec",
        version="0.1.0",
        made="2026-03-03T10:00:00Z",
        profile="cpm",
        strict=False,
        relaxed=("interwork-out/7-8 order: gateways answer at once",),
        verdict=verdict,
        captures=(capture(), replace(capture("lab/second.pcap"), first_time=None, last_time=None)),
        instances=listed,
        counted=2,
        flows=flows,
        matrix=(CaptureFlow(0, "pull", {Verdict.FAIL: 1}),),
        requirements=(
            RequirementResult(
                id="pull/6-7",
                level=Level.FLOW,
                document="SD",
                clause="B.3.6.2",
                sentence=SENTENCE,
                judged_by="the step at its place in the order of the flow",
                verdict=Verdict.FAIL,
                instances=("pull-1",),
                counts={Verdict.FAIL: 1},
            ),
            RequirementResult(
                "pull/14", Level.FLOW, "SD", "B.3.6.2", "MSRP.", "the step", Verdict.NONE, ()
            ),
        ),
        devices=(
            DeviceResult(
                product="Talk/1.0",
                instance="urn:uuid:00000000-0000-1000-8000-000a95a0e128",
                roles=("client",),
                addresses=("10.0.2.20:5060",),
                counts={Verdict.PASS: 3, Verdict.INCONC: 1},
                flows=(("push-pager", {Verdict.PASS: 3, Verdict.INCONC: 1}),),
                by_others=1,
            ),
        ),
        flows_sha256="0c" * 32,
        roles=(RoleNote("client", "10.0.2.20", "registers from here", False),),
    )
    return replace(made, **_EXTRAS) if full else made


_EXTRAS = {
    "expected": (
        ExpectedFlow("push", False, "push was expected and does not appear", MISS),
        ExpectedFlow("pull", True, ""),
    ),
    "near_misses": (MISS,),
    "index": (
        IndexResult(
            0,
            "A pull.",
            "pull",
            Verdict.PASS,
            "",
            Verdict.FAIL,
            "pull/6-7",
            False,
            "fail, not pass",
        ),
    ),
    "faults": (Fault("judging lab/second.pcap", "KeyError: 'x'"),),
    "selection": ("flow pull",),
}
