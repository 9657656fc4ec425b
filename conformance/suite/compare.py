"""Comparing two reports, such as those of two firmware versions."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from conformance.report.compared import Compared, sentence
from conformance.report.comparison import Change, Comparison, Difference, Side, direction
from conformance.report.essence import essence
from conformance.report.model import Report
from conformance.suite.failures import considered
from conformance.verifier.verdict import Verdict

Rows = dict[str, tuple[str, Verdict]]
Faults = dict[str, dict[str, str]]

_SHOWN = 3


def compare(old: Report, new: Report, names: tuple[str, str] = ("old", "new")) -> Comparison:
    """What differs between two reports: the worse first, flows before requirements."""
    flows = (_flows(old), _flows(new))
    requirements = (_requirements(old), _requirements(new))
    found = [
        *_differences("flow", *flows, ({}, {})),
        *_differences("requirement", *requirements, (_faults(old), _faults(new))),
    ]
    order = {change: place for place, change in enumerate(Change)}
    total = len(flows[0] | flows[1]) + len(requirements[0] | requirements[1])
    return Comparison(
        old=_side(names[0], old),
        new=_side(names[1], new),
        differences=tuple(sorted(found, key=lambda one: order[one.change])),
        unchanged=total - len(found),
        cautions=tuple(_cautions(old, new)),
    )


def _flows(report: Report) -> Rows:
    return {one.id: (one.title, one.verdict) for one in report.flows}


def _requirements(report: Report) -> Rows:
    return {one.id: (one.sentence, one.verdict) for one in report.requirements}


def _faults(report: Report) -> Faults:
    """What is seen of each failing requirement: by its text without frames, the text itself."""
    found: Faults = defaultdict(dict)
    for instance in considered(report):
        for one in instance.findings:
            if one.verdict is Verdict.FAIL:
                told = f"{instance.flow}: {one.observed}"
                found[one.requirement].setdefault(essence(told), told)
    for result in Compared(report).failing():
        told = sentence(result.opinion)
        found[result.opinion.requirement].setdefault(essence(told), told)
    return found


def _differences(
    kind: str, old: Rows, new: Rows, faults: tuple[Faults, Faults]
) -> Iterator[Difference]:
    for id_ in old | new:
        before, now = old.get(id_), new.get(id_)
        title = (now or before or ("", None))[0]
        verdicts = (before and before[1], now and now[1])
        seen, sees = (side.get(id_, {}) for side in faults)
        if (verdicts[0] or Verdict.NONE) is not (verdicts[1] or Verdict.NONE):
            change = direction(*verdicts)
            detail = _shown(sees or seen)
        elif verdicts[0] is Verdict.FAIL and seen.keys() != sees.keys():
            change = Change.CHANGED
            fresh = [text for pinned, text in sees.items() if pinned not in seen]
            gone = [text for pinned, text in seen.items() if pinned not in sees]
            detail = _two(_join(fresh), _join(gone))
        else:
            continue
        yield Difference(change, kind, id_, title, *verdicts, detail)


def _shown(texts: dict[str, str]) -> str:
    return _join(list(texts.values()))


def _two(fresh: str, gone: str) -> str:
    parts = [f"now {fresh}" if fresh else "", f"no longer {gone}" if gone else ""]
    return "; ".join(part for part in parts if part)


def _join(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return " / ".join(texts[:_SHOWN]) + more


def _side(name: str, report: Report) -> Side:
    return Side(
        name=name,
        made=report.made,
        tool=f"{report.tool} {report.version}",
        profile=report.profile + (", strict" if report.strict else ""),
        verdict=report.verdict,
        captures=len(report.captures),
    )


def _cautions(old: Report, new: Report) -> Iterator[str]:
    """Why a difference may come from the judging, and not from what was judged."""
    if old.version != new.version:
        yield f"judged by different versions: {old.version} and {new.version}"
    if old.profile != new.profile:
        yield f"judged by different profiles: {old.profile} and {new.profile}"
    if old.strict != new.strict:
        yield "one of the two was judged with --strict"
    if (old.compared, old.preferences) != (new.compared, new.preferences):
        yield "not both were compared with the reference, or not by the same preferences"
    if old.selection != new.selection:
        yield "different parts of the captures were selected"
    for name, report in (("old", old), ("new", new)):
        if report.faults:
            yield f"the {name} report tells an error of the verifier"
