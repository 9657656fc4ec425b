from pathlib import Path

import pytest

from conformance.suite.case_rows import ROWS, markdown

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "test-cases.md"


def test_every_normative_sentence_has_a_row():
    assert [row.number for row in ROWS] == [f"N{number}" for number in range(1, 30)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_each_sentence_is_provoked_or_cannot_be(row):
    assert bool(row.cases) is not bool(row.reason)


def test_each_pattern_names_a_case():
    for row in ROWS:
        for pattern in row.patterns:
            assert row._replace(patterns=(pattern,)).cases, pattern


def test_the_document_is_current():
    assert DOCUMENT.read_text("utf-8") == markdown(), (
        "write it anew: cpmspec drive --document > docs/test-cases.md"
    )
