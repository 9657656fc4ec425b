"""What every flow's ladders share: how a script is played, varied, tapped and broken."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from conformance.observation.packet import Transport
from tests.ladder import Expect, Ladder
from tests.scenarios.legs import EndedError
from tests.scenarios.network import Network
from tests.scenarios.parties import Setting
from tests.scenarios.silence import settle

Make = Callable[..., Ladder]
Build = Callable[..., Ladder]
Change = Callable[[Ladder], Ladder]
Broken = tuple[Make, Expect]

PASS = Expect("pass")
UNSEEN = Expect("inconc", reason_code="hop-not-captured")
DECLINED = Expect("inconc", reason_code="policy-unknown")
PENDING = Expect("inconc")
NO_INSTANCE = Expect("none")

DEPARTURES = {
    400: "Bad Request",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    481: "Call/Transaction Does Not Exist",
    500: "Server Internal Error",
    501: "Not Implemented",
    513: "Message Too Large",
}
"""Answers that depart from every figure, whatever the policies."""

REFUSALS = {
    403: "Forbidden",
    404: "Not Found",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    488: "Not Acceptable Here",
    503: "Service Unavailable",
    603: "Decline",
}
"""Answers by which a peer or the network declines."""


def play(flow: str, script: Callable[[Network], None], setting: Setting) -> Ladder:
    """Run a script to its end, or to where somebody falls silent or refuses."""
    net = Network(setting)
    with suppress(EndedError):
        script(net)
    settle(net)
    return net.ladder(flow, "base", PASS)


def make(
    name: str,
    build: Build,
    expect: Expect = PASS,
    *,
    after: Change | None = None,
    setting: Setting | None = None,
    **options: Any,
) -> Make:
    """A named way to build; what it is called with changes the setting (seed, begin, …)."""

    def made(**changes: Any) -> Ladder:
        ladder = build(replace(setting or Setting(), **changes), **options)
        ladder = after(ladder) if after else ladder
        return ladder.named(name).expecting(expect)

    return made


def networks(build: Build, *, by_client: bool, with_session: bool) -> dict[str, Make]:
    """The variants that only differ in how the network is built or behaves."""
    settings = {
        "base": Setting(),
        "tcp": Setting(transport=Transport.TCP),
        "ipv6": Setting(ipv6=True),
        "compact": Setting(compact=True),
        "fragmented": Setting(mtu=576),
        "fragmented-ipv6": Setting(mtu=1280, ipv6=True),
        "retransmitted": Setting(lossy=True),
        "three-core-nodes": Setting(core_nodes=3),
        "three-core-nodes-tcp": Setting(core_nodes=3, transport=Transport.TCP),
        "b2bua-core": Setting(sbc=True),
        "registration-unseen": Setting(registration=False),
        "other-seed": Setting(seed=77),
    }
    if by_client:
        settings["challenged"] = Setting(challenge=True)
    if with_session:
        settings["core-stays-out"] = Setting(stays_out=True)
        settings["core-stays-out-three-nodes"] = Setting(stays_out=True, core_nodes=3)
        settings["ringing"] = Setting(ringing=True)
        settings["reliable-provisional"] = Setting(reliable=True)
    return {name: make(name, build, setting=value) for name, value in settings.items()}


def hosts(ladder: Ladder, *roles: str) -> list[str]:
    """The addresses of these roles."""
    return [host for role in roles for host in ladder.roles.get(role, [])]


def tap(*pairs: tuple[str, str]) -> Change:
    """Only the links between these roles."""

    def seen(ladder: Ladder) -> Ladder:
        links = {
            frozenset((a, b))
            for one, two in pairs
            for a in hosts(ladder, one)
            for b in hosts(ladder, two)
        }
        return ladder.only_links(links)

    return seen


def one_way(*pairs: tuple[str, str]) -> Change:
    """Only what goes from a role to a role."""

    def seen(ladder: Ladder) -> Ladder:
        ways = {
            (a, b) for one, two in pairs for a in hosts(ladder, one) for b in hosts(ladder, two)
        }
        return ladder.only_direction(ways)

    return seen


def mirrored(ladder: Ladder) -> Ladder:
    """Every packet twice, a moment apart, as a mirror port on two switches shows it."""
    for index in range(len(ladder.shots)):
        ladder = ladder.duplicate(2 * index, 40_000)
    return ladder


def silences(
    build: Build, holders: Mapping[str, tuple[str, str]], **options: Any
) -> dict[str, Broken]:
    """For each hop's label a ladder in which it is never sent; holders: (step, silent role)."""
    broken = {}
    for label, (requirement, role) in holders.items():
        expect = Expect("fail", requirement, role)
        name = f"silent-at-{label}"
        quiet = make(name, build, expect, setting=Setting(silent=label), **options)
        broken[name] = (quiet, expect)
    return broken


