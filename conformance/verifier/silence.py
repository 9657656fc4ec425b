"""When silence was listened to: visibility of a hop's links, deadlines, gaps between.

"Not seen" becomes "not done" only if that direction was recorded, its clock ran past the
deadline, no gap lies between, and what a silent peer causes is seen: over UDP its requester's
retransmissions. One lost frame never suffices: the other direction must have been watched too,
since an answer would have shown what the capture missed.
"""

from collections.abc import Iterable

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Step
from conformance.observation.packet import Transport
from conformance.observation.places import endpoint_of
from conformance.observation.topology import Topology
from conformance.observation.trace import Gap, GapReason, Observation
from conformance.sip.message import SipRequest
from conformance.verifier.exchange import SECOND
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.memory import Memory
from conformance.verifier.route import Way, way
from conformance.verifier.survey import Link, Survey

_HOLE = 600 * SECOND
_FOR_EVER = 2**63
_UDP_LIMIT = 1300
"""Octets above which a request goes over a congestion-controlled transport (RFC 3261 18.1.1)."""


def _reach(gap: Gap) -> int:
    """For how many ns behind its time a gap may hide something."""
    # A hole's time is that of the last octet before it: what it hides came later.
    if gap.reason is GapReason.TCP_HOLE:
        return _HOLE
    return _FOR_EVER if gap.lasts else SECOND


_SPEAKS = ("sends to", "hears from")


