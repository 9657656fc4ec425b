import asyncio
import time

import pytest

from conformance.live.clock import Clock, SteppedClock
from conformance.live.network import SocketNetwork, obey_always, quietly
from conformance.live.recorder import Recorder
from conformance.reference.engine.timer import SECOND
from conformance.reference.network.simulation import SimulationError
from tests.live.echo import Echo, fresh, until


def test_those_who_are_absent_are_known_and_never_run():
    async def run():
        network = SocketNetwork(SteppedClock(0), absent=frozenset({"other"}))
        one, other = Echo(), Echo()
        network.add("one", None, one.station)
        network.add("other", None, other.station)
        plumbing = network.plumb(Recorder())
        await plumbing.start()
        assert [seat.name for seat in plumbing.components] == ["one"]
        assert set(network.parties) == {"one", "other"}
        await plumbing.stop()

    asyncio.run(run())


def test_there_are_no_two_parties_of_one_name():
    network = SocketNetwork(SteppedClock(0))
    network.add("one", None, Echo().station)
    with pytest.raises(SimulationError, match="two parties one"):
        network.add("one", None, Echo().station)


def test_nobody_replaces_a_party_that_is_not_there():
    with pytest.raises(SimulationError, match="no party one"):
        SocketNetwork(SteppedClock(0)).replace("one", Echo().station)


def test_a_replaced_party_hears_at_the_same_endpoint():
    async def run():
        network = SocketNetwork(SteppedClock(0))
        one, caller = Echo(fresh("127.78.0.8")), Echo()
        again = Echo(one.endpoint)
        network.add("one", None, one.station)
        network.add("caller", None, caller.station)
        plumbing = network.plumb(Recorder())
        await plumbing.start()
        caller.call(one.endpoint, b"first")
        plumbing.settle()
        await until(lambda: caller.heard == [b"FIRST"])
        network.replace("one", again.station)
        await until(lambda: caller.ended)
        caller.call(one.endpoint, b"second")
        plumbing.settle()
        await until(lambda: again.heard == [b"second"])
        assert one.heard == [b"first"]
        await plumbing.stop()

    asyncio.run(run())


def test_commands_are_obeyed_at_their_times_and_notes_are_told():
    async def run():
        told, done = [], []
        network = SocketNetwork(Clock(time.monotonic_ns, 0, 100), told=told.append)
        one = Echo()
        network.add("one", None, one.station)
        plumbing = network.plumb(Recorder())
        await plumbing.start()
        network.after(2 * SECOND, lambda: done.append(2))
        network.after(1 * SECOND, lambda: (done.append(1), one.station.note("done")))
        work = asyncio.create_task(obey_always(network))
        await until(lambda: len(done) == 2)
        work.cancel()
        assert done == [1, 2]
        assert [(note.party, note.note.what) for note in told] == [("one", "done")]
        assert network.next_command is None
        await plumbing.stop()

    asyncio.run(run())


def test_what_asyncio_complains_of_is_a_line():
    loop, lines = asyncio.new_event_loop(), []
    quietly(loop, lines.append)
    loop.call_exception_handler({"message": "socket.accept() out of system resource"})
    loop.call_exception_handler({"message": "m", "exception": OSError("e")})
    assert lines == ["socket.accept() out of system resource", "m: e"]
    loop.close()
