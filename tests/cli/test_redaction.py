import argparse
import json

import pytest

from conformance.cli.main import main
from conformance.cli.redaction import add_arguments, redaction
from conformance.suite.errors import ConformanceError
from tests.laws.samples import named
from tests.scenarios import catalogue


@pytest.fixture
def capture(tmp_path):
    ladder = catalogue.ladder(*named("VARIANTS")[0])
    path = tmp_path / "lab.pcapng"
    ladder.write_pcapng(path)
    (tmp_path / "key").write_bytes(bytes(range(32)))
    return path


def report(capture, *options):
    out = capture.parent / "r.json"
    status = main(["verify", str(capture), "-q", "--json", str(out), *options])
    return status, out.read_text("utf-8")


def test_no_report_names_anybody(capture):
    key = str(capture.parent / "key")
    plain_status, plain = report(capture)
    status, hidden = report(capture, "--redact", "--redact-key", key)
    assert status == plain_status
    assert "home-a.example" in plain
    assert "home-a.example" not in hidden
    assert report(capture, "--redact", "--redact-key", key)[1] == hidden
    assert report(capture, "--redact")[1] != hidden
    one, other = json.loads(plain), json.loads(hidden)
    assert [i["id"] for i in one["instances"]] == [i["id"] for i in other["instances"]]
    assert one["verdict"] == other["verdict"]


def test_filters_and_roles_name_what_the_capture_does(capture):
    user = json.loads(report(capture)[1])["instances"][0]["user"]
    status, text = report(capture, "--redact", "--user", user)
    assert json.loads(text)["instances"]
    assert user not in text
    status, text = report(capture, "--redact", "--role", "core=10.0.1.0/24,[2001:db8:1::1]:5060")
    assert status in (0, 1, 3)
    assert any(role["given"] for role in json.loads(text)["roles"])


def test_keys_that_are_none(tmp_path, capsys):
    with pytest.raises(ConformanceError, match="cannot be read"):
        redaction(str(tmp_path / "absent"))
    (tmp_path / "short").write_bytes(b"short")
    with pytest.raises(ConformanceError, match="16 octets or more"):
        redaction(str(tmp_path / "short"))
    assert redaction(None).text("alice") != "alice"


def test_a_key_without_redact_is_refused(capture, capsys):
    assert main(["verify", str(capture), "--redact-key", "k"]) == 2
    assert "--redact" in capsys.readouterr().err


def test_the_options():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert parser.parse_args(["--redact"]).redact
    assert not parser.parse_args([]).redact


def test_preferences_cannot_be_kept_to_where_names_are_hidden(capture, capsys):
    status = main(["verify", str(capture), "-q", "--redact", "--preferences", "alice.xml"])
    assert status == 2
    assert "--preferences: it cannot be kept to where names are hidden" in capsys.readouterr().err


def test_the_comparison_names_nobody(capture):
    key = str(capture.parent / "key")
    plain_status, plain = report(capture, "--oracle")
    status, hidden = report(capture, "--oracle", "--redact", "--redact-key", key)
    assert status == plain_status
    assert "home-a.example" not in hidden
    kinds = [
        [(one["kind"], one["verdict"]) for one in json.loads(text)["opinions"]]
        for text in (plain, hidden)
    ]
    assert kinds[0] == kinds[1]
