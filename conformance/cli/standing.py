"""How a watch stands, for those who show it."""

from typing import Protocol

from conformance.observation.trace import CaptureHealth, Gap
from conformance.report.instant import to_text
from conformance.report.model import Report
from conformance.suite.watch import Watch
from conformance.verifier.instance import Instance
from conformance.verifier.verdict import Finding, InstanceResult, Verdict


class Seen(Protocol):
    """What a live source tells of itself; `lost` counts packets known to be missing."""

    healths: list[CaptureHealth]
    lost: int


class Standing(Protocol):
    """A watch that runs."""

    watch: Watch

    @property
    def source(self) -> Seen:
        """What is watched."""
        ...

    @property
    def seconds(self) -> float:
        """How long the watch runs."""
        ...

    @property
    def pending(self) -> int:
        """Octets in files, or packets, that wait to be read."""
        ...

    @property
    def lag(self) -> float:
        """Seconds by which what is read lies behind what happens."""
        ...


class Silent:
    """Hears all and says nothing: what a listener does unless it says otherwise."""

    def finding(self, instance: Instance, finding: Finding) -> None:
        """Say nothing."""

    def settled(self, instance: InstanceResult) -> None:
        """Say nothing."""

    def gap(self, gap: Gap) -> None:
        """Say nothing."""

    def beat(self) -> None:
        """Say nothing."""

    def ended(self, report: Report) -> None:
        """Say nothing."""


def status(session: Standing) -> dict[str, int | float | str | None]:
    """How a watch stands, in numbers."""
    watch, healths = session.watch, session.source.healths
    counts = watch.counts
    return {
        "seconds": round(session.seconds, 3),
        "open": watch.open,
        "held": watch.held,
        "evicted": watch.evicted,
        "roles": watch.roles,
        **{str(verdict): counts.verdicts[verdict] for verdict in Verdict},
        "packets": sum(one.packets for one in healths),
        "sip_messages": sum(one.sip_messages for one in healths),
        "msrp_messages": sum(one.msrp_messages for one in healths),
        "malformed": sum(one.malformed for one in healths),
        "gaps": counts.gaps.total(),
        "dropped": session.source.lost,
        "pending": session.pending,
        "lag": round(session.lag, 3),
        "time": to_text(counts.last_time) if counts.last_time else None,
    }
