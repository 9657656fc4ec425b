import gzip

import pytest

from conformance.cli.main import main
from conformance.suite import anonymize as work
from tests.laws.samples import named
from tests.scenarios import catalogue


@pytest.fixture
def capture(tmp_path):
    ladder = catalogue.ladder(*named("BREAKS")[0])
    path = tmp_path / "lab.pcapng"
    ladder.write_pcapng(path)
    return path


def test_a_copy_that_is_judged_alike(capture, capsys):
    copy = capture.parent / "vendor.pcapng"
    assert main(["anonymize", str(capture), "-o", str(copy)]) == 0
    said = capsys.readouterr().out
    assert "messages in disguise" in said
    assert "both captures are judged alike" in said
    assert b"home-a.example" not in copy.read_bytes()
    assert copy.stat().st_size == capture.stat().st_size


def test_a_compressed_capture(capture, capsys):
    plain, packed = capture.parent / "plain.pcapng", capture.parent / "lab.gz"
    packed.write_bytes(gzip.compress(capture.read_bytes()))
    (capture.parent / "key").write_bytes(bytes(range(32)))
    key = ["--redact-key", str(capture.parent / "key")]
    assert main(["anonymize", str(capture), "-o", str(plain), *key]) == 0
    copy = capture.parent / "copy.pcapng"
    assert main(["anonymize", str(packed), "-o", str(copy), *key]) == 0
    assert copy.read_bytes() == plain.read_bytes()
    packed.write_bytes(packed.read_bytes()[:-30])
    assert main(["anonymize", str(packed), "-o", str(copy)]) == 2
    assert "cut before its end" in capsys.readouterr().err


def test_unlike_is_said(capture, capsys, monkeypatch):
    monkeypatch.setattr(work, "differences", lambda one, other: iter(["one more finding"]))
    assert main(["anonymize", str(capture), "-o", str(capture.parent / "v.pcapng")]) == 1
    assert "judged unlike: one more finding" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("lab.pcapng", "lab.pcapng", "would overwrite"),
        ("absent", "v", "cannot be read"),
        ("absent", "text", "cannot be read"),
        ("lab.pcapng", "no/where", "cannot be written"),
        ("text", "v", "neither pcap nor pcapng"),
    ],
)
def test_what_is_refused(capture, capsys, source, target, words):
    folder = capture.parent
    (folder / "text").write_text("no capture")
    assert main(["anonymize", str(folder / source), "-o", str(folder / target)]) == 2
    assert words in capsys.readouterr().err
