import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.watching import Watching
from tests.peers.namespaces import Namespaces, are_possible
from tests.suite.benches import NUMBERS

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not are_possible(),
    reason="network namespaces need root, iproute2, and a kernel that lets us make them",
)

ROOT = Path(__file__).parents[2]
RATE = "12"


@pytest.fixture
def spaces():
    with Namespaces() as made:
        yield made


def cpmspec(spaces, name, *words, **more):
    return subprocess.Popen(
        spaces.inside(name, sys.executable, "-m", "conformance.cli.main", *words),
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **more,
    )


class Lab:
    """Everybody's address at the two ends of the cable, and the programs that run there."""

    def __init__(self, spaces, folder, sut, network, length, more):
        self.spaces, self.folder, self.sut = spaces, folder, sut
        hosts = {name: f"{network}{number}" for number, name in enumerate(NUMBERS, 10)}
        spaces.address(spaces.device, f"{hosts[sut]}/{length}")
        others = [f"{host}/{length}" for name, host in hosts.items() if name != sut]
        spaces.address(spaces.bench, *others)
        self.setting, self.user = folder / "bench.toml", folder / "user"
        lines = ["[addresses]", *(f'{name} = "{host}"' for name, host in hosts.items()), more]
        self.setting.write_text("\n".join(lines), "utf-8")
        self.address = hosts[sut]
        self.roles = [f"--role={name}={hosts[name]}" for name in ("core", "client", "pf")]
        os.mkfifo(self.user)
        self._commands = os.open(self.user, os.O_RDWR)
        self._running = []

    def start(self, space, *words, **more):
        process = cpmspec(self.spaces, space, *words, **more)
        self._running.append(process)
        return process

    def device(self):
        """The device, whose user reads commands from a pipe."""
        words = ["play", "--role", self.sut, "--listen", self.address, "--rate", RATE]
        words += ["--setting", str(self.setting)]
        started = self.start(self.spaces.device, *words, stdin=self._commands)
        assert any("listens at" in line for line in started.stdout)

    def watch(self):
        """A watch of the cable."""
        inside = tuple(self.spaces.inside(self.spaces.bench))
        return Watching(self.folder, "-i", self.spaces.cable, *self.roles, inside=inside)

    def drive(self, case):
        """Drive the device through a case, to its end."""
        words = ["drive", "--sut", self.sut, "--sut-address", self.address, "--rate", RATE]
        words += ["--setting", str(self.setting), "--case", case]
        words += ["-o", str(self.folder / "driven.pcapng"), "--operator", f"cat > {self.user}"]
        started = self.start(self.spaces.bench, *words)
        said, _ = started.communicate(timeout=120)
        return started.returncode, said

    def close(self):
        for process in self._running:
            process.kill()
            process.communicate()
        os.close(self._commands)


@pytest.mark.parametrize(
    ("network", "length", "case", "more"),
    [
        ("10.77.0.", 24, "client/push/base", ""),
        ("fd77::", 64, "pf/pull/base", '[sip]\ntransport = "tcp"\n[pf]\nnotifies = true'),
    ],
)
def test_a_device_in_another_namespace_is_driven_and_watched_and_passes(
    spaces, tmp_path, network, length, case, more
):
    # given a bench and a device at the two ends of a cable
    lab = Lab(spaces, tmp_path, case.partition("/")[0], network, length, more)
    try:
        lab.device()
        # when it is driven through a case, and what passes on the cable is watched
        with lab.watch() as watching:
            status, said = lab.drive(case)
            report = watching.report()
    finally:
        lab.close()
    # then all agree that it passes: our record, dumpcap's, and the watch's
    assert status == 0, said
    assert said.startswith(f"pass        {case}: "), said
    assert (tmp_path / "driven.dumpcap.pcapng").stat().st_size > 10_000
    assert [one["verdict"] for one in report["instances"]] == ["pass"]
