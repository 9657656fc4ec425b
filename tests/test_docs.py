"""The user's pages: one for each code and kind, what they claim of traces and commands is true."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.cli.main import COMMANDS, main, parser
from conformance.flow.catalogue import catalogue, requirements
from conformance.flow.library import load
from conformance.flow.program import Rule
from conformance.pytest_plugin import pytest_addoption
from conformance.report.ladder import first_cause
from conformance.report.model import Report
from conformance.report.wording import REASONS
from conformance.suite.gate import Outcome
from conformance.suite.index import Entry, match, read_index
from conformance.suite.policy import read_policy
from conformance.suite.setting import read_setting
from conformance.verifier.verdict import InstanceResult, Reason, Verdict

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
INDEX = ROOT / "captures" / "index.toml"
GUIDES = [
    DOCS / f"{name}.md"
    for name in ("capturing", "case-names", "gate-your-ci", "pytest", "read-a-failure")
]
CODES = {code: DOCS / "codes" / f"{code}.md" for code in Reason}
KINDS = {kind: DOCS / "findings" / f"{kind.replace(' ', '-')}.md" for kind in Rule}
PAGES = [*CODES.values(), *KINDS.values()]
CI = sorted((DOCS / "ci").iterdir())

NONE = "No file of captures/ shows it"
WITHOUT_AN_INSTANCE = {
    Reason.NOT_EXERCISED,
    Reason.NOT_APPLICABLE,
    Reason.UNSUPPORTED,
    Reason.EXPECTED_ABSENT,
}

_ROW = re.compile(r"^\| (\w+) \| \[([^]]+)\]\(\.\./\.\./captures/([^)]+)\) \| (.*) \|$", re.M)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_ID = re.compile(r"(?:SD|CF)-[\w.-]+|RFC\d+-[\w-]+")

needs_captures = pytest.mark.skipif(
    not INDEX.is_file(), reason="captures/index.toml is absent: make captures"
)


@pytest.fixture(scope="module")
def entries() -> dict[str, Entry]:
    paths = [str(path) for path in sorted(INDEX.parent.rglob("*.pcapng"))]
    return match(read_index(str(INDEX)), paths, str(INDEX))


@pytest.fixture
def report(judged_captures: Report) -> Report:
    return judged_captures


def of(report: Report, name: str) -> list[InstanceResult]:
    path = str(INDEX.parent / name)
    place = next(n for n, capture in enumerate(report.captures) if capture.path == path)
    return [one for one in report.instances if place in one.captures]


def rows(page: Path) -> list[tuple[str, str, str]]:
    """(verdict, file, what it shows) of a page's traces."""
    return [(verdict, file, shows) for verdict, _, file, shows in _ROW.findall(page.read_text())]


# --------------------------------------------------------- no code and no kind without its page


