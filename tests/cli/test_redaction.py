import argparse
import json
import re

import pytest

from conformance.capture.source import open_capture
from conformance.cli.main import main
from conformance.cli.output import FORMATS
from conformance.cli.redaction import add_arguments, redaction
from conformance.suite.errors import ConformanceError
from tests.laws.samples import named
from tests.report.opened import everything
from tests.scenarios import catalogue


@pytest.fixture
def capture(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772442000")  # reports are compared whole
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


def every_form(capture, capsys, *options):
    """Each report in each form, by name, with what is packed in it; and the terminal's."""
    found = {}
    paths = {name: capture.parent / f"report.{name}" for name in FORMATS}
    words = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    capsys.readouterr()
    main(["verify", str(capture), "--all", "--oracle", *words, *options])
    told = capsys.readouterr()
    found["terminal"] = (told.out + told.err).encode()
    for name, path in paths.items():
        text = path.read_text("utf-8")
        found[name] = everything(text) if name == "html" else text.encode()
    return found


SECRETS = re.compile(rb'(?:response|cnonce)="([0-9a-f]{8,})"')


def test_in_no_form_are_credentials_told_though_nothing_is_redacted(tmp_path, capsys):
    capture = tmp_path / "challenged.pcapng"
    catalogue.ladder("VARIANTS", "pull", "challenged").write_pcapng(capture)
    secrets = set(SECRETS.findall(capture.read_bytes()))
    assert secrets
    forms = every_form(capture, capsys)
    assert b"Authorization: Digest" in forms["html"]
    for name, octets in forms.items():
        assert not [secret for secret in secrets if secret in octets], name


def test_in_no_form_is_anybody_named_when_redacted(capture, capsys):
    octets = capture.read_bytes()
    texts = {b"parcel", b"home-a.example", b"home-b.example", b"15550100", b"15550142"}
    texts = {text for text in texts if text in octets}
    assert len(texts) >= 4
    plain = every_form(capture, capsys)
    assert [text for text in texts if text in plain["html"]]
    addresses = {
        end.host.encode()
        for item in open_capture(str(capture))
        for end in (item.source, item.destination)
    }
    for name, octets in every_form(capture, capsys, "--redact").items():
        assert not [text for text in texts if text in octets], name
        # A pseudonym may be what another address was; most of them are gone.
        gone = [
            host for host in addresses if not re.search(rb"\b" + re.escape(host) + rb"\b", octets)
        ]
        assert len(gone) >= len(addresses) - 1, name
