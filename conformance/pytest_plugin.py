"""The pytest plugin: captures as test items, fixtures, and `assert_conforms`.

`pytest --cpm-capture 'captures/**/*.pcapng'` collects for each capture and flow one item for the
flow's verdict, and one for each requirement. Which items there are depends on the flows alone, so
that processes which share the work (pytest-xdist) collect the same.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import pytest

# The rest is imported where it is used: pytest loads this module whenever it starts.
if TYPE_CHECKING:
    from conformance.observation.trace import Trace
    from conformance.report.model import Report
    from conformance.suite.batch import Batch
    from conformance.suite.policy import Policy
    from conformance.suite.rehearsal import Rehearsal
    from conformance.suite.setting import Setting

VERDICT = "verdict"
"""The name of the item that stands for a flow's verdict."""

REFERENCE = "reference"
"""The name, in a flow's place, of what the reference says of roles that take part in no flow."""

# What the index may expect of a capture where an item is broken, or else inconclusive.
_WORSE = {True: ("fail",), False: ("inconc", "fail")}
_FORMATS = ("html", "json", "junit", "sarif", "ctrf", "markdown", "csv")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that begin with `--cpm-`; they mean what those of `cpmspec verify` mean."""
    group = parser.getgroup("cpmspec", "conformance to OMA CPM")
    for name, metavar, sentence in (
        ("capture", "GLOB", "collect the captures that match (** for folders)"),
        ("role", "NAME=ADDR[,ADDR...]", "which addresses play a role"),
        ("flow", "ID", "collect this flow only"),
        ("expect", "ID", "fail where this flow does not appear in a capture"),
    ):
        sentence += " (repeatable)"
        group.addoption(
            f"--cpm-{name}", action="append", default=[], metavar=metavar, help=sentence
        )
    for name, metavar, sentence in (
        ("setting", "FILE", "roles and more from a TOML file"),
        ("profile", "NAME|FILE", "cpm (default), rcs, or a TOML file"),
        ("ics", "FILE", "what the supplier claims (TOML): other flows are skipped"),
        ("index", "FILE", "what each capture must yield: expected departures are xfailed"),
        ("policy", "FILE", "the gate's policy (TOML): known issues are xfailed"),
        ("preferences", "FILE", "what the reference is to keep to (XML); implies --cpm-oracle"),
        ("allow", "inconc", "skip what is inconclusive; otherwise it fails"),
        *((form, "FILE", f"write a report of all captures ({form})") for form in _FORMATS),
    ):
        group.addoption(f"--cpm-{name}", metavar=metavar, help=sentence)
    group.addoption("--cpm-strict", action="store_true", help="let SHOULD fail like SHALL")
    group.addoption(
        "--cpm-oracle", action="store_true", help="compare with the reference implementation"
    )


_RUN: "pytest.StashKey[Batch]" = pytest.StashKey()
_ALLOWED = pytest.StashKey[frozenset[str]]()
_POLICY: "pytest.StashKey[Policy | None]" = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Turn the options into a batch, and its captures into arguments to collect."""
    if not config.getoption("--cpm-capture"):
        for name in ("index", "policy", "allow", *_FORMATS):
            if config.getoption(f"--cpm-{name}") is not None:
                raise pytest.UsageError(f"cpmspec: --cpm-{name} needs --cpm-capture")
        return
    from conformance.suite.batch import OF_THE_USER
    from conformance.suite.policy import read_policy

    try:
        batch = config.stash[_RUN] = _batch(config)
        config.stash[_ALLOWED] = _allowed(config.getoption("--cpm-allow") or "")
        policy = config.getoption("--cpm-policy")
        config.stash[_POLICY] = read_policy(policy) if policy else None
    except OF_THE_USER as error:
        raise pytest.UsageError(f"cpmspec: {error}") from None
    folder = config.invocation_params.dir
    named = {folder / argument.partition("::")[0] for argument in config.args}
    # Who names captures as arguments wants these; the option alone means all that match.
    if not named.intersection(batch.captures):
        config.args.extend(map(str, batch.captures))


def _batch(config: pytest.Config) -> "Batch":
    from conformance import __version__
    from conformance.flow.library import load
    from conformance.suite.batch import Batch, find_captures, find_entries
    from conformance.suite.campaign import Stamp
    from conformance.suite.selection import choose

    folder = config.invocation_params.dir
    setting = _setting(config)
    library = load(setting.flows)
    choose(library.flows, setting)
    library.profile(setting.profile)
    _reports(config)
    captures = find_captures(config.getoption("--cpm-capture"), folder)
    index = config.getoption("--cpm-index")
    made = datetime.now(UTC)  # noqa: TID251 - an edge of the program, as the command line is
    return Batch(
        setting=setting,
        captures=captures,
        index=find_entries(index, folder, captures) if index else {},
        stamp=Stamp(__version__, f"{made:%Y-%m-%dT%H:%M:%SZ}"),
    )


