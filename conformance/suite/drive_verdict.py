"""The verdict of a driven case: what the judge says of the device, or that it does not do this."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from conformance.capture.native import NativeSource
from conformance.capture.needs import needs_wireshark
from conformance.capture.source import open_capture
from conformance.cpm.role import Role
from conformance.flow.catalogue import requirements
from conformance.flow.library import Library
from conformance.observation.packet import Endpoint
from conformance.observation.topology import Topology
from conformance.observation.trace import CaptureHealth, Observation, Trace
from conformance.oracle.comparison import Seen, compare
from conformance.oracle.difference import Opinion
from conformance.sip.message import SipResponse
from conformance.suite.case import PREFERENCES, Case
from conformance.suite.drive import Driven
from conformance.suite.mutants import verdicts
from conformance.verifier.findings import NEVER_FAIL
from conformance.verifier.verdict import Finding, InstanceResult, Reason, Verdict


class CaseVerdict(StrEnum):
    """The verdict of a test case (ISO/IEC 9646-1), with `unsupported` for what is not done."""

    PASS = "pass"
    FAIL = "fail"
    INCONC = "inconc"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Judged:
    """A case's verdict, why, and the requirements that the device broke."""

    case: Case
    verdict: CaseVerdict
    why: str
    broken: tuple[str, ...] = ()


_UNSUPPORTED = {
    405: "the method",
    415: "the content",
    416: "the URI",
    420: "the extension",
    488: "the session offered",
    489: "the event",
    501: "the method",
    505: "the version",
    606: "the session offered",
}
_MORE_WOULD_TELL = (Reason.CAPTURE_ENDS_EARLY, Reason.TIMER_NOT_ELAPSED)
_ASKED = ("INVITE", "MESSAGE", "SUBSCRIBE", "NOTIFY", "REGISTER")


def judge(driven: Driven, library: Library, *, strict: bool = False) -> Judged:
    """The verdict of a case that has been run; `strict` lets a SHOULD fail like a SHALL."""
    case = driven.case
    trace, results, topology = _judged(case, driven.octets, driven.roles, library, strict=strict)
    role = Role(case.sut)
    ours, theirs = _broken(results, role, strict=strict)
    refused = _refusal(trace, driven.host)
    if refused and all(refused.did in one.observed for one in theirs):
        return Judged(case, CaseVerdict.UNSUPPORTED, refused.sentence)
    if theirs:
        first = theirs[0]
        ids = tuple(dict.fromkeys(one.requirement for one in theirs))
        return Judged(case, CaseVerdict.FAIL, f"{first.requirement}: {first.observed}", ids)
    if ours and not case.ends_early:
        who = ours[0].role_at_fault or "nobody known"
        why = f"{ours[0].requirement} is broken by {who}, not by the {case.sut}"
        return Judged(case, CaseVerdict.INCONC, f"{why}: {ours[0].observed}")
    if case.is_provisioned and (opinion := _disobeyed(case, trace, topology, library)):
        why = f"{opinion.requirement}: {opinion.sentence}"
        if opinion.verdict is Verdict.FAIL and not strict and _is_advice(opinion, library):
            why = f"{why}; that is a SHOULD, which fails with --strict"
        elif opinion.verdict is Verdict.FAIL:
            return Judged(case, CaseVerdict.FAIL, why, (opinion.requirement,))
        return Judged(case, CaseVerdict.INCONC, why)
    return _unbroken(driven, trace, results)


def _disobeyed(case: Case, trace: Trace, topology: Topology, library: Library) -> Opinion | None:
    """What the device did against the user preferences that it has been given, or may have done.

    What may have another reason, such as something that had to be sent again, convicts nobody;
    but nobody can say then that the preferences were kept to.
    """
    seen = Seen(trace.items, topology, trace.health.last_time or 0)
    found = compare(seen, case.scenario.setting.preferences)
    mine = [one for one in found if one.role == case.sut]
    failed = [one for one in mine if one.verdict is Verdict.FAIL]
    # What breaks a SHOULD hides nothing that breaks a SHALL.
    failed.sort(key=lambda one: _is_advice(one, library))
    return next(iter([*failed, *(one for one in mine if one.verdict is Verdict.INCONC)]), None)


def _is_advice(opinion: Opinion, library: Library) -> bool:
    """Whether nothing but a SHOULD stands behind an opinion."""
    known = (one for flow in library.flows.values() for one in requirements(flow))
    return any(one.id == opinion.requirement and one.level in NEVER_FAIL for one in known)


def is_open(case: Case, octets: bytes, roles: tuple[str, ...], library: Library) -> bool:
    """Whether the judge would have to see more of a case, which is still running."""
    if case.ends_early:
        return False
    _, results, _ = _judged(case, octets, roles, library, strict=False)
    return any(one.reason_code in _MORE_WOULD_TELL for one in results)


