"""The first pass over a capture: which links it shows, when it ends, who seems to be who.

A judge that knows these beforehand can tell silence from a tap that was never there, without
holding any message back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.places import Places
from conformance.observation.topology import Topology
from conformance.observation.trace import Gap, Observation, Shown
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.evidence import Evidence

Link = tuple[str, str]
# As tuples: a union would be made anew for each message.
_SIP = (SipRequest, SipResponse)
_MSRP = (MsrpRequest, MsrpResponse)
_MAX_STREAMS = 100_000
_MAX_LINKS = 4_096
_JUMP = 1_000_000_000
"""How far, in ns, a frame may be behind an earlier one: more is a clock that jumped."""


@dataclass(slots=True)
class Survey:
    """What the first pass learnt.

    `sip`: directed links between places with the transports seen on them. `msrp`: directed links
    between hosts. `watched`: the clock domains in which a directed link was recorded. `starts`,
    `ends`: the first and last time of each domain's clock. `gaps`: every gap, in order.
    `domains`: the captures that continue one another share the domain of the first. `unsteady`:
    domains whose clock went back: their times convict nobody. `streams`: the last message of
    each direction of a reliable connection.
    """

    places: Places = field(default_factory=Places)
    sip: dict[Link, set[Transport]] = field(default_factory=dict)
    msrp: set[Link] = field(default_factory=set)
    watched: dict[Link, set[int]] = field(default_factory=dict)
    domains: dict[int, int] = field(default_factory=dict)
    unsteady: set[int] = field(default_factory=set)
    streams: dict[tuple[Endpoint, Endpoint], int] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)
    _links: dict[tuple[Endpoint, Endpoint], tuple[Transport, int, Link]] = field(
        default_factory=dict
    )

    def take(self, item: Shown) -> None:
        """Learn from one item."""
        if not isinstance(item, Observation):
            if isinstance(item, Gap):
                self.gaps.append(item)
            self._clock(item.capture, item.time)
            return
        domain = self._tick(item.capture, item.time)
        message = item.message
        if isinstance(message, _SIP):
            ends = item.source, item.destination
            known = self._links.get(ends)
            if known is None or known[0] is not item.transport or known[1] != domain:
                known = self._learn(item, ends, domain)
            if item.transport is not Transport.UDP and len(self.streams) < _MAX_STREAMS:
                self.streams[ends] = item.time
            self.evidence.take(item, message, known[2])
        elif isinstance(message, _MSRP):
            link = (item.source.host, item.destination.host)
            self.msrp.add(link)
            self._watch(link, domain)

    def _learn(
        self, item: Observation, ends: tuple[Endpoint, Endpoint], domain: int
    ) -> tuple[Transport, int, Link]:
        """Take the link of a SIP message, which the next one between these ends need not tell."""
        places = self.places
        places.note(item)
        link = places.place(item.source), places.place(item.destination)
        self.sip.setdefault(link, set()).add(item.transport)
        self._watch(link, domain)
        self.evidence.shared = places.shared
        told = item.transport, domain, link
        # On a shared host each message may say whose a port is.
        if places.shared or len(self._links) >= _MAX_LINKS:
            self._links.clear()
        if not places.shared:
            self._links[ends] = told
        return told

    def _tick(self, capture: int, time: int) -> int:
        """Take a message's time; gives the clock domain of its capture."""
        domain = self.domains.get(capture, capture)
        end = self.ends.get(domain)
        # Nearly every message is later than all before it.
        if end is not None and time >= end:
            self.ends[domain] = time
            return domain
        if end is not None and time < end - _JUMP:
            self.unsteady.add(domain)
        self._clock(capture, time)
        return domain

    def domain(self, capture: int) -> int:
        """The clock domain of a capture: its own, or that of the one it continues."""
        return self.domains.get(capture, capture)

    def _watch(self, link: Link, domain: int) -> None:
        domains = self.watched.get(link)
        if domains is None:
            self.watched[link] = {domain}
        else:
            domains.add(domain)

    def extend(self, capture: int, first: int | None, last: int | None) -> None:
        """Take a capture's own first and last packet times: its clock ran that far."""
        for time in (first, last):
            if time is not None:
                self._clock(capture, time)

    def _clock(self, capture: int, time: int) -> None:
        domain = self.domain(capture)
        self.starts[domain] = min(self.starts.get(domain, time), time)
        self.ends[domain] = max(self.ends.get(domain, time), time)


def survey(
    items: Iterable[Shown],
    domains: dict[int, int] | None = None,
    given: Topology | None = None,
) -> Survey:
    """Read a whole capture once; `domains`: captures that share another one's clock.

    For places whose roles are `given` no evidence is looked for.
    """
    found = Survey(domains=dict(domains or {}))
    found.evidence.given = given
    for item in items:
        found.take(item)
    found.evidence.rest()
    return found
