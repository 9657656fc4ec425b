"""What is asleep is found by its keys and its numbers, however much comes and goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.verifier import asleep
from conformance.verifier.asleep import Asleep, Marks

KEYS = st.tuples(st.sampled_from(("call", "imdn", "session")), st.text("ab", max_size=3))


@given(st.lists(st.tuples(st.booleans(), KEYS, st.integers(0, 5))))
def test_that_a_key_leads_to_its_groups_and_never_to_none(moves) -> None:
    marks, known = Marks(), []
    for comes, key, group in moves:
        if comes:
            marks.add(key, group)
            known.append((key, group))
        elif (key, group) in known:
            marks.remove(key, group)
            known.remove((key, group))
        for one in {key for key, _ in known} | {key}:
            assert sorted(marks.groups(one)) == sorted(g for k, g in known if k == one)


def test_that_marks_find_room_for_very_many() -> None:
    marks = Marks()
    for number in range(5_000):
        marks.add(("call", str(number)), number)
    assert [marks.groups(("call", str(number))) for number in range(5_000)] == [
        [number] for number in range(5_000)
    ]
    for number in range(5_000):
        marks.remove(("call", str(number)), number)
        marks.add(("call", f"again {number}"), number)
    assert marks.groups(("call", "7")) == []
    assert marks.groups(("call", "again 7")) == [7]


def put(sleepers: Asleep, number: int, times: int = 0) -> None:
    span = (times, times + 10, times + 200)
    group = sleepers.write(b"%d" % number * 100)
    sleepers.put(group, [number, number + 1], [("call", str(number))], span)


def test_that_a_conversation_is_found_by_its_numbers_and_taken_once() -> None:
    sleepers = Asleep()
    for number in (40, 2, 20):
        put(sleepers, number, number)
    assert (len(sleepers), sleepers.numbers()) == (6, [2, 3, 20, 21, 40, 41])
    assert [sleepers.home(number) for number in (1, 4, 42, 10_000)] == [None] * 4
    assert sleepers.first_time() == 2
    assert sorted(sleepers.oldest()) == [(12, 2), (30, 20), (50, 40)]
    (group,) = sleepers.groups(("call", "20"))
    assert group == sleepers.home(20) == sleepers.home(21)
    assert (sleepers.due(group), sleepers.octets(group)) == (220, b"20" * 100)
    sleepers.take(group, [20, 21], [("call", "20")])
    assert (len(sleepers), sleepers.home(20), sleepers.groups(("call", "20"))) == (4, None, [])
    assert sleepers.first_time() == 2


def test_that_nothing_is_left_when_all_are_awake() -> None:
    sleepers = Asleep()
    for number in (0, 10):
        put(sleepers, number)
    for number in (0, 10):
        group = sleepers.home(number)
        assert group is not None
        sleepers.take(group, [number, number + 1], [("call", str(number))])
    assert (len(sleepers), sleepers.numbers(), sleepers.oldest()) == (0, [], [])
    assert sleepers.first_time() is None
    put(sleepers, 5)
    assert sleepers.home(5) == 0


@contextmanager
def files_of(most: int) -> Iterator[None]:
    """No file may grow longer than so many octets."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)


def test_that_what_has_no_room_is_told_and_the_rest_is_as_it_was(monkeypatch) -> None:
    monkeypatch.setattr(asleep, "_WASTE", 1)
    sleepers = Asleep()
    put(sleepers, 10)
    put(sleepers, 20)
    put(sleepers, 30)
    with files_of(700):
        for _ in "ab":
            with pytest.raises(OSError, match=r"space|large"):
                sleepers.write(b"x" * 200)
        assert sleepers.octets(1) == b"20" * 100
    with files_of(150):
        # Two thirds are of no use now, but there is no room to write the third anew.
        for number in (10, 20):
            group = sleepers.home(number)
            assert group is not None
            sleepers.take(group, [number, number + 1], [("call", str(number))])
        assert sleepers.size == 600
    group = sleepers.home(30)
    assert group is not None
    assert sleepers.octets(group) == b"30" * 100


def test_that_the_file_does_not_grow_with_what_comes_and_goes(monkeypatch) -> None:
    monkeypatch.setattr(asleep, "_WASTE", 1_000)
    sleepers = Asleep()
    put(sleepers, 0)
    for number in range(10, 2_000, 2):
        put(sleepers, number)
        if number > 20:
            old = number - 6
            group = sleepers.home(old)
            assert group is not None
            sleepers.take(group, [old, old + 1], [("call", str(old))])
        assert sleepers.size < 10_000
    group = sleepers.home(0)
    assert group is not None
    assert sleepers.octets(group) == b"0" * 100
    assert sleepers.home(1_998) is not None
