"""Large Message Mode Deferred Message pushing (System Description C.3.2.1.4)."""

from dataclasses import replace
from typing import Any

from tests.ladder import Expect, Ladder
from tests.scenarios.network import Network
from tests.scenarios.parties import SECOND, Setting
from tests.scenarios.push_pager import available, defer
from tests.scenarios.pushing import Pushing, losing_fork, push_session
from tests.scenarios.sessions import waiting
from tests.scenarios.variations import (
    DEPARTURES,
    REFUSALS,
    UNSEEN,
    Build,
    broken,
    bypasses,
    conforming,
    core_answers,
    departures,
    make,
    mirrored,
    networks,
    one_way,
    play,
    refusals,
    silences,
    tap,
    too_early,
    unfinished,
)

FLOW = "push-large"
ABORTED = Expect("inconc")
GONE = (481, "Call/Transaction Does Not Exist")
CPM_IDS = ("Conversation-ID", "Contribution-ID")
LONG = 90
"""How often a text is repeated to become a large message of several chunks."""


def session_build(
    flow: str,
    service: str,
    setting: Setting | None = None,
    *,
    registered: int | None = None,
    removed: bool = False,
    idle: int = 3,
    again: bool = False,
    devices: int = 1,
    fork: int = 0,
    deferral: bool = False,
    more: bool = False,
    base: Pushing | None = None,
    **options: Any,
) -> Ladder:
    """A push session; `fork`: the losing branch's status.

    `again`: the same messages once more. `more`: other messages in a second session.
    """
    how = replace(base or Pushing(service), **{"service": service, **options})

    def script(net: Network) -> None:
        messages = waiting(net, how.count, disposition=how.disposition, repeat=how.repeat)
        if deferral:
            defer(net, messages[0])
        available(net, registered, removed=removed, devices=2 if fork else devices)
        net.wait(idle * SECOND)
        if fork:
            losing_fork(net, how, status=fork)
            return
        for client in (net.who.client, net.who.second)[:devices]:
            push_session(net, how, client, messages)
            net.wait(SECOND)
        if again or more:
            net.wait(60 * SECOND)
            push_session(net, how, net.who.client, messages if again else None)

    return play(flow, script, setting or Setting())


def build(setting: Setting | None = None, *, service: str = "largemsg", **options: Any) -> Ladder:
    """One large message in its session; options are those of `Pushing` and `session_build`."""
    base = Pushing(service, count=1, repeat=LONG)
    return session_build(FLOW, service, setting, base=base, **options)


def session_variants(build: Build) -> dict[str, Any]:
    """The conforming variants of every push by session."""
    return {
        **networks(build, by_client=False, with_session=True),
        **conforming("passive-client", build, answer_setup="passive"),
        **conforming("passive-offer", build, offer_setup="passive"),
        **conforming("no-setup-attribute", build, offer_setup="", answer_setup=""),
        **conforming("no-bind", build, answer_setup="passive", bind=False),
        **conforming("offerless", build, offerless=True),
        **conforming("no-failure-reports", build, failure_report="no"),
        **conforming("partial-failure-reports", build, failure_report="partial"),
        **conforming("success-reports", build, success_report=True),
        **conforming("aborted-and-sent-anew", build, aborted_first=True),
        **conforming("small-chunks", build, chunk=500),
        **conforming("two-devices", build, devices=2),
        **conforming("losing-fork-cancelled", build, fork=487),
        **conforming("losing-fork-busy", build, fork=486),
        **conforming("refreshed-by-reinvite", build, refresh="INVITE"),
        **conforming("refreshed-by-update", build, refresh="UPDATE"),
        **conforming("crossing-byes", build, bye="both"),
        **conforming("crossing-byes-481", build, bye="both", bye_status=GONE),
        **conforming("client-ends-after-all", build, bye="client"),
        **conforming("without-cpm-ids", build, omits=CPM_IDS),
        **conforming("inactive-answer", build, answer_direction="inactive"),
        **conforming("two-sessions", build, more=True),
        **conforming("slow-user", build, think=25 * SECOND),
        **_tapped(build),
    }


