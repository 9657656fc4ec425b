import pytest

from conformance.capture.messages import Part, begins_message, framed, may_become_message
from conformance.sip.parser import parse
from tests.capture.scenes import msrp, sip

PARTS = [Part(10, (1,), 100), Part(20, (2, 3), 90), Part(30, (4,), 120)]


@pytest.mark.parametrize(
    ("begin", "finish", "frames", "time"),
    [
        (0, 10, (1,), 100),
        (5, 15, (1, 2, 3), 90),
        (10, 30, (2, 3, 4), 120),
        (0, 30, (1, 2, 3, 4), 120),
    ],
)
def test_a_message_tells_the_frames_that_carried_it(begin, finish, frames, time):
    found = framed(parse(sip()), PARTS, begin, finish)
    assert (found.position, found.frames, found.time) == (begin, frames, time)


def test_beginnings():
    assert begins_message(sip())
    assert begins_message(msrp())
    assert not begins_message(b"hello")
    assert may_become_message(b"OPT")
    assert may_become_message(b"MS")
    assert not may_become_message(b"\x16\x03\x01")
