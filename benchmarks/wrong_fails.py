"""Wrong FAILs hunted: conforming worlds under random conditions, and nobody may convict them.

`python -m benchmarks.wrong_fails [RUNS] [--seed N] [--jobs N] [--only FLOW]` plays scenarios that
are to be accepted over networks that lose, delay, double and reorder, taps them anyhow, and lets
the flows judge them, with roles inferred and with roles given, and the reference's comparison.
Each run is named SEED/NUMBER@FLOW/SCENARIO: `--replay NAME` plays that one again.
"""

import argparse
import random
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

from conformance.cpm.role import Role
from conformance.flow.library import Library, load
from conformance.observation.packet import Transport
from conformance.observation.trace import Trace
from conformance.oracle.comparison import Seen, compare
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import EVERYWHERE, Tap
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import Played, Scenario, play
from conformance.reference.world.setting import WorldSetting
from conformance.suite import recording
from conformance.suite.mutants import verdicts
from conformance.verifier.findings import NEVER_FAIL
from conformance.verifier.verdict import Verdict

RUNS = 1_000
ACCEPTED = frozenset({"pass", "none"})

_LINKS = (
    ("client", "core"),
    ("client", "pcscf"),
    ("client", "pf"),
    ("core", "pf"),
    ("scscf", "pf"),
    ("core", "iwf"),
    ("icscf", "iwf"),
    ("iwf", "noncpm"),
    ("second", "core"),
    ("second", "pcscf"),
    ("second", "pf"),
    ("pcscf", "scscf"),
    ("icscf", "scscf"),
)


@dataclass(frozen=True, slots=True)
class Convicted:
    """Somebody convicted a run: who judged, by which flow and requirement, and what was said."""

    judge: str
    flow: str
    requirement: str
    said: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run's name, what it was, and who convicted it."""

    name: str
    told: str
    convicted: tuple[Convicted, ...]


def named(seed: str, number: int, chosen: Sequence[Scenario]) -> str:
    """The name of a run, with a scenario as chance has it."""
    name = f"{seed}/{number}"
    base = random.Random(f"scenario {name}").choice(chosen)
    return f"{name}@{base.flow}/{base.name}"


def scenario_of(name: str) -> Scenario:
    """The scenario of a run: everything about it follows from its name."""
    chance = random.Random(name)
    flow, _, variant = name.partition("@")[2].partition("/")
    base = catalogue.scenario(flow, variant)
    setting = _setting(base.setting, chance, name)
    tap = base.tap if base.tap != EVERYWHERE else _tap(chance, setting, base.lasts)
    return replace(base, setting=setting, tap=tap)


def _setting(setting: WorldSetting, chance: random.Random, name: str) -> WorldSetting:
    setting = replace(setting, seed=name, conditions=_conditions(chance))
    if chance.random() < 0.3:
        setting = replace(setting, transport=chance.choice((Transport.UDP, Transport.TCP)))
    if chance.random() < 0.3:
        setting = replace(setting, ipv6=not setting.ipv6)
    if chance.random() < 0.3:
        setting = replace(setting, core_nodes=chance.choice((1, 3)))
    if chance.random() < 0.3:
        setting = replace(setting, devices=chance.choice((1, 2)))
    return setting


def _conditions(chance: random.Random) -> Conditions:
    low = chance.randint(1, 30)
    return Conditions(
        low=low * MILLISECOND,
        high=(low + chance.choice((0, 5, 40, 300))) * MILLISECOND,
        loss=chance.choice((0.0, 0.0, 0.03, 0.1, 0.2)),
        duplication=chance.choice((0.0, 0.0, 0.1)),
        reordering=chance.choice((0.0, 0.0, 0.1)),
        delay=chance.choice((20, 50, 400)) * MILLISECOND,
    )


def _tap(chance: random.Random, setting: WorldSetting, lasts: int) -> Tap:
    tap = EVERYWHERE
    if chance.random() < 0.25:
        tap = replace(tap, begin=setting.begin + _moment(chance, lasts))
    if chance.random() < 0.35:
        tap = replace(tap, end=setting.begin + _moment(chance, lasts))
    if chance.random() < 0.25:
        links = chance.sample(_LINKS, chance.randint(1, len(_LINKS) - 1))
        return replace(tap, links=frozenset(map(frozenset, links)))
    if chance.random() < 0.25:
        ways = [way for one in _LINKS for way in (one, one[::-1])]
        return replace(tap, ways=frozenset(chance.sample(ways, chance.randint(4, len(ways) - 1))))
    if chance.random() < 0.1:
        return replace(tap, mirrored=chance.choice((20_000, 300_000)))
    return tap


def _moment(chance: random.Random, lasts: int) -> int:
    """Most of what happens happens early."""
    return int(chance.random() ** 2 * lasts)


def run(name: str) -> Run:
    """Play one run and let everybody judge it."""
    scenario = scenario_of(name)
    told = _told(scenario)
    try:
        played = play(scenario)
    except Exception as error:  # noqa: BLE001 - every exception is a finding
        if _is_untold(error):
            return Run(name, told, ())
        return Run(name, told, (_broken("simulation", scenario, error),))
    trace = recording.trace(played.passed, scenario.tap, name=name)
    knowing = replace(scenario, roles=_roles(played))
    convicted = (
        *_guarded("inferred", scenario, _by_flows("inferred", trace, scenario)),
        *_guarded("given", scenario, _by_flows("given", trace, knowing)),
        *_guarded("oracle", scenario, _by_oracle(trace, knowing)),
    )
    return Run(name, told, convicted)


