"""The supplier's statement (ICS, ISO/IEC 9646-7): what an implementation claims.

What is not claimed is not judged; what a trace shows against a claim is a contradiction.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.cpm.service import any_satisfies, satisfies
from conformance.flow.errors import did_you_mean
from conformance.flow.program import Program
from conformance.report.model import Report
from conformance.suite import toml_file
from conformance.suite.errors import ConformanceError
from conformance.suite.registrations import Registered
from conformance.verifier.verdict import Verdict

SERVICES = (
    "oma.cpm.msg",
    "oma.cpm.largemsg",
    "oma.cpm.deferred",
    "oma.cpm.session",
    "oma.cpm.session.group",
)
"""Services that a client may register as feature tags; a statement may name others too."""

_KEYS = ("supplier", "implementation", "version", "services", "flows")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Statement:
    """What is claimed; a flow not mentioned is claimed, `services` None makes no claim."""

    supplier: str
    implementation: str
    version: str
    services: tuple[str, ...] | None
    flows: Mapping[str, bool]

    def unclaimed(self) -> tuple[str, ...]:
        """The flows that are answered with false: not applicable."""
        return tuple(flow for flow, claimed in self.flows.items() if not claimed)


class Kind(StrEnum):
    """What a remark on a statement is."""

    CONTRADICTION = "contradiction"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a trace shows of a statement, on one line."""

    kind: Kind
    sentence: str


def read_ics(path: str, flows: Iterable[str]) -> tuple[str, ...]:
    """The flows that a TOML file's `[flows]` table answers with false: not applicable."""
    return read_statement(path, flows).unclaimed()


def read_statement(path: str, flows: Iterable[str]) -> Statement:
    """The statement of a TOML file."""
    known = list(flows)
    table = toml_file.read_toml(path)
    toml_file.only(table, _KEYS, path)
    claims = toml_file.subtable(table, "flows", path)
    for flow in claims:
        if flow not in known:
            raise ConformanceError(f"unknown flow '{flow}'{did_you_mean(flow, known)}", path)
    return Statement(
        supplier=toml_file.text(table, "supplier", path),
        implementation=toml_file.text(table, "implementation", path),
        version=toml_file.text(table, "version", path),
        services=toml_file.texts(table, "services", path) if "services" in table else None,
        flows={flow: toml_file.flag(claims, flow, path) for flow in claims},
    )


def template(flows: Mapping[str, Program]) -> str:
    """A statement to fill in: every flow claimed, with its title and clause beside it."""
    width = max((len(id_) for id_ in flows), default=0)
    services = ",\n".join(f'#   "{name}"' for name in SERVICES)
    lines = [
        "# Implementation conformance statement (ICS). Answer false to what is not supported:",
        "# it is then not applicable, and neither passes nor fails.",
        'supplier = ""',
        'implementation = ""',
        'version = ""',
        "",
        "# The services that the implementation registers as feature tags; without this list",
        "# nothing is claimed of them.",
        "# services = [",
        f"{services},",
        "# ]",
        "",
        "[flows]",
    ]
    for id_, program in flows.items():
        title = " ".join(program.title.split())
        lines.append(f"{id_.ljust(width)} = true   # {title} ({program.clause})")
    return "\n".join(lines) + "\n"


def check(
    statement: Statement, report: Report, registered: Mapping[str, Registered]
) -> tuple[Remark, ...]:
    """Contradictions between the statement and what captures show, then notes.

    The report must have judged every flow, claimed or not.
    """
    remarks = (*_flows(statement, report), *_services(statement, registered))
    return tuple(sorted(remarks, key=lambda one: one.kind is Kind.NOTE))


def _flows(statement: Statement, report: Report) -> Iterator[Remark]:
    unclaimed = frozenset(statement.unclaimed())
    shown = _instances(report, unclaimed)
    for flow in report.flows:
        judged = sum(flow.counts.get(one, 0) for one in (Verdict.PASS, Verdict.FAIL))
        open_ = flow.counts.get(Verdict.INCONC, 0)
        where = f" ({', '.join(shown[flow.id])})" if shown.get(flow.id) else ""
        if flow.id in unclaimed and judged:
            yield Remark(Kind.CONTRADICTION, f"{flow.id} is not claimed, and appears{where}")
        elif flow.id in unclaimed and open_:
            sentence = f"{flow.id} is not claimed, and perhaps appears, inconclusively{where}"
            yield Remark(Kind.NOTE, sentence)
        elif flow.id not in unclaimed and not judged:
            yield Remark(Kind.NOTE, f"{flow.id} is claimed, and no capture shows it judged")


def _instances(report: Report, flows: frozenset[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for instance in report.instances:
        if instance.flow in flows:
            named = found.setdefault(instance.flow, [])
            if len(named) < _NAMED:
                named.append(instance.id)
    return found


def _services(statement: Statement, registered: Mapping[str, Registered]) -> Iterator[Remark]:
    if statement.services is None:
        if registered:
            names = ", ".join(sorted(registered))
            yield Remark(Kind.NOTE, f"services are not stated; registered are {names}")
        return
    if not registered:
        yield Remark(Kind.NOTE, "no capture shows a REGISTER with a CPM service in it")
        return
    for name, where in sorted(registered.items()):
        if not any(satisfies(name, claimed) for claimed in statement.services):
            sentence = f"{name} is registered and not claimed ({where.told()})"
            yield Remark(Kind.CONTRADICTION, sentence)
    for claimed in statement.services:
        if not any_satisfies(registered, claimed):
            yield Remark(Kind.CONTRADICTION, f"{claimed} is claimed, and no REGISTER names it")
