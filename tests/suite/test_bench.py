import asyncio
import socket
import time

import pytest

from conformance.live.clock import Clock
from conformance.reference.engine.timer import SECOND
from conformance.suite.bench import Bench
from conformance.suite.bench_setting import BenchSetting, endpoint_of
from conformance.suite.errors import ConformanceError
from conformance.suite.mutants import faults_named
from tests.live.echo import until

BEGIN = 1_772_442_000 * SECOND


def setting(network, *names):
    numbers = {"core": "1.1", "client": "2.20", "pf": "3.1", "iwf": "4.1", "remote": "9.1"}
    found = BenchSetting()
    for name in names or numbers:
        found = found.at(name, endpoint_of(f"{network}.{numbers[name]}", "test"))
    return found


def bench(role, said, network="127.86", **options):
    clock = Clock(time.monotonic_ns, BEGIN, 20)
    return Bench(role, setting(network), clock, said.append, **options)


def test_roles_on_a_bench_do_a_push_between_them_and_say_so(tmp_path):
    queue = tmp_path / "queue.sqlite"

    async def run():
        # given a core, a participating function, a client and another network, each on its own
        said = []
        stop = asyncio.Event()
        benches = {
            role: bench(role, said, **({"queue": str(queue)} if role == "pf" else {}))
            for role in ("core", "pf", "client", "remote")
        }
        works = [asyncio.create_task(one.run(stop)) for one in benches.values()]
        await until(lambda: sum("listens at" in line for line in said) == 4)
        # when Bob writes, and Alice comes back
        benches["remote"].obey("send sip:+15550100@home-a.example 'hello there'")
        await until(lambda: any(" pf deferred " in line for line in said))
        benches["client"].obey("register")
        await until(lambda: any(" client received " in line for line in said))
        await until(lambda: any(" pf removed " in line for line in said))
        stop.set()
        done = dict(zip(benches, await asyncio.gather(*works), strict=True))
        # then each says what it did, and the client took its registration back
        assert "deferred 1" in str(done["pf"])
        assert "delivered 1" in str(done["pf"])
        assert done["client"].notes["received"] == 1
        assert done["client"].notes["deregistered"] == 1
        assert done["core"].messages > 10

    asyncio.run(run())
    assert queue.stat().st_size > 0


def test_a_wrong_command_is_a_line():
    async def run():
        said, stop, lines = [], asyncio.Event(), asyncio.Queue()
        work = asyncio.create_task(bench("pf", said, network="127.87").run(stop, lines))
        await lines.put("register")
        await lines.put("'")
        await until(lambda: len(said) == 3)
        stop.set()
        await work
        assert [line.partition(":")[0] for line in said[1:]] == [
            "the pf knows no command 'register'",
            "''' is no command",
        ]

    asyncio.run(run())


def test_an_address_in_use_is_a_clear_error():
    async def run():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.88.3.1", 5060))
            one = bench("pf", [], network="127.88")
            with pytest.raises(ConformanceError, match=r"127.88.3.1:5060 .*: it is in use"):
                await one.run(asyncio.Event())

    asyncio.run(run())


def test_a_queue_that_is_none_is_a_clear_error(tmp_path):
    path = tmp_path / "queue"
    path.write_text("no database at all, and long enough to be looked at")
    with pytest.raises(ConformanceError, match="queue"):
        bench("pf", [], queue=str(path))


def test_a_fault_of_another_role_is_refused():
    with pytest.raises(ConformanceError, match="is a fault of the pf, not of the client"):
        bench("client", [], faults=faults_named(["pf-never-tears-down"]))


def test_an_error_of_ours_is_not_hidden():
    async def run():
        said = []
        one = bench("pf", said, network="127.89")
        one.world.pf.station.receive = lambda now, event: 1 / 0
        work = asyncio.create_task(one.run(asyncio.Event()))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            await until(lambda: said)
            stranger.sendto(b"x", ("127.89.3.1", 5060))
        with pytest.raises(ZeroDivisionError):
            await work

    asyncio.run(run())
