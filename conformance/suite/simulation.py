"""Scenarios as captures: one on demand, or all of them as a folder with its index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from conformance.flow.errors import did_you_mean
from conformance.observation.packet import Transport
from conformance.observation.trace import Trace
from conformance.reference.faults.fault import Fault, planted
from conformance.reference.network.medium import Conditions
from conformance.reference.preferences import document as preferences_document
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import Played, Scenario, play
from conformance.suite import recording
from conformance.suite.errors import ConformanceError


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user wants otherwise than the scenario has it; None leaves it as it is."""

    seed: str | None = None
    transport: Transport | None = None
    ipv6: bool = False
    conditions: Conditions | None = None
    preferences: Preferences | None = None
    faults: tuple[Fault, ...] = ()


def find(flow: str, variant: str = "") -> Scenario:
    """A scenario by flow and name, the flow's first without one; ConformanceError if unknown."""
    if flow not in catalogue.MODULES:
        known = [name for name in catalogue.MODULES if name]
        hint = did_you_mean(flow, known) or f": there are {', '.join(known)}"
        raise ConformanceError(f"there is no flow '{flow}'{hint}")
    found = catalogue.scenarios(flow)
    if not variant:
        return found[0]
    for one in found:
        if one.name == variant:
            return one
    names = [one.name for one in found]
    hint = did_you_mean(variant, names) or f": there are {', '.join(names)}"
    raise ConformanceError(f"{flow} has no variant '{variant}'{hint}")


def wished(scenario: Scenario, wish: Wish) -> Scenario:
    """The scenario as the user wants it; ConformanceError for two faults in one place."""
    setting, faults = scenario.setting, (*scenario.faults, *wish.faults)
    try:
        planted(faults)
    except ValueError as error:
        raise ConformanceError(str(error)) from None
    if wish.seed is not None:
        setting = replace(setting, seed=wish.seed)
    if wish.transport is not None:
        setting = replace(setting, transport=wish.transport)
    if wish.ipv6:
        setting = replace(setting, ipv6=True)
    if wish.conditions is not None:
        setting = replace(setting, conditions=wish.conditions)
    if wish.preferences is not None:
        setting = replace(setting, preferences=wish.preferences)
    return replace(scenario, setting=setting, faults=faults)


def octets_of(played: Played) -> bytes:
    """The capture of a run as a pcapng file, with a comment on each message of the flow."""
    scenario = played.scenario
    file = BytesIO()
    recording.write(
        file,
        played.passed,
        scenario.tap,
        label=played.world.labels(scenario.flow or "push"),
        comment=scenario.shows,
    )
    return file.getvalue()


def trace_of(played: Played) -> Trace:
    """What a reader sees in the capture of a run."""
    name = f"{played.scenario.flow}/{played.scenario.name}"
    return recording.trace(played.passed, played.scenario.tap, name=name)


def write_folder(folder: Path, scenarios: Iterable[Scenario]) -> list[Path]:
    """Write the capture of each scenario at its path, and index.toml; the paths written.

    Beside a capture whose verdict needs them lie the user's preferences (XML).

    Equal scenarios give equal octets. Raises OSError where nothing can be written.
    """
    chosen = list(scenarios)
    written = []
    for scenario in chosen:
        path = folder / scenario.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets_of(play(scenario)))
        written.append(path)
        if scenario.preferences:
            # Whose user has set nothing is compared all the same: with every choice open.
            wanted = scenario.setting.preferences or Preferences()
            document = path.with_suffix(".xml")
            document.write_bytes(preferences_document.write(wanted))
            written.append(document)
    index = folder / "index.toml"
    index.write_text(index_of(chosen), "utf-8")
    return [*written, index]


_HEAD = """\
# What each capture shows, and what a judge must say of it. Made by
# `cpmspec simulate --sample -o captures`, judged by
# `cpmspec verify captures/ --index captures/index.toml`.
"""


def index_of(scenarios: Sequence[Scenario]) -> str:
    """The index of a folder of captures."""
    return "\n".join([_HEAD, *(_entry(one) for one in scenarios)])


def _entry(scenario: Scenario) -> str:
    lines = [
        "[[capture]]",
        f'path = "{scenario.path}"',
        f'shows = "{scenario.shows}"',
        f'flow = "{scenario.flow}"',
        f'verdict = "{scenario.verdict}"',
    ]
    if scenario.requirement:
        lines.append(f'requirement = "{scenario.requirement}"')
    if scenario.preferences:
        lines.append(f'preferences = "{scenario.path.removesuffix(".pcapng")}.xml"')
    if scenario.roles:
        lines.append("")
        lines.append("[capture.roles]")
        places: dict[str, list[str]] = {}
        for rule in scenario.roles:
            role, _, addresses = rule.partition("=")
            places.setdefault(role, []).extend(f'"{one}"' for one in addresses.split(","))
        lines += [f"{role} = [{', '.join(found)}]" for role, found in places.items()]
    return "\n".join([*lines, ""])
