"""How a participating function is set up, as far as its own traffic tells."""

from collections.abc import Sequence

from conformance.cpm.identity import uri_of, user_key
from conformance.observation.content import Content
from conformance.oracle.surroundings import (
    domain_of,
    entries_of,
    is_literal,
    neighbour,
    requests,
    services_of,
)
from conformance.oracle.view import Item
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.preferences.rules import Delivery
from conformance.sip.message import SipResponse

_EVENT = "deferred-messages"


def settings_of(items: Sequence[Item]) -> PfSettings:
    """The operator's settings as far as the trace tells them: they are no preferences."""
    core = neighbour(items)
    home, psi = "", ""
    for _, message in requests(items, incoming=True):
        if (message.header("Event") or "").startswith(_EVENT) or entries_of(message):
            psi = psi or message.uri
    users = tuple(dict.fromkeys(_users(items)))
    home = next((domain_of(user) for user in users if domain_of(user)), "example.invalid")
    push, unsolicited = _ways(items)
    # A policy by which nothing was pushed here is the first to be tried.
    waits = unsolicited or not _pushes(items)
    deliveries = (Delivery.NOTIFICATION, Delivery.MESSAGE) if waits else tuple(Delivery)
    return PfSettings(
        home=home,
        core=f"sip:{core};lr",
        psi=psi or f"sip:deferred-messages@{home}",
        users=users,
        gateway=_gateway(items, users) or f"iwf.{home}",
        push=push,
        unsolicited=unsolicited,
        deliveries=deliveries,
    )


def leads_elsewhere(uri: str, user: str) -> bool:
    """Whether a Request-URI names a user at another domain than their own: a gateway's.

    A contact has an address; a retargeted request keeps its To.
    """
    domain, home = domain_of(uri), domain_of(user)
    return bool(domain and home) and not is_literal(domain) and domain != home


def _gateway(items: Sequence[Item], users: Sequence[str]) -> str:
    """The domain at which users are asked for whose messages go to another service."""
    served = {user_key(user) for user in users}
    for _, message in requests(items, incoming=False):
        to = uri_of(message.header("To") or "")
        is_first = message.to_tag is None and message.method == "MESSAGE"
        if is_first and user_key(to) in served and leads_elsewhere(message.uri, to):
            return domain_of(message.uri)
    return ""


def _users(items: Sequence[Item]) -> list[str]:
    """Whom the function serves: who registers, asks for lists, is pushed to or deferred for."""
    found = []
    for _, message in requests(items, incoming=True):
        if message.to_tag is not None:
            continue
        served = message.header("P-Served-User")
        if served is not None:
            # The core says it (RFC 5502).
            found.append(uri_of(served))
        elif message.method == "REGISTER" or message.branch in _accepted(items):
            found.append(uri_of(message.header("To") or ""))
        elif message.method == "SUBSCRIBE" or entries_of(message):
            asker = message.header("P-Asserted-Identity") or message.header("From") or ""
            found.append(uri_of(asker))
    for _, message in requests(items, incoming=False):
        if message.to_tag is None and message.method in ("INVITE", "NOTIFY"):
            found.append(uri_of(message.header("To") or ""))
    return [one for one in found if one]


def _accepted(items: Sequence[Item]) -> set[str]:
    """The transactions of messages that were accepted for later."""
    return {
        one.message.branch
        for one in items
        if isinstance(one.message, SipResponse)
        and not one.incoming
        and one.message.status == 202
        and one.message.cseq_method == "MESSAGE"
    }


def _ways(items: Sequence[Item]) -> tuple[Push, bool]:
    """How it pushes, by what it was seen to push; and whether it notifies unasked."""
    push, unsolicited = Push.SESSION, False
    for _, message in requests(items, incoming=False):
        if message.to_tag is not None:
            continue
        services = services_of(message)
        if message.method == "NOTIFY":
            unsolicited = True
        elif message.method == "MESSAGE" and not Content(message).imdns:
            push = Push.PAGER
        elif message.method == "INVITE" and "oma.cpm.largemsg" in services:
            push = Push.LARGE if push is not Push.PAGER else push
    return push, unsolicited


def _pushes(items: Sequence[Item]) -> bool:
    """Whether anything was seen that may be a push."""
    return any(
        message.to_tag is None and message.method in ("INVITE", "MESSAGE")
        for _, message in requests(items, incoming=False)
    )