class Listening:
    """What was recorded where, asked hop by hop."""

    def __init__(self, survey: Survey, topology: Topology, memory: Memory) -> None:
        self.survey = survey
        self.topology = topology
        self.memory = memory
        self.refresh()

    def refresh(self) -> None:
        """Look anew who plays which role: more was seen, or more roles are known."""
        self._places: dict[Role, set[str]] = {}
        self._strangers: set[str] = set()
        for place in {place for link in self.survey.sip for place in link}:
            roles = self.topology.roles(endpoint_of(place))
            if not roles:
                self._strangers.add(place)
            for role in roles:
                self._places.setdefault(role, set()).add(place)
        # Of each place one stranger that sends to it, and one that it sends to.
        self._beside: tuple[dict[str, str], dict[str, str]] = {}, {}
        for link in sorted(self.survey.sip) if self._strangers else ():
            for at, found in enumerate(self._beside):
                if link[at] in self._strangers:
                    found.setdefault(link[1 - at], link[at])

    def links(self, instance: Instance, hop: int) -> list[Link]:
        """The recorded links that this hop must have used; [] when it cannot be told or seen."""
        step = instance.step(hop)
        if step.kind in (Kind.SEND, Kind.CONNECT):
            return self._msrp_links(instance, step, hop)
        back = _answered_link(instance, hop)
        if back is not None:
            return [back] if back in self.survey.sip else []
        taken = self.way(instance, step)
        if taken is Way.UNKNOWN:
            return []
        sender, receiver = self.between(instance, hop)
        addresses = instance.addresses()
        senders = self._who(instance, sender, addresses)
        receivers = self._who(instance, receiver, addresses)
        if sender is Role.CORE:
            senders = self._nodes(instance, receiver, receivers)
        elif receiver is Role.CORE:
            receivers = self._nodes(instance, sender, senders)
        links = [(sender, receiver) for sender in senders for receiver in receivers]
        if not links or any(link not in self.survey.sip for link in links):
            return []
        return links if self._transport_seen(instance, hop, links) else []

    def way(self, instance: Instance, step: Step) -> Way:
        """The way that a step's message takes: what was seen of it tells, else its dialog."""
        request = instance.program.steps[step.answers] if step.answers is not None else step
        if any(not seen.direct for one in (step, request) for seen in instance.seen_at(one)):
            return Way.THROUGH
        told = way(instance, step, self.topology)[0]
        is_past = told is not Way.THROUGH and instance.observed(request)
        return Way.PAST if is_past else told

    def between(self, instance: Instance, hop: int) -> tuple[Role, Role]:
        """Whom a hop leads from and to: from end to end where its message goes past the core."""
        if self.way(instance, instance.step(hop)) is Way.PAST:
            return instance.ends(hop)
        arrow = instance.program.hops[hop]
        return arrow.sender, arrow.receiver

    def hint(self, instance: Instance, hop: int) -> str:
        """Who may have been one end of a hop that was not seen: an address without a role.

        "" where each has one. Whose address it is, only the user knows.
        """
        if not self._strangers:
            return ""
        sender, receiver = self.between(instance, hop)
        addresses = instance.addresses()
        for at, role, other in ((0, sender, receiver), (1, receiver, sender)):
            known = addresses.get(other) or self._places.get(other, set())
            found = min(
                (self._beside[at][one] for one in known if one in self._beside[at]), default=""
            )
            if found:
                ours = sorted(self._places.get(role, ()))[:1]
                rule = f"if it is the {role}, --role {role}={','.join([*ours, found])}"
                return f"; {found} has no role and {_SPEAKS[at]} the {other}: {rule}"
        return ""

    def _nodes(self, instance: Instance, peer: Role, places: set[str]) -> set[str]:
        """The core nodes that face these places in this conversation.

        Those seen to do so; else those over which the user is reached; else every node that has
        any link with them, since none of them may be taken for silent unwatched.
        """
        seen = {
            near if role is Role.CORE else far
            for hop, group in zip(instance.program.hops, instance.all, strict=True)
            if {hop.sender, hop.receiver} == {Role.CORE, peer}
            for one in group
            if not one.direct
            for role, near, far in [(hop.sender, *one.places)]
        }
        if seen:
            return seen
        if peer is Role.CLIENT:
            known = self.memory.clients.get(instance.user, ())
            return {core for client, core in known if client in places}
        core = self._places.get(Role.CORE, set())
        return {
            node
            for node in core
            for place in places
            if (node, place) in self.survey.sip or (place, node) in self.survey.sip
        }

    def both_ways(self, links: list[Link]) -> bool:
        """Whether the other direction of every link was recorded too."""
        sip, msrp = self.survey.sip, self.survey.msrp
        return all((b, a) in sip or (b, a) in msrp for a, b in links)

    def clock_end(self, instance: Instance) -> int:
        """When the clock of the instance's captures stopped."""
        domains = {self.survey.domain(number[0]) for number in instance.numbers()}
        return max((self.survey.ends.get(domain, 0) for domain in domains), default=0)

    def one_clock(self, observation: Observation, links: list[Link]) -> bool:
        """Whether these links were recorded by the clock that timed this observation."""
        domain = self.survey.domain(observation.capture)
        if domain in self.survey.unsteady:
            return False
        return any(domain in self.survey.watched.get(link, ()) for link in links)

    def went_on(self, request: Observation, end: int) -> bool:
        """Whether a reliable connection carried more back after an answer's deadline.

        Then no lost segment at its tail can be the answer: a hole would have shown.
        """
        back = (request.destination, request.source)
        return self.survey.streams.get(back, 0) > end

    def same_clock(self, one: Observation, other: Observation) -> bool:
        """Whether two observations' times may be compared."""
        return self.survey.domain(one.capture) == self.survey.domain(other.capture)

    def gap_between(self, start: int, end: int, links: list[Link]) -> Gap | None:
        """A gap that may hide what is missed on one of these links."""
        hosts = {frozenset(map(_host, link)) for link in links}
        for gap in self.survey.gaps:
            if not start <= gap.time + _reach(gap) or gap.time > end:
                continue
            if gap.source is None or gap.destination is None:
                return gap
            if frozenset((gap.source.host, gap.destination.host)) in hosts:
                return gap
        return None

    def _who(self, instance: Instance, role: Role, addresses: dict[Role, set[str]]) -> set[str]:
        """The places that play a role in this conversation, as far as they are known.

        A guess by role holds only when every place of the capture has a role. A whole other side
        may be reached elsewhere than where it sends from; so may a user with more devices.
        """
        everyone = self._places.get(role, set())
        if role is Role.CORE:
            return everyone
        if role in addresses and role is not Role.REMOTE:
            return addresses[role]
        if role is Role.CLIENT:
            known = {client for client, _ in self.memory.clients.get(instance.user, ())}
            more = self.memory.bindings.get(instance.user, 0) > len(known)
            return set() if more or _elsewhere(instance) else known
        hosts = self.topology.hosts(role)
        watched = hosts is not None and hosts <= {_host(place) for place in everyone}
        sure = watched and not self._strangers and _same_family(everyone, addresses)
        return everyone if sure else set()

    def _transport_seen(self, instance: Instance, hop: int, links: list[Link]) -> bool:
        """A large request that came by TCP may go on by TCP where only UDP was recorded."""
        before = _previous(instance, hop)
        if before is None or before.observation.transport is Transport.UDP:
            return True
        if not isinstance(before.observation.message, SipRequest):
            return True
        if len(before.observation.message.octets) <= _UDP_LIMIT:
            return True
        return any(self.survey.sip[link] != {Transport.UDP} for link in links)

    def _msrp_links(self, instance: Instance, step: Step, hop: int) -> list[Link]:
        channel = instance.channel(step)
        if channel is None:
            return []
        arrow = instance.program.hops[hop]
        own = channel.seen_from.get(arrow.sender)
        if own is not None:
            return [(own.source.host, own.destination.host)]
        if channel.seen_from:
            return []
        return self._listened(channel.listening.values(), instance)

    def _listened(self, ends: Iterable[tuple[str, int]], instance: Instance) -> list[Link]:
        """Another session between the same hosts shows that such a connection is seen."""
        addresses = instance.addresses()
        clients = {_host(place) for place in addresses.get(Role.CLIENT, set())}
        return [
            (client, host)
            for host, _ in ends
            for client in clients
            if (client, host) in self.survey.msrp
        ]


def _same_family(places: set[str], addresses: dict[Role, set[str]]) -> bool:
    """Whether places are of the IP version that the conversation runs over."""
    known = {place.count(":") > 1 for group in addresses.values() for place in group}
    return not known or known == {place.count(":") > 1 for place in places}


def _elsewhere(instance: Instance) -> bool:
    """Whether something came from or to the client that was not captured: by another link."""
    return any(
        Role.CLIENT in (hop.sender, hop.receiver)
        and not instance.mask >> hop.index & 1
        and instance.plan.proves[hop.index] & instance.mask
        for hop in instance.program.hops
    )


def _answered_link(instance: Instance, hop: int) -> Link | None:
    """An answer travels back the link on which its request was seen."""
    for origin, answers in instance.plan.reverse.items():
        seen = instance.first[origin]
        if hop in answers and seen is not None:
            source, destination = seen.places
            return destination, source
    return None


def _host(place: str) -> str:
    return endpoint_of(place).host


def _previous(instance: Instance, hop: int) -> Seen | None:
    """The last seen hop of the same message before this one."""
    chain = instance.plan.chain[hop]
    for earlier in range(hop - 1, -1, -1):
        if chain >> earlier & 1 and instance.first[earlier] is not None:
            return instance.first[earlier]
    return None
