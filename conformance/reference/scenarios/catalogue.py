"""All scenarios by flow and name."""

from importlib import import_module, resources

from conformance.reference.scenarios.scenario import Scenario

MODULES = {
    "push-pager": "push_pager",
    "push-large": "push_large",
    "push": "push",
    "pull": "pull",
    "pull-notify": "pull_notify",
    "chat-deferred": "chat_deferred",
    "undelivered": "undelivered",
    "interwork-out": "interwork_out",
    "interwork-in": "interwork_in",
    "": "ordinary",
}
"""The module of each flow; "" holds traffic that belongs to none."""


def scenarios(flow: str) -> tuple[Scenario, ...]:
    """The scenarios of a flow, the plain one first; KeyError for a flow there is not."""
    module = import_module(f"conformance.reference.scenarios.{MODULES[flow]}")
    found: tuple[Scenario, ...] = module.SCENARIOS
    return found


def scenario(flow: str, name: str) -> Scenario:
    """One scenario; KeyError if there is none of that name."""
    for one in scenarios(flow):
        if one.name == name:
            return one
    raise KeyError(name)


def every() -> tuple[Scenario, ...]:
    """The scenarios of all flows."""
    return tuple(one for flow in MODULES for one in scenarios(flow))


def sample() -> tuple[Scenario, ...]:
    """The scenarios that `sample.txt` names, in its order; ValueError for one there is not."""
    text = (
        resources.files("conformance.reference.scenarios")
        .joinpath("sample.txt")
        .read_text("utf-8")
    )
    found = []
    for line in text.splitlines():
        flow, colon, names = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        for name in names.split():
            try:
                found.append(scenario("" if flow == "ordinary" else flow, name))
            except KeyError:
                raise ValueError(f"sample.txt: there is no {flow}/{name}") from None
    return tuple(found)
