"""What the clauses below and behind a sentence add to its step."""

from collections.abc import Sequence

from conformance.flow import nodes
from conformance.flow.draft import Draft
from conformance.flow.names import Names
from conformance.flow.program import Kind
from conformance.flow.references import References
from conformance.flow.tree import Trail

_MAX_REPEAT = 1000


def apply_clauses(
    draft: Draft,
    clauses: Sequence[nodes.Clause],
    names: Names,
    references: References,
    trail: Trail,
) -> None:
    """Adds every clause to the draft; FlowSemanticError for one that cannot stand here."""
    for clause in clauses:
        match clause:
            case nodes.Where():
                draft.wheres.append(clause)
            case nodes.Witness():
                _witness(draft, clause, names)
            case nodes.Bind():
                _bind(draft, clause, names, references, trail)
            case nodes.Time():
                _time(draft, clause, names, references, trail)
            case nodes.Repeat():
                _repeat(draft, clause, names)
            case nodes.Let() | nodes.Answered():
                pass
    _check_bindings(draft, names)


def _witness(draft: Draft, clause: nodes.Witness, names: Names) -> None:
    if draft.kind is not Kind.INTERNAL:
        raise names.wrong(clause.place, "only an internal step needs a witness")
    role = names.role(clause.role)
    outcome = {"OK": "200", "Accepted": "202"}.get(clause.outcome, clause.outcome)
    draft.witness = f"{clause.method} answered {outcome} from {role}"


def _bind(
    draft: Draft, clause: nodes.Bind, names: Names, references: References, trail: Trail
) -> None:
    if draft.kind is Kind.INTERNAL:
        raise names.wrong(clause.place, "an internal step sends nothing that could be bound")
    target = references.earlier(clause.ref, trail)
    match clause.kind:
        case "dialog":
            references.check_dialog(target, clause.ref)
            draft.dialog = target.index
        case "session":
            references.check_session(target, clause.ref)
            draft.session = target.index
        case "about":
            draft.about = target.index
        case _:
            if target.kind is Kind.INTERNAL:
                raise names.wrong(
                    clause.ref.place, f"step {target.label} is internal and has no time of its own"
                )
            draft.anchors.append((target.index, references.hop(clause.ref, target)))


def _time(
    draft: Draft, clause: nodes.Time, names: Names, references: References, trail: Trail
) -> None:
    if clause.duration.setting:
        names.setting(clause.duration.setting, clause.duration.place, timer=True)
    target = references.earlier(clause.ref, trail)
    if draft.kind is Kind.INTERNAL or target.kind is Kind.INTERNAL:
        raise names.wrong(clause.place, "an internal step has no time of its own")
    if not clause.latest:
        draft.sooner.append(clause)
    elif draft.deadline is not None:
        raise names.wrong(clause.place, "this step has two deadlines")
    else:
        draft.deadline = clause


def _repeat(draft: Draft, clause: nodes.Repeat, names: Names) -> None:
    if draft.kind not in (Kind.SEND, Kind.REQUEST):
        raise names.wrong(clause.place, "only a request or a message can come more than once")
    if draft.repeat is not None:
        raise names.wrong(clause.place, "this step says twice how often it comes")
    most = clause.most
    if most is not None and not (clause.least <= most and 0 < most <= _MAX_REPEAT):
        raise names.wrong(
            clause.place,
            f"repeat {clause.least}..{most}: the bounds must rise, and the upper one is "
            f"between 1 and {_MAX_REPEAT}",
        )
    draft.repeat = clause


def _check_bindings(draft: Draft, names: Names) -> None:
    msrp = draft.kind in (Kind.SEND, Kind.CONNECT)
    if msrp and draft.session is None:
        raise names.wrong(draft.place, "MSRP needs its session: in the session of N")
    if draft.kind is Kind.RESPONSE and (draft.dialog is not None or draft.session is not None):
        raise names.wrong(draft.place, "an answer belongs to its request and needs no dialog")
