"""The oracle's front hall: every role of a trace against the reference in the same place.

For each place that plays a role, what came to it is fed to the reference role, with every choice
open that the specification leaves open, and the replay that agrees best is kept. What even that
one would not have sent is a deviation. With the user's preferences known, a second search with
only what they allow tells whether the role kept to them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint
from conformance.observation.topology import Topology
from conformance.observation.trace import Gap, Observation, Shown
from conformance.oracle.deviation import Deviation, Played
from conformance.oracle.difference import CHOOSERS, COMPARED, Opinion
from conformance.oracle.explore import UNNAMED, Best, Choice, Scripted, search
from conformance.oracle.parties import Making, maker
from conformance.oracle.replay import Replay
from conformance.oracle.view import Item, of_place
from conformance.oracle.weigh import (
    ANOTHER_PROFILE,
    Parting,
    Sight,
    against_preferences,
    requirement_of,
    unadapted,
    untold,
    weigh,
)
from conformance.reference.engine.decision import Point
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.preferences.rules import ALL_DEVICES, Kind
from conformance.sip.message import SipRequest, SipResponse

CHOOSING = frozenset(
    {Point.DISPOSAL, Point.EXPIRY, Point.DELIVERY, Point.TARGETS, Point.NONCPM_SERVICE}
)
"""The decisions that preferences are about."""

_INSTANCE = re.compile(r'\+sip\.instance="<?([^">]+)')

MAX_ITEMS = 20_000
"""Messages of a place up to which it is compared."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A trace as the oracle needs it: what was seen, who is who, and to when (ns UTC) it ran."""

    items: Sequence[Shown]
    topology: Topology
    until: int


@dataclass(slots=True)
class _Run:
    """One search: the best replay, and where the reference sent its outputs."""

    best: Best[Played]
    remotes: dict[bytes, Endpoint]

    @property
    def agreed_until(self) -> float:
        """The time of its first difference; infinity without one."""
        return self.best.outcome.agreed_until

    @property
    def agreed(self) -> list[Deviation]:
        """What is otherwise while the two go the same way."""
        return [one for one in self.best.outcome.deviations if one.time <= self.agreed_until]


def compare(seen: Seen, preferences: Preferences | None = None) -> tuple[Opinion, ...]:
    """What the reference says of every role in a trace, in the order of time.

    `preferences` are those of the users of the traced participating function, None if unknown.
    """
    gaps = [item for item in seen.items if isinstance(item, Gap)]
    found: list[Opinion] = []
    for role, place, is_own in _places(seen):
        items = of_place(seen.items, is_own)
        if not _is_comparable(items):
            continue
        hosts = {item.remote.host for item in items if not item.incoming}
        sight = Sight(role, place, seen.until, gaps, hosts.__contains__, items.repeated)
        found.extend(_opinions(role, items, sight, preferences))
    return tuple(sorted(found, key=lambda one: one.time))


def _is_comparable(items: Sequence[Item]) -> bool:
    """Whether both what came and what left was seen: a role judged on its outputs alone, or
    known by its inputs alone, would be judged on what the capture does not show; so would one
    of whose peers only one direction was heard."""
    ways = {item.incoming for item in items if isinstance(item.message, SipRequest | SipResponse)}
    heard = {item.remote.host for item in items if item.incoming}
    one_way = any(item.remote.host not in heard for item in items)
    return len(items) <= MAX_ITEMS and len(ways) == 2 and not one_way


def _places(seen: Seen) -> list[tuple[Role, str, Callable[[Endpoint], bool]]]:
    """Every place of a compared role with the test for its endpoints."""
    ends: dict[Endpoint, None] = {}
    for item in seen.items:
        if isinstance(item, Observation):
            ends[item.source] = ends[item.destination] = None
    found: list[tuple[Role, str, Callable[[Endpoint], bool]]] = []
    for role in (*COMPARED, *CHOOSERS):
        hosts = dict.fromkeys(end.host for end in ends if role in seen.topology.roles(end))
        # Parties that share a host would have to be told apart by ports that they may change.
        alone = (host for host in hosts if _is_alone(seen.topology, role, host, ends))
        found.extend((role, host, _at(host)) for host in alone)
    return found


def _is_alone(topology: Topology, role: Role, host: str, ends: dict[Endpoint, None]) -> bool:
    if topology.by_port(host):
        return False
    return all(topology.roles(end) == {role} for end in ends if end.host == host)


def _at(host: str) -> Callable[[Endpoint], bool]:
    return lambda end: end.host == host