def _tapped(build: Build) -> dict[str, Any]:
    """What taps at several places see."""
    return {
        "mirrored": make("mirrored", build, after=mirrored),
        "client-side-only": make(
            "client-side-only", build, after=tap(("client", "core"), ("client", "pf"))
        ),
        "pf-side-only": make("pf-side-only", build, after=tap(("core", "pf"), ("client", "pf"))),
        "core-side-only": make("core-side-only", build, UNSEEN, after=tap(("core", "pf"))),
        "sip-only": make("sip-only", build, UNSEEN, after=lambda ladder: ladder.only_port(5060)),
        "one-direction-only": make(
            "one-direction-only",
            build,
            UNSEEN,
            after=one_way(("pf", "core"), ("core", "client")),
        ),
    }


def _ended_first(ladder: Ladder) -> Ladder:
    """The BYE leaves before the first message does."""
    bye = next(i for i, shot in enumerate(ladder.shots) if shot.start.startswith("BYE "))
    return ladder.hasten(bye, ladder.find("6"))


def session_breaks(flow: str, build: Build, teardown: str) -> dict[str, Any]:
    """The ways to break every push by session; `teardown`: its requirement's id."""
    holders = {
        "3": (f"{flow}/2-3", "core"),
        "4": (f"{flow}/4-5", "client"),
        "5": (f"{flow}/4-5", "core"),
        "6": ("SD-5.2.1.1.2-session" if flow == "push" else f"{flow}/6", "pf"),
    }
    ended_first = Expect("fail", f"{flow}/6", "pf")
    return {
        "ended-before-the-messages": (
            make("ended-before-the-messages", build, ended_first, after=_ended_first),
            ended_first,
        ),
        **core_answers(build, flow, ("2-3", "4-5"))[0],
        **silences(build, holders),
        **bypasses(build, {"6": (f"{flow}/6", "pf")}),
        **departures(build, "4-5", f"{flow}/4-5", "client", DEPARTURES),
        **too_early(build, "5", "4", f"{flow}/4-5", "core"),
        **broken("never-torn-down", build, teardown, "pf", bye=""),
        **broken("pushed-again", build, "SD-5.2.1.1.2-remove", "pf", again=True),
        **broken(
            "pushed-after-expiry", build, "SD-5.2.1.1.2-wait", "pf", registered=3600, idle=7200
        ),
        **broken("pushed-after-removal", build, "SD-5.2.1.1.2-wait", "pf", removed=True),
        **broken(
            "asks-without-message-id",
            build,
            "RFC5438-message-id",
            "pf",
            disposition="positive-delivery",
            has_message_id=False,
        ),
    }


def session_inconclusive(build: Build, variants: dict[str, Any]) -> dict[str, Any]:
    """What neither passes nor fails."""
    unseen = ("core-side-only", "sip-only", "one-direction-only")
    return {
        **unfinished(build, ("3", "4", "5", "6")),
        **core_answers(build, "", ("2-3", "4-5"))[1],
        **refusals(build, "4-5", REFUSALS),
        **{name: (variants[name], UNSEEN) for name in unseen},
        "client-ends-before-all": (
            make("client-ends-before-all", build, ABORTED, send_nothing=True, bye="client"),
            ABORTED,
        ),
    }


VARIANTS = {
    **session_variants(build),
    **conforming("service-deferred", build, service="deferred"),
    **conforming("two-messages", build, count=2, repeat=1),
}

BREAKS = {
    **session_breaks(FLOW, build, "SD-C.3.2.1.4-disconnect"),
    **broken("nothing-delivered", build, "push-large/6", "pf", send_nothing=True),
    **broken("ended-inside-a-message", build, "SD-C.3.2.1.4-disconnect", "pf", stop_after=1),
}

INCONCLUSIVE = session_inconclusive(build, VARIANTS)

UNIDENTIFIED = {
    "silent-at-2": (
        make("silent-at-2", build, Expect("none"), setting=Setting(silent="2")),
        Expect("none"),
    )
}
