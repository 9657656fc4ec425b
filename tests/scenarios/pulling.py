"""The session in which a client has its deferred messages handled."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.scenarios.agents import accept_contact, contact, hang_up
from tests.scenarios.bodies import ACTIONS_TYPE, Stored, cpim, deferred_actions
from tests.scenarios.legs import Hop, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, DEFERRED_PSI, ICSI, SECOND
from tests.scenarios.sessions import (
    Acceptance,
    Session,
    call,
    establish,
    hang_up_both,
    identities,
    media,
    refresh,
)


@dataclass(frozen=True, slots=True)
class Steps:
    """The printed labels of the pulling session's steps."""

    invite: str
    answer: str
    content: str
    end: str


@dataclass(frozen=True, slots=True)
class Pulling:
    """How one pull session goes; the defaults conform.

    `actions`: the action for each listed message, empty for keeping it without a word.
    `delivers`: which messages come, None for those to be retrieved.
    """

    actions: tuple[str, ...] = ("retrieve", "retrieve", "discard")
    delivers: tuple[int, ...] | None = None
    names_others: tuple[str, ...] = ()
    without_actions: bool = False
    without_identities: bool = False
    end: str = "client"
    end_status: tuple[int, str] = (200, "OK")
    client_setup: str = "actpass"
    pf_setup: str = "active"
    client_direction: str = "recvonly"
    service: str = "deferred"
    answer: tuple[int, str] = (200, "OK")
    refresh: str = ""
    chunk: int = 2_048
    think: int = 4 * SECOND
    pf_thinks: int = 0
    stop_after: int = 0
    failure_report: str = ""


def chosen(how: Pulling, messages: Sequence[Stored]) -> list[tuple[str, str]]:
    """The (identity, action) pairs that the INVITE carries."""
    pairs = [(m.message_id, a) for m, a in zip(messages, how.actions, strict=False) if a]
    pairs += [(identity, "retrieve") for identity in how.names_others]
    return [(identity, "" if how.without_actions else action) for identity, action in pairs]


def pull_session(
    net: Network, how: Pulling, messages: list[Stored], steps: Steps, extra: list[Stored]
) -> Session | None:
    """The INVITE with the actions, its answer, the messages, the end; None if none is chosen."""
    pairs = chosen(how, messages)
    if not pairs:
        return None
    client, pf = net.who.client, net.who.pf
    offer = media(net, client, how.client_setup, how.client_direction)
    answer = media(net, pf, how.pf_setup, "sendonly")
    headers = [
        ("P-Preferred-Identity", f"<{ALICE}>"),
        ("P-Preferred-Service", f"{ICSI}.{how.service}"),
        ("P-Access-Network-Info", "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000001"),
        accept_contact(how.service),
        contact(client, how.service),
        *identities(messages[0]),
    ]
    body = deferred_actions([] if how.without_identities else pairs)
    invite = call(
        net,
        [client, *net.who.inner, pf],
        DEFERRED_PSI,
        (ALICE, DEFERRED_PSI),
        headers,
        offer,
        parts=[(ACTIONS_TYPE, body)],
        names=hops(steps.invite),
        timer=bool(how.refresh),
    )
    accepted = Acceptance((how.service,), how.pf_thinks, how.answer, timer=bool(how.refresh))
    session = establish(net, invite, offer, answer, accepted, names=hops(steps.answer))
    if how.refresh:
        refresh(net, session, how.refresh, offer, answer)
    _serve(net, how, session, [*messages, *extra], steps)
    _finish(net, how, session, hops(steps.end))
    return session


def _serve(
    net: Network, how: Pulling, session: Session, messages: list[Stored], steps: Steps
) -> None:
    """The messages that were to be retrieved, or those that the script says."""
    wanted = tuple(i for i, action in enumerate(how.actions) if action == "retrieve")
    delivers = wanted if how.delivers is None else how.delivers
    channel = session.channel
    channel.failure_report = how.failure_report
    if delivers or wanted:
        channel.bind()
    content = Hop(steps.content, steps.content)
    for index in delivers:
        if how.stop_after:
            octets = cpim(messages[index])
            channel.send("pf", octets, content, chunk=how.chunk, stop_after=how.stop_after)
            break
        channel.deliver(messages[index], content, chunk=how.chunk)
        net.wait(net.pause(1, 3))


def _finish(net: Network, how: Pulling, session: Session, names: list[Hop]) -> None:
    ends = {"client": net.who.client, "pf": net.who.pf}
    if how.end == "both":
        hang_up_both(net, session, names, how.end_status)
    elif how.end:
        hang_up(net, session.dialog, ends[how.end], names=names)
    else:
        net.is_hushed = True