def _reports(config: pytest.Config) -> dict[str, Path]:
    """The report files by format; refuses a place that cannot be."""
    from conformance.suite.errors import ConformanceError

    found = {
        form: config.invocation_params.dir / given
        for form in _FORMATS
        if (given := config.getoption(f"--cpm-{form}")) is not None
    }
    for form, path in found.items():
        if not path.parent.is_dir() or path.is_dir():
            raise ConformanceError("it cannot be written there", f"--cpm-{form} {path}")
    return found


def _setting(config: pytest.Config) -> "Setting":
    from conformance.suite.batch import make_setting

    return make_setting(
        file=config.getoption("--cpm-setting"),
        roles=config.getoption("--cpm-role"),
        profile=config.getoption("--cpm-profile"),
        flow=config.getoption("--cpm-flow"),
        expect=config.getoption("--cpm-expect"),
        ics=config.getoption("--cpm-ics"),
        strict=config.getoption("--cpm-strict"),
        compare=config.getoption("--cpm-oracle"),
        preferences=config.getoption("--cpm-preferences"),
    )


def _allowed(text: str) -> frozenset[str]:
    from conformance.suite.errors import ConformanceError

    words = frozenset(word.strip() for word in text.split(",") if word.strip())
    for word in sorted(words - {"inconc"}):
        raise ConformanceError(f"'{word}' is not inconc", "--cpm-allow")
    return words


def pytest_report_header(config: pytest.Config) -> str | None:
    """Tell how many captures are judged, and by which profile."""
    run = config.stash.get(_RUN, None)
    if run is None:
        return None
    count = len(run.captures)
    return f"cpmspec: {count} capture{'s'[: count != 1]}, profile {run.setting.profile}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "CaptureFile | None":
    """A capture that `--cpm-capture` names."""
    run = parent.config.stash.get(_RUN, None)
    if run is None or file_path not in run.captures:
        return None
    made: CaptureFile = CaptureFile.from_parent(parent, path=file_path)
    return made


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep one of each item: a capture may be named, and lie in a folder that is collected."""
    seen: set[str] = set()
    kept = []
    for item in items:
        if isinstance(item, ConformanceItem):
            if item.nodeid in seen:
                continue
            seen.add(item.nodeid)
        kept.append(item)
    items[:] = kept


class CaptureFile(pytest.File):
    """One capture, with a collector for each flow."""

    def collect(self) -> "Iterator[CaptureFlow]":
        """The flows; a file that is no capture is an error of collection, once."""
        from conformance.capture.source import CaptureError, open_capture
        from conformance.flow.library import load
        from conformance.suite.selection import choose

        run = self.config.stash[_RUN]
        try:
            open_capture(
                str(self.path),
                reader=run.setting.reader,
                keylog=run.setting.keylog,
                esp_keys=run.setting.esp_keys,
            )
        except CaptureError as error:
            raise self.CollectError(f"cpmspec: {error}") from None
        entry = run.index.get(run.captures[self.path])
        if run.setting.compare or (entry is not None and entry.preferences):
            yield CaptureFlow.from_parent(self, name=REFERENCE)
        claimed = replace(run.setting, unclaimed=())
        for program in choose(load(run.setting.flows).flows, claimed):
            yield CaptureFlow.from_parent(self, name=program.id)


class CaptureFlow(pytest.Collector):
    """One flow in one capture: its verdict, then its requirements."""

    def collect(self) -> "Iterator[ConformanceItem]":
        """The items, in the order of the requirements' catalogue."""
        from conformance.flow.catalogue import catalogue
        from conformance.flow.library import load

        run = self.config.stash[_RUN]
        yield ConformanceItem.from_parent(self, name=VERDICT)
        if self.name == REFERENCE:
            return
        program = load(run.setting.flows).flow(self.name)
        for entry in catalogue([program]):
            yield ConformanceItem.from_parent(self, name=entry.requirement.id)


