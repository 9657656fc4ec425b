import pytest

from conformance.capture.order import LONGEST_PAUSE, group
from conformance.observation.trace import CaptureHealth

SECOND = 1_000_000_000


def health(first, last, interfaces=("eth0:1",), path="x"):
    times = (None, None) if first is None else (int(first * SECOND), int(last * SECOND))
    return CaptureHealth(
        path,
        "native",
        sha256=f"{path}{first}{last}",
        first_time=times[0],
        last_time=times[1],
        interfaces=list(interfaces),
    )


def test_ring_files_are_one_capture_whatever_their_order():
    assert group([health(20, 29), health(0, 9), health(10, 19)]) == [[1, 2, 0]]


@pytest.mark.parametrize(
    ("second", "together"),
    [
        (health(10, 20), True),
        (health(8, 20), True),
        (health(10, 20, ("eth1:1",)), False),
        (health(10, 20, ("eth0:113",)), False),
        (health(9 + LONGEST_PAUSE // SECOND + 1, 200), False),
        (health(3, 20), False),
        (health(5, 8), False),
        (health(None, None), False),
    ],
)
def test_what_follows_what(second, together):
    assert len(group([health(0, 9), second])) == (1 if together else 2)


def test_captures_that_begin_at_once_stand_apart():
    """However short they are: simulated ones share their addresses and their first second."""
    assert group([health(0, 2), health(0, 3), health(0, 4, path="y")]) == [[0], [1], [2]]
    assert group([health(0, 2), health(1, 3)]) == [[0], [1]]


def test_a_ring_that_turns_every_second_is_one_capture():
    files = [health(place, place + 1.2, path=f"ring{place}") for place in range(4)]
    assert group(files) == [[0, 1, 2, 3]]


def test_copies_of_one_file_stand_apart():
    assert group([health(0, 1), health(0, 1)]) == [[0], [1]]


def test_two_taps_side_by_side_stay_two():
    tap = ("eth1:1",)
    found = group([health(0, 9), health(0, 9, tap), health(10, 19), health(10, 19, tap)])
    assert found == [[0, 2], [1, 3]]


def test_nothing_gives_nothing():
    assert group([]) == []
