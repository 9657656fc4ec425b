"""Only hard deviations count as faults; whoever went another way is told apart all the same."""

from math import inf

import pytest

from conformance.oracle.deviation import Deviation, Played, distance
from conformance.oracle.difference import Difference, Kind
from tests.oracle.samples import request, response

HARD = Difference("Event", "a", "b")
SOFT = Difference("From", "a", "b", hard=False)
STATUS = Difference("status", "480", "200", hard=False)


def of(*differences, kind=Kind.OTHERWISE, time=5):
    return Deviation(kind, time, None, None, differences)


@pytest.mark.parametrize(("found", "count"), [(HARD, 1), (SOFT, 0), (STATUS, 1)])
def test_open_fields_do_not_part_two_replays(found, count):
    assert Played([of(found)]).count == count


def test_a_silence_and_a_surprise_are_hard():
    assert of(kind=Kind.SILENCE).is_hard
    assert of(kind=Kind.UNEXPECTED).is_hard
    assert not of(SOFT).is_hard


def test_the_first_difference_is_the_end_of_agreement():
    played = Played([of(HARD, time=9), of(HARD, time=7), of(SOFT, time=1)])
    assert played.agreed_until == 7


def test_fewer_hard_differences_are_nearer():
    assert distance([SOFT, SOFT]) < distance([HARD])


@pytest.mark.parametrize(
    ("wanted", "withheld"),
    [(request("INVITE"), True), (request("BYE", to_tag="t"), False), (response(request()), False)],
)
def test_what_a_policy_may_withhold_parts_nobody(wanted, withheld):
    one = Deviation(Kind.SILENCE, 5, wanted, None)
    assert one.is_withheld is withheld
    assert (Played([one]).agreed_until == inf) is withheld
    assert Played([one]).count == 1


def test_a_list_weighs_as_much_as_its_values():
    one = of(Difference("list.identities", "a, b, c", "none"))
    assert Played([one]).count == 3
