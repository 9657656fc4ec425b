from hypothesis import given
from hypothesis import strategies as st

from conformance.report.instant import duration, from_text, to_clock, to_moment, to_text


def test_text_has_nine_decimals_and_zone_utc() -> None:
    assert to_text(1_772_442_000_000_000_001) == "2026-03-02T09:00:00.000000001Z"
    assert to_text(0) == "1970-01-01T00:00:00.000000000Z"


def test_people_see_less_of_it() -> None:
    assert to_clock(1_772_442_000_123_456_789) == "09:00:00.123456"
    assert to_moment(1_772_442_000_123_456_789) == "2026-03-02 09:00:00.123"


@given(st.integers(-60_000_000_000, 250_000_000_000), st.integers(0, 999_999_999))
def test_what_is_written_is_read_back(seconds: int, rest: int) -> None:
    time = seconds * 1_000_000_000 + rest
    assert from_text(to_text(time)) == time


@given(st.integers(-(10**30), 10**30))
def test_any_number_has_a_text(time: int) -> None:
    assert len(to_text(time)) == 30


def test_shorter_forms_and_other_zones_are_read() -> None:
    nine = from_text("2026-03-02T09:00:00Z")
    assert from_text("2026-03-02 09:00") == nine
    assert from_text("2026-03-02T10:00:00+01:00") == nine
    assert from_text("2026-03-02T03:30:00.5-05:30") == (nine or 0) + 500_000_000
    assert from_text("2026-03-02") == from_text("2026-03-02T00:00:00Z")


def test_what_is_no_time_is_none() -> None:
    for text in (
        "",
        "yesterday",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "09:00",
        "2026-03-02T25:00Z",
    ):
        assert from_text(text) is None


def test_lengths_of_time_for_people() -> None:
    assert duration(850_000) == "850 µs"
    assert duration(12_400_000) == "12.4 ms"
    assert duration(3_200_000_000) == "3.2 s"
    assert duration(125_000_000_000) == "2 min 5 s"
    assert duration(11_220_000_000_000) == "3 h 7 min"
