"""The normative sentences of the specification, and the test cases that provoke each."""

from collections.abc import Iterator
from typing import NamedTuple

from conformance.suite.case import Case
from conformance.suite.case_moments import table
from conformance.suite.test_cases import cases


class Row(NamedTuple):
    """One normative sentence: its number, what it says in short, and what provokes it.

    `patterns` are names of cases, `*` for every variant; `reason`: why nothing provokes it.
    """

    number: str
    short: str
    patterns: tuple[str, ...] = ()
    reason: str = ""

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases that provoke it."""
        return tuple(
            one for one in cases() if any(_matches(one.id, pattern) for pattern in self.patterns)
        )


ROWS = (
    Row("N1", "the server disconnects after sending all", ("pf/push-large/*",)),
    Row("N2", "both options are supported", reason="what is supported is claimed in the ICS"),
    Row(
        "N3",
        "expired messages are handled by preference and policy",
        (
            "pf/undelivered/expires-soon",
            "core/undelivered/expires-soon",
            "pf/preferences/expired-*",
        ),
    ),
    Row("N4", "a notification is sent", ("pf/pull-notify/*", "pf/pull/base")),
    Row("N5", "it may carry subject, originator, date, size", reason="a MAY: nothing is owed"),
    Row(
        "N6",
        "the client lets the user choose",
        reason="what a user is shown is not on the wire: the tester looks at the device",
    ),
    Row(
        "N7",
        "with a selection the client establishes a session with each identity and its action",
        ("client/pull/*", "client/pull-notify/*"),
    ),
    Row(
        "N8",
        "the client tears down once all is done",
        ("client/pull/*", "client/pull-notify/*"),
    ),
    Row(
        "N9",
        "what was handled is removed from the queue",
        ("pf/pull/only-discard", "pf/pull/two-sessions", "pf/pull-notify/told-of-the-rest"),
    ),
    Row(
        "N10",
        "an out-of-band notification may be sent",
        reason="a MAY, and out-of-band is not seen",
    ),
    Row(
        "N11",
        "pushing waits until a client has registered",
        ("pf/push/base", "pf/push-large/base", "pf/push-pager/base", "pf/push/comes-and-goes"),
    ),
    Row("N12", "a session with the capable clients, delivery over each", ("pf/push/*",)),
    Row("N13", "each session is torn down once all is delivered", ("pf/push/*",)),
    Row(
        "N14",
        "what was delivered is removed",
        ("pf/push/two-returns", "pf/push-pager/two-returns", "pf/push-large/two-returns"),
    ),
    Row(
        "N15",
        "users can set preferences",
        reason="how a user sets them is not on the wire: the tester looks at the device",
    ),
    Row(
        "N16",
        "participating function and interworking selection enforce the preferences",
        ("pf/preferences/*", "pf/push/preferred-*", "iwf/interwork-out/user-*"),
    ),
    Row(
        "N17",
        "a retrieval request goes to the XDMS",
        reason="the request is XCAP over HTTP: no message of SIP or MSRP shows it",
    ),
    Row(
        "N18",
        "the active profile's preferences are retrieved",
        (
            "pf/push/preferred-profile-of-the-device",
            "pf/preferences/profile-of-the-device",
        ),
    ),
    Row(
        "N19",
        "the preferences A to F are considered",
        ("pf/preferences/*", "pf/*/preferred-*"),
    ),
    Row(
        "N20",
        "the interworking selection retrieves the preferences",
        ("iwf/interwork-out/user-*",),
    ),
    Row("N21", "it considers services and priorities", ("iwf/interwork-out/user-*",)),
    Row("N22", "the clause 7.3.2 is followed", reason="that clause is not among the texts"),
    Row(
        "N23",
        "with sendonly the client uses the session to receive",
        ("client/chat-deferred/base", "client/chat-deferred/chunked"),
    ),
    Row(
        "N24",
        "each disposition notification goes by SIP MESSAGE",
        ("client/chat-deferred/delivered", "client/chat-deferred/delivered-and-displayed"),
    ),
    Row(
        "N25",
        "Conversation-ID tells whether the session is known",
        ("client/chat-deferred/two-conversations", "pf/chat-deferred/two-conversations"),
    ),
    Row("N26", "200 accepts", ("client/chat-deferred/base",)),
    Row(
        "N27",
        "after the ACK MSRP is established",
        ("client/chat-deferred/base", "client/chat-deferred/passive-offer"),
    ),
    Row(
        "N28",
        "480 says that the user does not wish to receive now",
        (
            "client/chat-deferred/user-declines",
            "pf/chat-deferred/declined-480",
            "core/chat-deferred/declined-480",
        ),
    ),
    Row(
        "N29",
        "a reply initiates a new session",
        ("client/chat-deferred/reply-in-new-session",),
    ),
)


def markdown() -> str:
    """docs/test-cases.md: the sentences with their cases, then every case."""
    return "\n".join([*_HEAD, *_sentences(), *_MOMENTS, *table(), *_all_cases(), ""])


_HEAD = (
    "# Test cases",
    "",
    "What `cpmspec drive` does to a device; written by `cpmspec drive --document`. A name",
    "is the device's role, the flow, and the variant. `valid` cases keep to the flow; in",
    "`inopportune` ones something comes at the wrong moment, twice, in pieces, or not at all.",
    "A case that needs user preferences in the device is run only when it is named (`--case`).",
    "What the `preferences` ones can convict of is in [driving.md](driving.md#preferences).",
    "",
    "## Normative sentences",
    "",
    "| # | in short | provoked by |",
    "|---|---|---|",
)


_MOMENTS = (
    "",
    "## Wrong moments",
    "",
    "What comes to each device; several variants of a flow are counted.",
    "",
)


def _sentences() -> Iterator[str]:
    for row in ROWS:
        names = ", ".join(f"`{pattern}`" for pattern in row.patterns)
        yield f"| {row.number} | {row.short} | {names or 'not provoked: ' + row.reason} |"


def _all_cases() -> Iterator[str]:
    place = ""
    for case in cases():
        here = f"{case.sut}, {case.flow}"
        if here != place:
            place = here
            yield from (
                "",
                f"## {here}",
                "",
                "| case | kind | shows | the device |",
                "|---|---|---|---|",
            )
        yield f"| `{case.id}` | {case.kind} | {case.scenario.shows} | {case.needs} |"


def _matches(name: str, pattern: str) -> bool:
    parts = zip(name.split("/"), pattern.split("/"), strict=True)
    return all(
        one.startswith(other[:-1]) if other.endswith("*") else one == other for one, other in parts
    )
