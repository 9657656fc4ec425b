"""How a CPM Participating Function is set up: where it is, and what its operator wants."""

from dataclasses import dataclass
from enum import StrEnum

from conformance.cpm.identity import uri_of, user_key
from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.rules import Delivery
from conformance.sip.uri import Uri, parse_uri

PAGER_LIMIT = 1_300
"""Octets up to which a message is of the pager mode."""

_DAY = 86_400 * SECOND


class Push(StrEnum):
    """How deferred messages are pushed; chat messages go in sessions of their own (7.3.12).

    `PAGER`: short ones each by MESSAGE (C.3.2.1.3), large ones as `LARGE`. `LARGE`: each by an
    INVITE of its own (C.3.2.1.4). `SESSION`: one session for all (C.3.3.1, 5.2.1.1.2).
    """

    PAGER = "pager"
    LARGE = "large"
    SESSION = "session"


class Leg(StrEnum):
    """How a request goes on: in its own transaction chain, or as a new request of ours."""

    PROXY = "proxy"
    B2BUA = "b2bua"


class Ender(StrEnum):
    """Who ends the session in which a client has its deferred messages handled."""

    CLIENT = "client"
    PF = "pf"


@dataclass(frozen=True, slots=True)
class PfSettings:
    """The operator's settings; times in ns.

    `core` is the loose route to the SIP/IP Core, `gateway` the host of the Interworking Function
    as a Request-URI names it. `users` are served besides the addresses of `home`. `deliveries`:
    pushing or notifying, the preferred first, where the user's preferences leave it open;
    `unsolicited`: notify without a subscription (C.3.3.2). `defers_for`: how long a message waits
    that says nothing of its own. `pull_end` and `pull_guard`: who ends a pull session, and after
    what time the participating function ends it all the same. `accepts_chats`: chats for a
    user who is not available are taken and deferred. `defers_unreached`: so is a message that no
    registered client answered. `channel_guard`: how long a channel may take to be set up.
    `names_deferred`: a push names the service of deferred messages in place of the message's own.
    """

    home: str = "home-a.example"
    core: str = "sip:10.0.1.1:5060;lr"
    gateway: str = "iwf.home-a.example"
    psi: str = "sip:deferred-messages@cpm.home-a.example"
    event: str = "deferred-messages"
    users: tuple[str, ...] = ()
    push: Push = Push.SESSION
    deliveries: tuple[Delivery, ...] = (Delivery.MESSAGE, Delivery.NOTIFICATION)
    unsolicited: bool = False
    leg: Leg = Leg.PROXY
    defers_for: int = 3 * _DAY
    push_delay: int = 0
    pull_end: Ender = Ender.CLIENT
    pull_guard: int = 120 * SECOND
    failure_notices: bool = True
    out_of_band: bool = True
    defers_unreached: bool = True
    accepts_chats: bool = True
    channel_guard: int = 60 * SECOND
    subscription_expires: int = 3_600
    subscription_minimum: int = 60
    names_deferred: bool = False
    chunk: int = 2_048
    setup: tuple[str, ...] = ("actpass", "passive", "active")

    def serves(self, address: str) -> bool:
        """Whether an address is that of a user of ours."""
        key = user_key(address)
        if any(user_key(user) == key for user in self.users):
            return True
        uri = parse_uri(uri_of(address))
        return isinstance(uri, Uri) and uri.host == self.home.lower()

    def is_psi(self, uri: str) -> bool:
        """Whether a Request-URI names the deferred message service itself."""
        return user_key(uri) == user_key(self.psi)
