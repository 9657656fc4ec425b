"""What real networks do beside the figures convicts nobody; what they do wrong still does."""

from collections.abc import Iterable, Sequence

import pytest

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.laws.samples import spread
from tests.scenarios import catalogue, real_edges, real_pulls, real_registrations, real_sessions
from tests.scenarios.parties import Setting
from tests.verifying import causes, said_of, verify

PASS, INCONC = Verdict.PASS, Verdict.INCONC
FLOWS = tuple(catalogue.FLOWS)
SESSIONS = tuple(real_sessions.KINDS)

MOMENTS = {
    "options": real_sessions.asks("OPTIONS", "pf"),
    "options-of-the-client": real_sessions.asks("OPTIONS", "client"),
    "options-refused": real_sessions.asks("OPTIONS", "pf", (405, "Not Allowed")),
    "info": real_sessions.asks("INFO", "client"),
    "info-refused": real_sessions.asks("INFO", "pf", (469, "Bad Info Package")),
    "update": real_sessions.asks("UPDATE", "client"),
    "composing": real_sessions.composes("pf"),
    "client-composing": real_sessions.composes("client"),
    "kept-alive": real_sessions.keeps_alive("pf"),
    "kept-alive-by-the-client": real_sessions.keeps_alive("client"),
}
"""What else happens in a session."""

_refused = real_sessions.refused_then_taken
SCRIPTS: dict[str, tuple[real_sessions.Script, Verdict]] = {
    "reliable-answer": (real_sessions.answered_reliably(updated=False, again=False), PASS),
    "reliable-answer-repeated": (real_sessions.answered_reliably(updated=False, again=True), PASS),
    "preconditions": (real_sessions.answered_reliably(updated=True, again=False), PASS),
    "rings-long": (real_sessions.rings_long, PASS),
    "busy-fork": (real_sessions.forked(486), PASS),
    "merged-fork": (real_sessions.forked(482), PASS),
    "lost-fork": (real_sessions.forked(500), PASS),
    "redirected-then-taken": (_refused(302), INCONC),
    "challenged-then-taken": (_refused(407), INCONC),
    "timer-too-short-then-taken": (_refused(422), INCONC),
    "busy-then-taken": (_refused(486), INCONC),
    "unavailable-then-taken": (_refused(503), INCONC),
    "bad-extension-then-taken": (
        _refused(420, [("Require", "x-new")], [("Unsupported", "x-new")]),
        INCONC,
    ),
    "content-refused": (real_sessions.content_refused_then_taken("413 Too much"), PASS),
    "content-sent-anew": (real_sessions.content_refused_then_sent_anew, PASS),
    "reported-failed": (real_sessions.reported_failed_then_taken, PASS),
    "unreported": (real_sessions.unreported_then_sent_again, PASS),
    "left-inside-a-message": (real_sessions.left_inside_a_message, INCONC),
    "another-connection": (real_sessions.moves_to_another_connection, PASS),
    "held-and-resumed": (real_sessions.held_and_resumed, PASS),
    "glared": (real_sessions.glared, PASS),
    "moved-contact": (real_sessions.moves_its_contact, PASS),
    "challenged-bye": (real_sessions.ended_with(407, again=True), PASS),
    "unknown-bye": (real_sessions.ended_with(481, again=False), PASS),
    "unanswered-bye": (real_sessions.ended_with(408, again=False), PASS),
}
"""Whole sessions; inconclusive are those of which a first attempt was declined or broken off."""

PULLS: dict[str, tuple[real_pulls.Script, Verdict]] = {
    "refreshed-before": (real_pulls.refreshed(before=True), PASS),
    "refreshed-after": (real_pulls.refreshed(before=False), PASS),
    "deactivated": (real_pulls.terminated("deactivated", again=True), PASS),
    "rejected": (real_pulls.terminated("rejected", again=False), PASS),
    "ended-before-the-choice": (real_pulls.ended_before_the_choice, PASS),
    "fetched": (real_pulls.fetched, PASS),
    "gone-client": (real_pulls.gone_client, PASS),
    "interval-too-brief": (
        real_pulls.refused_then_granted(423, [("Min-Expires", "3600")]),
        INCONC,
    ),
    "subscription-challenged": (real_pulls.refused_then_granted(407), INCONC),
    "invited-twice": (real_pulls.invited_twice(503), PASS),
    "two-subscriptions": (real_pulls.two_subscriptions, PASS),
    "listed-in-between": (real_pulls.listed_in_between, PASS),
    "listed-in-the-session": (real_pulls.listed_in_the_session, PASS),
    "moved-in-between": (real_pulls.moved_in_between, PASS),
    "displayed-days-later": (real_pulls.displayed_days_later, PASS),
}
"""Pulls; inconclusive are those of which a first subscription was declined."""

EDGES: dict[str, tuple[real_edges.Change, tuple[str, ...]]] = {
    "late-trying": (real_edges.trying, FLOWS),
    "hidden-topology": (real_edges.hidden_topology, FLOWS),
    "stripped": (
        real_edges.stripped("P-Asserted-Service", "Contribution-ID", "Supported", "Allow"),
        FLOWS,
    ),
    "anonymous": (real_edges.anonymous, FLOWS),
    "any-port": (real_edges.any_port, FLOWS),
    "large-by-tcp": (real_edges.large_by_tcp, FLOWS),
    "two-addresses": (real_edges.two_addresses, FLOWS),
    "two-families": (real_edges.two_families, FLOWS),
    "anchored": (real_edges.anchored(renames=False), (*SESSIONS, "pull", "pull-notify")),
    "anchored-anew": (real_edges.anchored(renames=True), (*SESSIONS, "pull", "pull-notify")),
    "relayed": (real_edges.relayed, (*SESSIONS, "pull", "pull-notify")),
    "short-code": (real_edges.renumbered(b"74455", b""), ("interwork-out", "interwork-in")),
}
"""What stands between the parties, with the flows that it leaves as they are."""

