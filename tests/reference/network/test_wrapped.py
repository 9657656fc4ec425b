"""A wrapper does as its component does, and what that sends passes through it."""

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Datagram
from conformance.reference.network.wrapped import Wrapped

HERE, THERE = Endpoint("10.0.0.1", 5060), Endpoint("10.0.0.2", 5060)


def datagram(octets):
    return Datagram(HERE, THERE, octets)


class Component:
    """Tells what it is asked, by what it sends."""

    host = HERE.host
    listening = (HERE,)

    def receive(self, now, event):
        return [datagram(b"received at %d: %s" % (now, event.octets))]

    def wake(self, now):
        return [datagram(b"woken at %d" % now)]

    def next_deadline(self):
        return 77

    def effects(self):
        return [datagram(b"asked")]


class Shouting(Wrapped):
    def _passed(self, effects):
        return [datagram(b"%d %s" % (self._now, one.octets.upper())) for one in effects]


def test_that_it_is_where_its_component_is_and_wakes_when_that_does():
    one = Wrapped(Component())
    assert (one.host, one.listening, one.next_deadline()) == (HERE.host, (HERE,), 77)
    assert one.effects() == [datagram(b"asked")]


def test_that_all_that_is_sent_passes_with_the_time_that_it_knows():
    one = Shouting(Component())
    assert one.receive(5, datagram(b"hello")) == [datagram(b"5 RECEIVED AT 5: HELLO")]
    assert one.wake(9) == [datagram(b"9 WOKEN AT 9")]
    assert one.effects() == [datagram(b"9 ASKED")]
