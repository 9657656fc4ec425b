"""The timers of SIP (RFC 3261 table 4, RFC 6026) and of the roles, in nanoseconds."""

from dataclasses import dataclass

SECOND = 1_000_000_000
MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Timers:
    """T1, T2 and T4 with what follows from them; all in ns. TS 24.229 has T1 = 2 s to a client."""

    t1: int = 500 * MILLISECOND
    t2: int = 4 * SECOND
    t4: int = 5 * SECOND
    c: int = 181 * SECOND

    @property
    def b(self) -> int:
        """INVITE transaction timeout; F and H are as long."""
        return 64 * self.t1

    @property
    def d(self) -> int:
        """How long a client waits for more INVITE responses over an unreliable transport."""
        return max(64 * self.t1, 32 * SECOND)

    @property
    def j(self) -> int:
        """How long a server waits for more requests that are no INVITE; L and M are as long."""
        return 64 * self.t1


NETWORK = Timers()
"""Between the elements of the network."""

ACCESS = Timers(t1=2 * SECOND, t2=16 * SECOND, t4=17 * SECOND)
"""Towards a client (TS 24.229 table 7.7.1)."""
