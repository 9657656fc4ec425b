"""Test cases in which a party next to the device answers late, or not at all."""

from dataclasses import replace
from functools import partial

from conformance.live.late import AnswersLate
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.tampers import answer, drop
from conformance.reference.remote.non_cpm_client import NonCpmSettings
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.scenarios.beginnings import deferred
from conformance.reference.world.world import World
from conformance.suite.case import Case
from conformance.suite.wrong_moment import base, case_of, said_by

UNTIL_GIVEN_UP = 200 * SECOND
"""How long everybody needs to give up what is never answered (RFC 3261 timer C), in ns."""

LATE = 20 * SECOND
"""How late an answer may come before its request is given up (RFC 3261 timer F: 32 s), in ns."""

SOON = 20 * SECOND
"""When a message expires that is to expire while we wait, in ns."""

_WHOM = {"core": "the core", "client": "the client", "pf": "the participating function"}


def expires_soon(world: World) -> None:
    """A message that is worth delivering for a while only is deferred."""
    deferred(world, wants=("negative-delivery",))


def _silent(sut: str, flow: str, party: str, method: str, name: str, **more: object) -> Case:
    """A party of ours answers no request of a method."""
    who = _WHOM.get(party, "the other system")
    return case_of(
        sut,
        flow,
        name,
        f"{who} never answers the {method}",
        said_by(party, f"{party}-answers-no-{method}", drop(answer(method))),
        ends_early=True,
        patience=UNTIL_GIVEN_UP,
        **more,  # type: ignore[arg-type]
    )


def _late(sut: str, flow: str, party: str, method: str, name: str = "late-answer") -> Case:
    """A party of ours answers requests of a method so much later."""
    who = _WHOM.get(party, "the other system")
    case = case_of(
        sut,
        flow,
        name,
        f"{who} answers the {method} after {LATE // SECOND} s",
        patience=LATE + 15 * SECOND,
    )
    wrap = partial(AnswersLate, which=answer(method), delay=LATE)
    return replace(case, wrapped={party: wrap})


def _rings(sut: str, flow: str) -> Case:
    """The user takes so long to accept, while the device rings."""
    return case_of(
        sut,
        flow,
        "late-answer",
        "the client answers after 25 s",
        client=ClientSettings(rings=True, answer_after=25 * SECOND),
        patience=30 * SECOND,
    )


def _declines(flow: str) -> Case:
    """The device's user does not wish to receive now, and is asked nevertheless."""
    plain = base(flow)

    def script(world: World) -> None:
        world.simulation.after(SECOND, world.client.decline)
        plain.script(world)

    shows = "the user does not wish to receive now"
    early = flow not in ("chat-deferred", "interwork-in")
    return case_of("client", flow, "user-declines", shows, script=script, ends_early=early)


CASES: tuple[Case, ...] = (
    *map(_declines, ("push-pager", "push-large", "push", "chat-deferred", "interwork-in")),
    # The client asks, and hears late or nothing.
    _late("client", "pull", "core", "SUBSCRIBE"),
    _late("client", "interwork-out", "core", "MESSAGE"),
    _silent("client", "pull", "core", "SUBSCRIBE", "no-answer"),
    _silent("client", "pull", "core", "INVITE", "invite-no-answer"),
    _silent("client", "pull-notify", "core", "INVITE", "invite-no-answer"),
    _silent("client", "interwork-out", "core", "MESSAGE", "no-answer"),
    # The participating function asks.
    _rings("pf", "push"),
    _rings("pf", "push-large"),
    _rings("pf", "chat-deferred"),
    _late("pf", "push-pager", "core", "MESSAGE"),
    _late("pf", "pull-notify", "core", "NOTIFY"),
    _late("pf", "pull", "core", "NOTIFY"),
    _silent("pf", "push", "client", "INVITE", "no-answer"),
    _silent("pf", "push-large", "client", "INVITE", "no-answer"),
    _silent("pf", "push-pager", "client", "MESSAGE", "no-answer"),
    _silent("pf", "chat-deferred", "client", "INVITE", "no-answer"),
    _silent("pf", "pull", "client", "NOTIFY", "no-answer"),
    _silent("pf", "pull-notify", "client", "NOTIFY", "no-answer"),
    _silent(
        "pf",
        "undelivered",
        "remote",
        "MESSAGE",
        "no-answer",
        script=expires_soon,
        remote=RemoteSettings(expires=SOON),
    ),
    # The core passes on, and gives up in place of who asked.
    _rings("core", "push"),
    _rings("core", "chat-deferred"),
    _late("core", "push-pager", "client", "MESSAGE"),
    _late("core", "pull", "pf", "SUBSCRIBE"),
    _silent("core", "push", "client", "INVITE", "no-answer"),
    _silent("core", "push-pager", "client", "MESSAGE", "no-answer"),
    _silent("core", "pull", "pf", "SUBSCRIBE", "no-answer"),
    _silent("core", "interwork-out", "iwf", "MESSAGE", "no-answer"),
    # The gateway has two sides.
    case_of(
        "iwf",
        "interwork-out",
        "late-answer",
        "the other service acknowledges after 20 s",
        noncpm=NonCpmSettings(answer_delay=LATE),
        patience=LATE + 15 * SECOND,
    ),
    case_of(
        "iwf",
        "interwork-out",
        "no-answer",
        "the other service never acknowledges",
        noncpm=NonCpmSettings(is_silent=True),
        ends_early=True,
        patience=UNTIL_GIVEN_UP,
    ),
    _late("iwf", "interwork-in", "core", "MESSAGE"),
    _silent("iwf", "interwork-in", "core", "MESSAGE", "no-answer"),
)
"""Late answers and none, for each device that asks something."""
