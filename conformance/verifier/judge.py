"""The judge: a stream of observations in, settled instances out.

Each message is joined to its transaction, then offered to the instances that its Call-ID, its
session or its identities lead to, and only then to the flows that may begin with it. Finished
conversations are let go: what is held is what is open.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from conformance.cpm.role import Role
from conformance.flow.profile import Profile
from conformance.flow.program import Program
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.packet import Endpoint
from conformance.observation.topology import Topology
from conformance.observation.trace import Closing, Observation, Shown
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier import acknowledgement, legs, take
from conformance.verifier.confirm import asked_by_message, confirmed_by_answer
from conformance.verifier.delivered import remember_handled
from conformance.verifier.exchange import Event, Exchanges
from conformance.verifier.explain import Explainer
from conformance.verifier.instance import Instance
from conformance.verifier.memory import Memory
from conformance.verifier.msrp_router import MsrpRouter
from conformance.verifier.open_instances import OpenInstances
from conformance.verifier.plan import Plan, may_begin, prepare, selected, unseen
from conformance.verifier.resolve import Resolver
from conformance.verifier.silence import Listening
from conformance.verifier.survey import Survey
from conformance.verifier.ties import user_of
from conformance.verifier.unknown import Unknowns
from conformance.verifier.verdict import InstanceResult, NearMiss

_PROXY_ONLY = frozenset({Role.CORE})
# As tuples: a union would be made anew for each message.
_SIP = (SipRequest, SipResponse)
_MSRP = (MsrpRequest, MsrpResponse)
_MAX_LINKS = 65_536


class _Link(NamedTuple):
    """Two ends of messages: their places and roles; `inside` the core, between its own nodes."""

    places: tuple[str, str]
    senders: frozenset[Role]
    receivers: frozenset[Role]
    inside: bool


class Judge:
    """Judges a stream of observations against flows.

    `survey` is the first pass over the same stream. Feed it every item in order, then finish.
    """

    def __init__(
        self,
        programs: Iterable[Program],
        profile: Profile,
        topology: Topology,
        survey: Survey,
        *,
        strict: bool = False,
    ) -> None:
        self.profile = profile
        self.topology = topology
        self.survey = survey
        self.memory = Memory()
        self._plans = [prepare(program, profile) for program in programs]
        self._paths = profile.paths()
        self._placed = frozenset().union(*(p.methods for p in self._plans)) - {"ACK", "CANCEL"}
        self._exchanges = Exchanges()
        self._links: dict[tuple[Endpoint, Endpoint], _Link] = {}
        self._count = 0
        self._msrp = MsrpRouter(self.memory)
        self._listening = Listening(survey, topology, self.memory)
        self._resolver = Resolver(self._listening, self.memory, topology, strict=strict)
        self._instances = OpenInstances(
            self._plans, profile, survey, self._exchanges, self._msrp, self._resolver.due
        )
        self._ties = self._instances.ties
        self._unknowns = Unknowns(self._plans)
        self.explainer = Explainer(profile)
        self._starts: dict[tuple[str, Role, Role], list[tuple[Plan, int]]] = {}
        for plan in self._plans:
            for table in (plan.requests, plan.directs):
                for way, hops in table.items():
                    found = self._starts.setdefault(way, [])
                    found += [(plan, hop) for hop in hops if (plan.starts | plan.late) >> hop & 1]

    @property
    def unrelated(self) -> int:
        """Candidates that ended unidentified: traffic that is no flow's."""
        return self._resolver.unrelated

    @property
    def near_misses(self) -> list[NearMiss]:
        """Candidates that did not become instances, and what kept them."""
        return self.explainer.near_misses

    @property
    def open(self) -> int:
        """Instances and candidates held now."""
        return len(self._instances)

    def feed(self, item: Shown) -> Sequence[InstanceResult]:
        """Take one item; gives the instances that are settled by now."""
        if not isinstance(item, Observation):
            if isinstance(item, Closing):
                self._msrp.close(item)
            return self._due(item.time)
        message = item.message
        if isinstance(message, _SIP):
            self._sip(item, message)
        elif isinstance(message, _MSRP):
            for instance in self._msrp.take(item, message):
                self._register(instance, None)
            message.slim()
        return self._due(item.time)

    def finish(self) -> Iterator[InstanceResult]:
        """Settle everything that is still open, one by one: the capture has ended."""
        for instance in self._instances.each():
            yield from self._settle(instance)
        yield from self._resolver.finish()
        yield from self._unknowns.finish(self._resolver.claimed)

    # ------------------------------------------------------------ SIP

    def _sip(self, item: Observation, message: SipRequest | SipResponse) -> None:
        ends = item.source, item.destination
        link = self._links.get(ends) or self._link(ends)
        if self._instances.asleep:
            self._instances.stir(("call", message.call_id))
        event = Event(item, message, link.places, link.senders, link.receivers, self._paths)
        first = self._exchanges.join(event)
        if first is not event:
            if first.repeats:
                self.memory.is_lossy = True
            for instance, _ in first.claims:
                instance.touch(event.time)
            return
        if not link.inside:
            if isinstance(message, SipRequest):
                self._request(event, message)
                self.memory.note_request(event)
                asked_by_message(self.memory, event)
            else:
                self._response(event, message)
                self.memory.note_response(event)
                if event.transaction is not None and event.transaction.request is not None:
                    event.transaction.request.rest()
        event.rest()

    def _link(self, ends: tuple[Endpoint, Endpoint]) -> _Link:
        """What is known of both ends, looked up once: the survey is over."""
        places, (source, destination) = self.survey.places, ends
        senders = self.topology.roles(places.owner(source))
        receivers = self.topology.roles(places.owner(destination))
        found = self._links[ends] = _Link(
            (places.place(source), places.place(destination)),
            senders,
            receivers,
            senders == _PROXY_ONLY and receivers == _PROXY_ONLY,
        )
        if len(self._links) > _MAX_LINKS:
            del self._links[next(iter(self._links))]
        return found

    def _request(self, event: Event, message: SipRequest) -> None:
        takers: list[Instance] = []
        own = list(self._instances.of_call(message.call_id))
        for instance in own:
            if take.request(instance, event):
                takers.append(instance)
            else:
                take.show(instance, event, None)
                self._claim_implied(instance, event)
            if message.method == "BYE":
                remember_handled(self.memory, instance)
        if message.method in self._placed:
            self._place(event, message, takers, known=bool(own))
        elif message.to_tag is None and message.method not in ("ACK", "CANCEL"):
            self._start(event, message, takers)
        for instance in takers:
            self._register(instance, event)

    def _place(
        self, event: Event, message: SipRequest, takers: list[Instance], *, known: bool
    ) -> None:
        """Offer a request that is not, or not only, of a known Call-ID."""
        if message.to_tag is None:
            takers.extend(self._tie(event, message, takers))
            self._start(event, message, takers)
            if message.method == "MESSAGE":
                takers.extend(acknowledgement.reported(self._ties, event))
        elif not known:
            takers.extend(self._tie(event, message, takers))
            if not takers:
                self._late(event, message, takers)

    def _claim_implied(self, instance: Instance, event: Event) -> None:
        """Implied traffic of a conversation belongs to its ladder, and so do its answers."""
        event.claims += ((instance, -1),)
        instance.touch(event.time)
        if event.message.cseq_method == "NOTIFY":
            instance.suspects.append(event)

    def _response(self, event: Event, message: SipResponse) -> None:
        request = event.transaction.request if event.transaction else None
        if request is None:
            for instance in list(self._instances.of_call(message.call_id)):
                if take.orphan(instance, event):
                    self._register(instance, event)
                    continue
                take.show(instance, event, None)
                instance.orphans.add((message.cseq_method, message.call_id, message.cseq))
            return
        for instance, hop in request.claims:
            taken = hop >= 0 and take.response(instance, event, hop)
            if hop >= 0:
                acknowledgement.answered(instance, event, hop)
            if not taken:
                take.show(instance, event, None)
                event.claims += ((instance, -1),)
            self._register(instance, event)
        if 200 <= message.status < 300:
            confirmed_by_answer(self.memory, event, request)

    def _tie(self, event: Event, message: SipRequest, takers: list[Instance]) -> list[Instance]:
        """Offer a request to the instances that its identities lead to."""
        # A Call-ID that an instance of this flow has is nobody else's other leg.
        placed = {one.program.id for one in (*self._instances.of_call(message.call_id), *takers)}
        found = legs.tied(self._ties, event, placed) or legs.weakly_tied(self._ties, event)
        if not found:
            found = legs.selecting_again(self._ties, event, placed, self._count)
            for instance in found:
                self._instances.begin(instance)
            self._count += len(found)
        if not found and not placed:
            legs.doubt(self._ties, event)
        return found

    def _start(self, event: Event, message: SipRequest, takers: list[Instance]) -> None:
        """Begin candidates of the flows that this request may begin."""
        if not event.senders or not event.receivers:
            if not self.memory.open_upstream(event):
                self._unknowns.offer(event)
            return
        self._unknowns.note(event)
        if event.ambiguous:
            return
        taken = {instance.program.id for instance in takers}
        candidates = [
            (plan, hop)
            for pair in event.pairs()
            for plan, hop in self._starts.get((message.method, *pair), ())
            if plan.starts >> hop & 1
        ]
        deferred = any(plan.deferral for plan, _ in candidates)
        held = deferred and self.memory.open_upstream(event)
        for plan, hop in candidates:
            if plan.program.id not in taken and self._try(plan, hop, event, takers, held=held):
                taken.add(plan.program.id)

    def _try(
        self, plan: Plan, hop: int, event: Event, takers: list[Instance], *, held: bool
    ) -> bool:
        """Begin a candidate of one flow, if the request is selected and was deferred."""
        method = plan.step_of[hop].method
        if held and plan.deferral:
            self.explainer.note(plan, event, "the participating function still holds it")
            return False
        if plan.passed_on >> hop & 1 and legs.was_deferred(event, self.memory):
            self.explainer.note(plan, event, "the participating function had deferred it")
            return False
        if not may_begin(plan, method, event.pairs(), event.content):
            self.explainer.kept_out(plan, hop, event)
            return False
        instance = self._fresh(plan)
        if not take.request(instance, event):
            self.explainer.kept_out(plan, hop, event)
            return False
        self._count += 1
        self._begin(instance, event, takers)
        return True

    def _fresh(self, plan: Plan) -> Instance:
        found = self.survey
        return Instance(plan, self.profile, self._count + 1, found.domains, found.unsteady)

    def _begin(self, instance: Instance, event: Event, takers: list[Instance]) -> None:
        first = next(hop for hop, seen in enumerate(instance.first) if seen is not None)
        program = instance.program
        client_sends = program.hops[first].sender is Role.CLIENT or any(
            program.hops[hop].sender is Role.CLIENT
            for hop in program.steps[program.hops[first].step].hops
        )
        instance.user = user_of(event, client_sends=client_sends)
        if instance.plan.deferral and not self.memory.deferral_shown(event):
            instance.notes.append("deferral not shown: its 202 is not in the capture")
        self._instances.begin(instance)
        if instance.plan.chooses:
            instance.new_keys.append(("chooser", instance.user))
        takers.append(instance)
        self._register(instance, event)

    def _late(self, event: Event, message: SipRequest, takers: list[Instance]) -> None:
        """An in-dialog request that says of itself which flow it is: the capture starts late."""
        for sender, receiver in event.pairs():
            for plan, hop in self._starts.get((message.method, sender, receiver), ()):
                if not plan.late >> hop & 1 or not self._same_event(plan, hop, event):
                    continue
                instance = self._fresh(plan)
                if take.request(instance, event):
                    self._count += 1
                    instance.starts_late = instance.identified = True
                    self._begin(instance, event, takers)

    def _same_event(self, plan: Plan, hop: int, event: Event) -> bool:
        """Whether a NOTIFY is of the package that its unseen SUBSCRIBE must have named."""
        anchor = plan.program.steps[plan.step_of[hop].dialog or 0]
        return selected(plan, anchor, event.content, unseen)

    # ------------------------------------------------------------ keeping and settling

    def _register(self, instance: Instance, event: Event | None) -> None:
        """Let what it has seen lead to an instance, and plan its settling."""
        if not self._instances.holds(instance):
            return
        self._instances.register(instance, event)
        for found in self._msrp.replayed():
            if found is not instance:
                self._register(found, None)
        self._instances.plan(instance)

    def _due(self, now: int) -> Sequence[InstanceResult]:
        if self._instances.is_quiet(now):
            return ()
        results: list[InstanceResult] = []
        for instance in self._instances.due(now):
            results.extend(self._settle(instance))
        self._instances.rest(now)
        return results

    def _settle(self, instance: Instance) -> Sequence[InstanceResult]:
        self._instances.forget(instance)
        if not instance.identified:
            self.explainer.unidentified(instance)
        return self._resolver.settle(instance)
