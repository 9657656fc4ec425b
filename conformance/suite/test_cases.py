"""The test cases of `cpmspec drive`: for each flow and device, what is done to it and why.

Most are scenarios of the reference, played with the device in the place of one of its parties;
`inopportune` adds what a device must survive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from conformance.flow.errors import did_you_mean
from conformance.observation.packet import Transport
from conformance.reference.client.settings import ClientSettings
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.pf.settings import Push
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import NORMAL, WorldSetting
from conformance.suite import preference_cases
from conformance.suite.case import LIMIT, LISTS, PREFERENCES, PUSHES, SUTS, Case
from conformance.suite.errors import ConformanceError
from conformance.suite.inopportune import SCENARIOS

_LEFT_OUT = {
    "client-ends-before-all": "it needs a long link",
    "retried-after-silence": "it needs a link that fails",
    "restarted": "it needs our participating function",
    "refreshed": "it waits for minutes and shows the same",
    "registration-refreshed": "it waits for minutes and shows the same",
    "refreshed-roles": "it waits for minutes and shows the same",
    "plain-text-refreshed": "it waits for minutes and shows the same",
    "leaves-again": "it needs a core that errs",
}


@cache
def cases() -> tuple[Case, ...]:
    """Every test case, by device and flow."""
    found = []
    for sut in SUTS:
        for flow in filter(None, catalogue.MODULES):
            regular = [one for one in _candidates(flow) if applies(one, sut)]
            found += [_case(sut, one) for one in regular]
            found += [one for one in SCENARIOS if (one.sut, one.flow) == (sut, flow)]
        found += [one for one in preference_cases.CASES if one.sut == sut]
    return tuple(found)


def select(sut: str, flows: Iterable[str], ids: Iterable[str]) -> tuple[Case, ...]:
    """The cases of a device: all, or those of these flows and names; ConformanceError for none.

    A name may be given without the device. What needs preferences in the device is run by name
    only.
    """
    known, flows, ids = _of((sut,)), list(flows), list(ids)
    _check_flows(flows, catalogue.MODULES)
    if ids:
        return tuple(dict.fromkeys(case for name in ids for case in _named(name, (sut,), known)))
    found = tuple(
        one
        for one in known.values()
        if not one.is_provisioned and (not flows or one.flow in flows)
    )
    if not found:
        raise ConformanceError(f"{sut} has no part in {', '.join(flows)}", "--flow")
    return found


def listed(suts: Sequence[str], flows: Iterable[str], ids: Iterable[str]) -> tuple[Case, ...]:
    """The cases of these devices to be shown: all, or those of these flows and names.

    Those about preferences alone are shown too, by their word in the place of a flow.
    ConformanceError for a flow or a name that there is not, and where nothing is left.
    """
    known, flows, ids = _of(suts), list(flows), list(ids)
    _check_flows(flows, (*catalogue.MODULES, PREFERENCES))
    named = dict.fromkeys(case for name in ids for case in _named(name, suts, known))
    among = named if ids else known.values()
    found = tuple(one for one in among if not flows or one.flow in flows)
    if not found:
        whose = f"of {suts[0]} " if len(suts) == 1 else ""
        raise ConformanceError(f"no such case {whose}is of {', '.join(flows)}", "--flow")
    return found


def _of(suts: Sequence[str]) -> dict[str, Case]:
    return {one.id: one for one in cases() if one.sut in suts}


def _check_flows(flows: Iterable[str], known: Iterable[str]) -> None:
    names = [name for name in known if name]
    for flow in flows:
        if flow not in names:
            hint = did_you_mean(flow, names) or f": there are {', '.join(names)}"
            raise ConformanceError(f"there is no flow '{flow}'{hint}", "--flow")


def _named(name: str, suts: Sequence[str], known: Mapping[str, Case]) -> list[Case]:
    """The cases of a name, which may leave the device out."""
    found = [known[full] for full in (f"{sut}/{name}" for sut in suts) if full in known]
    if name in known:
        found = [known[name]]
    if not found:
        whose = f" for {suts[0]}" if len(suts) == 1 else ""
        hint = did_you_mean(name, [*known, *(one.partition("/")[2] for one in known)])
        hint = hint or "; --list shows them"
        raise ConformanceError(f"there is no test case '{name}'{whose}{hint}", "--case")
    return found


def applies(scenario: Scenario, sut: str) -> bool:
    """Whether a scenario can be played with a device in the place of one of its parties."""
    setting, base = scenario.setting, _base(scenario.flow).setting
    plain = (
        setting.conditions == NORMAL
        and not setting.links
        and not setting.ipv6
        and setting.core_nodes == 1
        and setting.transport is Transport.UDP
        and setting.seed == WorldSetting().seed
    )
    if not plain or scenario.lasts > LIMIT or scenario.name in _LEFT_OUT:
        return False
    if any(fault.party == sut for fault in scenario.faults) or scenario.verdict == "fail":
        return False
    return sut in _INVOLVED[scenario.flow] and _is_set_up(setting, base, sut)


def _is_set_up(setting: WorldSetting, base: WorldSetting, sut: str) -> bool:
    """Whether the device need be set up for nothing but the flow itself and preferences."""
    if setting.xdms != base.xdms or (setting.preferences is not None and sut not in ("pf", "iwf")):
        return False
    if sut == "client":
        return setting.client in (base.client, ClientSettings())
    if sut == "pf":
        return _push(setting) == _push(base) and replace(setting.pf, push=base.pf.push) == base.pf
    if sut == "iwf":
        others = setting.other_leg is None or setting.preferences is not None
        return setting.iwf == IwfSettings() and others and setting.sms_leg == base.sms_leg
    return setting.challenge == base.challenge


_INVOLVED = {
    **dict.fromkeys((*PUSHES, *LISTS, "chat-deferred"), ("client", "pf", "core")),
    "undelivered": ("pf", "core"),
    **dict.fromkeys(("interwork-out", "interwork-in"), SUTS),
}


def _push(setting: WorldSetting) -> Push:
    return setting.push or setting.pf.push


def _candidates(flow: str) -> tuple[Scenario, ...]:
    whole = {one.tap for one in catalogue.scenarios(flow)[:1]}
    return tuple(one for one in catalogue.scenarios(flow) if one.tap in whole)


def _base(flow: str) -> Scenario:
    return catalogue.scenarios(flow)[0]


def _case(sut: str, scenario: Scenario) -> Case:
    declines = scenario.verdict == "inconc" or scenario.name.startswith("declined")
    return Case(
        sut,
        replace(scenario, verdict="pass"),
        "inopportune" if declines or scenario.faults else "valid",
        ends_early=scenario.verdict == "inconc",
    )
