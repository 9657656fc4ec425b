"""Whether a message may hold credentials or keys: asked of every one that a report shows."""

_MARKS = (b"authorization", b"a=crypto", b"a=key-mgmt", b"a=ice-pwd", b"\nk=")


def may_hold_secrets(octets: bytes) -> bool:
    """Whether there is anything in a message for `without_secrets` to look at; nearly never."""
    lower = octets.lower()
    for mark in _MARKS:  # noqa: SIM110 - any() would make a generator each time
        if mark in lower:
            return True
    return False
