"""Texts in segments: one after the other, and reports on each (TS 23.040)."""

from conformance.body.sms_user_data import UserData
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.legs.leg import TAKEN, Arrival, Cause, NonCpmMessage, Outcome
from conformance.reference.legs.segmented_leg import MAX_TRACKED, SegmentDone, SegmentedLeg
from conformance.reference.legs.short_message import segments

LONG = "x" * 400
REFUSED = Outcome(Cause.REFUSED)


class Leg(SegmentedLeg):
    """A leg whose segments are answered by the test."""

    def __init__(self) -> None:
        super().__init__(Station("10.0.4.1", Chance("leg")))
        self.sent: list[tuple[UserData, bool, SegmentDone]] = []
        self.reports: list[tuple[str, bool]] = []
        self.user = self

    def send_segment(
        self, message: NonCpmMessage, data: UserData, *, more: bool, done: SegmentDone
    ) -> None:
        self.sent.append((data, more, done))

    def admits(self, destination: str) -> int:
        return 200

    def arrived(self, arrival: Arrival) -> None:
        raise AssertionError("nothing comes here")

    def reported(self, identity: str, *, delivered: bool) -> None:
        self.reports.append((identity, delivered))

    def send(self, text: str = LONG, *, wants_report: bool = True) -> list[Outcome]:
        done: list[Outcome] = []
        message = NonCpmMessage("m", "tel:+1", "tel:+2", text, wants_report)
        self.submit(message, done.append)
        return done


def test_each_segment_waits_for_the_one_before() -> None:
    leg = Leg()
    done = leg.send()
    for number in range(3):
        assert (len(leg.sent), done) == (number + 1, [])
        _, more, answer = leg.sent[-1]
        assert more is (number < 2)
        answer(TAKEN, str(number))
    assert done == [TAKEN]


def test_the_first_segment_that_is_refused_ends_it() -> None:
    leg = Leg()
    done = leg.send()
    leg.sent[0][2](TAKEN, "a")
    leg.sent[1][2](REFUSED, "")
    assert (done, len(leg.sent)) == ([REFUSED], 2)
    # and nothing is reported of what went before.
    assert leg.take_report("a", delivered=True)
    assert leg.reports == []


def test_a_text_too_long_is_refused() -> None:
    leg = Leg()
    (outcome,) = leg.send("x" * 40_000)
    assert (outcome.cause, leg.sent) == (Cause.TOO_LONG, [])


def test_a_text_is_delivered_when_all_its_segments_are() -> None:
    leg = Leg()
    leg.send()
    for token in "abc":
        leg.sent[-1][2](TAKEN, token)
    assert [leg.take_report(token, delivered=True) for token in "ab"] == [True, True]
    assert leg.reports == []
    assert leg.take_report("c", delivered=True)
    assert leg.reports == [("m", True)]
    assert not leg.take_report("c", delivered=True)


def test_one_segment_that_fails_fails_the_text_once() -> None:
    leg = Leg()
    leg.send()
    for token in "abc":
        leg.sent[-1][2](TAKEN, token)
    for token in "bca":
        leg.take_report(token, delivered=token != "b")
    assert leg.reports == [("m", False)]


def test_nothing_is_tracked_that_nobody_asked_for() -> None:
    leg = Leg()
    leg.send("short", wants_report=False)
    leg.sent[-1][2](TAKEN, "a")
    assert not leg.take_report("a", delivered=True)


def test_reports_are_awaited_for_so_many_at_most() -> None:
    leg = Leg()
    for number in range(MAX_TRACKED + 1):
        leg.send("short")
        leg.sent.pop()[2](TAKEN, str(number))
    assert not leg.take_report("0", delivered=True)
    assert leg.take_report(str(MAX_TRACKED), delivered=True)


def test_segments_that_come_in_keep_what_was_asked_of_each() -> None:
    leg = Leg()
    parts = segments(LONG, 4)
    ends = ("tel:+1", "tel:+2")
    assert leg.gather(ends, parts[2], "c") == (None, ())
    assert leg.gather(ends, parts[0]) == (None, ())
    whole, asked = leg.gather(ends, parts[1], "b")
    assert whole is not None
    assert (whole.text, asked) == (LONG, ("c", "b"))
