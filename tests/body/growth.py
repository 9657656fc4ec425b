"""Counting work: a parser's calls must grow no faster than its input."""

import gc
import sys
from time import process_time_ns


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


_CALM, _ENOUGH = 1_000_000, 50_000_000
_STEEPEST = 4.0


def _cost(parse, octets):
    """Processor time of one parse, in ns: the least of two, so that no neighbour counts."""
    spent = []
    for _ in range(2):
        begun = process_time_ns()
        parse(octets)
        spent.append(process_time_ns() - begun)
    return min(spent)


def assert_steady(parse, make, largest=1_000_000):
    """An octet costs the same in a large input as in a small one, also where no call is made.

    What a regular expression or a search in C does is no call that can be counted: of it the
    processor's time is taken, for inputs that double until 50 ms are reached or `largest` octets.
    Time that is quadratic makes an octet seven times dearer on the way there from 1 ms; a machine
    that is busy with others does not, since only this process's time counts, and the least of it.
    """
    cheapest = None
    count = 16
    gc.disable()
    try:
        while True:
            octets = make(count)
            cost = _cost(parse, octets)
            each = cost / len(octets)
            if cheapest is not None:
                assert each <= _STEEPEST * cheapest, f"{len(octets)} octets: {each:.1f} ns each"
            if cost > _CALM:
                cheapest = each if cheapest is None else min(cheapest, each)
            if cost > _ENOUGH or len(octets) > largest:
                return
            count *= 2
    finally:
        gc.enable()
