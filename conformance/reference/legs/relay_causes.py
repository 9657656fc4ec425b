"""Why a short message failed, as the relay layer, the transfer layer and ours tell it."""

from conformance.reference.legs.leg import Cause

_TO_US = {
    1: Cause.UNKNOWN,
    8: Cause.BARRED,
    10: Cause.BARRED,
    21: Cause.REFUSED,
    22: Cause.BUSY,
    27: Cause.ABSENT,
    28: Cause.UNKNOWN,
    29: Cause.REFUSED,
    30: Cause.UNKNOWN,
    38: Cause.CONGESTED,
    41: Cause.ABSENT,
    42: Cause.CONGESTED,
    47: Cause.CONGESTED,
    50: Cause.BARRED,
    69: Cause.UNSUPPORTED,
}

# What a service centre may say to a telephone, and what a telephone may say to it: of the
# latter, memory exceeded and protocol error are all that fit (TS 24.011 table 8.4).
_FROM_NETWORK = {
    Cause.UNKNOWN: 1,
    Cause.BARRED: 10,
    Cause.ABSENT: 27,
    Cause.BUSY: 22,
    Cause.CONGESTED: 42,
    Cause.REFUSED: 21,
    Cause.TOO_LONG: 69,
    Cause.UNSUPPORTED: 69,
    Cause.NO_ANSWER: 41,
    Cause.FAILED: 38,
}
_MEMORY_EXCEEDED, _PROTOCOL_ERROR = 22, 111

SEMANTICALLY_INCORRECT = 95
"""RP-Cause of a message whose content makes no sense."""

DELIVERED_STATUS = 0x00
"""TP-Status: received by the recipient (TS 23.040 section 9.2.3.15)."""

FAILED_STATUS = 0x41
"""TP-Status: permanent error, incompatible destination; no further attempt is made."""

EXPIRED_STATUS = 0x46
"""TP-Status: permanent error, the validity period has expired."""


def cause_of_relay(cause: int) -> Cause:
    """What an RP-Cause says (TS 24.011 table 8.4)."""
    return _TO_US.get(cause & 0x7F, Cause.FAILED)


def relay_cause(cause: Cause, *, from_network: bool) -> int:
    """The RP-Cause with which a network, or a telephone, says so (TS 24.011 table 8.4)."""
    if from_network:
        return _FROM_NETWORK[cause]
    return _MEMORY_EXCEEDED if cause is Cause.BUSY else _PROTOCOL_ERROR


def validity(lifetime: int) -> int:
    """A lifetime in ns as the octet of TP-Validity-Period, rounded up, within 5 min and 63 weeks.

    TS 23.040 section 9.2.3.12.1.
    """
    minutes = max(-(-lifetime // _MINUTE), 1)
    if minutes <= 12 * 60:
        return max(-(-minutes // 5) - 1, 0)
    if minutes <= 24 * 60:
        return 143 + -(-(minutes - 12 * 60) // 30)
    days = -(-minutes // (24 * 60))
    if days <= 30:
        return 166 + days
    return min(192 + max(-(-days // 7), 5), 255)


_MINUTE = 60_000_000_000
