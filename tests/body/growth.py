"""Counting work: a parser's calls must grow no faster than its input."""

import sys


def calls(function):
    """How many calls, of Python and C functions, one call of `function` makes."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def assert_linear(parse, make, size=2_000):
    """Four times the input may cost six times the calls, not sixteen times.

    A last, large input is there for what no count shows (regular expressions, copying): were
    one of them quadratic, the test would not come to an end.
    """
    small, large = make(size), make(4 * size)
    assert calls(lambda: parse(large)) <= 6 * calls(lambda: parse(small)) + 1_000
    parse(make(100 * size))
