"""Test cases about sessions and their channels: chunks, connections that are lost, re-INVITEs."""

from collections.abc import Callable
from dataclasses import replace

from conformance.live.losing import (
    LosesBehindAnswer,
    LosesBetween,
    LosesConnection,
    LosesWhatComes,
)
from conformance.live.network import Wrap
from conformance.reference.faults.fault import Fault
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.scenarios.beginnings import HELLO, LONG, deferred, returns, waiting
from conformance.reference.scenarios.chat_parties import Refreshes, RefreshesChats
from conformance.reference.world.world import World
from conformance.suite.case import Case
from conformance.suite.wrong_moment import base, case_of

CHUNKS = (1, 17, 500, 2_047, 4_096, 65_536)
"""Octets of a chunk."""

_CLIENT_REFRESHES = Fault("client-refreshes", "client", replaced=RefreshesChats)
_REFRESHES = Fault("pf-refreshes", "pf", replaced=Refreshes)


def _chunked(sut: str, flow: str, size: int) -> Case:
    """Messages that come to the device in chunks of a size: pushed, or to be deferred."""
    texts = (HELLO,) if size < 20 else (HELLO, LONG)
    changes: dict[str, object] = {"pf": replace(base(flow).setting.pf, chunk=size)}
    script: Callable[[World], None] = waiting(*texts)
    if sut == "pf":
        changes = {"remote": RemoteSettings(chunk=size)}
        # One that is long goes in a session; a short one would go by MESSAGE.
        script = waiting(LONG[:1_040] if size < 20 else LONG)
    name, shows = f"chunks-of-{size}", f"messages in chunks of {size} octets"
    return case_of(sut, flow, name, shows, script=script, **changes)  # type: ignore[arg-type]


def _lost_between(flow: str) -> Case:
    """A connection is lost when one of the messages that were chosen has been delivered."""
    case = case_of("client", flow, "lost-between-messages", _BETWEEN, ends_early=True)
    return replace(case, wrapped={"pf": LosesBetween})


def _lost(sut: str, flow: str, party: str, wrap: Wrap, name: str, shows: str) -> Case:
    """A connection is lost in the middle of a message."""
    case = case_of(
        sut,
        flow,
        name,
        shows,
        script=_long_and_short if party == "remote" else waiting(LONG),
        ends_early=True,
    )
    return replace(case, wrapped={party: wrap})


def _long_and_short(world: World) -> None:
    """A long message, whose connection is lost, and a short one that is deferred."""
    deferred(world, (LONG, HELLO))
    returns(world)


_OUTGOING = "the connection is lost in the middle of a message, which is pushed again later"
_INCOMING = "the client's connection is lost while a message comes"
_ANSWERED = "the client's connection is lost when it has answered a part of what comes"
_BETWEEN = "the connection is lost when the first of two messages is delivered"
_DEPOSITED = "the connection is lost in the middle of a message that was to be deferred"

CASES: tuple[Case, ...] = (
    *(_chunked("client", "push", size) for size in CHUNKS),
    *(_chunked("client", "push-large", size) for size in CHUNKS[2:4]),
    *(_chunked("pf", "push", size) for size in CHUNKS),
    *(
        _lost("client", flow, "pf", LosesConnection, "connection-lost", _OUTGOING)
        for flow in ("push", "push-large")
    ),
    *(
        _lost("pf", flow, "client", LosesWhatComes, "connection-lost", _INCOMING)
        for flow in ("push", "push-large")
    ),
    *(
        _lost("pf", flow, "client", LosesBehindAnswer, "lost-behind-an-answer", _ANSWERED)
        for flow in ("push", "push-large")
    ),
    *map(_lost_between, ("pull", "pull-notify")),
    _lost("pf", "push-pager", "remote", LosesConnection, "deposit-lost", _DEPOSITED),
    case_of(
        "client",
        "chat-deferred",
        "refreshed-by-reinvite",
        "a re-INVITE that changes nothing, before anything is sent",
        _REFRESHES,
    ),
    case_of(
        "client",
        "push",
        "refreshed-by-reinvite",
        "a re-INVITE that changes nothing, before anything is sent",
        _REFRESHES,
    ),
    *(
        case_of(
            sut,
            "chat-deferred",
            "client-reinvites",
            "a re-INVITE of the client that changes nothing, while messages come",
            _CLIENT_REFRESHES,
        )
        for sut in ("pf", "core")
    ),
    case_of(
        "core",
        "push",
        "refreshed-by-reinvite",
        "a re-INVITE that changes nothing, before anything is sent",
        _REFRESHES,
    ),
)
"""MSRP in chunks of every size, connections lost in the middle of a message, and re-INVITEs."""
