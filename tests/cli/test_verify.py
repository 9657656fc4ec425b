import io
import json
import sys
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest
from jsonschema import Draft202012Validator

from conformance.cli.demo_trace import ROLES, write_demo
from conformance.cli.main import main
from conformance.report.render_json import schema
from conformance.suite import campaign
from tests.report.samples import BEGIN
from tests.suite.demo import ROLE_WORDS


@pytest.fixture
def demo(tmp_path: Path) -> str:
    path = tmp_path / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    return str(path)


def verify(*words: str) -> int:
    return main(["verify", *words, *ROLE_WORDS])


def test_0_pass(demo, capsys) -> None:
    assert verify(demo, "--flow", "push-pager") == 0
    assert "✓ PASS" in capsys.readouterr().out


def test_1_fail(demo, capsys) -> None:
    assert verify(demo) == 1
    assert "✗ FAIL" in capsys.readouterr().out


def test_3_nothing_exercised_and_allowed(demo, capsys) -> None:
    assert verify(demo, "--flow", "undelivered") == 3
    assert verify(demo, "--flow", "undelivered", "--allow", "inconc,none") == 0
    assert verify(demo, "--flow", "undelivered", "--allow", "inconc") == 3
    assert "NOT EXERCISED" in capsys.readouterr().out


def test_4_an_error_of_ours(demo, capsys, monkeypatch) -> None:
    class Broken:
        def __init__(self, *arguments, **names) -> None:
            raise KeyError("x")

    monkeypatch.setattr(campaign, "BoundedJudge", Broken)
    assert verify(demo) == 4
    told = capsys.readouterr()
    assert "! ERROR" in told.out
    assert "KeyError" in told.err
    assert "Traceback" not in told.err
    assert main(["--debug", "verify", demo]) == 4
    assert "Traceback" in capsys.readouterr().err


BAD = [
    (["absent.pcap"], "absent.pcap: "),
    (["TEXT"], "it is no capture"),
    (["FOLDER"], "the folder holds no capture"),
    (["DEMO", "--role", "boss=10.0.0.1"], "unknown role 'boss'"),
    (["DEMO", "--role", "pf=10.0.0"], "is no address"),
    (["DEMO", "--from", "noon"], "no date and time"),
    (["DEMO", "--flow", "pul"], "did you mean 'pull'"),
    (["DEMO", "--expect", "pul"], "did you mean 'pull'"),
    (["DEMO", "--explain", "pul"], "did you mean 'pull'"),
    (["DEMO", "--profile", "rsc"], "there is no profile 'rsc'"),
    (["DEMO", "--profile", "zebra"], "there is no profile 'zebra': there are cpm, rcs"),
    (["DEMO", "--profile", "absent.toml"], "absent.toml: it cannot be read"),
    (["DEMO", "--flows", "absent"], "there is no such folder of flows"),
    (["DEMO", "--setting", "absent.toml"], "it cannot be read"),
    (["DEMO", "--ics", "absent.toml"], "it cannot be read"),
    (["DEMO", "--index", "absent.toml"], "it cannot be read"),
    (["DEMO", "--allow", "fail"], "neither inconc nor none"),
    (["DEMO", "--preferences", "absent.xml"], "absent.xml: it cannot be read"),
    (["DEMO", "--preferences", "TEXT"], "text.pcap: "),
    (["DEMO", "--preferences", "FOLDER"], "folder: it cannot be read"),
    (["DEMO", "--json", "absent/report.json"], "there is no folder"),
    (["DEMO", "--html", "FOLDER"], "it is a folder"),
    (["DEMO", "--reader", "own"], "invalid choice: 'own'"),
    (["DEMO", "--keylog", "absent.log"], "absent.log: the file of keys is missing"),
    (["DEMO", "--as-one", "--separate"], "not allowed with"),
    (["-", "-"], "standard input can be read once only"),
]


