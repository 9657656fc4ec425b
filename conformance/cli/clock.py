"""The wall clock, read in this one place."""

import os
import time
from datetime import UTC, datetime


def today() -> str:
    """Now in UTC (RFC 3339); SOURCE_DATE_EPOCH (reproducible-builds.org) sets it instead."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isdigit() and len(fixed) <= 11:
        moment = datetime.fromtimestamp(int(fixed), UTC)
    else:
        moment = datetime.now(UTC)  # noqa: TID251 - the command line knows the date
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def now_ns() -> int:
    """Now, in ns since 1970-01-01 UTC."""
    return time.time_ns()


def monotonic_ns() -> int:
    """A count of ns that never goes back."""
    return time.monotonic_ns()


def wait(seconds: float) -> None:
    """Let real time pass."""
    time.sleep(seconds)
