"""One test case of `cpmspec drive`: a scenario with a device as one of its parties."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.live.network import Wrap
from conformance.reference.engine.timer import SECOND
from conformance.reference.scenarios.scenario import Scenario

SUTS = ("client", "pf", "core", "iwf")
"""The roles that a system under test can play."""

PATIENCE = 12 * SECOND
"""How long nothing must have come before a case is over, in ns."""

PREFERENCES = "preferences"
"""What stands in a case's name in the place of a flow where it is about preferences alone."""

LIMIT = 400 * SECOND
"""How long a case may take, in ns."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test case: a scenario with the device `sut` in it.

    `kind` is `valid` or `inopportune` (ETSI: BV, BO). `ends_early`: we ourselves end the flow
    before its end, and the device has done its part where nothing in it is wrong. `wrapped`:
    what is put around a party of ours. `patience` in ns. `witness`: flows of which one must have
    taken place, where silence would hide what the device did.
    """

    sut: str
    scenario: Scenario
    kind: str = "valid"
    ends_early: bool = False
    wrapped: Mapping[str, Wrap] = field(default_factory=dict, hash=False)
    patience: int = PATIENCE
    witness: tuple[str, ...] = ()

    @property
    def flow(self) -> str:
        """The flow that it is about, or PREFERENCES."""
        return self.scenario.flow or PREFERENCES

    @property
    def ways(self) -> tuple[str, ...]:
        """The other flows by which the device may do the same: it does not do this one then."""
        if self.sut not in ("pf", "client"):
            return ()
        family = next((one for one in (PUSHES, LISTS) if self.flow in one), ())
        return tuple(flow for flow in family if flow != self.flow)

    @property
    def id(self) -> str:
        """Its name: device, flow, variant."""
        return f"{self.sut}/{self.flow}/{self.scenario.name}"

    @property
    def file(self) -> str:
        """The name of its capture."""
        return f"{self.id.replace('/', '_')}.pcapng"

    @property
    def is_provisioned(self) -> bool:
        """Whether the device must have the user preferences of the scenario."""
        return self.scenario.setting.preferences is not None

    @property
    def needs(self) -> str:
        """What the device must be set up for; "" for nothing."""
        found = [_NEEDS.get((self.sut, self.flow), "")]
        if self.is_provisioned:
            found.append("has the user preferences of this case")
        return "; ".join(filter(None, found))


PUSHES = ("push", "push-large", "push-pager")
LISTS = ("pull", "pull-notify")
"""Flows that are ways of one thing: which of them is seen is the device's own choice."""

_NEEDS = {
    ("pf", "push"): "pushes all that is deferred over one session",
    ("pf", "push-large"): "pushes each message by an INVITE of its own",
    ("pf", "push-pager"): "pushes each short message by a MESSAGE",
    ("pf", "pull"): "lets a subscriber choose",
    ("pf", "pull-notify"): "notifies without a subscription",
    ("client", "pull"): "subscribes to the list of deferred messages",
}
