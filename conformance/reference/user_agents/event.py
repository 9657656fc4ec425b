"""Values of event notification: Event and Expires (RFC 6665 section 8.2, RFC 3261 20.19)."""

from conformance.sip.grammar import Parameterized, parse_parameterized

MAX_EXPIRES = 2**32 - 1


def event_of(value: str) -> tuple[str, str]:
    """Package and id of an Event value, by which NOTIFY and SUBSCRIBE match (RFC 6665 8.2.1)."""
    read = parse_parameterized(value)
    if not isinstance(read, Parameterized):
        return value.strip(), ""
    return read.value, read.param("id") or ""


def seconds_of(text: str | None) -> int | None:
    """Delta-seconds, up to what a field may hold; None for anything else."""
    if text is None or not text.isascii() or not text.isdigit():
        return None
    return min(int(text[:11]), MAX_EXPIRES)
