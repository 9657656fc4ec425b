import re

from conformance.cli.clock import today


def test_the_date_is_utc(monkeypatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", today())


def test_the_date_can_be_set_for_equal_octets(monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772442000")
    assert today() == "2026-03-02T09:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "tomorrow")
    assert today() != "tomorrow"
