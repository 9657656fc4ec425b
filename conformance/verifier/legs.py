"""Other legs: requests of another Call-ID that belong to an instance by evidence."""

from conformance.cpm.role import Role
from conformance.flow.program import Kind
from conformance.observation.fields import values
from conformance.sip.message import SipRequest
from conformance.verifier import take
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance
from conformance.verifier.memory import Memory, remember
from conformance.verifier.tie_index import Key, TieIndex
from conformance.verifier.ties import keys_of, other_texts, own_keys, says, tiers, user_of


def tied(index: TieIndex, event: Event, placed: set[str]) -> list[Instance]:
    """The instances that take this request by its identities, the surest tie first.

    `placed`: the flows that have it already. Two that fit alike leave it to nobody. Only an
    identity of its own makes a message of a new Call-ID an application's retry (`again`).
    """
    found: list[Instance] = []
    for rank, tier in enumerate(tiers(keys_of(event))):
        if not tier:
            continue
        again = rank == 0
        for flow, group in _fitting(index, event, tier, placed, again=again).items():
            placed.add(flow)
            if len(group) > 1:
                take.mark_ambiguous(group, event)
                event.ambiguous = True
            elif take.request(group[0], event, tied=True, again=again):
                found.append(group[0])
                # What comes out of a gateway names the user, what went in may name the gateway.
                if group[0].program.hops[0].sender is Role.NONCPM:
                    group[0].user = user_of(event, client_sends=False)
    return found


def doubt(index: TieIndex, event: Event) -> None:
    """Note a request that tied to nobody, and that a crowd of instances could have taken.

    Nor is a text missing beyond a gateway where another text went to the same number meanwhile:
    gateways shorten texts, put a name before them, and write in other alphabets.
    """
    if index.has_crowds:
        index.doubt([key for tier in tiers(keys_of(event)) for key in tier], event)
    for one in index.tied(other_texts(event)):
        if take.would_take(one, event):
            take.mark_ambiguous([one], event)


def _fitting(
    index: TieIndex, event: Event, tier: list[Key], placed: set[str], *, again: bool
) -> dict[str, list[Instance]]:
    """By flow, the instances that would take the request; the others remember it."""
    fitting: dict[str, list[Instance]] = {}
    for instance in index.tied(tier):
        if instance.program.id in placed:
            continue
        if tier[0][0] == "whole" and not says(instance, event):
            continue
        if take.would_take(instance, event, again=again):
            fitting.setdefault(instance.program.id, []).append(instance)
        elif event not in instance.suspects:
            # What does not fit at one hop is another conversation's at the next.
            instance.suspects.append(event)
            if _could_be_taken(instance, event):
                instance.foreign.add(event.message.call_id)
    return fitting


def _could_be_taken(instance: Instance, event: Event) -> bool:
    """Whether the flow has a hop for this message: else nothing is said by its not fitting."""
    method = event.message.cseq_method
    return any((method, *pair) in instance.plan.requests for pair in event.pairs())


def was_deferred(event: Event, memory: Memory) -> bool:
    """Whether a participating function took this message for later, under whatever Call-ID.

    What goes on of it now is a delivery of its own; its text is remembered beyond a gateway too.
    """
    texts = [f"{kind} {text}" for kind, text in keys_of(event) if kind == "text"]
    if not memory.deferral_shown(event) and not any(text in memory.deferred for text in texts):
        return False
    for kind, text in own_keys(event):
        if kind == "text":
            remember(memory.deferred, f"{kind} {text}", event.time)
    return True


def _names_others(instance: Instance, event: Event) -> bool:
    """Whether the request names messages, and none that this instance has listed."""
    named = values("actions.identities", event.content)
    if not named:
        return False
    if instance.starts_late:
        return True
    lists = [
        instance.earlier("list.identities", step.index)
        for step in instance.program.steps
        if step.method == "NOTIFY" and step.kind is Kind.REQUEST
    ]
    known = [found for found in lists if found is not None]
    if known:
        return not any(set(found) & set(named) for found in known)
    # Nothing was listed yet: it is this conversation's only if the list was asked for and granted.
    return not any(
        instance.observed(step) for step in instance.program.steps if step.kind is Kind.RESPONSE
    )


def selecting_again(index: TieIndex, event: Event, placed: set[str], count: int) -> list[Instance]:
    """New instances for an INVITE that selects once more from a list, one a flow.

    What it names was listed, or its user and service say that it is about a list; the selection
    that the first instance has was granted, so that this is no other attempt at it. `count`:
    how many instances there are.
    """
    fresh: list[Instance] = []
    for instance in _spent(index, event):
        another = instance.another(count + len(fresh) + 1)
        if instance.program.id not in placed and take.request(another, event, tied=True):
            fresh.append(another)
        else:
            another.let_go()
    return fresh


def _spent(index: TieIndex, event: Event) -> list[Instance]:
    """The instances that have their selection, and whose list this INVITE is about."""
    message = event.message
    if not isinstance(message, SipRequest) or message.method != "INVITE" or message.to_tag:
        return []
    named = [("list", value) for value in values("actions.identities", event.content) or ()]
    found = [one for one in index.tied(named) if _is_spent(one, event)]
    if not found and _is_about_a_list(event):
        user = ("chooser", user_of(event, client_sends=True))
        spent = [one for one in index.tied([user]) if _is_spent(one, event)]
        found = [one for one in spent if not _names_others(one, event)]
    flows = [one.program.id for one in found]
    return [one for one in found if flows.count(one.program.id) == 1]


def _is_spent(instance: Instance, event: Event) -> bool:
    """Whether an instance has a selection already, and this INVITE could be another one."""
    hops = [
        hop
        for pair in event.pairs()
        for hop in instance.plan.requests.get(("INVITE", *pair), ())
        if instance.plan.selection >> instance.step(hop).index & 1
    ]
    return bool(hops) and all(
        any(one.accepted for one in instance.occurrences[instance.step(hop).index]) for hop in hops
    )


def _is_about_a_list(event: Event) -> bool:
    if Role.CLIENT not in event.senders:
        return False
    services = values("service", event.content) or ()
    return "oma.cpm.deferred" in services or event.content.listed is not None


def weakly_tied(index: TieIndex, event: Event) -> list[Instance]:
    """The user and the client as a tie, when exactly one open instance fits."""
    message = event.message
    if not isinstance(message, SipRequest) or message.method != "INVITE":
        return []
    if not _is_about_a_list(event):
        return []
    user = ("chooser", user_of(event, client_sends=True))
    index.doubt([user], event)
    fitting = [
        one
        for one in index.tied([user])
        if take.would_take(one, event) and not _names_others(one, event)
    ]
    if len(fitting) == 1 and take.request(fitting[0], event, tied=True):
        return fitting
    return []
