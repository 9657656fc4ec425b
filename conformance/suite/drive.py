"""Driving a device: the reference plays everyone else, and what passes is recorded."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO

from conformance.live.clock import Timekeeper
from conformance.live.errors import PlumbingError
from conformance.live.network import SocketNetwork, obey_always, quietly
from conformance.live.plumbing import Plumbing
from conformance.live.recorder import Recorder
from conformance.observation.packet import Endpoint
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault, world_with
from conformance.reference.network.network import PartyNote
from conformance.reference.world.setting import PLACES, WorldSetting
from conformance.reference.world.world import World
from conformance.suite.bench_setting import BenchSetting
from conformance.suite.case import LIMIT, Case
from conformance.suite.commands import Command
from conformance.suite.errors import ConformanceError
from conformance.suite.operated import Operate, operated

Say = Callable[[str], None]
"""Prints a line."""

WATCH = 200 * SECOND
"""How long is waited for what may still come where the judge needs to know that it never does."""

FAREWELL = 2 * SECOND
"""How long nothing must have come after the postamble, in ns."""

Open = Callable[[bytes, tuple[str, ...]], bool]
"""Says of a capture, with who is who in it, whether a judge would have to see more of it."""

_NEIGHBOURS = {
    "client": ("core", "pf"),
    "pf": ("core", "client", "remote"),
    "core": ("client", "pf", "iwf", "remote"),
    "iwf": ("core", "noncpm"),
}
LISTENING = ("core", "client", "second", "pf", "iwf", "noncpm", "remote")


@dataclass(frozen=True, slots=True)
class Driven:
    """A case that has been run: its capture, what our parties noted, the addresses of roles."""

    case: Case
    octets: bytes
    notes: tuple[PartyNote, ...]
    roles: tuple[str, ...]
    host: str


def prepared(sut: str, address: Endpoint, setting: BenchSetting) -> BenchSetting:
    """The setting with the device in it; ConformanceError where it could not reach our parties."""
    found = setting.at(sut, address)
    if address.host.startswith("127.") and not setting.named:
        network = ".".join(address.host.split(".")[:2])
        found = replace(found, world=replace(found.world, network=network))
    elif not address.host.startswith("127."):
        missing = [name for name in _NEIGHBOURS[sut] if name not in found.named]
        if missing:
            sentence = f"say where {', '.join(missing)} listen, in [addresses] of --setting"
            raise ConformanceError(f"{address} cannot reach our loopback addresses: {sentence}")
    hosts = [found.world.endpoint(name) for name in LISTENING]
    taken = [str(one) for one in set(hosts) if hosts.count(one) > 1]
    if taken:
        raise ConformanceError(f"two parties cannot both be at {', '.join(sorted(taken))}")
    return found


def drive(
    case: Case,
    setting: BenchSetting,
    clock: Timekeeper,
    operate: Operate,
    say: Say,
    *,
    is_open: Open,
) -> Driven:
    """Run a case to its end: preamble, scenario, postamble; longer where its end `is_open`.

    ConformanceError for an address that cannot be had; an error of ours goes on as it is.
    """
    world_setting = _world_setting(case, setting, clock)
    network = SocketNetwork(clock, absent=frozenset({case.sut}), wrapped=case.wrapped, told=None)
    faults = [*case.scenario.faults]
    if case.sut == "client":
        faults.append(Fault("operated", "client", replaced=operated(operate)))
    world = world_with(world_setting, faults, network)
    file = BytesIO()
    roles = _roles(world_setting)
    try:
        case.scenario.script(world)
        plumbing = network.plumb(
            Recorder(file, case.scenario.shows), security=setting.security, secure=setting.secure
        )
        asyncio.run(
            _run(case, world, network, plumbing, lambda: is_open(file.getvalue(), roles), say)
        )
    except PlumbingError as error:
        raise ConformanceError(str(error)) from None
    finally:
        world.close()
    return Driven(
        case,
        file.getvalue(),
        tuple(network.notes),
        roles,
        world_setting.host(case.sut),
    )


def _world_setting(case: Case, setting: BenchSetting, clock: Timekeeper) -> WorldSetting:
    """The scenario's world, at the bench's addresses, with identities of its own."""
    begin = clock.now()
    bench = setting.world
    return replace(
        case.scenario.setting,
        network=bench.network,
        addresses=bench.addresses,
        transport=bench.transport,
        msrp_transport=bench.msrp_transport,
        fingerprint=bench.fingerprint,
        username=bench.username,
        password=bench.password,
        challenge=bench.challenge or case.scenario.setting.challenge,
        begin=begin,
        seed=f"{case.id} {begin}",
    )


def _roles(setting: WorldSetting) -> tuple[str, ...]:
    """Who is who, for the judge; by port where two parties share an address."""
    names = [name for name in LISTENING if PLACES[name].role is not None]
    hosts = [setting.host(name) for name in names]
    found = []
    for name, host in zip(names, hosts, strict=True):
        address = host if hosts.count(host) == 1 else str(setting.endpoint(name))
        found.append(f"{PLACES[name].role}={address}")
    return tuple(found)


async def _run(
    case: Case,
    world: World,
    network: SocketNetwork,
    plumbing: Plumbing,
    is_open: Callable[[], bool],
    say: Say,
) -> None:
    quietly(asyncio.get_running_loop(), say)
    await plumbing.start()
    obeying = asyncio.create_task(obey_always(network))
    try:
        await _until_quiet(network, plumbing, case.patience)
        if is_open():
            await _until_quiet(network, plumbing, WATCH)
        for device in world.devices:
            network.after(0, device.unsubscribe_deferred)
        await _until_quiet(network, plumbing, FAREWELL)
        for device in world.devices:
            network.after(0, device.deregister)
        await _until_quiet(network, plumbing, FAREWELL)
    finally:
        obeying.cancel()
        results = await asyncio.gather(obeying, return_exceptions=True)
        await plumbing.stop()
    error = plumbing.error or results[0]
    if error is not None and not isinstance(error, asyncio.CancelledError):
        raise error


async def _until_quiet(network: SocketNetwork, plumbing: Plumbing, patience: int) -> None:
    """Wait until users have done what they do, and nothing has come for so long."""
    begin = network.now
    while plumbing.error is None:
        now = network.now
        since = max(begin, plumbing.last_event)
        if now - begin > LIMIT or (network.next_command is None and now - since > patience):
            return
        if network.next_command is not None:
            plumbing.last_event = max(plumbing.last_event, now)
        await asyncio.sleep(0.02)


def prompting(say: Say) -> Operate:
    """An operator who reads what is to be done."""

    def operate(command: Command) -> None:
        say(f"operator: let the device do this now: {command}")

    return operate
