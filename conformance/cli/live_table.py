"""How a watch stands, as a table at the terminal that is drawn anew a few times a second."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from conformance.cli.standing import Silent, Standing, status
from conformance.report.model import Report
from conformance.verifier.verdict import Verdict

_STYLES = {
    "open": "yellow",
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.INCONC: "yellow",
    Verdict.ERROR: "bold magenta",
}


class LiveTable(Silent):
    """The table at the foot of the terminal; lines go above it."""

    def __init__(self, session: Standing) -> None:
        self._session = session
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._before = (0.0, 0)

    def write(self, kind: str, line: str) -> None:
        """Write a line above the table."""
        self._console.print(Text(line, style=_STYLES.get(kind, "")), soft_wrap=True)

    def beat(self) -> None:
        """Draw it anew."""
        self._live.update(self._drawn(), refresh=True)

    def ended(self, report: Report) -> None:
        """Take it away: the report says it all."""
        self._live.stop()

    def _drawn(self) -> Table:
        now = status(self._session)
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        table.add_row("open", str(now["open"]), "held", str(now["held"]), *self._rate(now))
        table.add_row(
            *(cell for verdict in (Verdict.PASS, Verdict.FAIL) for cell in _count(verdict, now)),
            *_count(Verdict.INCONC, now),
        )
        table.add_row("SIP", str(now["sip_messages"]), "MSRP", str(now["msrp_messages"]), "", "")
        table.add_row(
            "dropped", str(now["dropped"]), "gaps", str(now["gaps"]), "lag", f"{now['lag']:.1f} s"
        )
        return table

    def _rate(self, now: dict[str, int | float | str | None]) -> tuple[str, str]:
        seconds, messages = self._session.seconds, self._session.watch.counts.items
        before, counted = self._before
        self._before = seconds, messages
        rate = (messages - counted) / (seconds - before) if seconds > before else 0.0
        return "rate", f"{rate:,.0f}/s"

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()


def _count(
    verdict: Verdict, now: dict[str, int | float | str | None]
) -> tuple[str | Text, str | Text]:
    count = str(now[verdict])
    return str(verdict), Text(count, style=_STYLES[verdict] if count != "0" else "")
