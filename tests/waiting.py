"""Waiting for what another thread or process does: for as long as it takes, and not for ever."""

import threading
import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds after which what is waited for will not come, however busy the machine is."""
PAUSE = 0.005


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        pause.wait(PAUSE)