def _guarded(judge: str, scenario: Scenario, found: Iterator[Convicted]) -> Iterator[Convicted]:
    """What a judge says; an error of its own convicts it."""
    try:
        yield from found
    except Exception as error:  # noqa: BLE001 - every exception is a finding
        yield _broken(judge, scenario, error)


def _broken(judge: str, scenario: Scenario, error: Exception) -> Convicted:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
    return Convicted(judge, scenario.flow, "error", f"{error!r} at {place}")


def _is_untold(error: Exception) -> bool:
    """Whether a script stopped for want of what the network has lost: its story is not told."""
    return "/scenarios/" in traceback.extract_tb(error.__traceback__)[-1].filename


def _roles(played: Played) -> tuple[str, ...]:
    by_role: dict[Role, list[str]] = {}
    for host, role in played.world.hosts.items():
        by_role.setdefault(role, []).append(f"[{host}]" if ":" in host else host)
    return tuple(f"{role}={','.join(hosts)}" for role, hosts in by_role.items())


@cache
def _library() -> Library:
    return load(None)


def _by_flows(judge: str, trace: Trace, scenario: Scenario) -> Iterator[Convicted]:
    results, _ = verdicts(trace, scenario, _library())
    for instance in results:
        if instance.verdict is Verdict.ERROR:
            yield Convicted(judge, instance.flow, "error", instance.summary)
        for finding in instance.findings:
            if finding.verdict is Verdict.FAIL and finding.level not in NEVER_FAIL:
                said = f"at fault {finding.role_at_fault}: {finding.observed}"
                yield Convicted(judge, instance.flow, finding.requirement, said)


def _by_oracle(trace: Trace, scenario: Scenario) -> Iterator[Convicted]:
    _, topology = verdicts(trace, scenario, _library())
    seen = Seen(trace.items, topology, trace.health.last_time or 0)
    for judge, preferences in (("oracle", None), ("known", scenario.setting.preferences)):
        if judge == "known" and preferences is None:
            continue
        for one in compare(seen, preferences):
            if one.verdict is Verdict.FAIL:
                yield Convicted(judge, scenario.flow, one.requirement or "?", one.sentence)


def _told(scenario: Scenario) -> str:
    setting, tap = scenario.setting, scenario.tap
    way = "v6" if setting.ipv6 else "v4"
    links = setting.conditions
    told = [
        f"{setting.transport} {way}, {setting.core_nodes} core, {setting.devices} devices",
        f"{links.low // MILLISECOND}-{links.high // MILLISECOND} ms, loss {links.loss}, "
        f"doubled {links.duplication}, late {links.reordering} by {links.delay // MILLISECOND} ms",
    ]
    for name, moment in (("from", tap.begin), ("to", tap.end)):
        if moment is not None:
            told.append(f"{name} {(moment - setting.begin) / SECOND:.3f} s")
    if tap.links is not None:
        told.append("links " + " ".join(sorted("-".join(sorted(one)) for one in tap.links)))
    if tap.ways is not None:
        told.append("ways " + " ".join(sorted(">".join(one) for one in tap.ways)))
    if tap.mirrored:
        told.append(f"mirrored after {tap.mirrored} ns")
    return "; ".join(told)


def hunt(names: Sequence[str], jobs: int = 1) -> Iterator[Run]:
    """Every run of these names, in order."""
    if jobs < 2:
        yield from map(run, names)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run, names, chunksize=4)


def accepted(only: Sequence[str] = ()) -> list[Scenario]:
    """The scenarios that nobody may convict, of these flows or of all."""
    every = [one for one in catalogue.every() if one.verdict in ACCEPTED]
    return [one for one in every if not only or one.flow in only]


def main(arguments: list[str]) -> int:
    """Hunt, and print every wrong FAIL with the name of its run; status 1 if there is one."""
    parser = argparse.ArgumentParser(prog="wrong_fails", description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=RUNS)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], metavar="FLOW")
    parser.add_argument("--replay", metavar="NAME")
    wanted = parser.parse_args(arguments)
    chosen = accepted(wanted.only)
    if not chosen:
        sys.stderr.write("no such scenario\n")
        return 2
    names = [named(wanted.seed, number, chosen) for number in range(wanted.runs)]
    if wanted.replay:
        names = [wanted.replay]
    counts: Counter[tuple[str, str, str]] = Counter()
    for one in hunt(names, wanted.jobs):
        if one.convicted or wanted.replay:
            sys.stdout.write(f"{one.name}\n    {one.told}\n")
        for found in one.convicted:
            sys.stdout.write(f"    {found.judge}: {found.requirement} {found.said}\n")
            counts[(found.judge, found.flow, found.requirement)] += 1
        sys.stdout.flush()
    for (judge, flow, requirement), count in counts.most_common():
        sys.stdout.write(f"{count:6} {judge} {flow or 'ordinary'} {requirement}\n")
    sys.stdout.write(f"{sum(counts.values())} wrong FAILs in {len(names)} runs\n")
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