def _judged(
    case: Case, octets: bytes, roles: tuple[str, ...], library: Library, *, strict: bool
) -> tuple[Trace, list[InstanceResult], Topology]:
    trace = _trace(case, octets)
    results, topology = verdicts(
        trace, replace(case.scenario, roles=roles), library, strict=strict
    )
    return trace, results, topology


def _trace(case: Case, octets: bytes) -> Trace:
    """What a record shows; one that holds keys, as Wireshark's tshark decrypts it."""
    if not needs_wireshark(BytesIO(octets)):
        health = CaptureHealth(case.id, "sockets")
        return Trace(list(NativeSource(health, 0, lambda: BytesIO(octets))), health)
    with NamedTemporaryFile(prefix="cpmspec-", suffix=".pcapng") as file:
        file.write(octets)
        file.flush()
        source = open_capture(file.name)
        return Trace(list(source), source.health)


def unclaimed(case: Case) -> Judged:
    """A case of a flow that the supplier's statement does not claim."""
    why = f"the supplier's statement does not claim {case.flow}"
    return Judged(case, CaseVerdict.UNSUPPORTED, why)


def _broken(
    results: Iterable[InstanceResult], role: Role, *, strict: bool
) -> tuple[list[Finding], list[Finding]]:
    """The findings that convict: of other parties, and of the device."""
    found = [
        one
        for result in results
        for one in result.findings
        if one.verdict is Verdict.FAIL and (strict or one.level not in NEVER_FAIL)
    ]
    return (
        [one for one in found if one.role_at_fault is not role],
        [one for one in found if one.role_at_fault is role],
    )


def _unbroken(driven: Driven, trace: Trace, results: list[InstanceResult]) -> Judged:
    """The verdict where nothing is broken."""
    case = driven.case
    speaks = any(_is_from(item, driven.host) for item in trace)
    if case.flow == PREFERENCES and speaks:
        return _obeyed(case, results)
    mine = [one for one in results if case.flow in (one.flow, *one.also)]
    done = set(Verdict) if case.ends_early else {Verdict.PASS}
    passed = [one for one in mine if one.verdict in done]
    open_ = [one for one in mine if one.verdict not in done]
    if passed and not open_:
        head = "nothing is wrong in what we ended: " if case.ends_early else ""
        return Judged(case, CaseVerdict.PASS, head + passed[0].summary)
    other = next((one.flow for one in results if one.flow in case.ways), "")
    if other and not mine:
        return Judged(case, CaseVerdict.UNSUPPORTED, f"the {case.sut} does {other} instead")
    if open_:
        why = open_[0].reason_code or "open"
        return Judged(case, CaseVerdict.INCONC, f"{why}: {open_[0].summary}")
    if not speaks:
        why = f"the {case.sut} at {driven.host} said nothing at all{_unheard(driven)}"
        return Judged(case, CaseVerdict.INCONC, why)
    return Judged(case, CaseVerdict.INCONC, f"{case.flow} did not take place")


def _obeyed(case: Case, results: Iterable[InstanceResult]) -> Judged:
    """The verdict where nothing speaks against the preferences; a silence may hide that."""
    shown = {one.flow for one in results if one.verdict is Verdict.PASS}
    if case.witness and not shown & set(case.witness):
        why = f"the preferences ask for what was not seen: {' or '.join(case.witness)}"
        return Judged(case, CaseVerdict.INCONC, why)
    return Judged(case, CaseVerdict.PASS, "the user's preferences were kept to")


def _unheard(driven: Driven) -> str:
    """What our parties noted of a connection with the device that never came to be."""
    told = (dict(one.note.details).get("why", "") for one in driven.notes)
    device = str(Endpoint(driven.host, 0)).removesuffix("0")
    return next((f": {why}" for why in told if f" {device}" in why), "")


class Refusal(NamedTuple):
    """How findings tell of a refusal, and what it says that the device does not support."""

    did: str
    sentence: str


def _refusal(trace: Trace, host: str) -> Refusal | None:
    """What the device itself says that it does not support; None for nothing.

    A refusal that came to it from somebody else is none of its own.
    """
    passed_on: set[tuple[str, int]] = set()
    for item in trace:
        if not isinstance(item, Observation) or not isinstance(item.message, SipResponse):
            continue
        answer = item.message
        if answer.status not in _UNSUPPORTED or answer.cseq_method not in _ASKED:
            continue
        key = answer.header("CSeq") or "", answer.status
        if item.source.host != host:
            passed_on.add(key)
        elif key not in passed_on:
            what = _UNSUPPORTED[answer.status]
            sentence = f"{answer.status} to {answer.cseq_method}: {what} is not supported"
            return Refusal(f"answered {answer.status} ", sentence)
    return None


def _is_from(item: object, host: str) -> bool:
    return isinstance(item, Observation) and item.source.host == host
