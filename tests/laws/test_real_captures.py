"""Captures made by others hold no flow of ours: a clean read, and nobody judged."""

from pathlib import Path

import pytest

from conformance.capture.source import expand, open_capture
from conformance.observation.trace import Trace
from tests.verifying import said, verify

FOLDER = Path(__file__).resolve().parents[2] / ".." / "shared" / "captures"
FILES = expand([str(FOLDER)]) if FOLDER.is_dir() else []


@pytest.mark.skipif(not FILES, reason="the folder of captures by others is absent")
@pytest.mark.parametrize("path", FILES, ids=lambda path: Path(path).name)
def test_that_no_flow_is_seen_where_there_is_none(path: str) -> None:
    source = open_capture(path)
    items = list(source)
    judged = verify(Trace(items, source.health))
    assert judged.results == [], "\n".join(said(judged))
