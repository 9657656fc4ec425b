"""Values of a report as JSON values, with the field names that others build on."""

from base64 import b64encode

from conformance.observation.trace import Skew
from conformance.oracle.difference import Difference
from conformance.report.instant import to_text
from conformance.report.legible import legible
from conformance.report.model import (
    CaptureResult,
    DeviceResult,
    ExpectedFlow,
    Fault,
    FlowResult,
    IndexResult,
    OpinionResult,
    RequirementResult,
)
from conformance.verifier.verdict import (
    Finding,
    FrameRef,
    InstanceResult,
    NearMiss,
    ShownClosing,
    ShownMessage,
    StepResult,
    Verdict,
)

Json = dict[str, object]


def _time(time: int | None) -> str | None:
    return None if time is None else to_text(time)


def frame(ref: FrameRef) -> Json:
    """One frame."""
    return {"capture": ref.capture, "frame": ref.frame, "time": to_text(ref.time)}


def step(result: StepResult) -> Json:
    """One hop of one step; `from` and `to` are null where a step has no arrow."""
    return {
        "label": result.label,
        "number": result.number,
        "part": result.part,
        "hop": result.hop,
        "branch": result.branch,
        "from": result.sender,
        "to": result.receiver,
        "status": result.status,
        "frames": [frame(ref) for ref in result.frames],
        "text": legible(result.text),
    }


def finding(found: Finding) -> Json:
    """One finding."""
    return {
        "requirement": found.requirement,
        "level": found.level,
        "verdict": found.verdict,
        "clause": found.clause,
        "sentence": found.sentence,
        "expected": [legible(text) for text in found.expected],
        "observed": legible(found.observed),
        "frames": [frame(ref) for ref in found.frames],
        "role_at_fault": found.role_at_fault,
        "reason_code": found.reason_code,
        "repair": legible(found.repair),
        "flow_file": found.flow_file,
        "line": found.line,
        "consequence": found.consequence,
        "step": found.step,
    }


def shown(message: ShownMessage) -> Json:
    """One line of a ladder; its octets are `text` where they are UTF-8, else `base64`."""
    return {
        "capture": message.capture,
        "number": message.number,
        "time": to_text(message.time),
        "frames": list(message.frames),
        "source": message.source,
        "destination": message.destination,
        "sender": message.sender,
        "receiver": message.receiver,
        "summary": legible(message.summary),
        "label": message.label,
        "step": message.step,
        "folded": message.folded,
        "violated": message.violated,
        **_octets(message.octets),
    }


def _octets(octets: bytes) -> Json:
    try:
        return {"text": octets.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(octets).decode("ascii")}


def instance(result: InstanceResult) -> Json:
    """One instance, whole: what is read back from it equals it, but for unsafe characters."""
    return {
        "id": result.id,
        "flow": result.flow,
        "title": result.title,
        "also": list(result.also),
        "verdict": result.verdict,
        "reason_code": result.reason_code,
        "would_settle": legible(result.would_settle),
        "summary": legible(result.summary),
        "coverage": {"seen": result.seen, "printed": result.printed},
        "roles": {role: list(addresses) for role, addresses in result.roles.items()},
        "role_evidence": [legible(text) for text in result.role_evidence],
        "captures": list(result.captures),
        "first_time": to_text(result.first_time),
        "last_time": to_text(result.last_time),
        "user": legible(result.user),
        "call_ids": [legible(text) for text in result.call_ids],
        "steps": [step(one) for one in result.steps],
        "findings": [finding(one) for one in result.findings],
        "judged": [{"requirement": id_, "verdict": verdict} for id_, verdict in result.judged],
        "notes": [legible(text) for text in result.notes],
        "repair": legible(result.repair),
        "ladder": [shown(one) for one in result.ladder],
        **({"closings": [closing(one) for one in result.closings]} if result.closings else {}),
    }


def closing(one: ShownClosing) -> Json:
    """Who closed a connection."""
    ends = {"source": one.source, "destination": one.destination}
    return {**frame(one.frame), **ends, "reset": one.reset}


