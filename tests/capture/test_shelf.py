from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture.shelf import Shelf


@given(st.lists(st.integers(-(2**62), 2**62), max_size=40))
@settings(max_examples=80)
def test_things_come_in_the_order_of_time_and_equal_ones_as_put(times):
    shelf = Shelf()
    for number, time in enumerate(times):
        shelf.put(time, (time, number))
    assert list(shelf) == sorted((time, number) for number, time in enumerate(times))
    assert list(shelf) == list(shelf)
    assert (shelf.first, shelf.last) == (min(times, default=None), max(times, default=None))
    shelf.close()
