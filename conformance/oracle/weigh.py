"""From deviations to opinions: what may be held against a role, and what nobody can know."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint
from conformance.observation.trace import Gap
from conformance.oracle.deviation import Deviation
from conformance.oracle.difference import Difference, Kind, Opinion
from conformance.oracle.explore import Choice
from conformance.oracle.shape import CONTENT, told
from conformance.oracle.view import Item
from conformance.reference.engine.decision import Point
from conformance.reference.preferences.rules import Disposal
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.verdict import FrameRef, Reason, Verdict

_SECOND = 1_000_000_000
_CLIENT_LEG, _NETWORK_LEG, _TEARDOWN = 128 * _SECOND, 32 * _SECOND, 180 * _SECOND
_DELIVER = str(Disposal.DELIVER)
_POLICY = 600 * _SECOND
"""How long, in ns, a role may take for what no timer of the specification bounds."""

_CONSIDER = "SD-5.4-consider"
_BY_POINT = {
    Point.EXPIRY: "SD-5.2.2.2-expired",
    Point.DISPOSAL: "SD-5.4-enforce",
    Point.DELIVERY: _CONSIDER,
    Point.TARGETS: _CONSIDER,
}
"""The requirement that a decision against the preferences breaks."""

ANOTHER_PROFILE = "SD-5.4-profile"
"""What is broken by who does as a profile says that is not the active one."""

_SESSION = "SD-5.2.1.1.2-session"
"""Deferred messages go over a session with each client that the preferences indicate."""

_NOTICE = "undelivered/7-8"
_CLAUSES = {
    _NOTICE: "System Description C.3.1.1.3",
    "SD-5.2.2.2-expired": "System Description 5.2.2.2",
    _SESSION: "System Description 5.2.1.1.2",
}
_OF_PREFERENCES = "System Description 5.4"

_BY_FIELD = {
    "list.identities": ("SD-5.2.1.1.1-remove", "System Description 5.2.1.1.1"),
    "actions.retrieve": ("SD-5.2.1.1.1-identities", "System Description 5.2.1.1.1"),
    "MSRP messages": ("SD-5.2.1.1.2-session", "System Description 5.2.1.1.2"),
    "imdn.Message-ID": ("SD-5.2.1.1.2-session", "System Description 5.2.1.1.2"),
    "sdp.direction": ("RFC3264-direction", "RFC 3264 6.1"),
    "Call-ID": ("CF-7.3.12-reply", "Conversation Function 7.3.12"),
    "Conversation-ID": ("CF-7.3.12-3-conversation-id", "Conversation Function 7.3.12 3)"),
    "Event": ("RFC6665-event", "RFC 6665 3.2.1"),
    "Subscription-State": ("RFC6665-state", "RFC 6665 4.2.2"),
    "imdn.reported": ("RFC5438-reported", "RFC 5438 7.2.1"),
    "imdn.status": ("RFC5438-status", "RFC 5438 7.2.1"),
}
"""The requirement that stands behind a field, where one does."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the capture shows of a role's surroundings: by this a silence is weighed.

    `until` is the time, in ns UTC, to which the capture's clock ran; `watched` tells whether the
    direction to a host was recorded at all. `repeated`: when something was first sent again, so
    that what the tap has seen may not have arrived.
    """

    role: Role
    place: str
    until: int
    gaps: Sequence[Gap]
    watched: Callable[[str], bool]
    repeated: int | None = None

    def gap_since(self, time: int) -> bool:
        """Whether anything was missed at or after a time."""
        return any(gap.time >= time or gap.lasts for gap in self.gaps)

    def is_unsure(self, time: int) -> bool:
        """Whether what the role knew at a time cannot be told: something was missed or lost."""
        return bool(self.gaps) or (self.repeated is not None and self.repeated <= time)


def weigh(
    deviations: Iterable[Deviation], sight: Sight, remotes: dict[bytes, Endpoint]
) -> list[Opinion]:
    """Opinions on what no preference can explain: every choice was open in this replay."""
    found = []
    for one in deviations:
        verdict, reason = _verdict(one, sight, remotes)
        if verdict is not Verdict.NONE:
            found.append(opinion(one, sight, verdict, reason))
    return found


def _verdict(
    one: Deviation, sight: Sight, remotes: dict[bytes, Endpoint]
) -> tuple[Verdict, Reason | None]:
    match one.kind:
        case Kind.OTHERWISE:
            if not one.is_hard:
                return Verdict.PASS, None
            if all(_is_policy(each) for each in one.differences if each.hard):
                return Verdict.INCONC, Reason.POLICY_UNKNOWN
            if sight.is_unsure(one.time):
                return Verdict.INCONC, Reason.GAP
            # A fault needs a sentence that it breaks.
            is_grounded = bool(_ground(one.differences)[0])
            return (Verdict.FAIL, None) if is_grounded else (Verdict.INCONC, Reason.SPEC_AMBIGUOUS)
        case Kind.SILENCE:
            return _of_silence(one, sight, remotes)
        case _:
            # What the reference has no reason for may have one that the capture does not show.
            return Verdict.NONE, None


def untold(choices: Iterable[Choice], sight: Sight) -> list[Opinion]:
    """Failure notifications that never came, where the preferences say what became of a message.

    A service provider may keep them back (C.3.1.1.3 step 7), so that nobody fails by it.
    """
    return [
        Opinion(
            role=sight.role,
            place=sight.place,
            kind=Kind.SILENCE,
            verdict=Verdict.INCONC,
            reason_code=Reason.POLICY_UNKNOWN,
            requirement=_NOTICE,
            clause=_CLAUSES[_NOTICE],
            would=f"MESSAGE with the failure notification of {one.about}",
            did="nothing",
            differences=(),
            frames=(),
            time=one.time,
            choice="tells the sender unless the provider's policies forbid it",
        )
        for one in choices
        if one.point is Point.FAILURE_NOTICE
        and one.chosen
        and sight.until >= one.time + _CLIENT_LEG
        and not sight.is_unsure(sight.until)
    ]


def unadapted(deviations: Iterable[Deviation], sight: Sight, *, is_sure: bool) -> list[Opinion]:
    """Content that went on as it came where the user wants it adapted (5.4 B).

    `is_sure`: it is known that the wish holds for the device that got it.
    """
    found = []
    for one in deviations:
        differences = tuple(
            replace(each, hard=True) for each in one.differences if each.field == CONTENT
        )
        if not differences:
            continue
        verdict, reason = Verdict.FAIL, None
        if sight.is_unsure(one.time):
            verdict, reason = Verdict.INCONC, Reason.GAP
        elif not is_sure:
            verdict, reason = Verdict.INCONC, Reason.AMBIGUOUS_CORRELATION
        made = opinion(
            replace(one, differences=differences),
            sight,
            verdict,
            reason,
            requirement=_CONSIDER,
            choice="adapts the content by the preferences",
        )
        would = f"the content as {differences[0].expected}"
        found.append(replace(made, would=would, did=f"{differences[0].observed}, as it came"))
    return found


def _is_policy(one: Difference) -> bool:
    """A message that no list names may have been discarded or stored: who knows by whose wish."""
    return one.field == "list.identities" and one.is_less


def _of_silence(
    one: Deviation, sight: Sight, remotes: dict[bytes, Endpoint]
) -> tuple[Verdict, Reason | None]:
    """Only the end of a session is owed whatever the policy; of answers the verifier speaks."""
    wanted = one.wanted
    if not isinstance(wanted, SipRequest) or wanted.method != "BYE":
        return Verdict.NONE, None
    remote = remotes.get(wanted.octets)
    if remote is None or not sight.watched(remote.host):
        return Verdict.INCONC, Reason.HOP_NOT_CAPTURED
    if sight.gap_since(one.time) or sight.is_unsure(sight.until):
        return Verdict.INCONC, Reason.GAP
    if sight.until < one.time + allowance(wanted, sight.role):
        return Verdict.INCONC, Reason.TIMER_NOT_ELAPSED
    return Verdict.FAIL, None


def allowance(wanted: SipRequest | SipResponse, role: Role) -> int:
    """How long a role may take for an output, in ns."""
    if isinstance(wanted, SipRequest) and wanted.method == "BYE":
        return _TEARDOWN
    if isinstance(wanted, SipRequest) and wanted.to_tag is None:
        return _POLICY
    return _CLIENT_LEG if role is Role.CLIENT else _NETWORK_LEG


@dataclass(frozen=True, slots=True)
class Parting:
    """A decision by the preferences (`due`), and the one that the role was seen to take.

    `due` is None where the preferences leave nothing to choose from.
    """

    due: Choice | None
    chosen: Choice | None

    @property
    def is_binding(self) -> bool:
        """Whether the preferences left one option."""
        return self.due is not None and self.due.count == 1

    @property
    def time(self) -> int:
        """When it was decided, in ns UTC; 0 where there was nothing to decide."""
        return 0 if self.due is None else self.due.time


def requirement_of(due: Choice | None) -> str:
    """The requirement that a decision by the preferences stands for."""
    return _BY_POINT.get(due.point, "SD-5.4-enforce") if due is not None else "SD-5.4-enforce"


def against_preferences(
    one: Deviation,
    sight: Sight,
    remotes: dict[bytes, Endpoint],
    parting: Parting,
    requirement: str,
) -> Opinion:
    """An output, or silence, that the known preferences forbid."""
    verdict, reason = _weighed(one, sight, remotes, parting)
    if parting.due is not None and parting.due.point is Point.TARGETS and _is_session(one):
        requirement = _SESSION if requirement != ANOTHER_PROFILE else requirement
    return opinion(one, sight, verdict, reason, requirement=requirement, choice=_chosen(parting))


def _weighed(
    one: Deviation, sight: Sight, remotes: dict[bytes, Endpoint], parting: Parting
) -> tuple[Verdict, Reason | None]:
    if sight.is_unsure(one.time):
        return Verdict.INCONC, Reason.GAP
    if one.kind is not Kind.SILENCE or one.wanted is None:
        # What is left out is left open: only what a rule forbids is forbidden to a policy.
        due = parting.due
        is_open = due is not None and due.point is Point.DISPOSAL and due.option == _DELIVER
        is_open = is_open or not one.is_hard
        return (Verdict.INCONC, Reason.POLICY_UNKNOWN) if is_open else (Verdict.FAIL, None)
    remote = remotes.get(one.wanted.octets)
    if sight.gap_since(one.time):
        return Verdict.INCONC, Reason.GAP
    if remote is None or not sight.watched(remote.host):
        return Verdict.INCONC, Reason.HOP_NOT_CAPTURED
    if sight.until < one.time + allowance(one.wanted, sight.role):
        return Verdict.INCONC, Reason.TIMER_NOT_ELAPSED
    # That a push or a notification never comes may be the provider's policy.
    return Verdict.INCONC, Reason.POLICY_UNKNOWN


def _is_session(one: Deviation) -> bool:
    message = one.item.message if one.item is not None else one.wanted
    return isinstance(message, SipRequest) and message.method == "INVITE"


def _chosen(parting: Parting) -> str:
    chosen, due = parting.chosen, parting.due
    seen = f", where the role chose {chosen.option}" if chosen is not None else ""
    if due is None:
        return f"may use no service by the preferences{seen}"
    return f"decides {due.option} at {due.point} by the preferences{seen}"


def opinion(
    one: Deviation,
    sight: Sight,
    verdict: Verdict,
    reason: Reason | None,
    *,
    requirement: str = "",
    choice: str = "",
) -> Opinion:
    """A deviation in words, with its evidence."""
    clause = _CLAUSES.get(requirement, _OF_PREFERENCES)
    if not requirement:
        requirement, clause = _ground(one.differences)
    item = one.item
    did = _seen(item) if item is not None else "nothing"
    calls = {
        message.call_id
        for message in (item.message if item else None,)
        if isinstance(message, SipRequest | SipResponse)
    }
    return Opinion(
        role=sight.role,
        place=sight.place,
        kind=one.kind,
        verdict=verdict,
        reason_code=reason,
        requirement=requirement,
        clause=clause,
        would=_would(one),
        did=did,
        differences=one.differences,
        frames=_frames(item),
        time=one.time,
        choice=choice,
        call_ids=tuple(sorted(calls)),
    )


def _ground(differences: Iterable[Difference]) -> tuple[str, str]:
    for one in differences:
        if one.hard and one.field in _BY_FIELD:
            return _BY_FIELD[one.field]
    return "", ""


def _would(one: Deviation) -> str:
    if one.wanted is not None:
        return told(one.wanted)
    hard = next(iter(one.differences), None)
    return f"{hard.field}: {hard.expected}" if hard is not None else "nothing"


def _seen(item: Item) -> str:
    message = item.message
    if isinstance(message, SipRequest | SipResponse):
        return told(message)
    return message.start_line


def _frames(item: Item | None) -> tuple[FrameRef, ...]:
    if item is None:
        return ()
    return tuple(FrameRef(item.capture, frame, item.time) for frame in item.frames[-8:])
