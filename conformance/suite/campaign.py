"""The front hall: `run` names the whole path from captures to report, from top to bottom."""

import gc
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from conformance.capture.errors import CaptureError
from conformance.flow.library import Library, load
from conformance.flow.profile import Profile
from conformance.observation.topology import RoleRule, Topology
from conformance.observation.trace import CaptureHealth, Gap, Shown
from conformance.report.model import (
    CaptureResult,
    ExpectedFlow,
    Fault,
    GapNote,
    IndexResult,
    Instances,
    Report,
    RoleNote,
)
from conformance.report.spool import Spool
from conformance.report.tally import Tally
from conformance.suite import selection
from conformance.suite.beginning import watched_beginning, without_beginning
from conformance.suite.causal import in_order
from conformance.suite.credentials import may_hold_secrets
from conformance.suite.errors import ConformanceError
from conformance.suite.index import Entry, Outcome
from conformance.suite.inputs import Input, Progress, grouped, inputs, merged, quiet, together
from conformance.suite.ring import streams
from conformance.suite.setting import Grouping, Setting
from conformance.verifier.bounded import BoundedJudge
from conformance.verifier.roles import infer_topology
from conformance.verifier.survey import Survey, survey
from conformance.verifier.verdict import InstanceResult, NearMiss, Reason, Verdict, worst

if TYPE_CHECKING:
    from conformance.suite.merge import Merger
    from conformance.suite.opinions import Opinions

TOOL = "cpmspec"
_MANY = 20_000
"""Objects that the collector of cycles leaves alone, at most, behind a capture or a replay."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the run cannot know by itself: the tool's version and the date (RFC 3339)."""

    version: str
    made: str = ""


def run(
    paths: Sequence[str],
    setting: Setting,
    spool: Spool,
    stamp: Stamp,
    *,
    index: dict[str, Entry] | None = None,
    stdin: BinaryIO | None = None,
    progress: Progress = quiet,
) -> Report:
    """Judge captures against flows.

    Raises CaptureError, ConformanceError or FlowError for what the user gave; an exception of
    our own while judging becomes a Fault and the verdict `error`.
    """
    library = load(setting.flows)
    work = Work(setting, library, index or {}, Tally(spool, everything=setting.everything))
    with ExitStack() as closing:
        captures = inputs(paths, stdin, closing)
        for capture in captures:
            capture.open(setting)  # refuses what is no capture before anything is judged
        surveys = [first_pass([capture], setting, progress) for capture in captures]
        healths = [health for _, (health,) in surveys]
        for members in grouped(captures, healths, work.grouping):
            first = members[0].index
            found = surveys[first][0]
            if work.grouping is Grouping.MERGE:
                from conformance.suite.merge import align

                work.merger = align(members, setting, healths)
            if len(members) > 1:
                found, joint = first_pass(members, setting, progress, work.merger)
                for member, health in zip(members, joint, strict=True):
                    health.skew = healths[member.index].skew
                    healths[member.index] = health
            work.judge(members, found, progress)
        return work.report(captures, healths, spool, stamp)


def topology(paths: Sequence[str], setting: Setting, progress: Progress = quiet) -> list[RoleRule]:
    """The roles that captures show, given ones included; read once, nothing judged."""
    with ExitStack() as closing:
        captures = inputs(paths, None, closing)
        each = replace(setting, grouping=Grouping.SEPARATE)
        found, _ = first_pass(captures, each, progress)
    return infer_topology(found, Topology(setting.roles)).rules


def first_pass(
    captures: Sequence[Input],
    setting: Setting,
    progress: Progress,
    merger: "Merger | None" = None,
) -> tuple[Survey, list[CaptureHealth]]:
    """Links, clocks and evidence of roles; and what each capture holds."""
    items, healths = streams(captures, setting, "reading", progress)
    for place, health in enumerate(healths):
        without_beginning(health)
        # What continues a capture before it begins nothing; taps of one event do.
        if place == 0 or merger is not None:
            items[place] = watched_beginning(items[place], health)
    # Captures that continue one another have one clock.
    domains = {capture.index: captures[0].index for capture in captures}
    given = Topology(setting.roles) if setting.roles else None
    if merger is None:
        found = survey(merged(items), domains, given)
    else:
        found = survey(merger.merged(items), merger.domains, given)
    for capture, health in zip(captures, healths, strict=True):
        first, last = health.first_time, health.last_time
        if merger is not None:
            first, last = (merger.extent(capture.index, time) for time in (first, last))
        found.extend(capture.index, first, last)
    return found, healths


