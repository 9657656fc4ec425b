from conformance.cli.main import main


def test_the_demo_finds_its_fault(capsys) -> None:
    assert main(["demo"]) == 1
    shown = capsys.readouterr().out
    assert "demo.pcapng: 11 packets" in shown
    assert "pull/6-7" in shown
    assert "NOTIFY" in shown


def test_the_demo_writes_its_page_and_keeps_its_capture(tmp_path, capsys) -> None:
    page, kept = tmp_path / "demo.html", tmp_path / "demo.pcapng"
    assert main(["demo", "-q", "--html", str(page), "--capture", str(kept)]) == 1
    assert capsys.readouterr().out == ""
    assert "Deferred CPM Message pulling" in page.read_text()
    assert main(["verify", str(kept), "-q"]) in (1, 3)


def test_an_unwritable_capture_is_refused(tmp_path, capsys) -> None:
    assert main(["demo", "--capture", str(tmp_path / "none" / "a")]) == 2
    assert capsys.readouterr().err.startswith("cpmspec: --capture ")
