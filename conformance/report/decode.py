"""Values of a report from their JSON values: the converse of `encode`."""

from base64 import b64decode

from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.observation.trace import Skew
from conformance.oracle.difference import Difference, Kind, Opinion
from conformance.report.model import (
    CaptureResult,
    DeviceResult,
    ExpectedFlow,
    Fault,
    FlowResult,
    GapNote,
    IndexResult,
    OpinionResult,
    RequirementResult,
    RoleNote,
)
from conformance.report.place import Place
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


def frame(at: Place) -> FrameRef:
    """One frame."""
    return FrameRef(at.number("capture"), at.number("frame"), at.time("time"))


def step(at: Place) -> StepResult:
    """One hop of one step."""
    return StepResult(
        label=at.text("label"),
        number=at.text("number", ""),
        part=at.text("part", ""),
        hop=at.number("hop"),
        branch=at.number("branch"),
        sender=at.choice_or_none("from", Role),
        receiver=at.choice_or_none("to", Role),
        status=at.choice("status", Status),
        frames=at.each("frames", frame),
        text=at.text("text", ""),
    )


def finding(at: Place) -> Finding:
    """One finding."""
    return Finding(
        requirement=at.text("requirement"),
        level=at.choice("level", Level),
        verdict=at.choice("verdict", Verdict),
        clause=at.text("clause"),
        sentence=at.text("sentence"),
        expected=at.texts("expected"),
        observed=at.text("observed"),
        frames=at.each("frames", frame),
        role_at_fault=at.choice_or_none("role_at_fault", Role),
        reason_code=at.choice_or_none("reason_code", Reason),
        repair=at.text("repair"),
        flow_file=at.text("flow_file"),
        line=at.number("line"),
        consequence=at.flag("consequence"),
        step=at.text("step", ""),
    )


def shown(at: Place) -> ShownMessage:
    """One line of a ladder."""
    return ShownMessage(
        capture=at.number("capture"),
        number=at.number("number"),
        time=at.time("time"),
        frames=at.each("frames", Place.as_number),
        source=at.text("source"),
        destination=at.text("destination"),
        sender=at.text("sender"),
        receiver=at.text("receiver"),
        summary=at.text("summary"),
        label=at.text("label"),
        step=at.text("step"),
        octets=_octets(at),
        folded=at.number("folded", 0),
        violated=at.flag("violated"),
    )


def _octets(at: Place) -> bytes:
    if not at.has("base64"):
        return at.text("text", "").encode("utf-8", "surrogatepass")
    place = at.at("base64")
    try:
        return b64decode(place.as_text(), validate=True)
    except ValueError:
        raise place.refuse("base64 is expected") from None


def _judged(at: Place) -> tuple[str, Verdict]:
    return at.text("requirement"), at.choice("verdict", Verdict)


def _addresses(at: Place) -> dict[str, tuple[str, ...]]:
    if not at.has("roles"):
        return {}
    roles = at.at("roles")
    return {name: roles.texts(name) for name, _ in roles.members()}


def instance(at: Place) -> InstanceResult:
    """One instance."""
    coverage = at.at("coverage")
    return InstanceResult(
        id=at.text("id"),
        flow=at.text("flow"),
        title=at.text("title", ""),
        also=at.texts("also"),
        verdict=at.choice("verdict", Verdict),
        reason_code=at.choice_or_none("reason_code", Reason),
        would_settle=at.text("would_settle", ""),
        summary=at.text("summary", ""),
        seen=coverage.number("seen"),
        printed=coverage.number("printed"),
        roles=_addresses(at),
        role_evidence=at.texts("role_evidence"),
        captures=at.each("captures", Place.as_number),
        first_time=at.time("first_time"),
        last_time=at.time("last_time"),
        steps=at.each("steps", step),
        findings=at.each("findings", finding),
        ladder=at.each("ladder", shown),
        judged=at.each("judged", _judged),
        notes=at.texts("notes"),
        repair=at.text("repair", ""),
        user=at.text("user", ""),
        call_ids=at.texts("call_ids"),
        closings=at.each("closings", closing),
    )


def closing(at: Place) -> ShownClosing:
    """Who closed a connection."""
    ends = at.text("source"), at.text("destination")
    return ShownClosing(frame(at), *ends, at.flag("reset"))


def capture(at: Place) -> CaptureResult:
    """One capture."""
    return CaptureResult(
        path=at.text("path"),
        sha256=at.text("sha256"),
        reader=at.text("reader"),
        octets=at.number("octets", 0),
        packets=at.number("packets"),
        first_time=at.time_or_none("first_time"),
        last_time=at.time_or_none("last_time"),
        sip_messages=at.number("sip_messages"),
        msrp_messages=at.number("msrp_messages"),
        malformed=at.number("malformed"),
        unrelated=at.number("unrelated"),
        gaps=at.each("gaps", _gap),
        interfaces=at.texts("interfaces"),
        skew=_skew(at.at("skew")) if at.has("skew") else None,
        judged_with=at.each("judged_with", Place.as_number),
    )


