"""A flow played for a test of one's own: the capture as a file, its trace, and its judgement."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.observation.packet import Transport
from conformance.observation.trace import Trace
from conformance.reference.faults.fault import Fault
from conformance.reference.network.medium import Conditions
from conformance.reference.network.simulation import SimulationError
from conformance.reference.preferences import document as preferences_document
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.scenarios.scenario import Scenario, play
from conformance.report.model import Report
from conformance.suite.assertion import verified
from conformance.suite.errors import ConformanceError
from conformance.suite.mutants import faults_named
from conformance.suite.preferences import read_preferences
from conformance.suite.setting import Setting, changed, parse_role
from conformance.suite.simulation import Wish, find, octets_of, trace_of, wished


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the reference implementation played: `path` is its capture (pcapng).

    `preferences` is the file of those that the played user has, "" for somebody who set nothing.
    """

    scenario: Scenario
    path: Path
    trace: Trace
    preferences: str
    setting: Setting

    def verify(self, **changes: object) -> Report:
        """Judge the capture; `changes` are fields of the setting, as `cpm_verify` takes them.

        Roles that the scenario must be told are told. `compare=True` asks the reference too, and
        by `preferences=played.preferences` it knows what the user wants.
        """
        given = tuple(rule for text in self.scenario.roles for rule in parse_role(text))
        setting = replace(self.setting, roles=(*given, *self.setting.roles))
        return verified(self.path, changed(setting, changes))


def rehearse(
    flow: str,
    folder: Path,
    setting: Setting,
    *,
    variant: str = "",
    faults: Iterable[str | Fault] = (),
    seed: str | int | None = None,
    transport: str | None = None,
    ipv6: bool = False,
    preferences: str | Preferences | None = None,
    conditions: Conditions | None = None,
) -> Rehearsal:
    """Play a flow and write its capture into a folder; ConformanceError for what there is not.

    `faults` by name or made by hand; `transport` of SIP is "udp" or "tcp"; `preferences` are a
    file or made by hand.
    """
    chosen = [faults_named([one])[0] if isinstance(one, str) else one for one in faults]
    wish = Wish(
        seed=None if seed is None else str(seed),
        transport=_transport(transport),
        ipv6=ipv6,
        conditions=conditions,
        preferences=read_preferences(preferences) if isinstance(preferences, str) else preferences,
        faults=tuple(chosen),
    )
    scenario = wished(find(flow, variant), wish)
    try:
        played = play(scenario)
    except (SimulationError, ValueError) as error:
        raise ConformanceError(str(error), f"{flow}/{scenario.name}") from None
    path = _free(folder, "_".join([flow, scenario.name, *(one.id for one in chosen)]))
    path.write_bytes(octets_of(played))
    return Rehearsal(scenario, path, trace_of(played), _preferences(scenario, path), setting)


def _transport(name: str | None) -> Transport | None:
    if name is None:
        return None
    if name.upper() not in ("UDP", "TCP"):
        raise ConformanceError(f"'{name}' is neither udp nor tcp", "transport")
    return Transport(name.upper())


def _preferences(scenario: Scenario, path: Path) -> str:
    found = scenario.setting.preferences
    if found is None:
        return ""
    document = path.with_suffix(".xml")
    document.write_bytes(preferences_document.write(found))
    return str(document)


def _free(folder: Path, name: str) -> Path:
    """A name in the folder that no capture has yet."""
    clean = re.sub(r"[^\w.-]+", "-", name)
    number, path = 1, folder / f"{clean}.pcapng"
    while path.exists():
        number += 1
        path = folder / f"{clean}-{number}.pcapng"
    return path
