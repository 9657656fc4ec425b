"""Deferred CPM Message pulling after an unasked NOTIFY (System Description C.3.3.2)."""

from dataclasses import dataclass, fields, replace
from typing import Any

from tests.ladder import Expect, Ladder
from tests.scenarios.agents import accept_contact, contact, dialog_of, first_request, inside
from tests.scenarios.bodies import LIST_TYPE, Stored, deferred_list
from tests.scenarios.legs import Exchange, hops
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, DEFERRED_PSI, ICSI, MILLISECOND, SECOND, Setting
from tests.scenarios.pull import ACTIVE, CLIENT_SIDE, EVENT
from tests.scenarios.pulling import Pulling, Steps, pull_session
from tests.scenarios.push_large import GONE, LONG
from tests.scenarios.push_pager import available
from tests.scenarios.sessions import waiting
from tests.scenarios.variations import (
    DEPARTURES,
    REFUSALS,
    UNSEEN,
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

FLOW = "pull-notify"
STEPS = Steps(invite="6-7", answer="8-9", content="10", end="10")


@dataclass(frozen=True, slots=True)
class Notifying:
    """How the notification goes; the defaults conform.

    `invite_early`: ns after the NOTIFY's arrival at which the INVITE leaves.
    """

    state: str = ACTIVE
    has_body: bool = True
    invite_early: int | None = None
    then_lists: tuple[int, ...] | None = None
    count: int = 3
    repeat: int = 1


def build(setting: Setting | None = None, *, service: str = "deferred", **options: Any) -> Ladder:
    """A pull after an unasked NOTIFY; options are those of `Notifying` and of `Pulling`."""
    mine = {field.name for field in fields(Notifying)}
    notifying = Notifying(**{k: v for k, v in options.items() if k in mine})
    others = {k: v for k, v in options.items() if k not in mine}
    how = Pulling(**{"end": "pf", "service": service, **others})

    def script(net: Network) -> None:
        messages = waiting(net, notifying.count, repeat=notifying.repeat)
        extra = waiting(net, 1)
        available(net)
        net.wait(2 * SECOND)
        told = tell(net, notifying, messages)
        if notifying.invite_early is None:
            net.wait(how.think)
        named = tuple(m.message_id for m in extra) if how.names_others else ()
        pull_session(net, replace(how, names_others=named), messages, STEPS, extra)
        if notifying.then_lists is not None:
            net.wait(5 * SECOND)
            _tell_more(net, told, [messages[i] for i in notifying.then_lists])

    return play(FLOW, script, setting or Setting())


def tell(net: Network, how: Notifying, messages: list[Stored]) -> Exchange:
    """Steps 2 to 5."""
    client, pf = net.who.client, net.who.pf
    headers = [
        ("P-Asserted-Identity", f"<{DEFERRED_PSI}>"),
        ("P-Asserted-Service", f"{ICSI}.deferred"),
        accept_contact("deferred"),
        contact(pf, "deferred"),
        ("Event", EVENT),
    ]
    headers += [("Subscription-State", how.state)] if how.state != "absent" else []
    headers += [("Content-Type", LIST_TYPE)] if how.has_body else []
    body = deferred_list(messages) if how.has_body else b""
    path = [pf, *net.who.inner[::-1], client]
    ends = (DEFERRED_PSI, ALICE)
    told = first_request(net, "NOTIFY", path, ALICE, ends, headers, body, names=hops("2-3"))
    arrived = net.now
    net.answer(told, 200, "OK", [contact(client)], names=hops("4-5"))
    if how.invite_early is not None:
        net.now = arrived + how.invite_early
    return told


def _tell_more(net: Network, told: Exchange, messages: list[Stored]) -> None:
    """A later NOTIFY of what still waits, in the dialog of the first."""
    pf = net.who.pf
    headers = [contact(pf), ("Event", EVENT), ("Subscription-State", ACTIVE)]
    headers.append(("Content-Type", LIST_TYPE))
    again = inside(net, dialog_of(told), pf, "NOTIFY", headers, deferred_list(messages))
    net.answer(again, 200, "OK")


VARIANTS = {
    **networks(build, by_client=True, with_session=True),
    **conforming("invite-before-5", build, invite_early=4 * MILLISECOND),
    **conforming("invite-before-4", build, invite_early=MILLISECOND // 10),
    **conforming("nothing-chosen", build, actions=()),
    **conforming("only-discard", build, actions=("discard", "", "discard")),
    **conforming("all-actions", build, actions=("retrieve", "interwork", "store")),
    **conforming("one-retrieved", build, actions=("", "retrieve", "")),
    **conforming("client-ends", build, end="client"),
    **conforming("crossing-byes", build, end="both"),
    **conforming("crossing-byes-481", build, end="both", end_status=GONE),
    **conforming("client-connects", build, client_setup="active", pf_setup="passive"),
    **conforming("offered-sendrecv", build, client_direction=""),
    **conforming("large-messages", build, repeat=LONG),
    **conforming("session-tag", build, service="session"),
    **conforming("refreshed-by-reinvite", build, refresh="INVITE"),
    **conforming("slow-pf", build, pf_thinks=3 * SECOND),
    **conforming("terminated-state", build, state="terminated;reason=noresource"),
    "mirrored": make("mirrored", build, after=mirrored),
    "client-side-only": make("client-side-only", build, after=tap(*CLIENT_SIDE)),
    "pf-side-only": make("pf-side-only", build, after=tap(("core", "pf"), ("client", "pf"))),
    "core-side-only": make("core-side-only", build, UNSEEN, after=tap(("core", "pf"))),
    "sip-only": make("sip-only", build, UNSEEN, after=lambda ladder: ladder.only_port(5060)),
    "one-direction-only": make(
        "one-direction-only", build, UNSEEN, after=one_way(("pf", "core"), ("core", "client"))
    ),
}

HOLDERS = {
    "3": ("pull-notify/2-3", "core"),
    "4": ("pull-notify/4-5", "client"),
    "5": ("pull-notify/4-5", "core"),
    "7": ("pull-notify/6-7", "core"),
    "8": ("pull-notify/8-9", "pf"),
    "9": ("pull-notify/8-9", "core"),
    "10": ("pull-notify/10", "pf"),
}

REFUSED, DECLINES = core_answers(build, FLOW, ("2-3", "4-5"), ("6-7", "8-9"))

BREAKS = {
    **REFUSED,
    **silences(build, HOLDERS),
    **bypasses(build, {"10": ("pull-notify/10", "client")}),
    **departures(build, "4-5", "pull-notify/4-5", "client", DEPARTURES),
    **departures(build, "8-9", "pull-notify/8-9", "pf", DEPARTURES),
    **too_early(build, "5", "4", "pull-notify/4-5", "core"),
    **too_early(build, "9", "8", "pull-notify/8-9", "core"),
    **broken("no-body", build, "SD-5.2.1.1.1-notify", "pf", has_body=False, actions=()),
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
    **broken(
        "client-ends-too-early",
        build,
        "SD-5.2.1.1.1-teardown",
        "client",
        delivers=(0,),
        end="client",
    ),
    **broken("nobody-ends", build, "SD-5.2.1.1.1-teardown", "client", end=""),
    **broken("handled-listed-again", build, "SD-5.2.1.1.1-remove", "pf", then_lists=(0, 1)),
    **broken(
        "unlisted-named",
        build,
        "SD-C.3.3.2-listed",
        "client",
        names_others=("another",),
        delivers=(0, 1, 3),
    ),
    **broken("one-not-delivered", build, "SD-C.3.3.2-messages", "pf", delivers=(0,)),
    **broken("unselected-delivered", build, "SD-C.3.3.2-messages", "pf", delivers=(0, 1, 2)),
    **broken("no-subscription-state", build, "RFC6665-state", "pf", state="absent"),
}

INCONCLUSIVE = {
    **unfinished(build, HOLDERS, shown=("5",)),
    **DECLINES,
    **refusals(build, "4-5", REFUSALS),
    **refusals(build, "8-9", REFUSALS),
    **{n: (VARIANTS[n], UNSEEN) for n in ("core-side-only", "sip-only", "one-direction-only")},
}

UNIDENTIFIED = {
    "silent-at-2": (
        make("silent-at-2", build, Expect("none"), setting=Setting(silent="2")),
        Expect("none"),
    )
}
