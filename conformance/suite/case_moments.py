"""What may come at the wrong moment, and the test cases that let it come, by device."""

from collections.abc import Iterator
from typing import NamedTuple

from conformance.suite.case import SUTS, Case
from conformance.suite.test_cases import cases


class Moment(NamedTuple):
    """One kind of wrong moment: in short, and words of which a case's name has one.

    `reasons`: why it cannot come to a device, by the device's role.
    """

    short: str
    words: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...] = ()

    def cases(self, sut: str) -> tuple[Case, ...]:
        """The cases that let it come to a device."""
        return tuple(
            one
            for one in cases()
            if one.sut == sut and any(word in one.scenario.name for word in self.words)
        )


_NO_MEDIA = "no MSRP passes through it"
_NO_SESSION = "its messages go by MESSAGE"
_ASKED = ("message", "invite", "notify", "subscribe", "subscribed")

MOMENTS = (
    Moment(
        "a NOTIFY before the 200",
        ("notify-before-200",),
        (("pf", "it sends both"), ("iwf", "it subscribes to nothing")),
    ),
    Moment("late answers", ("late-answer",)),
    Moment("no answer", ("no-answer",)),
    Moment("480 and other refusals", ("declined", "declines", "480", "404")),
    Moment("a re-INVITE", ("reinvite",), (("iwf", _NO_SESSION),)),
    Moment("the same request twice", tuple(f"{method}-twice" for method in _ASKED)),
    Moment("garbage", ("garbage",)),
    Moment("MSRP in chunks", ("chunk",), (("iwf", _NO_SESSION),)),
    Moment(
        "a connection lost in the middle of a message, or between two",
        ("-lost", "lost-"),
        (("core", _NO_MEDIA), ("iwf", _NO_SESSION)),
    ),
    Moment(
        "BYEs that cross",
        ("crossing-byes",),
        (("client", "when it hangs up is its own choice"), ("iwf", _NO_SESSION)),
    ),
)


def table() -> Iterator[str]:
    """The kinds by device, in Markdown."""
    yield "| what comes | " + " | ".join(SUTS) + " |"
    yield "|---|" + "---|" * len(SUTS)
    for moment in MOMENTS:
        yield f"| {moment.short} | " + " | ".join(_cell(moment, sut) for sut in SUTS) + " |"


def _cell(moment: Moment, sut: str) -> str:
    found = moment.cases(sut)
    if not found:
        return dict(moment.reasons).get(sut, "")
    names: dict[str, list[str]] = {}
    for one in found:
        names.setdefault(one.flow, []).append(one.scenario.name)
    return ", ".join(
        f"`{flow}/{each[0]}`" if len(each) == 1 else f"`{flow}` ({len(each)})"
        for flow, each in names.items()
    )
