"""Test cases with what comes at the wrong moment, twice, in pieces, late, or not at all."""

from dataclasses import replace

from conformance.reference.engine.timer import SECOND
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.scenarios.beginnings import HELLO, waiting
from conformance.reference.world.world import World
from conformance.suite import wrong_answers, wrong_media
from conformance.suite.case import PATIENCE, Case
from conformance.suite.wrong_answers import SOON, expires_soon
from conformance.suite.wrong_moment import after_garbage, case_of, said_by, twice

_EXPIRING: dict[str, object] = {
    "script": expires_soon,
    "remote": RemoteSettings(expires=SOON),
    "patience": PATIENCE + SOON,
}


def _says_it_twice(world: World) -> None:
    """The same subscription is asked for twice."""
    waiting(HELLO)(world)
    world.simulation.after(14 * SECOND, world.client.subscribe_deferred)


def _towards(sut: str, party: str, flow: str, method: str) -> tuple[Case, ...]:
    """What any request may be like, from the party next to the device."""
    more = _EXPIRING if flow == "undelivered" else {}
    return (
        case_of(
            sut,
            flow,
            f"{method.lower()}-twice",
            f"each {method} of {party} comes twice",
            said_by(party, f"{party}-says-{method}-twice", twice(method)),
            **more,  # type: ignore[arg-type]
        ),
        case_of(
            sut,
            flow,
            "garbage-between",
            "datagrams that are no SIP come before each request",
            said_by(party, f"{party}-sends-garbage", after_garbage),
            **more,  # type: ignore[arg-type]
        ),
    )


_REPEATED = (
    ("client", "core", "push-pager", "MESSAGE"),
    ("client", "core", "push-large", "INVITE"),
    ("client", "core", "push", "INVITE"),
    ("client", "core", "pull", "NOTIFY"),
    ("client", "core", "pull-notify", "NOTIFY"),
    ("client", "core", "chat-deferred", "INVITE"),
    ("client", "core", "interwork-in", "MESSAGE"),
    ("pf", "core", "push-pager", "MESSAGE"),
    ("pf", "core", "push-large", "INVITE"),
    ("pf", "core", "pull", "SUBSCRIBE"),
    ("pf", "core", "pull-notify", "INVITE"),
    ("pf", "core", "chat-deferred", "INVITE"),
    ("pf", "core", "interwork-out", "MESSAGE"),
    ("pf", "core", "interwork-in", "MESSAGE"),
    ("core", "remote", "push-pager", "MESSAGE"),
    ("core", "pf", "push", "INVITE"),
    ("core", "pf", "push-large", "INVITE"),
    ("core", "client", "pull", "SUBSCRIBE"),
    ("core", "pf", "pull-notify", "NOTIFY"),
    ("core", "pf", "chat-deferred", "INVITE"),
    ("core", "client", "interwork-out", "MESSAGE"),
    ("core", "iwf", "interwork-in", "MESSAGE"),
    ("pf", "core", "undelivered", "MESSAGE"),
    ("core", "remote", "undelivered", "MESSAGE"),
    ("iwf", "core", "interwork-out", "MESSAGE"),
    ("iwf", "noncpm", "interwork-in", "MESSAGE"),
)
"""Device, who stands next to it, flow, and what it is asked there."""

SCENARIOS: tuple[Case, ...] = (
    *(case for place in _REPEATED for case in _towards(*place)),
    *wrong_media.CASES,
    *wrong_answers.CASES,
    case_of("pf", "pull", "subscribed-twice", "a second subscription", script=_says_it_twice),
    *(
        replace(
            case_of(
                sut,
                "undelivered",
                "expires-soon",
                "a message that says it is worth delivering for 20 s",
                **_EXPIRING,  # type: ignore[arg-type]
            ),
            kind="valid",
        )
        for sut in ("pf", "core")
    ),
)
"""The cases that no scenario of the reference is."""
