import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.reference.engine.chance import Chance


def test_the_seed_alone_decides():
    one, other, third = Chance("1"), Chance("1"), Chance("2")
    first = [one.token(), one.uuid(), one.below(1000), one.uniform(0, 1)]
    assert first == [other.token(), other.uuid(), other.below(1000), other.uniform(0, 1)]
    assert first != [third.token(), third.uuid(), third.below(1000), third.uniform(0, 1)]


def test_a_fork_goes_its_own_way():
    chance = Chance("1")
    fork = chance.fork("branch")
    before = fork.token()
    chance.token()
    assert Chance("1").fork("branch").token() == before
    assert Chance("1").fork("other").token() != before


@given(st.integers(0, 100))
def test_a_token_has_its_length(length):
    assert re.fullmatch(rf"[0-9a-f]{{{length}}}", Chance("t").token(length))


def test_a_uuid_is_of_version_4():
    hexadecimal = "[0-9a-f]"
    pattern = (
        rf"{hexadecimal}{{8}}-{hexadecimal}{{4}}-4{hexadecimal}{{3}}-[89ab]{hexadecimal}{{3}}-"
    )
    chance = Chance("u")
    assert all(re.match(pattern, chance.uuid()) for _ in range(50))


@given(st.integers(1, 10**6), st.text(max_size=5))
def test_numbers_stay_in_their_range(end, seed):
    chance = Chance(seed.encode("utf-8", "replace").decode())
    assert 0 <= chance.below(end) < end
    assert 2.0 <= chance.uniform(2, 5) <= 5.0


def test_no_number_is_below_zero_and_not_below_zero():
    with pytest.raises(ValueError, match="no number"):
        Chance("1").below(0)


def test_octets_of_any_count():
    assert [len(Chance("o").octets(count)) for count in (0, 1, 32, 33, 100)] == [0, 1, 32, 33, 100]