UNREADABLE: dict[str, real_edges.Change] = {
    "national-numbers": real_edges.renumbered(b"", b"05550177"),
    "numbers-without-plus": real_edges.renumbered(b"15550100", b"15550177"),
    "own-numbers": real_edges.renumbered(b"74455", b"05550177"),
    "picture": real_edges.picture,
    "enveloped": real_edges.enveloped,
}
"""What leaves nothing that ties the two sides of a gateway."""


def some(names: Iterable[str], ways: Sequence[str]) -> list[tuple[str, str]]:
    """Each name with one way, another one for each, or with every way where all laws are run."""
    return [(name, way) for name in names for way in spread(ways, len(ways), name)]


def check(ladder: Ladder, verdict: Verdict) -> None:
    """The verdict with the roles given; nobody is convicted without."""
    judged = verify(ladder)
    assert judged.verdict is verdict, said_of(ladder, judged)
    inferred = verify(ladder, roles="inferred")
    assert not causes(inferred), said_of(ladder, inferred)


@pytest.mark.parametrize(("name", "flow"), some(MOMENTS, SESSIONS))
def test_that_what_else_a_session_carries_is_no_matter(name: str, flow: str) -> None:
    moment = "bound" if len(name) % 2 else "filled"
    check(real_sessions.run(flow, real_sessions.beside(moment, MOMENTS[name])), PASS)


@pytest.mark.parametrize("flow", SESSIONS[:2])
def test_that_a_notification_may_come_in_a_session_that_is_no_chat(flow: str) -> None:
    told = real_sessions.notifies_over_msrp
    script = real_sessions.beside("filled", told, disposition="positive-delivery")
    check(real_sessions.run(flow, script), PASS)


@pytest.mark.parametrize(("name", "flow"), some(SCRIPTS, SESSIONS))
def test_that_a_session_may_go_many_ways(name: str, flow: str) -> None:
    script, verdict = SCRIPTS[name]
    ladder = real_sessions.run(flow, script)
    if (flow, name) == ("chat-deferred", "left-inside-a-message"):
        verdict = PASS  # who ends this session is not said
    check(ladder, verdict)


@pytest.mark.parametrize(("name", "core"), some(PULLS, ("proxy", "b2bua")))
def test_that_a_pull_may_go_many_ways(name: str, core: str) -> None:
    script, verdict = PULLS[name]
    check(real_pulls.run(script, Setting(sbc=core == "b2bua")), verdict)


@pytest.mark.parametrize(
    ("name", "flow"), [pair for name, (_, flows) in EDGES.items() for pair in some([name], flows)]
)
def test_that_what_stands_between_is_no_matter(name: str, flow: str) -> None:
    ladder = real_edges.through(catalogue.ladder("VARIANTS", flow, "base"), EDGES[name][0])
    more = {"pf": ["10.0.3.2", "2001:db8:3::1"], "core": ["2001:db8:1::1"]}
    if name.startswith("two-"):
        ladder.roles = {role: [*at, *more.get(role, [])] for role, at in ladder.roles.items()}
    check(ladder, PASS)


@pytest.mark.parametrize("flow", ["interwork-out", "interwork-in"])
@pytest.mark.parametrize("name", UNREADABLE)
def test_that_a_gateway_may_write_anything(name: str, flow: str) -> None:
    ladder = real_edges.through(catalogue.ladder("VARIANTS", flow, "base"), UNREADABLE[name])
    roles_known = verify(ladder)
    assert not causes(roles_known), said_of(ladder, roles_known)
    assert not causes(verify(ladder, roles="inferred"))


@pytest.mark.parametrize("name", ["picture", "enveloped"])
def test_that_a_silent_gateway_is_convicted_whatever_it_was_sent(name: str) -> None:
    silent = catalogue.ladder("BREAKS", "interwork-out", "silent-at-5")
    judged = verify(real_edges.through(silent, UNREADABLE[name]))
    assert causes(judged) == ["interwork-out/5"]


@pytest.mark.parametrize("name", real_registrations.REGISTRATIONS)
def test_that_who_is_registered_may_be_pushed_to(name: str) -> None:
    check(real_registrations.pushed_later(real_registrations.REGISTRATIONS[name]), PASS)


@pytest.mark.parametrize("name", real_registrations.ENDED)
def test_that_who_is_no_more_registered_may_not(name: str) -> None:
    ladder = real_registrations.pushed_later(real_registrations.ENDED[name])
    judged = verify(ladder)
    assert causes(judged) == ["SD-5.2.1.1.2-wait"], said_of(ladder, judged)


def test_that_what_was_reported_as_delivered_is_not_pushed_again() -> None:
    """The counterpart of what is unreported, or reported as failed."""
    again = catalogue.ladder("BREAKS", "push-large", "pushed-again")
    assert causes(verify(again)) == ["SD-5.2.1.1.2-remove"]
