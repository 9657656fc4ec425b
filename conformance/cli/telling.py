"""Who hears of a watch as it goes: a table at the terminal, lines of text or JSON, metrics."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from conformance.cli.standing import Silent, Standing, status
from conformance.observation.trace import Gap
from conformance.report.instant import to_text
from conformance.report.legible import legible
from conformance.report.model import Report
from conformance.verifier.instance import Instance
from conformance.verifier.verdict import Finding, InstanceResult, Verdict

_STATUS = 10.0


class Listening(Protocol):
    """One who is told; see `suite.watch.Listener` for the first three."""

    def finding(self, instance: Instance, finding: Finding) -> None:
        """Something was found on a conversation that still goes on."""
        ...

    def settled(self, instance: InstanceResult) -> None:
        """An instance has its verdict."""
        ...

    def gap(self, gap: Gap) -> None:
        """Something could not be seen."""
        ...

    def beat(self) -> None:
        """A few times a second."""
        ...

    def ended(self, report: Report) -> None:
        """The watch is over."""
        ...


class Teller:
    """Tells everyone."""

    def __init__(self) -> None:
        self.listeners: list[Listening] = []

    def finding(self, instance: Instance, finding: Finding) -> None:
        """Something was found on a conversation that still goes on."""
        for one in self.listeners:
            one.finding(instance, finding)

    def settled(self, instance: InstanceResult) -> None:
        """An instance has its verdict."""
        for one in self.listeners:
            one.settled(instance)

    def gap(self, gap: Gap) -> None:
        """Something could not be seen."""
        for one in self.listeners:
            one.gap(gap)

    def beat(self) -> None:
        """A few times a second."""
        for one in self.listeners:
            one.beat()

    def ended(self, report: Report) -> None:
        """The watch is over."""
        for one in self.listeners:
            one.ended(report)


class JsonLines(Silent):
    """A line of JSON for each finding, instance and gap, and how the watch stands now and then."""

    def __init__(self, session: Standing) -> None:
        self._session = session
        self._said = -_STATUS

    def finding(self, instance: Instance, finding: Finding) -> None:
        """What was found, before the instance settles."""
        self._say(
            "finding",
            flow=instance.program.id,
            user=legible(instance.user),
            call_ids=[legible(call_id) for call_id in instance.legs],
            open=True,
            **_finding(finding),
        )

    def settled(self, instance: InstanceResult) -> None:
        """The verdict with its findings."""
        self._say(
            "instance",
            id=instance.id,
            flow=instance.flow,
            also=list(instance.also),
            verdict=instance.verdict,
            reason_code=instance.reason_code,
            would_settle=legible(instance.would_settle),
            summary=legible(instance.summary),
            user=legible(instance.user),
            call_ids=[legible(call_id) for call_id in instance.call_ids],
            first_time=to_text(instance.first_time),
            last_time=to_text(instance.last_time),
            findings=[_finding(one) for one in instance.findings],
        )

    def gap(self, gap: Gap) -> None:
        """What could not be seen."""
        self._say("gap", reason=gap.reason, where=legible(gap.where), time=to_text(gap.time))

    def beat(self) -> None:
        """How the watch stands, every ten seconds."""
        if self._session.seconds >= self._said + _STATUS:
            self._said = self._session.seconds
            self._say("status", **status(self._session))

    def ended(self, report: Report) -> None:
        """The verdict over all."""
        self._say("end", verdict=report.verdict, **status(self._session))

    def _say(self, event: str, **values: object) -> None:
        sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
        sys.stdout.flush()


class Lines(Silent):
    """A line of text for each instance that did not pass, and each finding that fails."""

    def __init__(self, write: "Write") -> None:
        self._write = write

    def finding(self, instance: Instance, finding: Finding) -> None:
        """What fails while its conversation still goes on."""
        if finding.verdict is Verdict.FAIL:
            where = f"frame {finding.frames[0].frame}: " if finding.frames else ""
            found = f"{finding.requirement}: {where}{finding.observed}"
            self._write("open", f"{instance.program.id} so far  {legible(found)}")

    def settled(self, instance: InstanceResult) -> None:
        """What did not pass, and why."""
        if instance.verdict is Verdict.PASS:
            return
        when = to_text(instance.last_time)
        line = f"{when} {instance.verdict:<6} {instance.id}  {instance.summary}"
        self._write(instance.verdict, legible(line))


class Write(Protocol):
    """Writes one line; the kind is a verdict, or `open` for what has none yet."""

    def __call__(self, kind: str, line: str) -> None:
        """Write it."""
        ...


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "requirement": finding.requirement,
        "level": finding.level,
        "verdict": finding.verdict,
        "clause": finding.clause,
        "observed": legible(finding.observed),
        "role_at_fault": finding.role_at_fault,
        "reason_code": finding.reason_code,
        "frames": [{"capture": one.capture, "frame": one.frame} for one in finding.frames],
    }


@contextmanager
def teller(args: argparse.Namespace, session: Standing) -> Iterator[Teller]:
    """Everyone whom the options want to hear."""
    told = Teller()
    with ExitStack() as closing:
        if args.metrics is not None:
            from conformance.cli.metrics import Metrics

            told.listeners.append(closing.enter_context(Metrics(args.metrics, session)))
        if args.jsonl:
            told.listeners.append(JsonLines(session))
        if not args.quiet and sys.stderr.isatty():
            from conformance.cli.live_table import LiveTable

            table = closing.enter_context(LiveTable(session))
            told.listeners.append(table)
            if not args.jsonl:
                told.listeners.append(Lines(table.write))
        elif not args.quiet and not args.jsonl:
            told.listeners.append(Lines(lambda _kind, line: _say(line)))
        yield told


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
