"""Instants: integer nanoseconds since 1970-01-01 UTC, and RFC 3339 text."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_NANOSECONDS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds())

_TEXT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)


def to_text(time: int) -> str:
    """The instant in UTC with nine decimals (RFC 3339 section 5.6), clamped to years 1 to 9999."""
    seconds, rest = divmod(time, _NANOSECONDS)
    return f"{_to_seconds(seconds)}.{rest:09}Z"


@lru_cache(maxsize=1024)
def _to_seconds(seconds: int) -> str:
    """Date and time of day; a report names every second of a capture many times."""
    seconds = min(max(seconds, -62_135_596_800), _LAST)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0")


def to_clock(time: int) -> str:
    """The time of day in UTC with six decimals, for people."""
    return to_text(time)[11:26]


def to_moment(time: int) -> str:
    """Date and time of day in UTC with milliseconds, for people."""
    text = to_text(time)
    return f"{text[:10]} {text[11:23]}"


def from_text(text: str) -> int | None:
    """Nanoseconds of an RFC 3339 date-time; None if it is none.

    A date alone is its midnight, seconds may be left out, and no zone means UTC.
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=UTC
        )
        moment += timedelta(seconds=int(second or 0)) - _offset(zone)
    except (ValueError, OverflowError):
        return None
    whole = (moment - _EPOCH) // timedelta(seconds=1)
    return whole * _NANOSECONDS + int((fraction or "").ljust(9, "0"))


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    size = timedelta(hours=hours, minutes=minutes)
    return -size if zone[0] == "-" else size


def duration(nanoseconds: int) -> str:
    """A length of time for people: `850 µs`, `12.4 ms`, `3.2 s`, `2 min 5 s`, `3 h 7 min`."""
    if nanoseconds < 1_000_000:
        return f"{nanoseconds / 1_000:.0f} µs"
    if nanoseconds < _NANOSECONDS:
        return f"{nanoseconds / 1_000_000:.1f} ms"
    if nanoseconds < 60 * _NANOSECONDS:
        return f"{nanoseconds / _NANOSECONDS:.1f} s"
    seconds = nanoseconds // _NANOSECONDS
    if seconds < 3_600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3_600} h {seconds % 3_600 // 60} min"