@pytest.mark.parametrize(("words", "sentence"), BAD)
def test_2_errors_of_use_are_one_clear_line(demo, tmp_path, capsys, words, sentence) -> None:
    text = tmp_path / "text.pcap"
    text.write_text("INVITE sip:alice@example.com SIP/2.0")
    folder = tmp_path / "folder"
    folder.mkdir()
    names = {"DEMO": demo, "TEXT": str(text), "FOLDER": str(folder)}
    assert verify(*(names.get(word, word) for word in words)) == 2
    told = capsys.readouterr()
    assert told.err.startswith("cpmspec: ")
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_standard_input(demo, capsys, monkeypatch) -> None:
    class Stdin:
        buffer = io.BytesIO(Path(demo).read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert verify("-") == 1
    assert capsys.readouterr().out.startswith("standard input: 11 packets")


def test_standard_input_is_never_told_by_the_name_of_our_file(capsys, monkeypatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b"")

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert verify("-") == 2
    assert capsys.readouterr().err == "cpmspec: standard input: it is empty\n"


def test_nothing_exercised_says_what_was_looked_for_and_how_to_go_on(demo, capsys) -> None:
    assert verify(demo, "--flow", "undelivered", "--explain", "undelivered") == 3
    told = capsys.readouterr()
    assert "looked for: undelivered; --explain ID tells what came near one\n" in told.out
    assert told.err == "cpmspec: --explain undelivered: nothing in the captures came near it\n"


def test_every_report_at_once(demo, tmp_path, capsys) -> None:
    names = {name: tmp_path / f"report.{name}" for name in ("json", "html", "junit")}
    words = [word for name, path in names.items() for word in (f"--{name}", str(path))]
    assert verify(demo, "-q", *words) == 1
    value = json.loads(names["json"].read_text())
    Draft202012Validator(json.loads(schema())).validate(value)
    assert value["verdict"] == "fail"
    assert parse(names["junit"]).getroot().get("failures") == "1"
    assert 'id="block-0"' in names["html"].read_text()
    assert capsys.readouterr().out == ""


def test_the_same_run_gives_the_same_octets(demo, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772442000")
    texts = []
    for name in ("a", "b"):
        for kind in ("json", "html"):
            path = tmp_path / f"{name}.{kind}"
            assert verify(demo, "-q", f"--{kind}", str(path)) == 1
            texts.append(path.read_text())
    assert texts[:2] == texts[2:]


def test_every_report_rendered_again_from_json_is_the_same(demo, tmp_path) -> None:
    saved, first, second = (tmp_path / name for name in ("r.json", "a.html", "b.html"))
    assert verify(demo, "-q", "--json", str(saved), "--html", str(first)) == 1
    assert main(["report", str(saved), "-q", "--html", str(second)]) == 0
    assert first.read_text() == second.read_text()


def test_json_on_standard_output_is_alone_there(demo, capsys) -> None:
    assert verify(demo, "--json", "-") == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "fail"


def test_an_expected_flow_that_is_absent(demo, capsys) -> None:
    assert verify(demo, "--flow", "push-pager", "--expect", "undelivered") == 1
    assert "undelivered was expected and does not appear" in capsys.readouterr().out
    assert verify(demo, "--flow", "push-pager", "--expect", "push-pager") == 0


def test_a_capture_that_is_given_twice_is_said_and_judged_once(demo, tmp_path, capsys) -> None:
    folder, report = Path(demo).parent, tmp_path / "report.json"
    again = f"{folder}/../{folder.name}/demo.pcapng"
    assert verify(demo, again, str(folder), "--flow", "push-pager", "--json", str(report)) == 0
    told = json.loads(report.read_text())
    assert len(told["captures"]) == len(told["instances"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"cpmspec: {path} is given more than once: it is read once" for path in (again, demo)
    ]


def test_near_misses_are_shown_and_fail_nothing(demo, capsys) -> None:
    assert verify(demo, "--flow", "push-pager", "--explain", "undelivered") == 0


def test_selections(demo) -> None:
    assert verify(demo, "-q", "--to", "2026-03-02T09:00:05Z") == 0
    assert verify(demo, "-q", "--from", "2026-03-02T09:00:05Z") == 1
    assert verify(demo, "-q", "--call-id", "push1@192.0.2.30") == 0
    assert verify(demo, "-q", "--user", "sip:nobody@example.com") == 3
    for words in (["--all"], ["--as-one"], ["--separate"], ["--reader", "native"], ["--strict"]):
        assert verify(demo, "-q", *words) == 1


def test_an_index(demo, tmp_path, capsys) -> None:
    index = tmp_path / "index.toml"
    roles = "".join(f'{role} = ["{address}"]\n' for role, address in ROLES.items())
    capture = '[[capture]]\npath = "demo.pcapng"\nshows = "No NOTIFY."\nflow = "pull"'
    entry = f"{capture}\n{{}}\n[capture.roles]\n{roles}"
    index.write_text(entry.format('verdict = "fail"'))
    assert main(["verify", demo, "--index", str(index)]) == 0
    assert "index: 1 of 1 captures as expected" in capsys.readouterr().out
    index.write_text(entry.format('verdict = "pass"'))
    assert main(["verify", demo, "--index", str(index)]) == 1
    assert "verdict fail, the index expects pass" in capsys.readouterr().out
    (tmp_path / "other.pcapng").write_bytes(Path(demo).read_bytes())
    assert main(["verify", str(tmp_path), "--index", str(index)]) == 2
    assert "other.pcapng is not listed" in capsys.readouterr().err


def test_the_suppliers_statement(demo, tmp_path) -> None:
    ics = tmp_path / "ics.toml"
    ics.write_text("[flows]\npull = false\n")
    assert verify(demo, "-q", "--ics", str(ics)) == 0


ALICE = (
    '<user-preferences xmlns="urn:oma:xml:cpm:user-preferences"><profile id="home"><devices>'
    "<deferred-messages><deliver>message</deliver></deferred-messages></devices></profile>"
    "</user-preferences>"
)


@pytest.fixture
def pull(tmp_path) -> str:
    path = tmp_path / "pull.pcapng"
    assert main(["simulate", "pull", "-o", str(path)]) == 0
    (tmp_path / "alice.xml").write_text(ALICE)
    return str(path)


def test_the_comparison_is_made_when_asked_for(pull, tmp_path, capsys) -> None:
    saved = tmp_path / "r.json"
    assert main(["verify", pull, "--json", str(saved)]) == 0
    assert json.loads(saved.read_text())["compared"] is False
    assert "reference" not in capsys.readouterr().out
    assert main(["verify", pull, "--oracle", "--json", str(saved)]) == 0
    assert json.loads(saved.read_text())["compared"] is True
    assert "made, without preferences" in capsys.readouterr().out


def test_a_role_that_departs_from_known_preferences_fails(pull, tmp_path, capsys) -> None:
    saved, shown = tmp_path / "r.json", tmp_path / "r.html"
    alice = str(tmp_path / "alice.xml")
    files = ["--json", str(saved), "--html", str(shown)]
    assert main(["verify", pull, "--preferences", alice, *files]) == 1
    told = capsys.readouterr().out
    assert "Flow and reference disagree: by the flow alone this is pass" in told
    assert f"made, by the preferences of {alice}" in told
    value = json.loads(saved.read_text())
    Draft202012Validator(json.loads(schema())).validate(value)
    (one,) = [one for one in value["opinions"] if one["verdict"] == "fail"]
    assert (one["flow_verdict"], one["requirement"]) == ("pass", "SD-5.4-consider")
    (row,) = [row for row in value["requirements"] if row["id"] == "SD-5.4-consider"]
    assert (row["verdict"], row["counts"]) == ("fail", {"fail": 1})
    again = tmp_path / "again.html"
    assert main(["report", str(saved), "-q", "--html", str(again)]) == 0
    assert again.read_text() == shown.read_text()


def test_what_was_not_selected_is_not_held_against_the_run(pull, tmp_path) -> None:
    alice = str(tmp_path / "alice.xml")
    words = ["verify", pull, "-q", "--preferences", alice, "--user", "sip:nobody@example.com"]
    assert main(words) == 3


def test_an_index_names_preferences_for_one_capture(pull, tmp_path, capsys) -> None:
    index = tmp_path / "index.toml"
    entry = '[[capture]]\npath = "pull.pcapng"\nflow = "pull"\n'
    index.write_text(
        f'{entry}verdict = "fail"\nrequirement = "SD-5.4-consider"\npreferences = "alice.xml"\n'
    )
    assert main(["verify", pull, "--index", str(index)]) == 0
    assert "AS EXPECTED" in capsys.readouterr().out
    index.write_text(f'{entry}verdict = "pass"\npreferences = "absent.xml"\n')
    assert main(["verify", pull, "--index", str(index)]) == 2
    told = capsys.readouterr()
    assert "absent.xml: it cannot be read" in told.err
    assert told.out == ""


def test_2_a_bound_of_nothing(capsys, demo) -> None:
    assert verify(demo, "--max-open", "0") == 2
    assert "--max-open 0: it must be above 0" in capsys.readouterr().err


def test_that_what_was_let_go_is_said(tmp_path, demo) -> None:
    report = tmp_path / "report.json"
    verify(demo, "--max-open", "1", "--quiet", "--json", str(report))
    (capture,) = json.loads(report.read_text("utf-8"))["captures"]
    assert [gap["reason"] for gap in capture["gaps"]] == ["limit"]
