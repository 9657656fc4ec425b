import pytest

from conformance.reference.engine.timer import SECOND
from conformance.reference.smpp import window as smpp_window
from conformance.reference.smpp.pdu import MAX_SEQUENCE, Command, MessageId, Pdu, ShortMessage
from conformance.reference.smpp.window import Window
from tests.reference.wired import START, station

SUBMIT = Pdu(Command.SUBMIT_SM, 0, ShortMessage())


class World:
    def __init__(self, size=2):
        self.station = station("10.0.4.1")
        self.sent = []
        self.told = []
        self.window = Window(self.station, size, 30 * SECOND, self.sent.append)

    def request(self, name):
        return self.window.request(SUBMIT, lambda pdu: self.told.append((name, pdu)))

    def answer(self, number, command=Command.SUBMIT_SM_RESP):
        body = MessageId("x") if command is Command.SUBMIT_SM_RESP else None
        return self.window.answered(Pdu(command, number, body))

    @property
    def numbers(self):
        return [pdu.sequence for pdu in self.sent]


@pytest.fixture
def world():
    return World()


def test_that_no_more_wait_for_a_response_than_the_window_holds(world):
    for name in "abcd":
        assert world.request(name)
    assert (world.numbers, world.window.outstanding) == ([1, 2], 2)
    # Responses may come in any order; each makes a place.
    assert world.answer(2)
    assert world.numbers == [1, 2, 3]
    assert world.answer(1)
    assert world.numbers == [1, 2, 3, 4]
    assert [name for name, _ in world.told] == ["b", "a"]


def test_that_a_response_counts_once_and_for_its_request_only(world):
    world.request("a")
    assert not world.answer(1, Command.ENQUIRE_LINK_RESP)
    assert not world.answer(2)
    assert world.answer(1)
    assert not world.answer(1)
    assert len(world.told) == 1


def test_that_a_generic_nack_answers_any_request(world):
    world.request("a")
    assert world.answer(1, Command.GENERIC_NACK)
    assert world.told[0][1].command is Command.GENERIC_NACK


def test_that_a_response_that_never_comes_makes_a_place_in_time(world):
    for name in "abc":
        world.request(name)
    world.answer(1)
    world.station.wake(START + 30 * SECOND)
    assert [(name, pdu is None) for name, pdu in world.told[1:]] == [("b", True), ("c", True)]
    # What comes late is for nobody.
    assert not world.answer(2)


def test_that_an_urgent_request_waits_for_no_place(world):
    for name in "ab":
        world.request(name)
    world.window.urgent(Pdu(Command.ENQUIRE_LINK, 0), lambda pdu: None)
    assert world.numbers == [1, 2, 3]


def test_that_everybody_is_told_when_it_is_over(world):
    for name in "abc":
        world.request(name)
    world.window.abandon()
    assert world.told == [("a", None), ("b", None), ("c", None)]
    assert world.station.next_deadline() is None


def test_that_waiting_has_an_end(world, monkeypatch):
    monkeypatch.setattr(smpp_window, "MAX_WAITING", 1)
    assert [world.request(name) for name in "abcd"] == [True, True, True, False]


def test_that_numbers_begin_anew_and_pass_over_those_in_use(world):
    world.request("a")
    world.window._last = MAX_SEQUENCE - 1
    world.request("b")
    world.answer(MAX_SEQUENCE)
    world.request("c")
    assert world.numbers == [1, MAX_SEQUENCE, 2]