def _opinions(
    role: Role, items: Sequence[Item], sight: Sight, preferences: Preferences | None
) -> list[Opinion]:
    if role in CHOOSERS and preferences is None:
        # What a gateway makes of a message is the other service's business, not CPM's.
        return []
    free = _search(maker(role, items, None), items, sight.until)
    found = [] if role in CHOOSERS else weigh(free.best.outcome.deviations, sight, free.remotes)
    if preferences is None or role is Role.CLIENT:
        return found
    bound = _search(maker(role, items, preferences), items, sight.until)
    found += unadapted(bound.agreed, sight, is_sure=_is_sure_of_devices(preferences, bound))
    if bound.agreed_until >= free.agreed_until:
        return [*found, *untold(bound.best.choices, sight)]
    first = _first(bound, free)
    is_unnamed = _is_about_devices(preferences) and _has_unnamed(free, bound)
    if is_unnamed or _is_for_unseen(first, free, bound):
        # Whose registration the capture lacks is no device that preferences could name.
        return found
    parting = _parting(bound.best.choices, free.best.choices, first.time)
    if parting is None:
        return found
    ground = _ground(role, parting, preferences)
    if _is_of_another_profile(role, items, sight, preferences, bound):
        ground = ANOTHER_PROFILE
    found.append(against_preferences(first, sight, bound.remotes, parting, ground))
    return found


def _is_about_devices(preferences: Preferences) -> bool:
    """Whether it matters to the preferences which device it is."""
    chosen = (
        profile.selection(kind) != ALL_DEVICES for profile in preferences.profiles for kind in Kind
    )
    return bool(preferences.active) or any(chosen)


def _is_sure_of_devices(preferences: Preferences, bound: _Run) -> bool:
    """Whether it is known which adaptations (5.4 B) hold for the device that got something.

    They hold for all devices of the only profile; or there is one device, which is known.
    """
    wishes = [wish for profile in preferences.profiles for wish in profile.adaptations]
    is_for_all = all(one.devices == ALL_DEVICES and not one.without_tag for one in wishes)
    if is_for_all and len(preferences.profiles) == 1:
        return True
    named = {one.option for one in bound.best.choices if one.point is Point.TARGETS}
    return len(named) == 1 and not any("," in one or UNNAMED in one for one in named)


def _has_unnamed(*runs: _Run) -> bool:
    """Whether a choice was among devices of which one is not known by its instance."""
    return any(
        choice.point is Point.TARGETS and UNNAMED in choice.option
        for run in runs
        for choice in run.best.choices
    )


def _is_for_unseen(one: Deviation, *runs: _Run) -> bool:
    """Whether an output is for a device whose registration was not seen."""
    message = one.item.message if one.item is not None else None
    if not isinstance(message, SipRequest):
        return False
    named = _INSTANCE.search(" ".join(message.headers("Accept-Contact")))
    return named is not None and not any(
        named[1] in choice.option
        for run in runs
        for choice in run.best.choices
        if choice.point is Point.TARGETS
    )


def _first(bound: _Run, free: _Run) -> Deviation:
    """The first output that the preferences alone forbid; without one, the first silence."""
    common = {id(one.item) for one in free.best.outcome.deviations if one.is_apart}
    hard = [one for one in bound.best.outcome.deviations if one.is_apart]
    sent = [one for one in hard if one.item is not None and id(one.item) not in common]
    return min(sent or hard, key=lambda one: one.time)


def _ground(role: Role, parting: Parting, preferences: Preferences) -> str:
    """The requirement that a decision against the preferences breaks."""
    if role is not Role.IWF:
        return requirement_of(parting.due)
    named = {name for profile in preferences.profiles for name in profile.noncpm_services}
    is_named = parting.chosen is not None and parting.chosen.option in named
    # Who had the list, chose from it: what is not on it shows that nobody asked for it.
    return "SD-5.4-selection-consider" if is_named else "SD-5.4-selection-retrieve"


def _is_of_another_profile(
    role: Role, items: Sequence[Item], sight: Sight, preferences: Preferences, bound: _Run
) -> bool:
    """Whether the role did what another profile of the user's asks for, which is not active."""
    if len(preferences.profiles) < 2:
        return False
    for profile in preferences.profiles:
        other = _search(maker(role, items, Preferences.of(profile)), items, sight.until)
        if other.agreed_until > bound.agreed_until:
            return True
    return False


def _search(make: Making, items: Sequence[Item], until: int) -> _Run:
    remotes: dict[bytes, Endpoint] = {}

    def replay(decisions: Scripted) -> Played:
        party = make(decisions)
        decisions.now = lambda: party.bench.now
        played = Replay(party, items).run(until)
        remotes.update({one.message.octets: one.remote for one in party.bench.sent})
        return played

    return _Run(search(replay), remotes)


def _parting(bound: Sequence[Choice], free: Sequence[Choice], until: int) -> Parting | None:
    """The last decision before a time at which the preferences part from what was done."""
    mine = {(one.point, one.about): one for one in free}
    parted = [
        Parting(due, mine[due.point, due.about])
        for due in bound
        if due.point in CHOOSING
        and due.time <= until
        and (due.point, due.about) in mine
        and mine[due.point, due.about].option != due.option
    ]
    if parted:
        # Where one option is left, the preferences bind; the last decision led to what was done.
        return max(parted, key=lambda one: (one.is_binding, one.time))
    known = {(one.point, one.about) for one in bound}
    for one in free:
        if one.point is Point.NONCPM_SERVICE and (one.point, one.about) not in known:
            return Parting(None, one)
    return None
