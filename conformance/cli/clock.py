"""The wall clock, read in this one place."""

import os
from datetime import UTC, datetime


def today() -> str:
    """Now in UTC (RFC 3339); SOURCE_DATE_EPOCH (reproducible-builds.org) sets it instead."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isdigit() and len(fixed) <= 11:
        moment = datetime.fromtimestamp(int(fixed), UTC)
    else:
        moment = datetime.now(UTC)  # noqa: TID251 - the command line knows the date
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
