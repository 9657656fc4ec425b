"""Addresses of a test's own: a network namespace that only one thread is in, gone with it."""

import ctypes
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache

_NEW_NETWORK = 0x40000000
_PATIENCE = 60


def apart(addresses, call):
    """What `call` gives where the loopback interface has these addresses, and there is no other.

    OSError or SubprocessError where no namespace can be made.
    """
    with ThreadPoolExecutor(1) as alone:
        alone.submit(_leave, addresses).result()
        return alone.submit(call).result()


@cache
def is_possible():
    """Whether that can be done here."""
    with suppress(OSError, subprocess.SubprocessError):
        return apart(["2001:db8::1"], lambda: True)
    return False


def _leave(addresses):
    """Let this thread see the network no more, but one of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    _ip("link", "set", "lo", "up")
    for address in addresses:
        _ip("addr", "add", address, "dev", "lo", *(("nodad",) if ":" in address else ()))


def _ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=_PATIENCE)