def test_each_code_and_kind_has_a_page_and_no_page_is_of_none() -> None:
    there = {path for folder in ("codes", "findings") for path in (DOCS / folder).glob("*.md")}
    assert there == {*PAGES, DOCS / "codes" / "README.md", DOCS / "findings" / "README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_page_tells_the_same_things(page: Path) -> None:
    heads = re.findall(r"^## (.*)$", page.read_text(), re.M)
    assert heads == ["Meaning", "Clause", "Typical cause", "What to do", "Traces"]


def test_the_lists_of_pages_use_the_reports_words() -> None:
    codes = (DOCS / "codes" / "README.md").read_text()
    for code, page in CODES.items():
        assert f"| [`{code}`]({page.name}) | {REASONS[code]} |" in codes
    kinds = (DOCS / "findings" / "README.md").read_text()
    judged = {rule: entry.judged_by for entry in catalogue(flows()) for rule in entry.rules}
    for kind, page in KINDS.items():
        assert f"| [`{kind}`]({page.name}) | " in kinds
        words = page.read_text().splitlines()[0].partition(": ")[2]
        assert words in judged.get(kind, words)
        assert f"({page.name}) | {words} |" in kinds


def flows():
    return load().flows.values()


@pytest.mark.parametrize("kind", sorted(set(Rule) - {Rule.STEP}))
def test_the_page_of_a_kind_names_its_requirements(kind: Rule) -> None:
    text = KINDS[Rule(kind)].read_text()
    for program in flows():
        for one in requirements(program):
            if one.rule == kind:
                assert f"`{one.id}`" in text, one.id


# --------------------------------------------------------------- the traces show what they should


@needs_captures
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_traces_are_the_indexs(page: Path, entries, request) -> None:
    def renewed(row: re.Match[str]) -> str:
        entry = entries[str(INDEX.parent / row[3])]
        return f"| {entry.verdict} | [{row[2]}](../../captures/{row[3]}) | {entry.shows} |"

    text = page.read_text()
    assert _ROW.search(text) or NONE in text
    right = _ROW.sub(renewed, text)
    if request.config.getoption("--update-golden"):
        page.write_text(right)
    else:
        assert text == right, f"{page.name}: run pytest --update-golden"


@needs_captures
@pytest.mark.parametrize("code", sorted(set(Reason) - WITHOUT_AN_INSTANCE))
def test_the_inconclusive_trace_carries_the_code(code: Reason, report) -> None:
    page = CODES[Reason(code)]
    shown = [file for verdict, file, _ in rows(page) if verdict == Verdict.INCONC]
    for file in shown:
        assert code in {one.reason_code for one in of(report, file)}
    if not shown:
        assert NONE in page.read_text()
        assert code not in {one.reason_code for one in report.instances}


@needs_captures
@pytest.mark.parametrize("kind", list(Rule))
def test_the_failing_trace_fails_so_and_the_passing_one_passes(kind: Rule, report) -> None:
    rules = {program.id: {r.id: r.rule for r in requirements(program)} for program in flows()}
    found = rows(KINDS[kind])
    assert not found or {verdict for verdict, _, _ in found} == {"pass", "fail"}
    for verdict, file, _ in found:
        if verdict == "fail":
            causes = [(one.flow, first_cause(one)) for one in of(report, file)]
            assert kind in [rules[flow][cause.requirement] for flow, cause in causes if cause]
        else:
            assert kind in [
                rules[one.flow][requirement]
                for one in of(report, file)
                for requirement, judged in one.judged
                if judged is Verdict.PASS
            ]


# ------------------------------------------------------------- commands, options, names and links


def commands() -> Iterator[tuple[str, str]]:
    """(page, command) of every command that a page shows, in a block or within a sentence."""
    for path in [*GUIDES, *PAGES, *CI]:
        text = path.read_text()
        blocks = [text] if path in CI else [block for _, block in _FENCE.findall(text)]
        lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
        within = re.findall(r"`(cpmspec\s[^`]+)`", _FENCE.sub("", text))
        for line in [*lines, *(" ".join(code.split()) for code in within)]:
            if found := re.search(r"(?:^|[/-]|\s)(cpmspec [a-z].*)", line):
                yield path.name, found[1].partition(" || ")[0].rstrip("'")


@pytest.mark.parametrize(("page", "command"), sorted(set(commands())))
def test_every_command_is_accepted(page: str, command: str) -> None:
    words = shlex.split(command)[1:]
    assert words[0] in COMMANDS, page
    if words[1:]:
        parser(words[0]).parse_args(words)


def test_the_files_for_ci_are_accepted() -> None:
    names = {path.name for path in CI}
    assert names == set(re.findall(r"\(ci/([^)]+)\)", (DOCS / "gate-your-ci.md").read_text()))
    assert read_setting(str(DOCS / "ci" / "lab.toml")).roles
    policy = read_policy(str(DOCS / "ci" / "policy.toml"))
    known = {requirement.id for program in flows() for requirement in requirements(program)}
    assert {one.requirement for one in policy.known} <= known


@needs_captures
def test_the_known_issue_of_the_policy_is_worded_as_a_finding_is(report) -> None:
    policy = read_policy(str(DOCS / "ci" / "policy.toml"))
    for known in policy.known:
        said = [
            finding.observed
            for one in report.instances
            for finding in one.findings
            if finding.requirement == known.requirement
        ]
        assert any(known.message in text for text in said), said


def test_the_policy_shown_is_accepted(tmp_path: Path) -> None:
    (policy,) = [
        block
        for language, block in _FENCE.findall((DOCS / "gate-your-ci.md").read_text())
        if language == "toml"
    ]
    path = tmp_path / "policy.toml"
    path.write_text(policy)
    assert read_policy(str(path)).known


def test_the_gates_statuses_are_all_told() -> None:
    text = (DOCS / "gate-your-ci.md").read_text().partition("## What the gate says")[2]
    told = {int(status) for status in re.findall(r"^\| (\d) \|", text, re.M)}
    assert told == {int(outcome) for outcome in Outcome} | {2}


def test_every_option_of_the_plugin_is_told() -> None:
    class Options:
        names: list[str] = []  # noqa: RUF012 - one test, one list

        def getgroup(self, *_arguments: str) -> "Options":
            return self

        def addoption(self, name: str, **_more: object) -> None:
            self.names.append(name)

    pytest_addoption(Options())  # type: ignore[arg-type]
    told = set(re.findall(r"--cpm-[a-z]+", (DOCS / "pytest.md").read_text()))
    assert told == set(Options.names)


@pytest.mark.parametrize("page", [*GUIDES, *PAGES], ids=lambda page: page.stem)
def test_every_requirement_named_is_one(page: Path) -> None:
    known = {requirement.id for program in flows() for requirement in requirements(program)}
    steps = {name for name in known if "/" in name}
    for code in _CODE.findall(page.read_text()):
        for word in code.replace(",", " ").split():
            if _ID.fullmatch(word):
                assert word in known, word
            if "/" in word and word.partition("/")[0] in load().flows:
                assert word in steps, word


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(
    "page", [*GUIDES, *PAGES, *DOCS.glob("*/README.md")], ids=lambda page: page.stem
)
def test_every_link_and_anchor_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        target, _, anchor = link.partition("#")
        if "://" in target or (target.startswith("../../captures/") and not INDEX.is_file()):
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), link
        if anchor:
            assert anchor in anchors(path), link


def test_the_failure_that_is_read_is_the_demos(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 1
    output = capsys.readouterr().out
    blocks = [
        block
        for language, block in _FENCE.findall((DOCS / "read-a-failure.md").read_text())
        if language == "text"
    ]
    assert len(blocks) == 6
    for block in blocks:
        for line in block.splitlines():
            assert line.rstrip() in output, line