def departures(
    build: Build, step: str, requirement: str, role: str, codes: Iterable[int], **options: Any
) -> dict[str, Broken]:
    """For each code a ladder in which the step is answered so."""
    expect = Expect("fail", requirement, role)
    return _answers(build, step, expect, codes, DEPARTURES, options)


def refusals(build: Build, step: str, codes: Iterable[int], **options: Any) -> dict[str, Broken]:
    """For each code a ladder in which the step is declined so."""
    return _answers(build, step, DECLINED, codes, REFUSALS, options)


def core_answers(
    build: Build, flow: str, *pairs: tuple[str, str]
) -> tuple[dict[str, Broken], dict[str, Broken]]:
    """For each (request, answer) step the core's own 500, and its own refusals.

    The first ladders fail at the answer's step, the second ones are inconclusive.
    """
    failing: dict[str, Broken] = {}
    declined: dict[str, Broken] = {}
    for request, answer in pairs:
        for code, reason in {**REFUSALS, 500: DEPARTURES[500]}.items():
            expect = DECLINED if code != 500 else Expect("fail", f"{flow}/{answer}", "core")
            name = f"{request}-refused-by-core-{code}"
            setting = Setting(core_refuses=(request, code, reason))
            where = declined if code != 500 else failing
            where[name] = (make(name, build, expect, setting=setting), expect)
    return failing, declined


def _answers(
    build: Build,
    step: str,
    expect: Expect,
    codes: Iterable[int],
    reasons: Mapping[int, str],
    options: Mapping[str, Any],
) -> dict[str, Broken]:
    answered = {}
    for code in codes:
        name = f"{step}-answered-{code}"
        setting = Setting(departs=(step, code, reasons[code]))
        answered[name] = (make(name, build, expect, setting=setting, **options), expect)
    return answered


def bypasses(build: Build, steps: Mapping[str, tuple[str, str]]) -> dict[str, Broken]:
    """For each step a ladder in which it goes past a core that is in its dialog."""
    broken = {}
    for step, (requirement, role) in steps.items():
        expect = Expect("fail", requirement, role)
        name = f"{step}-past-the-core"
        broken[name] = (make(name, build, expect, setting=Setting(goes_past=step)), expect)
    return broken


def unfinished(
    build: Build, labels: Iterable[str], *, shown: Iterable[str] = ()
) -> dict[str, Broken]:
    """For each hop's label a capture that ends before the hop was due.

    Before the `shown` hops every step has been seen at one hop already: that passes.
    """
    ended = {}
    for label in labels:
        name = f"ends-before-{label}"
        expect = PASS if label in tuple(shown) else PENDING
        ended[name] = (make(name, build, expect, after=_ended_before(label)), expect)
    return ended


def _ended_before(label: str) -> Change:
    return lambda ladder: ladder.cut_behind(ladder.find(label) - 1)


def too_early(
    build: Build, label: str, before: str, requirement: str, role: str, **options: Any
) -> dict[str, Broken]:
    """A ladder in which the hop leaves well before the one that it must wait for."""

    def moved(ladder: Ladder) -> Ladder:
        return ladder.hasten(ladder.find(label), ladder.find(before))

    expect = Expect("fail", requirement, role)
    name = f"{label}-before-{before}"
    return {name: (make(name, build, expect, after=moved, **options), expect)}


def broken(
    name: str,
    build: Build,
    requirement: str,
    role: str,
    *,
    after: Change | None = None,
    setting: Setting | None = None,
    **options: Any,
) -> dict[str, Broken]:
    """One ladder that breaks one requirement."""
    expect = Expect("fail", requirement, role)
    return {name: (make(name, build, expect, after=after, setting=setting, **options), expect)}


def conforming(
    name: str, build: Build, *, setting: Setting | None = None, **options: Any
) -> dict[str, Make]:
    """One more conforming variant of a flow."""
    return {name: make(name, build, setting=setting, **options)}
