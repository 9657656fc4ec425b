"""Test cases with what comes at the wrong moment, twice, in pieces, or not at all."""

from collections.abc import Callable
from dataclasses import replace

from conformance.live.losing import LosesConnection
from conformance.observation.packet import Endpoint
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import answer, drop, request
from conformance.reference.network.tampering import Tamper
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.beginnings import HELLO, LONG, deferred, waiting
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.world import World
from conformance.sip.frames import looks_like_sip
from conformance.suite.case import PATIENCE, Case

CHUNKS = (1, 17, 500, 2_047, 4_096, 65_536)
"""Octets of a chunk."""

UNTIL_GIVEN_UP = 200 * SECOND
"""How long everybody needs to give up what is never answered (RFC 3261 timer C), in ns."""

SOON = 20 * SECOND
"""When a message expires that is to expire while we wait, in ns."""

_GARBAGE = b"\x00\xff garbage \r\n\r\n", b"MESSAGE\r\n", b"SIP/2.0 999 x\r\nVia: y\r\n\r\n"


def _base(flow: str) -> Scenario:
    return catalogue.scenarios(flow)[0]


def _twice(method: str) -> Tamper:
    """Each such request comes twice, as if it had been sent again."""
    which = drop(request(method))

    def tamper(octets: bytes, towards: Endpoint) -> list[bytes]:
        return [octets, octets] if which(octets, towards) is None else [octets]

    return tamper


def _after_garbage(octets: bytes, towards: Endpoint) -> list[bytes]:
    """Before each request comes what is none."""
    if not looks_like_sip(octets) or octets.startswith(b"SIP/"):
        return [octets]
    return [*_GARBAGE, octets]


def _said_by(party: str, fault: str, tamper: Tamper) -> tuple[Fault, ...]:
    return (Fault(fault, party, tamper=tamper),)


def _expires_soon(world: World) -> None:
    deferred(world, wants=("negative-delivery",))


def _says_it_twice(world: World) -> None:
    """The same subscription is asked for twice."""
    waiting(HELLO)(world)
    world.simulation.after(14 * SECOND, world.client.subscribe_deferred)


def _of(
    sut: str,
    flow: str,
    name: str,
    shows: str,
    *faults: Fault,
    script: Callable[[World], None] | None = None,
    ends_early: bool = False,
    **setting: object,
) -> Case:
    base = _base(flow)
    changed = replace(base.setting, **setting)  # type: ignore[arg-type]
    scenario = replace(
        base,
        name=name,
        shows=shows,
        script=script or base.script,
        setting=changed,
        faults=faults,
        lasts=400 * SECOND,
    )
    return Case(sut, scenario, "inopportune", ends_early=ends_early)


def _towards(sut: str, party: str, flow: str, method: str) -> tuple[Case, ...]:
    """What any request may be like, from the party next to the device."""
    return (
        _of(
            sut,
            flow,
            f"{method.lower()}-twice",
            f"each {method} of {party} comes twice",
            *_said_by(party, f"{party}-says-{method}-twice", _twice(method)),
        ),
        _of(
            sut,
            flow,
            "garbage-between",
            "datagrams that are no SIP come before each request",
            *_said_by(party, f"{party}-sends-garbage", _after_garbage),
        ),
    )


def _chunked() -> tuple[Case, ...]:
    base = _base("push")
    return tuple(
        _of(
            "client",
            "push",
            f"chunks-of-{size}",
            f"messages in chunks of {size} octets",
            script=waiting(HELLO) if size < 20 else waiting(HELLO, LONG),
            pf=replace(base.setting.pf, chunk=size),
        )
        for size in CHUNKS
    )


_SILENT_CLIENT = _said_by("client", "client-answers-nothing", drop(answer("INVITE")))
_MUTE_CLIENT = _said_by("client", "client-answers-no-message", drop(answer("MESSAGE")))
_LATE = ClientSettings(rings=True, answer_after=25 * SECOND)

SCENARIOS: tuple[Case, ...] = (
    *_towards("client", "core", "push-pager", "MESSAGE"),
    *_towards("client", "core", "push", "INVITE"),
    *_towards("client", "core", "pull", "NOTIFY"),
    *_chunked(),
    replace(
        _of(
            "client",
            "push",
            "connection-lost",
            "the connection is lost in the middle of a message, which is pushed again later",
            script=waiting(LONG),
            ends_early=True,
        ),
        wrapped={"pf": LosesConnection},
    ),
    replace(
        _of(
            "pf",
            "push",
            "no-answer",
            "the client never answers the invitation",
            *_SILENT_CLIENT,
            ends_early=True,
        ),
        patience=UNTIL_GIVEN_UP,
    ),
    replace(
        _of(
            "pf",
            "push-pager",
            "no-answer",
            "the client never answers the message",
            *_MUTE_CLIENT,
            ends_early=True,
        ),
        patience=UNTIL_GIVEN_UP,
    ),
    replace(
        _of("pf", "push", "late-answer", "the client answers after 25 s", client=_LATE),
        patience=30 * SECOND,
    ),
    *_towards("pf", "core", "push-pager", "MESSAGE"),
    *_towards("pf", "core", "pull", "SUBSCRIBE"),
    _of("pf", "pull", "subscribed-twice", "a second subscription", script=_says_it_twice),
    *_towards("core", "remote", "push-pager", "MESSAGE"),
    *_towards("core", "client", "pull", "SUBSCRIBE"),
    *_towards("iwf", "core", "interwork-out", "MESSAGE"),
    *(
        replace(
            _of(
                sut,
                "undelivered",
                "expires-soon",
                "a message that says it is worth delivering for 20 s",
                script=_expires_soon,
                remote=RemoteSettings(expires=SOON),
            ),
            kind="valid",
            patience=PATIENCE + SOON,
        )
        for sut in ("pf", "core")
    ),
)
"""The cases that no scenario of the reference is."""
