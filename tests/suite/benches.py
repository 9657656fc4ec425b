"""A reference role as a device under test: in another process by `cpmspec play`, or a thread."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Event, Thread

from conformance.live.clock import Clock
from conformance.suite.bench import Bench
from conformance.suite.bench_setting import BenchSetting, endpoint_of, read_bench_setting
from conformance.suite.mutants import faults_named
from conformance.suite.preferences import read_preferences
from conformance.suite.second_record import Host
from tests.waiting import PATIENCE

NUMBERS = {
    "core": "1.1",
    "client": "2.20",
    "second": "2.21",
    "pf": "3.1",
    "iwf": "4.1",
    "noncpm": "5.1",
    "remote": "9.1",
}
RATE = 40


def command(*words):
    return [sys.executable, "-m", "conformance.cli.main", *words]


def setting_file(folder, network, more=""):
    """A setting with everybody on a loopback network of this test's own."""
    path = folder / "bench.toml"
    lines = [f'{name} = "{network}.{number}"' for name, number in NUMBERS.items()]
    path.write_text("\n".join(["[addresses]", *lines, more, ""]), "utf-8")
    return path


def setting(network):
    """The same, as the setting of who drives."""
    found = BenchSetting()
    for name, number in NUMBERS.items():
        found = found.at(name, endpoint_of(f"{network}.{number}", "test"))
    return found


class Device:
    """The process, and what it prints."""

    def __init__(self, process, address):
        self.process = process
        self.address = address
        self.asked = []

    def operate(self, asked):
        """Do what the user of the device is told to do."""
        self.asked.append(str(asked))
        self.process.stdin.write(f"{asked}\n")
        self.process.stdin.flush()


@contextmanager
def played(folder, role, network, *words, more="", rate=RATE):
    """A role at its address on a network of this test's own, until the end of the block."""
    path = setting_file(folder, network, more)
    address = f"{network}.{NUMBERS[role]}"
    process = subprocess.Popen(
        command(
            *("play", "--role", role, "--listen", address),
            *("--setting", str(path), "--rate", str(rate), *words),
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        first = process.stdout.readline()
        assert first == f"{role} listens at {address}:5060\n"
        yield Device(process, endpoint_of(address, "test"))
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


BEGIN = 1_772_442_000 * 1_000_000_000

HOST = Host(time.time_ns, time.monotonic, lambda: Event().wait(0.02))


class Neighbour:
    """A role in another thread."""

    def __init__(self, bench, loop, address):
        self._bench = bench
        self._loop = loop
        self.address = address
        self.asked = []

    def operate(self, asked):
        """Do what the user of the device is told to do."""
        self.asked.append(str(asked))
        self._loop.call_soon_threadsafe(self._bench.obey, str(asked))


@contextmanager
def benched(folder, role, network, *, more="", fault="", preferences="", rate=RATE):
    """A role at its address, in another thread, until the end of the block."""
    address = endpoint_of(f"{network}.{NUMBERS[role]}", "test")
    found = read_bench_setting(str(setting_file(folder, network, more))).at(role, address)
    ready, held = Event(), {}

    def said(line):
        if "listens at" in line:
            ready.set()

    async def run():
        held["stop"], held["loop"] = asyncio.Event(), asyncio.get_running_loop()
        held["bench"] = bench = Bench(
            role,
            found,
            Clock(time.monotonic_ns, BEGIN, rate),
            said,
            preferences=read_preferences(preferences) if preferences else None,
            faults=faults_named([fault] if fault else []),
        )
        await bench.run(held["stop"])

    thread = Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield Neighbour(held["bench"], held["loop"], address)
    finally:
        held["loop"].call_soon_threadsafe(held["stop"].set)
        thread.join(PATIENCE)
