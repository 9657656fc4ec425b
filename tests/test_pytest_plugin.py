import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cli.demo_trace import ROLES, write_demo
from conformance.report import (
    render_csv,
    render_ctrf,
    render_html,
    render_json,
    render_junit,
    render_markdown,
    render_sarif,
)
from conformance.report.read_json import read_json
from conformance.suite import batch, excuse, fixtures, question, rehearsal
from tests.report.samples import BEGIN

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]

# What the plugin imports late is imported here: a run within the run forgets modules that it was
# the first to import, and two copies of one module do not understand each other.
LATE = (
    (batch, excuse, fixtures, question, rehearsal),
    (render_csv, render_ctrf, render_html, render_json, render_junit),
    (render_markdown, render_sarif),
)

CAPTURES = Path(__file__).parents[1] / "captures"

FORMATS = ("html", "json", "junit", "sarif", "ctrf", "markdown", "csv")

TWO = ("--cpm-flow", "pull", "--cpm-flow", "push-pager")

INDEX = """
[[capture]]
path = "sub/demo.pcapng"
shows = "A pull without NOTIFY."
flow = "pull"
verdict = "{verdict}"
requirement = "{requirement}"
"""


def demo(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    return path


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    """Without the warning that the plugin was imported before pytest could rewrite it."""
    return {name: count for name, count in result.parseoutcomes().items() if name != "warnings"}


@pytest.fixture
def run(pytester: pytest.Pytester, pytestconfig: pytest.Config) -> Run:
    """A run in a folder of its own, where sub/demo.pcapng lies and the roles are known."""
    demo(pytester.path / "sub" / "demo.pcapng")
    roles = "".join(f'{role} = "{address}"\n' for role, address in ROLES.items())
    (pytester.path / "setting.toml").write_text(f"[roles]\n{roles}")
    # Where the package is installed, pytest knows the plugin already.
    known = pytestconfig.pluginmanager.has_plugin("cpmspec")
    load = [] if known else ["-p", "conformance.pytest_plugin"]

    def call(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest(
            *load, "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments
        )

    return call


@pytest.fixture
def judge(run: Run) -> Run:
    def call(*arguments: str) -> pytest.RunResult:
        return run("--cpm-capture", "**/*.pcapng", "--cpm-setting", "setting.toml", *arguments)

    return call


def test_each_capture_flow_and_requirement_is_an_item(judge: Run) -> None:
    result = judge("--collect-only", "-q")
    assert "sub/demo.pcapng::push-pager::verdict" in result.outlines
    assert "sub/demo.pcapng::pull::pull/6-7" in result.outlines
    assert "sub/demo.pcapng::push-large::SD-C.3.2.1.4-disconnect" in result.outlines
    assert len({line for line in result.outlines if "::" in line}) > 100


def test_what_holds_passes_what_is_broken_fails_with_its_ladder(judge: Run) -> None:
    result = judge("-v", "-rs")
    assert result.parseoutcomes()["failed"] == 2
    result.stdout.fnmatch_lines(
        [
            "cpmspec: 1 capture, profile cpm",
            "sub/demo.pcapng::pull::pull/6-7 FAILED*",
            "sub/demo.pcapng::push-pager::verdict PASSED*",
            "*missing: NOTIFY*",
            "*observed: pf to core: nothing was sent*",
            "*at fault: Participating Function",
            "*shortest repair: insert step 6*",
            "SKIPPED*not-exercised: no capture shows this flow",
            "SKIPPED*not observable: *",
        ]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_an_item_can_be_named(judge: Run) -> None:
    result = judge(
        *TWO, "-v", "sub/demo.pcapng::push-pager::verdict", "sub/demo.pcapng::pull::pull/6-7"
    )
    result.assert_outcomes(passed=1, failed=1)


def test_a_capture_in_a_collected_folder_is_judged_once(judge: Run) -> None:
    once = judge(*TWO, "--collect-only", "-q").outlines
    assert judge(*TWO, "--collect-only", "-q", ".").outlines[:-2] == once[:-2]


def test_one_flow_alone(judge: Run) -> None:
    outcomes = judge("--cpm-flow", "push-pager").parseoutcomes()
    assert "failed" not in outcomes
    assert outcomes["passed"] >= 5


def test_a_flow_expected_and_absent_fails(judge: Run) -> None:
    result = judge("--cpm-flow", "push", "--cpm-expect", "push", "--cpm-expect", "push-pager")
    result.stdout.fnmatch_lines(["*push was expected and does not appear*"])
    assert result.parseoutcomes()["failed"] == 1


def test_a_flow_that_is_not_claimed_is_skipped(judge: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "ics.toml").write_text("[flows]\npull = false\n")
    result = judge(*TWO, "--cpm-ics", "ics.toml", "-rs")
    result.stdout.fnmatch_lines(["*not-applicable: *"])
    assert "failed" not in result.parseoutcomes()


def test_departures_that_the_index_expects_are_xfailed(
    judge: Run, pytester: pytest.Pytester
) -> None:
    index = pytester.path / "index.toml"
    index.write_text(INDEX.format(verdict="fail", requirement="pull/6-7"))
    outcomes = judge(*TWO, "--cpm-index", "index.toml").parseoutcomes()
    assert outcomes["xfailed"] >= 2
    assert "failed" not in outcomes
    assert "xpassed" not in outcomes


def test_an_expected_departure_that_does_not_come_fails(
    judge: Run, pytester: pytest.Pytester
) -> None:
    index = pytester.path / "index.toml"
    index.write_text(INDEX.format(verdict="fail", requirement="pull/2-3"))
    result = judge(*TWO, "--cpm-index", "index.toml")
    result.stdout.fnmatch_lines(["*XPASS(strict)*A pull without NOTIFY.*"])
    assert result.parseoutcomes()["failed"] == 1


def test_a_capture_that_the_index_lacks_is_refused(judge: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "index.toml").write_text(INDEX.format(verdict="fail", requirement=""))
    demo(pytester.path / "other" / "new.pcapng")
    result = judge(*TWO, "--cpm-index", "index.toml")
    result.stderr.fnmatch_lines(["*new.pcapng is not listed in this index"])


POLICY = """
[[known]]
requirement = "pull/6-7"
owner = "lab"
reason = "LAB-17"
expires = {expires}
message = "{message}"
"""


def test_known_issues_of_the_policy_are_xfailed(judge: Run, pytester: pytest.Pytester) -> None:
    policy = pytester.path / "policy.toml"
    policy.write_text(POLICY.format(expires="9999-12-31", message="nothing was sent"))
    result = judge(*TWO, "--cpm-policy", "policy.toml", "-rx")
    assert result.parseoutcomes()["xfailed"] == 2
    assert "failed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["XFAIL*known until 9999-12-31 (lab: LAB-17)"])


@pytest.mark.parametrize(
    ("expires", "message"), [("2001-01-01", "nothing was sent"), ("9999-12-31", "it was late")]
)
def test_an_issue_expired_or_changed_fails(judge: Run, pytester, expires, message) -> None:
    (pytester.path / "policy.toml").write_text(POLICY.format(expires=expires, message=message))
    assert judge(*TWO, "--cpm-policy", "policy.toml").parseoutcomes()["failed"] == 2


def test_inconclusive_fails_once_unless_it_is_allowed(run: Run, pytester) -> None:
    capture = CAPTURES / "push-pager" / "inconclusive_ends-before-4.pcapng"
    if not capture.is_file():
        pytest.skip("captures/ is absent: make captures")
    shutil.copy(capture, pytester.path)
    arguments = ("--cpm-capture", "*.pcapng", "--cpm-flow", "push-pager")
    result = run(*arguments)
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["*would settle it: *", "FAILED*::push-pager::verdict*"])
    assert "failed" not in run(*arguments, "--cpm-allow", "inconc").parseoutcomes()


def test_inconclusive_as_the_index_expects_is_xfailed(run: Run, pytester) -> None:
    capture = CAPTURES / "push" / "inconclusive_declined-486.pcapng"
    if not capture.is_file():
        pytest.skip("captures/ is absent: make captures")
    shutil.copy(capture, pytester.path / "sub" / "demo.pcapng")
    index = pytester.path / "index.toml"
    index.write_text(INDEX.format(verdict="inconc", requirement="").replace("pull", "push"))
    arguments = ("--cpm-capture", "sub/*.pcapng", "--cpm-index", "index.toml")
    result = run(*arguments, "--cpm-flow", "push").parseoutcomes()
    assert "failed" not in result
    assert result["xfailed"] >= 1


def test_a_flow_that_describes_it_as_well_is_excused_too(run: Run, pytester) -> None:
    capture = CAPTURES / "push" / "rejected_SD-5.2.1.1.2-session_pf-pushes-nothing.pcapng"
    if not capture.is_file():
        pytest.skip("captures/ is absent: make captures")
    shutil.copy(capture, pytester.path / "sub" / "demo.pcapng")
    index = pytester.path / "index.toml"
    named = INDEX.format(verdict="fail", requirement="SD-5.2.1.1.2-session")
    index.write_text(named.replace("pull", "push"))
    both = ("--cpm-flow", "push", "--cpm-flow", "push-large")
    arguments = ("--cpm-capture", "sub/*.pcapng", "--cpm-index", "index.toml")
    result = run(*arguments, *both).parseoutcomes()
    assert "failed" not in result
    assert result["xfailed"] >= 2


def test_advice_is_xfailed_and_fails_when_strict(judge: Run, pytester: pytest.Pytester) -> None:
    path = pytester.path / "sub" / "demo.pcapng"
    octets = path.read_bytes()
    assert b"Contribution-ID" in octets
    path.write_bytes(octets.replace(b"Contribution-ID", b"Kontribution-ID"))
    advice = judge("--cpm-flow", "push-pager")
    assert advice.parseoutcomes()["xfailed"] == 1
    assert "failed" not in advice.parseoutcomes()
    strict = judge("--cpm-flow", "push-pager", "--cpm-strict")
    assert strict.parseoutcomes()["failed"] == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--cpm-capture", "none/*"], "none/*: nothing matches"),
        (["--cpm-capture", "sub", "--cpm-flow", "pul"], "*did you mean 'pull'*"),
        (["--cpm-capture", "sub", "--cpm-role", "pf"], "*write NAME=ADDRESS*"),
        (["--cpm-capture", "sub", "--cpm-profile", "rsc"], "*did you mean 'rcs'*"),
        (["--cpm-capture", "sub", "--cpm-html", "no/r.html"], "*it cannot be written there*"),
        (["--cpm-html", "report.html"], "--cpm-html needs --cpm-capture"),
        (["--cpm-capture", "sub", "--cpm-policy", "none.toml"], "*it cannot be read*"),
        (["--cpm-capture", "sub", "--cpm-allow", "all"], "*'all' is not inconc*"),
    ],
)
def test_a_mistake_of_the_user_is_one_line(run: Run, arguments, sentence) -> None:
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: cpmspec: {sentence}"])


def test_what_is_no_capture_is_one_error(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "sub" / "text.pcap").write_text("Dear Sir")
    result = run("--cpm-capture", "sub/*.pcap")
    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["*text.pcap: it is no capture*"])


def test_our_own_fault_is_an_error_and_no_verdict(judge: Run, monkeypatch) -> None:
    def broken(*_arguments, **_names) -> None:
        raise KeyError("x")

    monkeypatch.setattr("conformance.suite.campaign.BoundedJudge", broken)
    result = judge("--cpm-flow", "push-pager")
    assert set(outcomes(result)) == {"errors"}
    result.stdout.fnmatch_lines(["cpmspec itself failed: KeyError*"])


def test_reports_are_written_when_all_is_judged(judge: Run, pytester: pytest.Pytester) -> None:
    files = [f"--cpm-{form}=report.{form}" for form in FORMATS]
    judge(*TWO, *files)
    report = read_json((pytester.path / "report.json").read_text("utf-8"))
    assert report.verdict == "fail"
    assert report.captures[0].path == "sub/demo.pcapng"
    assert "<html" in (pytester.path / "report.html").read_text("utf-8")
    assert "<testsuites" in (pytester.path / "report.junit").read_text("utf-8")
    assert all((pytester.path / f"report.{form}").stat().st_size for form in FORMATS)


def test_processes_share_the_items(judge: Run, pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    alone = judge(*TWO).parseoutcomes()
    shared = judge(*TWO, "-n", "2", "--dist", "loadfile", "--cpm-json", "report.json")
    for outcome in ("passed", "failed", "skipped"):
        assert shared.parseoutcomes()[outcome] == alone[outcome]
    assert (pytester.path / "report.json").is_file()


FIXTURES = """
import pytest
from conformance.pytest_plugin import assert_conforms

def test_trace(cpm_trace):
    trace = cpm_trace("sub/demo.pcapng")
    assert len(trace.items) == 11
    assert trace.health.packets == 11

def test_push(cpm_verify):
    report = cpm_verify("sub/demo.pcapng", roles={roles})
    assert_conforms(report, "push-pager")
    assert_conforms(report, requirement="push-pager/2-3")

def test_only_push(cpm_verify):
    report = cpm_verify("sub/demo.pcapng", flow="push-pager")
    assert_conforms(report)

def test_pull(cpm_verify):
    assert_conforms(cpm_verify("sub/demo.pcapng"), "pull")

def test_mistake(cpm_verify):
    cpm_verify("absent.pcapng")

def test_another_mistake(cpm_trace):
    cpm_trace("absent.pcapng")
"""


def test_fixtures_and_the_assertion(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FIXTURES.replace("{roles}", repr(ROLES)))
    result = run("--cpm-setting", "setting.toml")
    result.assert_outcomes(passed=3, failed=3)
    result.stdout.fnmatch_lines(["E*pull: fail in sub/demo.pcapng", "E*missing: NOTIFY*"])
    result.stdout.fnmatch_lines(["E*CaptureError: absent.pcapng: it cannot be read*"])
    # What a test did wrong shows at its own line, not somewhere within cpmspec.
    assert not any(re.match(r"\S*conformance/\S+\.py:\d", line) for line in result.outlines)


PLAYED = """
from conformance.pytest_plugin import assert_conforms

def test_push(cpm_simulate, tmp_path):
    played = cpm_simulate("push-pager", seed=7, transport="tcp")
    assert played.trace.items and played.path.parent == tmp_path
    assert_conforms(played.verify(), "push-pager")

def test_pull(cpm_simulate, cpm_verify):
    played = cpm_simulate("pull", variant="nothing-chosen")
    assert_conforms(played.verify(compare=True), "pull")
    assert_conforms(cpm_verify(played.path), "pull")

def test_silence(cpm_simulate):
    from conformance.reference.faults.fault import Fault
    from conformance.reference.faults.tampers import answer, change, with_status
    wrong = Fault("wrong", "client", tamper=change(answer("NOTIFY"), with_status(481, "No")))
    assert_conforms(cpm_simulate("pull", faults=[wrong]).verify(), "pull")

def test_mistake(cpm_simulate):
    cpm_simulate("pull", variant="nothing")
"""


@pytest.mark.parametrize("processes", [(), ("-n", "2")])
def test_a_flow_is_played_and_judged(run: Run, pytester: pytest.Pytester, processes) -> None:
    if processes:
        pytest.importorskip("xdist")
    pytester.makepyfile(PLAYED)
    result = run(*processes)
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines_random(
        ["E*pull: fail in *pull_base_wrong.pcapng", "E*ConformanceError: pull has no variant*"]
    )
    assert not any(re.match(r"\S*conformance/\S+\.py:\d", line) for line in result.outlines)


def test_captures_are_compared_when_asked_for(run: Run, pytester: pytest.Pytester) -> None:
    words = ("--cpm-capture", "sub/*.pcapng", "--cpm-flow", "push-pager", "-v")
    result = run(*words, "--cpm-oracle", "--cpm-json=report.json")
    result.stdout.fnmatch_lines(["sub/demo.pcapng::reference::verdict PASSED*"])
    assert read_json((pytester.path / "report.json").read_text("utf-8")).compared
    assert "::reference::" not in run(*words).stdout.str()
    result = run(*words, "--cpm-preferences", "absent.xml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: cpmspec: absent.xml: it cannot be read*"])


def test_without_our_options_the_plugin_is_silent(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): pass")
    result = run()
    result.assert_outcomes(passed=1)
    assert "cpmspec:" not in result.stdout.str()