class ConformanceItem(pytest.Item):
    """A flow's verdict, or one requirement, in one capture.

    `cpm_flow` (empty for what the reference says of no flow) and `cpm_requirement` (empty for the
    verdict) serve those who mark items in their own `pytest_collection_modifyitems`.
    """

    def __init__(self, name: str, parent: pytest.Collector) -> None:
        super().__init__(name, parent)
        self.cpm_flow = "" if parent.name == REFERENCE else parent.name
        self.cpm_requirement = "" if name == VERDICT else name
        self._run = self.config.stash[_RUN]
        self._capture = self._run.captures[self.path]
        self._expected = self._run.index.get(self._capture)
        if self._is_named():
            self.add_marker(pytest.mark.xfail(reason=self._shows(), strict=True))

    def _is_named(self) -> bool:
        """Whether the index says that this very item fails, or is inconclusive."""
        entry = self._expected
        if entry is None or self.cpm_flow != entry.flow:
            return False
        if entry.verdict == "fail":
            return self.cpm_requirement in ("", entry.requirement)
        return entry.verdict == "inconc" and not self.cpm_requirement

    def _shows(self) -> str:
        return self._expected.shows if self._expected is not None else ""

    def setup(self) -> None:
        """Judge the capture, unless an item before this one did; what goes wrong is an error."""
        from conformance.suite.batch import OF_THE_USER

        try:
            report = self._run.report(self._capture)
        except OF_THE_USER as error:
            pytest.fail(f"cpmspec: {error}", pytrace=False)
        if report.faults:
            sentence = report.faults[0].sentence
            pytest.fail(f"cpmspec itself failed: {sentence}", pytrace=False)

    def runtest(self) -> None:
        """Pass, fail, skip or xfail as the answer says."""
        from conformance.suite.question import Kind, ask

        report = self._run.report(self._capture)
        strict = self._run.setting.strict
        answer = ask(report, self.cpm_flow, self.cpm_requirement, strict=strict)
        match answer.kind:
            case Kind.HOLDS:
                return
            case Kind.ADVICE:
                pytest.xfail(answer.why)
            case Kind.NOT_JUDGED:
                pytest.skip(answer.why)
            case Kind.INCONCLUSIVE if self.config.stash[_ALLOWED]:
                pytest.skip("inconclusive, which --cpm-allow lets be")
            case Kind.INCONCLUSIVE | Kind.BROKEN:
                if excuse := self._excuse(report, broken=answer.kind is Kind.BROKEN):
                    pytest.xfail(excuse)
                pytest.fail(answer.why, pytrace=False)

    def _excuse(self, report: "Report", *, broken: bool) -> str:
        """Why this was to be expected: by the index, or by the policy."""
        if self._expected is not None and self._expected.verdict in _WORSE[broken]:
            # What follows from that which the index names, or comes besides it, is expected with
            # it; the named item itself is marked, and must come.
            return "" if self._is_named() else self._shows()
        policy = self.config.stash[_POLICY]
        if policy is None or not broken:
            return ""
        from conformance.suite.excuse import excuse

        today = date.fromisoformat(self._run.stamp.made[:10])
        return excuse(report, policy, self.cpm_flow, self.cpm_requirement, today)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The capture, and what of it is judged."""
        return self.path, None, f"{self._capture}: {self.cpm_flow or REFERENCE}: {self.name}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the reports over all captures: in one process only, by a run of its own."""
    config = session.config
    batch = config.stash.get(_RUN, None)
    if batch is None or hasattr(config, "workerinput") or config.getoption("collectonly"):
        return
    from conformance.suite.batch import OF_THE_USER

    files = _reports(config)
    try:
        report = batch.judge(batch.captures.values()) if files else None
        for form, path in files.items():
            if report is not None:
                _write(form, report, path)
    except (OSError, *OF_THE_USER) as error:
        pytest.exit(f"cpmspec: {error}", returncode=pytest.ExitCode.INTERNAL_ERROR)


def _write(form: str, report: "Report", path: Path) -> None:
    module = import_module(f"conformance.report.render_{form}")
    render: Callable[[Report, TextIO], object] = getattr(module, f"write_{form}")
    held = StringIO()
    render(report, held)
    path.write_text(held.getvalue(), encoding="utf-8", newline="\n")


def assert_conforms(
    report: "Report", flow: str = "", *, requirement: str = "", allow: Iterable[str] = ()
) -> None:
    """Raise AssertionError, with the ladder, unless everything that was judged holds.

    As `conformance.suite.assertion.assert_conforms`, which says what the arguments mean.
    """
    __tracebackhide__ = True
    from conformance.suite import assertion

    assertion.assert_conforms(report, flow, requirement=requirement, allow=allow)


@pytest.fixture(scope="session")
def cpm_setting(pytestconfig: pytest.Config) -> "Setting":
    """The setting that the `--cpm-` options make."""
    return _setting(pytestconfig)


@pytest.fixture(scope="session")
def cpm_trace(cpm_setting: "Setting") -> "Callable[[str | os.PathLike[str]], Trace]":
    """`cpm_trace(path)`: every message and gap of a capture, in the order of time."""
    from conformance.suite.fixtures import reading

    return reading(cpm_setting)


@pytest.fixture(scope="session")
def cpm_verify(cpm_setting: "Setting") -> "Callable[..., Report]":
    """`cpm_verify(path, roles={"pf": "10.0.3.1"}, flow=…, profile=…)`: the report, whole.

    What is not given is as the `--cpm-` options say.
    """
    from conformance.suite.fixtures import verifying

    return verifying(cpm_setting)


@pytest.fixture
def cpm_simulate(cpm_setting: "Setting", tmp_path: Path) -> "Callable[..., Rehearsal]":
    """`cpm_simulate("push", variant=…, faults=[…], seed=…, transport=…)`: a flow, played.

    It has `.path` (a capture in `tmp_path`), `.trace`, and `.verify()`, which judges it.
    """
    from conformance.suite.fixtures import rehearsing

    return rehearsing(cpm_setting, tmp_path)
