"""Deferred CPM Message Pulling with a subscription (System Description B.3.6.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from tests.ladder import Expect, Ladder
from tests.scenarios.agents import (
    Dialog,
    accept_contact,
    contact,
    dialog_of,
    first_request,
    inside,
)
from tests.scenarios.bodies import LIST_TYPE, Stored, deferred_list
from tests.scenarios.legs import Exchange, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, DEFERRED_PSI, ICSI, MILLISECOND, SECOND, Setting
from tests.scenarios.pulling import Pulling, Steps, pull_session
from tests.scenarios.push_large import GONE, LONG
from tests.scenarios.push_pager import available
from tests.scenarios.sessions import later, waiting
from tests.scenarios.variations import (
    DEPARTURES,
    REFUSALS,
    UNSEEN,
    Broken,
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

FLOW = "pull"
EVENT = "deferred-messages"
STEPS = Steps(invite="10-11", answer="12-13", content="14", end="end")
ACTIVE = "active;expires=3600"


@dataclass(frozen=True, slots=True)
class Subscribing:
    """How the subscription goes; the defaults conform.

    `early`: the NOTIFY leaves before the 200 to its SUBSCRIBE. `invite_early`: ns after the
    NOTIFY's arrival at which the INVITE leaves, None for behind its 200's arrival.
    """

    event: str = EVENT
    asked: int = 3600
    granted: int = 3600
    answer: tuple[int, str] = (200, "OK")
    early: bool = False
    empty_first: bool = False
    state: str = ACTIVE
    notify_event: str = EVENT
    invite_early: int | None = None
    then_lists: tuple[int, ...] | None = None
    unsubscribes: bool = False
    count: int = 3
    repeat: int = 1
    skips_notify: bool = False


def build(
    setting: Setting | None = None,
    *,
    again: bool = False,
    second: Mapping[str, Any] = MappingProxyType({}),
    service: str = "deferred",
    **options: Any,
) -> Ladder:
    """A pull with its subscription; options are those of `Subscribing` and of `Pulling`.

    `again`: the client selects once more, `second` is what is otherwise then.
    """
    mine = {field.name for field in fields(Subscribing)} - {"answer"}
    subscribing = Subscribing(**{k: v for k, v in options.items() if k in mine})
    if "subscribe_answer" in options:
        subscribing = replace(subscribing, answer=options.pop("subscribe_answer"))
    how = Pulling(service=service, **{k: v for k, v in options.items() if k not in mine})

    def script(net: Network) -> None:
        messages = waiting(net, subscribing.count, repeat=subscribing.repeat)
        extra = waiting(net, 1)
        available(net)
        net.wait(2 * SECOND)
        dialog = subscribe(net, subscribing, messages)
        _choose(net, how, subscribing, messages, extra)
        if again:
            net.wait(20 * SECOND)
            other = replace(how, **{"actions": ("", "", "retrieve"), **second})
            pull_session(net, other, messages, STEPS, extra)
        _after(net, subscribing, dialog, messages)

    return play(FLOW, script, setting or Setting())


def subscribe(net: Network, how: Subscribing, messages: list[Stored]) -> Dialog:
    """Steps 2 to 9."""
    client, pf = net.who.client, net.who.pf
    headers = [
        ("P-Preferred-Identity", f"<{ALICE}>"),
        ("P-Preferred-Service", f"{ICSI}.deferred"),
        accept_contact("deferred"),
        contact(client, "deferred"),
        ("Event", how.event),
        ("Expires", str(how.asked)),
        ("Accept", LIST_TYPE),
    ]
    path = [client, *net.who.inner, pf]
    ends = (ALICE, DEFERRED_PSI)
    asked = first_request(net, "SUBSCRIBE", path, DEFERRED_PSI, ends, headers, names=hops("2-3"))
    arrived = net.now
    if how.early:
        net.wait(90 * MILLISECOND)
    granted = [contact(pf), ("Expires", str(how.granted))]
    net.answer(asked, *how.answer, granted, names=hops("4-5"))
    dialog = dialog_of(asked)
    if not how.skips_notify:
        tell: list[list[Stored]] = [[]] if how.empty_first else []
        at = arrived + 2 * MILLISECOND if how.early else net.now
        later(net, lambda: _tell(net, how, dialog, [*tell, messages]), at)
    return dialog


def _tell(net: Network, how: Subscribing, dialog: Dialog, lists: Sequence[list[Stored]]) -> None:
    for index, listed in enumerate(lists):
        if index:
            net.wait(6 * SECOND)
        _notify(net, how, dialog, listed)


def _notify(
    net: Network,
    how: Subscribing,
    dialog: Dialog,
    listed: list[Stored],
    *,
    state: str = "",
    is_step: bool = True,
) -> Exchange:
    """Steps 6 to 9, or a later NOTIFY of the same subscription."""
    pf = net.who.pf
    state = state or how.state
    headers = [contact(pf), ("Event", how.notify_event)]
    headers += [("Subscription-State", state)] if state != "absent" else []
    headers += [("Content-Type", LIST_TYPE)]
    names = (hops("6-7"), hops("8-9")) if is_step else ((), ())
    told = inside(net, dialog, pf, "NOTIFY", headers, deferred_list(listed), names=names[0])
    arrived = net.now
    net.answer(told, 200, "OK", names=names[1])
    if how.invite_early is not None:
        net.now = arrived + how.invite_early
    return told


def _choose(
    net: Network, how: Pulling, sub: Subscribing, messages: list[Stored], extra: list[Stored]
) -> None:
    if sub.invite_early is None:
        net.wait(how.think)
    named = how.names_others and tuple(m.message_id for m in extra)
    pull_session(net, replace(how, names_others=named or ()), messages, STEPS, extra)


def _after(net: Network, how: Subscribing, dialog: Dialog, messages: list[Stored]) -> None:
    if net.is_hushed:
        return
    if how.then_lists is not None:
        net.wait(SECOND)
        left = [messages[i] for i in how.then_lists]
        _notify(net, replace(how, invite_early=None), dialog, left, is_step=False)
    if how.unsubscribes:
        net.wait(30 * SECOND)
        client = net.who.client
        headers = [contact(client), ("Event", how.event), ("Expires", "0"), ("Accept", LIST_TYPE)]
        gone = inside(net, dialog, client, "SUBSCRIBE", headers)
        net.answer(gone, 200, "OK", [contact(net.who.pf), ("Expires", "0")])
        _notify(net, how, dialog, [], state="terminated;reason=timeout", is_step=False)


def second_time(requirement: str, role: str, name: str, **options: Any) -> dict[str, Broken]:
    """A ladder whose second selection from the same list breaks a requirement."""
    return broken(
        f"second-selection-{name}",
        build,
        requirement,
        role,
        actions=("retrieve", "", ""),
        again=True,
        second=options,
    )


CLIENT_SIDE = (("client", "core"), ("client", "pf"))

VARIANTS = {
    **networks(build, by_client=True, with_session=True),
    **conforming("notify-before-200", build, early=True),
    **conforming("invite-before-9", build, invite_early=4 * MILLISECOND),
    **conforming("invite-before-8", build, invite_early=MILLISECOND // 10),
    **conforming("nothing-chosen", build, actions=()),
    **conforming("only-discard", build, actions=("discard", "", "discard")),
    **conforming("all-actions", build, actions=("retrieve", "interwork", "store")),
    **conforming("one-retrieved", build, actions=("", "retrieve", "")),
    **conforming("keeps-one", build, actions=("retrieve", "keep", "retrieve")),
    **conforming("first-list-empty", build, empty_first=True),
    **conforming("later-list", build, then_lists=()),
    **conforming("later-list-of-kept", build, actions=("retrieve", "", ""), then_lists=(1, 2)),
    **conforming("unsubscribes", build, unsubscribes=True),
    **conforming("two-sessions", build, actions=("retrieve", "discard", ""), again=True),
    **conforming("pf-ends", build, end="pf"),
    **conforming("crossing-byes", build, end="both"),
    **conforming("crossing-byes-481", build, end="both", end_status=GONE),
    **conforming("client-connects", build, client_setup="active", pf_setup="passive"),
    **conforming("offered-sendrecv", build, client_direction=""),
    **conforming("large-messages", build, repeat=LONG),
    **conforming("shorter-expiry", build, granted=1800),
    **conforming("subscribe-answered-202", build, subscribe_answer=(202, "Accepted")),
    **conforming("session-tag", build, service="session"),
    **conforming("refreshed-by-reinvite", build, refresh="INVITE"),
    **conforming("refreshed-by-update", build, refresh="UPDATE"),
    **conforming("no-failure-reports", build, failure_report="no"),
    **conforming("slow-pf", build, pf_thinks=3 * SECOND),
    "mirrored": make("mirrored", build, after=mirrored),
    "client-side-only": make("client-side-only", build, after=tap(*CLIENT_SIDE)),
    "pf-side-only": make("pf-side-only", build, after=tap(("core", "pf"), ("client", "pf"))),
    "core-side-only-nothing-retrieved": make(
        "core-side-only-nothing-retrieved",
        build,
        after=tap(("core", "pf")),
        actions=("discard", "", ""),
    ),
    "core-side-only": make("core-side-only", build, UNSEEN, after=tap(("core", "pf"))),
    "sip-only": make("sip-only", build, UNSEEN, after=lambda ladder: ladder.only_port(5060)),
    "one-direction-only": make(
        "one-direction-only", build, UNSEEN, after=one_way(("client", "core"), ("core", "pf"))
    ),
}

HOLDERS = {
    "3": ("pull/2-3", "core"),
    "4": ("pull/4-5", "pf"),
    "5": ("pull/4-5", "core"),
    "6": ("pull/6-7", "pf"),
    "7": ("pull/6-7", "core"),
    "8": ("pull/8-9", "client"),
    "9": ("pull/8-9", "core"),
    "11": ("pull/10-11", "core"),
    "12": ("pull/12-13", "pf"),
    "13": ("pull/12-13", "core"),
    "14": ("pull/14", "pf"),
}

REFUSED, DECLINES = core_answers(build, FLOW, ("2-3", "4-5"), ("10-11", "12-13"))

NEVER_NOTIFIED = Expect("fail", "pull/6-7", "pf")

BREAKS = {
    **REFUSED,
    **silences(build, HOLDERS),
    **bypasses(build, {"6-7": ("pull/6-7", "pf"), "end": ("pull/end", "client")}),
    **departures(build, "4-5", "pull/4-5", "pf", DEPARTURES),
    **departures(build, "8-9", "pull/8-9", "client", DEPARTURES),
    **departures(build, "12-13", "pull/12-13", "pf", DEPARTURES),
    **too_early(build, "5", "4", "pull/4-5", "core"),
    **too_early(build, "9", "8", "pull/8-9", "core"),
    **too_early(build, "13", "12", "pull/12-13", "core"),
    "notify-skipped": (
        make("notify-skipped", build, NEVER_NOTIFIED, skips_notify=True),
        NEVER_NOTIFIED,
    ),
    **broken(
        "identity-without-action",
        build,
        "SD-5.2.1.1.1-identities",
        "client",
        without_actions=True,
        delivers=(),
    ),
    **broken(
        "no-identities",
        build,
        "SD-5.2.1.1.1-identities",
        "client",
        without_identities=True,
        delivers=(),
    ),
    **broken("client-ends-too-early", build, "SD-5.2.1.1.1-teardown", "client", delivers=(0,)),
    **broken("nobody-ends", build, "SD-5.2.1.1.1-teardown", "client", end=""),
    **second_time(
        "SD-5.2.1.1.1-teardown",
        "client",
        "ends-too-early",
        actions=("", "retrieve", "retrieve"),
        delivers=(2,),
    ),
    **second_time("SD-5.2.1.1.1-teardown", "client", "nobody-ends", end=""),
    **second_time("SD-B.3.6.2-messages", "pf", "not-selected", delivers=(1, 2), end="pf"),
    **second_time("SD-5.2.1.1.1-identities", "client", "no-action", without_actions=True),
    **broken(
        "second-selection-listed-again",
        build,
        "SD-5.2.1.1.1-remove",
        "pf",
        actions=("retrieve", "discard", ""),
        again=True,
        then_lists=(2,),
    ),
    **broken("handled-listed-again", build, "SD-5.2.1.1.1-remove", "pf", then_lists=(0, 1)),
    **broken(
        "unlisted-named",
        build,
        "SD-B.3.6.2-listed",
        "client",
        names_others=("another",),
        delivers=(0, 1, 3),
    ),
    **broken("one-not-delivered", build, "SD-B.3.6.2-messages", "pf", delivers=(0,), end="pf"),
    **broken(
        "unselected-delivered", build, "SD-B.3.6.2-messages", "pf", delivers=(0, 1, 2), end="pf"
    ),
    **broken("no-subscription-state", build, "RFC6665-state", "pf", state="absent"),
    **broken("notify-of-another-event", build, "RFC6665-event", "pf", notify_event="presence"),
    **broken("expires-raised", build, "RFC6665-expires", "pf", granted=7200),
}

LATE = Expect("inconc", reason_code="capture-starts-late")

INCONCLUSIVE = {
    **unfinished(build, HOLDERS, shown=("9",)),
    **DECLINES,
    "subscribe-unseen": (
        make(
            "subscribe-unseen",
            build,
            LATE,
            after=lambda ladder: ladder.cut_before(ladder.find("6")),
        ),
        LATE,
    ),
    "core-stays-out-past-unseen": (
        make(
            "core-stays-out-past-unseen",
            build,
            UNSEEN,
            setting=Setting(stays_out=True),
            after=tap(("client", "core"), ("core", "pf")),
        ),
        UNSEEN,
    ),
    "silent-at-6-past-the-core": (
        make(
            "silent-at-6-past-the-core",
            build,
            UNSEEN,
            setting=Setting(stays_out=True, silent="6"),
        ),
        UNSEEN,
    ),
    **refusals(build, "4-5", REFUSALS),
    **refusals(build, "12-13", REFUSALS),
    **{n: (VARIANTS[n], UNSEEN) for n in ("core-side-only", "sip-only", "one-direction-only")},
}

UNIDENTIFIED = {
    "other-event": (
        make(
            "other-event",
            build,
            Expect("none"),
            event="presence",
            notify_event="presence",
            actions=(),
        ),
        Expect("none"),
    ),
}
