import asyncio
import random
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.live.clock import Clock
from conformance.live.plumbing import Plumbing
from conformance.reference.engine.timer import SECOND
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World
from tests.live.echo import Echo, until


def clock(rate=1.0):
    return Clock(time.monotonic_ns, 1_000 * SECOND, rate)


def test_alarms_ring_by_the_plumbings_clock():
    async def run():
        one, rung = Echo(), []
        plumbing = Plumbing([one.station], clock(rate=1_000))
        await plumbing.start()
        one.station.after(30 * SECOND, lambda: rung.append(one.station.now))
        plumbing.settle()
        await until(lambda: rung)
        assert rung[0] >= 1_030 * SECOND
        await plumbing.stop()

    asyncio.run(run())


def test_an_error_of_a_component_is_kept_and_ends_nothing():
    async def run():
        one = Echo()
        one.datagram = lambda datagram: 1 / 0
        plumbing = Plumbing([one.station], clock())
        await plumbing.start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for _ in range(2):
                stranger.sendto(b"x", one.endpoint)
            await until(lambda: plumbing.error)
        assert isinstance(plumbing.error, ZeroDivisionError)
        await plumbing.stop()

    asyncio.run(run())


def test_notes_are_told():
    async def run():
        one, told = Echo(), []
        plumbing = Plumbing([one.station], clock(), told=lambda who, note: told.append(note.what))
        await plumbing.start()
        one.station.note("deferred")
        plumbing.settle()
        assert told == ["deferred"]
        await plumbing.stop()

    asyncio.run(run())


async def pf_on_sockets(network):
    world = World(WorldSetting(network=network))
    parties = {name: party.component for name, party in world.simulation.parties.items()}
    plumbing = Plumbing([parties["pf"]], clock())
    await plumbing.start()
    return world, plumbing


BEGINNINGS = (
    b"",
    b"INVITE sip:a@b SIP/2.0\r\n",
    b"SIP/2.0 200 OK\r\n",
    b"MSRP abcd1234 SEND\r\nTo-Path: msrp://a:1/b;tcp\r\n",
    b"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
)


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(st.sampled_from(BEGINNINGS), st.binary(max_size=300)), min_size=1, max_size=5
    )
)
def test_no_garbage_makes_a_role_fall(chunks):
    async def run():
        world, plumbing = await pf_on_sockets("127.79")
        streams = [socket.create_connection(("127.79.3.1", port)) for port in (5060, 2855)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for start, rest in chunks:
                stranger.sendto(start + rest, ("127.79.3.1", 5060))
                for stream in streams:
                    stream.send(start + rest)
        for stream in streams:
            stream.close()
        await until(lambda: plumbing.connections == 0)
        assert plumbing.error is None
        await plumbing.stop()
        world.close()

    asyncio.run(run())


async def flood(writer, octets):
    for _ in range(256):
        writer.write(octets)
        await writer.drain()


def test_endless_headers_are_cut_off_and_memory_is_bounded():
    async def run():
        world, plumbing = await pf_on_sockets("127.80")
        _, writer = await asyncio.open_connection("127.80.3.1", 5060)
        writer.write(b"INVITE sip:a@b SIP/2.0\r\n")
        line = b"X-%d: " % random.Random(1).randrange(9) + b"a" * 1_000 + b"\r\n"
        with pytest.raises(ConnectionError):
            await flood(writer, line * 64)
        await until(lambda: plumbing.connections == 0)
        assert plumbing.error is None
        writer.transport.abort()
        await asyncio.sleep(0)
        await plumbing.stop()
        world.close()

    asyncio.run(run())
