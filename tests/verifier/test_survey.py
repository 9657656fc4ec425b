"""The first pass: links, clocks, gaps."""

from conformance.observation.packet import Transport
from conformance.observation.trace import Gap, GapReason
from conformance.verifier.survey import survey
from tests.scenarios import push

CLIENT, CORE, PF = "10.0.2.20", "10.0.1.1", "10.0.3.1"


def test_that_links_are_directed() -> None:
    ladder = push.build().only_direction({(PF, CORE)})
    found = survey(ladder.trace())
    assert found.sip == {(PF, CORE): {Transport.UDP}}


def test_that_msrp_has_links_of_its_own() -> None:
    found = survey(push.build().trace())
    assert found.msrp == {(CLIENT, PF), (PF, CLIENT)}
    assert (CLIENT, PF) not in found.sip


def test_that_a_clock_runs_from_the_first_to_the_last_packet() -> None:
    ladder = push.build()
    found = survey(ladder.trace())
    assert (found.starts[0], found.ends[0]) == (ladder.shots[0].time, ladder.shots[-1].time)
    found.extend(0, None, ladder.shots[-1].time + 5)
    assert found.ends[0] == ladder.shots[-1].time + 5


def test_that_gaps_are_kept_and_move_the_clock() -> None:
    gap = Gap(3, 17, 2, "the file is cut", GapReason.CUT_FILE)
    found = survey([gap])
    assert found.gaps == [gap]
    assert found.ends == {2: 17}
