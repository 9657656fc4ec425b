import asyncio
import socket

import pytest

from conformance.live.clock import SteppedClock
from conformance.live.datagrams import Datagrams
from conformance.live.errors import PlumbingError
from conformance.live.recorder import Recorder
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Datagram
from tests.live.echo import Echo, fresh, until


def datagrams(heard, recorder=None):
    hand = lambda component, event: heard.append(event)  # noqa: E731
    return Datagrams(SteppedClock(0), recorder or Recorder(), hand)


def test_a_datagram_between_two_of_ours_is_recorded_once_and_flies_until_it_arrives():
    async def run():
        heard, recorder, one, other = [], Recorder(), Echo(), Echo()
        wires = datagrams(heard, recorder)
        for party in (one, other):
            await wires.listen(party.station, party.endpoint)
        wires.send(Datagram(one.endpoint, other.endpoint, b"x"))
        assert wires.flying == 1
        await until(lambda: heard)
        assert heard == [Datagram(one.endpoint, other.endpoint, b"x")]
        assert (wires.flying, recorder.messages) == (0, 1)
        await wires.stop()

    asyncio.run(run())


@pytest.mark.parametrize("host", ["127.78.0.2", "::1"])
def test_what_a_stranger_sends_is_recorded_too(host):
    async def run():
        heard, recorder, one = [], Recorder(), Echo(fresh(host))
        wires = datagrams(heard, recorder)
        await wires.listen(one.station, one.endpoint)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as stranger:
            stranger.bind((host, 0))
            stranger.sendto(b"\x00garbage", one.endpoint)
            await until(lambda: heard)
        assert heard[0].octets == b"\x00garbage"
        assert heard[0].source.host == host
        assert recorder.messages == 1
        await wires.stop()

    asyncio.run(run())


def test_an_endpoint_in_use_is_a_clear_error():
    async def run():
        one = Echo()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(one.endpoint)
            with pytest.raises(PlumbingError, match=f"{one.endpoint} .*: it is in use"):
                await datagrams([]).listen(one.station, one.endpoint)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        (Endpoint("192.0.2.1", 5060), "no address of this machine"),
        (Endpoint("127.0.0.1", 70_000), "65535"),
    ],
)
def test_an_endpoint_that_cannot_be_had_is_a_clear_error(endpoint, why):
    async def run():
        with pytest.raises(PlumbingError, match=why):
            await datagrams([]).listen(Echo().station, endpoint)

    asyncio.run(run())


def test_what_cannot_be_sent_is_lost_without_a_word():
    async def run():
        heard, one = [], Echo()
        wires = datagrams(heard)
        await wires.listen(one.station, one.endpoint)
        wires.send(Datagram(one.endpoint, Endpoint("2001:db8::1", 5060), b"x"))
        wires.send(Datagram(one.endpoint, Endpoint("127.0.0.1", 9), bytes(70_000)))
        wires.send(Datagram(Endpoint("127.0.0.9", 1), one.endpoint, b"not ours"))
        wires.send(Datagram(one.endpoint, one.endpoint, b"what can be sent"))
        await until(lambda: heard)
        assert [event.octets for event in heard] == [b"what can be sent"]
        await wires.stop()
        wires.send(Datagram(one.endpoint, one.endpoint, b"late"))

    asyncio.run(run())