class Work:
    """What a run gathers over its groups of captures."""

    def __init__(
        self, setting: Setting, library: Library, index: dict[str, Entry], tally: Tally
    ) -> None:
        self.setting = setting
        self.library = library
        self.programs = selection.choose(library.flows, setting)
        self.profile = library.profile(setting.profile)
        # A wrong name in the index is the user's error: found before anything is judged.
        self.profiles = {
            path: library.profile(entry.profile) if entry.profile else self.profile
            for path, entry in index.items()
        }
        selection.check_known(
            library.flows, (one.flow for one in index.values() if one.flow), "--index"
        )
        self.entries = index
        self.tally = tally
        self.outcomes: dict[int, Outcome] = {}
        self.unrelated: dict[int, int] = {}
        self.limits: dict[int, list[Gap]] = {}
        self.near_misses: list[NearMiss] = []
        self.faults: list[Fault] = []
        self.roles: dict[RoleRule, None] = {}
        self.shown: set[str] = set()
        self.opinions = self._opinions()
        self.merger: Merger | None = None

    @property
    def grouping(self) -> Grouping:
        """Which captures are judged together: with an index, each by itself."""
        return Grouping.SEPARATE if self.entries else self.setting.grouping

    def _opinions(self) -> "Opinions | None":
        """Where the oracle is to be asked: files of preferences are read before anything else."""
        files = [entry.preferences for entry in self.entries.values()]
        if not (self.setting.compare or any(files)):
            return None
        # The reference is loaded only for those who want it.
        from conformance.suite.opinions import Opinions

        made = Opinions.over(self.programs, strict=self.setting.strict)
        for path in filter(None, (self.setting.preferences, *files)):
            made.learn(path)
        return made

    def judge(self, members: Sequence[Input], found: Survey, progress: Progress) -> None:
        """Judge one group of captures; our own exceptions end here, as faults."""
        names = ", ".join(member.path for member in members)
        try:
            self._judge(members, found, progress)
        except (CaptureError, ConformanceError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever we did wrong must not pass as a verdict
            sentence = f"{type(error).__name__}: {error}"
            self.faults.append(Fault(f"judging {names}", sentence, traceback.format_exc()))
        # A judge and its parts know one another: of a large capture they do not wait for others.
        if gc.get_count()[0] > _MANY:
            gc.collect(0)

    def _judge(self, members: Sequence[Input], found: Survey, progress: Progress) -> None:
        entry = self.entries.get(members[0].path)
        given = (*entry.roles, *self.setting.roles) if entry else self.setting.roles
        roles = infer_topology(found, Topology(given))
        self.roles |= dict.fromkeys(roles.rules)
        profile = self.profiles[members[0].path] if entry else self.profile
        preferences = entry.preferences if entry else ""
        if self.setting.compare or preferences:
            chosen = preferences or self.setting.preferences
            self._compare(members, roles, chosen, profile, progress)
        judge = BoundedJudge(self.programs, profile, roles, found, strict=self.setting.strict)
        most = self.setting.max_open
        sources, _ = streams(members, self.setting, "judging", progress)
        for item in self._merged(sources):
            settled = judge.feed(item)
            if settled:
                self.take(settled)
            if judge.open > most:
                self.take(judge.evict(most, item.time))
        self.take(judge.finish())
        index = members[0].index
        self.limits[index] = [*judge.gaps(min(found.starts.values(), default=0), index)]
        self.unrelated[members[0].index] = judge.unrelated
        wanted = {*self.setting.explain, *self.setting.expect}
        self.near_misses.extend(miss for miss in judge.near_misses if miss.flow in wanted)

    def _compare(
        self,
        members: Sequence[Input],
        roles: Topology,
        preferences: str,
        profile: Profile,
        progress: Progress,
    ) -> None:
        """Ask the oracle before the judge: of the whole, since a role is known by all it did."""
        if self.opinions is None:
            return
        sources, _ = streams(members, self.setting, "comparing", progress)
        # The reference's parts know one another: what is played leaves many of them behind.
        rarely = gc.get_threshold()
        gc.set_threshold(min(_MANY, rarely[0]), *rarely[1:])
        try:
            asked = self.opinions.ask(
                list(self._merged(sources)),
                roles,
                preferences,
                captures=tuple(member.index for member in members),
                profile=profile,
            )
        finally:
            gc.set_threshold(*rarely)
        if self.entries:
            outcome = self.outcomes.setdefault(members[0].index, Outcome())
            for one in asked:
                outcome.add_opinion(one.requirement, self.opinions.verdict(one))

    def _merged(self, sources: Sequence[Iterator[Shown]]) -> Iterator[Shown]:
        ordered = [in_order(source) for source in sources]
        return merged(ordered) if self.merger is None else self.merger.merged(ordered)

    def take(self, settled: Iterable[InstanceResult]) -> None:
        """Count and list instances that settled, those of them that were asked for."""
        for judged in settled:
            if not selection.keeps(judged, self.setting):
                if self.opinions is not None:
                    self.opinions.leave_out(judged)
                continue
            instance = judged if self.opinions is None else self.opinions.attach(judged)
            self.tally.add(_without_credentials(instance))
            if self.entries:
                for capture in instance.captures:
                    self.outcomes.setdefault(capture, Outcome()).add(instance)
            # A flow that was declined did not take place.
            if instance.reason_code is not Reason.POLICY_UNKNOWN:
                self.shown.update((instance.flow, *instance.also))

    def report(
        self,
        captures: Sequence[Input],
        healths: Sequence[CaptureHealth],
        spool: Instances,
        stamp: Stamp,
    ) -> Report:
        """Everything gathered, as one report."""
        for capture, health in zip(captures, healths, strict=True):
            health.gaps.extend(self.limits.get(capture.index, ()))
        if self.opinions is not None:
            self.tally.opinions(self.opinions.alone())
        expected = tuple(self._expected(flow) for flow in self.setting.expect)
        index = tuple(self._indexed(capture) for capture in captures if self.entries)
        kept_out = dict.fromkeys(self.setting.unclaimed, Reason.NOT_APPLICABLE)
        with_others = together(captures, healths, self.grouping)
        everything = [*self.programs, *(self.library.flows[id_] for id_ in kept_out)]
        explain = set(self.setting.explain)
        return Report(
            tool=TOOL,
            version=stamp.version,
            made=stamp.made,
            profile=self.profile.name,
            strict=self.setting.strict,
            relaxed=_relaxed(self.profile),
            verdict=self._verdict(expected),
            captures=tuple(
                capture_result(
                    capture,
                    health,
                    self.unrelated.get(capture.index, 0),
                    with_others.get(capture.index, ()),
                )
                for capture, health in zip(captures, healths, strict=True)
            ),
            instances=spool,
            counted=self.tally.counted,
            flows=self.tally.flows(everything, kept_out),
            matrix=self.tally.matrix(),
            requirements=self.tally.requirements(self.programs),
            roles=tuple(
                RoleNote(rule.role, rule.address, rule.evidence, rule.given) for rule in self.roles
            ),
            expected=expected,
            near_misses=tuple(miss for miss in self.near_misses if miss.flow in explain),
            index=index,
            faults=tuple(self.faults),
            selection=selection.described(self.setting),
            devices=self.tally.devices(),
            particulars=self.setting.particulars,
            flows_sha256=flows_sha256(self.library),
            opinions=() if self.opinions is None else self.opinions.results(),
            compared=self.opinions is not None,
            preferences=", ".join(self.opinions.known) if self.opinions else "",
        )

    def _verdict(self, expected: Iterable[ExpectedFlow]) -> Verdict:
        found = [self.tally.verdict()]
        found.extend(Verdict.FAIL for one in expected if not one.met)
        found.extend(Verdict.ERROR for _ in self.faults)
        if self.opinions is not None:
            found.extend(map(self.opinions.verdict, self.opinions.alone()))
        return worst(found)

    def _expected(self, flow: str) -> ExpectedFlow:
        if flow in self.shown:
            return ExpectedFlow(flow, True, f"{flow} appears")
        nearest = next((miss for miss in self.near_misses if miss.flow == flow), None)
        sentence = f"{flow} was expected and does not appear"
        if nearest is not None:
            sentence += f": {nearest.summary}, frame {nearest.frame.frame}, {nearest.kept_by}"
        return ExpectedFlow(flow, False, sentence, nearest)

    def _indexed(self, capture: Input) -> IndexResult:
        outcome = self.outcomes.get(capture.index, Outcome())
        return outcome.against(self.entries[capture.path], capture.index)


def _without_credentials(instance: InstanceResult) -> InstanceResult:
    if not any(may_hold_secrets(line.octets) for line in instance.ladder):
        return instance
    from conformance.suite.redact import credentials_hidden

    return credentials_hidden(instance)


def flows_sha256(library: Library) -> str:
    """The sum over the flow files' names and contents: which version of the rules judged."""
    total = sha256()
    for path in sorted(library.folder.rglob("*.flow")):
        total.update(path.relative_to(library.folder).as_posix().encode() + b"\0")
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()


def _relaxed(profile: Profile) -> tuple[str, ...]:
    return tuple(f"{one.id} ({one.part}): {one.because}" for one in profile.relaxes)


def capture_result(
    capture: Input, health: CaptureHealth, unrelated: int, together: tuple[int, ...] = ()
) -> CaptureResult:
    """What a report says of one capture; `together`: the captures judged as one with it."""
    return CaptureResult(
        path=capture.path,
        sha256=health.sha256,
        reader=health.reader,
        octets=health.octets,
        packets=health.packets,
        first_time=health.first_time,
        last_time=health.last_time,
        sip_messages=health.sip_messages,
        msrp_messages=health.msrp_messages,
        malformed=health.malformed,
        unrelated=unrelated,
        gaps=tuple(
            GapNote(gap.after_frame, gap.time, gap.where, gap.reason) for gap in health.gaps
        ),
        interfaces=tuple(health.interfaces),
        skew=health.skew,
        judged_with=together,
    )
