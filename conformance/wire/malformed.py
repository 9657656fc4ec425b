"""The malformed message as a value: bad octets are a fact about their sender."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Malformed:
    """Octets that claim to be a message and are none.

    `offset` counts octets from the start of `octets`; `rule` names the broken rule with its
    source, such as "RFC 3261 section 7.3.1: header field without a colon".
    """

    protocol: str
    octets: bytes
    offset: int
    rule: str
