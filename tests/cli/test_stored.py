import io
import sys

import pytest

from conformance.cli.stored import parsed, stored_report, stored_text
from conformance.report.place import ReportError
from conformance.report.render_json import write_json
from conformance.suite.errors import ConformanceError
from tests.report.samples import report


def test_a_report_is_read_from_a_file_and_from_standard_input(tmp_path, monkeypatch) -> None:
    path = tmp_path / "results.json"
    with path.open("w", encoding="utf-8") as file:
        write_json(report(full=False), file)

    class Stdin:
        buffer = io.BytesIO(path.read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert stored_report(str(path)) == stored_report("-")


def test_errors_name_the_file(tmp_path) -> None:
    with pytest.raises(ReportError, match=r"x\.json: schema: "):
        parsed("x.json", "{}")
    with pytest.raises(ConformanceError, match=r"y\.json: it cannot be read"):
        stored_text(str(tmp_path / "y.json"))
    path = tmp_path / "z.json"
    path.write_bytes(b"\xff")
    with pytest.raises(ConformanceError, match="not UTF-8"):
        stored_text(str(path))