def capture(result: CaptureResult) -> Json:
    """One capture."""
    return {
        "path": legible(result.path),
        "sha256": result.sha256,
        "reader": result.reader,
        "octets": result.octets,
        "packets": result.packets,
        "first_time": _time(result.first_time),
        "last_time": _time(result.last_time),
        "sip_messages": result.sip_messages,
        "msrp_messages": result.msrp_messages,
        "malformed": result.malformed,
        "unrelated": result.unrelated,
        "gaps": [
            {
                "after_frame": gap.after_frame,
                "time": to_text(gap.time),
                "where": legible(gap.where),
                "reason": gap.reason,
            }
            for gap in result.gaps
        ],
        "interfaces": [legible(name) for name in result.interfaces],
        **({} if result.skew is None else {"skew": _skew(result.skew)}),
        **({} if not result.judged_with else {"judged_with": list(result.judged_with)}),
    }


def _skew(skew: Skew) -> Json:
    return {
        "against": legible(skew.against),
        "offset_ns": skew.offset,
        "drift_ppb": skew.drift,
        "doubt_ns": skew.doubt,
        "common": skew.common,
    }


def counts(by_verdict: dict[Verdict, int]) -> Json:
    """Counts by verdict, in the order of badness, only those that occur."""
    return {verdict: by_verdict[verdict] for verdict in Verdict if by_verdict.get(verdict)}


def flow(result: FlowResult) -> Json:
    """One flow over all captures."""
    return {
        "id": result.id,
        "title": result.title,
        "document": result.document,
        "clause": result.clause,
        "verdict": result.verdict,
        "reason_code": result.reason_code,
        "counts": counts(result.counts),
    }


def requirement(result: RequirementResult) -> Json:
    """One requirement over all instances."""
    return {
        "id": result.id,
        "level": result.level,
        "document": result.document,
        "clause": result.clause,
        "sentence": result.sentence,
        "judged_by": result.judged_by,
        "verdict": result.verdict,
        "instances": list(result.instances),
        "counts": counts(result.counts),
    }


def device(result: DeviceResult) -> Json:
    """One device."""
    return {
        "product": result.product,
        "instance": result.instance,
        "roles": list(result.roles),
        "addresses": list(result.addresses),
        "verdict": result.verdict,
        "counts": counts(result.counts),
        "flows": {flow: counts(by_verdict) for flow, by_verdict in result.flows},
        "by_others": result.by_others,
    }


def near_miss(miss: NearMiss) -> Json:
    """A candidate that did not become an instance."""
    return {
        "flow": miss.flow,
        "frame": frame(miss.frame),
        "summary": legible(miss.summary),
        "kept_by": legible(miss.kept_by),
    }


def expected(result: ExpectedFlow) -> Json:
    """A flow that had to appear."""
    return {
        "flow": result.flow,
        "met": result.met,
        "verdict": Verdict.PASS if result.met else Verdict.FAIL,
        "reason_code": None if result.met else "expected-absent",
        "sentence": legible(result.sentence),
        "nearest": None if result.nearest is None else near_miss(result.nearest),
    }


def index(result: IndexResult) -> Json:
    """What an index expects of one capture, and what came of it."""
    return {
        "capture": result.capture,
        "shows": legible(result.shows),
        "flow": result.flow,
        "expected": {
            "verdict": result.expected_verdict,
            "requirement": result.expected_requirement,
        },
        "got": {"verdict": result.verdict, "requirement": result.requirement},
        "as_expected": result.as_expected,
        "sentence": legible(result.sentence),
    }


def fault(result: Fault) -> Json:
    """An exception of our own; its traceback stays out of the report."""
    return {"doing": legible(result.doing), "sentence": legible(result.sentence)}


def opinion(result: OpinionResult) -> Json:
    """What the oracle says of one output of a role, or of its silence."""
    one = result.opinion
    return {
        "instance": result.instance,
        "flow_verdict": result.flow_verdict,
        "captures": list(result.captures),
        "role": one.role,
        "place": one.place,
        "kind": one.kind,
        "verdict": one.verdict,
        "reason_code": one.reason_code,
        "requirement": one.requirement,
        "clause": one.clause,
        "would": legible(one.would),
        "did": legible(one.did),
        "differences": [_difference(difference) for difference in one.differences],
        "frames": [frame(ref) for ref in one.frames],
        "time": to_text(one.time),
        "choice": legible(one.choice),
        "call_ids": [legible(text) for text in one.call_ids],
    }


def _difference(one: Difference) -> Json:
    return {
        "field": one.field,
        "expected": legible(one.expected),
        "observed": legible(one.observed),
        "hard": one.hard,
    }