def _skew(at: Place) -> Skew:
    return Skew(
        at.text("against"),
        at.number("offset_ns"),
        at.number("drift_ppb"),
        at.number("doubt_ns"),
        at.number("common"),
    )


def _gap(at: Place) -> GapNote:
    time = at.time("time") if at.has("time") else 0
    return GapNote(at.number("after_frame"), time, at.text("where"), at.text("reason"))


def counts(at: Place, name: str = "counts") -> dict[Verdict, int]:
    """Counts by verdict."""
    if not at.has(name):
        return {}
    named = {key: place.as_number() for key, place in at.at(name).members()}
    return {verdict: named[verdict] for verdict in Verdict if verdict in named}


def flow(at: Place) -> FlowResult:
    """One flow over all captures."""
    return FlowResult(
        id=at.text("id"),
        title=at.text("title"),
        document=at.text("document", ""),
        clause=at.text("clause", ""),
        verdict=at.choice("verdict", Verdict),
        reason_code=at.choice_or_none("reason_code", Reason),
        counts=counts(at),
    )


def requirement(at: Place) -> RequirementResult:
    """One requirement over all instances."""
    return RequirementResult(
        id=at.text("id"),
        level=at.choice("level", Level),
        document=at.text("document", ""),
        clause=at.text("clause"),
        sentence=at.text("sentence"),
        judged_by=at.text("judged_by"),
        verdict=at.choice("verdict", Verdict),
        instances=at.texts("instances"),
        counts=counts(at),
    )


def device(at: Place) -> DeviceResult:
    """One device; its verdict follows from its counts."""
    flows = at.at("flows")
    return DeviceResult(
        product=at.text("product"),
        instance=at.text("instance"),
        roles=at.texts("roles"),
        addresses=at.texts("addresses"),
        counts=counts(at),
        flows=tuple((name, counts(flows, name)) for name, _ in flows.members()),
        by_others=at.number("by_others", 0),
    )


def particular(at: Place) -> tuple[str, str]:
    """What the user tells of laboratory or product."""
    return at.text("name"), at.text("value")


def role(at: Place) -> RoleNote:
    """Which address plays which role."""
    return RoleNote(at.text("role"), at.text("address"), at.text("evidence"), at.flag("given"))


def near_miss(at: Place) -> NearMiss:
    """A candidate that did not become an instance."""
    return NearMiss(at.text("flow"), frame(at.at("frame")), at.text("summary"), at.text("kept_by"))


def expected(at: Place) -> ExpectedFlow:
    """A flow that had to appear."""
    nearest = near_miss(at.at("nearest")) if at.has("nearest") else None
    return ExpectedFlow(at.text("flow"), at.flag("met"), at.text("sentence"), nearest)


def index(at: Place) -> IndexResult:
    """What an index expects of one capture, and what came of it."""
    wanted, got = at.at("expected"), at.at("got")
    return IndexResult(
        capture=at.number("capture"),
        shows=at.text("shows"),
        flow=at.text("flow"),
        expected_verdict=wanted.choice("verdict", Verdict),
        expected_requirement=wanted.text("requirement"),
        verdict=got.choice("verdict", Verdict),
        requirement=got.text("requirement"),
        as_expected=at.flag("as_expected"),
        sentence=at.text("sentence"),
    )


def fault(at: Place) -> Fault:
    """An exception of our own."""
    return Fault(at.text("doing"), at.text("sentence"))


def opinion(at: Place) -> OpinionResult:
    """What the oracle says of one output of a role, or of its silence."""
    found = Opinion(
        role=at.choice("role", Role),
        place=at.text("place"),
        kind=at.choice("kind", Kind),
        verdict=at.choice("verdict", Verdict),
        reason_code=at.choice_or_none("reason_code", Reason),
        requirement=at.text("requirement"),
        clause=at.text("clause"),
        would=at.text("would"),
        did=at.text("did"),
        differences=at.each("differences", _difference),
        frames=at.each("frames", frame),
        time=at.time("time"),
        choice=at.text("choice", ""),
        call_ids=at.texts("call_ids"),
    )
    return OpinionResult(
        found,
        instance=at.text("instance", ""),
        flow_verdict=at.choice_or_none("flow_verdict", Verdict) or Verdict.NONE,
        captures=at.each("captures", Place.as_number),
    )


def _difference(at: Place) -> Difference:
    return Difference(at.text("field"), at.text("expected"), at.text("observed"), at.flag("hard"))
