"""What the two ways of pushing over a session have in common: the variants of either."""

from collections.abc import Sequence
from dataclasses import replace

from conformance.observation.packet import Transport
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import Tap, link
from conformance.reference.scenarios.beginnings import (
    RETURNS,
)
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import NORMAL, WorldSetting

LOSSY = replace(NORMAL, loss=0.15)
DOUBLING = replace(NORMAL, duplication=1.0)
OVERTAKING = replace(NORMAL, reordering=0.4, delay=30 * MILLISECOND)
"""Links that lose, double, or let packets overtake each other."""

CHANNEL = "6"
"""The step at which the channel is set up."""

MIRRORED = 40_000
"""How much later, in ns, a mirror port shows a frame again."""


def varied(base: Scenario, name: str, shows: str, **changes: object) -> Scenario:
    """The scenario with a part of its setting changed."""
    setting: WorldSetting = replace(base.setting, **changes)  # type: ignore[arg-type]
    return replace(base, name=name, shows=shows, setting=setting)


def networks(base: Scenario, conditions: Sequence[tuple[Conditions, str]]) -> tuple[Scenario, ...]:
    """The same over other networks; with a seed for each of the three conditions of links."""
    names = ("retransmitted", "duplicated", "reordered")
    shows = (
        "packets lost on the way and sent again by the true timers",
        "every packet comes twice",
        "packets overtake each other",
    )
    rough = [
        varied(base, name, sentence, conditions=condition, seed=seed)
        for name, sentence, (condition, seed) in zip(names, shows, conditions, strict=True)
    ]
    tcp = Transport.TCP
    return (
        varied(base, "tcp", "SIP over TCP", transport=tcp),
        varied(base, "ipv6", "the same over IPv6", ipv6=True),
        varied(base, "three-core-nodes", "the core is a P-, an I- and an S-CSCF", core_nodes=3),
        varied(
            base,
            "three-core-nodes-tcp",
            "the core is a P-, an I- and an S-CSCF, over TCP",
            core_nodes=3,
            transport=tcp,
        ),
        varied(base, "challenged", "the registration is challenged first", challenge=True),
        *rough,
        varied(base, "other-seed", "the same with other identities and times", seed="77"),
    )


def both_devices(base: Scenario, shows: str) -> Scenario:
    """The push waits until both devices of the user are there."""
    slow = replace(base.setting.pf, push_delay=2 * SECOND)
    return varied(base, "two-devices", shows, devices=2, pf=slow)


def taps(base: Scenario, *, with_channel: bool) -> tuple[Scenario, ...]:
    """The same as other taps see it; with an MSRP channel, they hear that too."""
    channel = link("client", "pf") if with_channel else frozenset()
    heard = (
        ("client-side-only", "a tap on the client's own links", link("client", "core")),
        ("pf-side-only", "a tap on the participating function's own links", link("core", "pf")),
    )
    one_way = Tap(ways=frozenset({("pf", "core"), ("core", "client")}))
    return (
        replace(
            base,
            name="mirrored",
            shows="every packet twice, as a mirror port shows it",
            tap=Tap(mirrored=MIRRORED),
        ),
        *(
            replace(base, name=name, shows=shows, tap=Tap(links=links | channel))
            for name, shows, links in heard
        ),
        open_to(
            replace(base, name="one-direction-only", tap=one_way),
            "a tap that hears one direction",
            "hop-not-captured",
        ),
    )


def open_to(scenario: Scenario, shows: str, reason: str) -> Scenario:
    """A scenario of which a judge cannot say whether all was right, and why not."""
    return replace(scenario, shows=shows, verdict="inconc", reason=reason)


def channels(base: Scenario) -> tuple[Scenario, ...]:
    """The same with the MSRP channel set up and filled in other ways."""
    client, pf = base.setting.client, base.setting.pf
    return (
        varied(
            base,
            "passive-client",
            "the participating function connects",
            client=replace(client, setups=("passive", "active")),
        ),
        varied(
            base,
            "passive-offer",
            "the participating function offers to be connected to",
            pf=replace(pf, setup=("passive",)),
        ),
        varied(
            base,
            "active-offer",
            "the participating function offers to connect",
            pf=replace(pf, setup=("active",)),
        ),
        varied(base, "small-chunks", "chunks of 500 octets", pf=replace(pf, chunk=500)),
        varied(
            base,
            "ringing",
            "the client rings before it answers",
            client=replace(client, rings=True, answer_after=2 * SECOND),
        ),
        varied(
            base,
            "slow-user",
            "the user lets it ring for 25 s",
            client=replace(client, rings=True, answer_after=25 * SECOND),
        ),
    )


def crossing(base: Scenario, count: int) -> Scenario:
    """Both sides end the session, at once, when so many messages have come."""
    client = replace(base.setting.client, leaves_after=count, leaves_delay=2 * MILLISECOND)
    return varied(base, "crossing-byes", "both sides hang up at once", client=client)


def declined(base: Scenario) -> tuple[Scenario, ...]:
    """A client that does not want it now."""
    reasons = {
        403: "the client declines: whose policy it is, the capture does not say",
        480: "the client does not wish to receive now",
        486: "the user is busy: a choice, no fault",
        603: "the user declines",
    }
    found = []
    for status, shows in reasons.items():
        answers = (status,)
        client = replace(base.setting.client, message_answers=answers, session_answers=answers)
        one = varied(base, f"declined-{status}", shows, client=client)
        found.append(open_to(one, shows, "policy-unknown"))
    return tuple(found)


def unfinished(base: Scenario, **times: int) -> tuple[Scenario, ...]:
    """Captures that end before a step is due: the times, in ns after the return, by the step."""
    found = []
    for step, time in times.items():
        number = step.removeprefix("step_")
        tap = Tap(end=base.setting.begin + RETURNS + time)
        cut = replace(base, name=f"ends-before-{number}", tap=tap)
        # A channel that is not there yet looks as one that nobody has captured.
        reason = "hop-not-captured" if number == CHANNEL else "capture-ends-early"
        found.append(open_to(cut, f"the capture ends before step {number} is due", reason))
    return tuple(found)


def unseen_channel(base: Scenario) -> tuple[Scenario, ...]:
    """Captures that do not show MSRP."""
    found = (
        ("sip-only", "a capture filter for port 5060 shows no MSRP", Tap(ports=frozenset({5060}))),
        ("core-side-only", "a tap between core and server alone", Tap(links=link("core", "pf"))),
    )
    return tuple(
        open_to(replace(base, name=name, tap=tap), shows, "hop-not-captured")
        for name, shows, tap in found
    )
