import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from shutil import which

import pytest

from tests.live.watching import Watching
from tests.peers.namespaces import Namespaces, are_possible
from tests.suite.benches import NUMBERS
from tests.waiting import PATIENCE

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


def cpmspec(spaces, name, keys, *words, **more):
    return subprocess.Popen(
        spaces.inside(name, sys.executable, "-m", "conformance.cli.main", *words),
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "SSLKEYLOGFILE": str(keys)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **more,
    )


def secured(folder, hosts):
    """SIP and MSRP over TLS, with a certificate for everybody."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    names = ",".join(f"IP:{host}" for host in hosts)
    asked = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=bench"
    words = [*asked.split(), "-addext", f"subjectAltName={names}", "-keyout", key]
    subprocess.run([*words, "-out", certificate], check=True, capture_output=True)
    return f"""
[sip]
transport = "tls"
[msrp]
transport = "tls"
[tls]
certificate = "{certificate}"
key = "{key}"
trust = "{certificate}"
"""


class Lab:
    """Everybody's address at both sides of the router, and the programs that run there."""

    def __init__(self, spaces, folder, sut, networks, is_secure, more):
        self.spaces, self.folder, self.sut = spaces, folder, sut
        ours, its = (ip_network(network) for network in networks)
        hosts = {
            name: str((its if name == sut else ours)[number])
            for number, name in enumerate(NUMBERS, 10)
        }
        spaces.address(spaces.device, str(its), hosts[sut])
        spaces.address(spaces.bench, str(ours), *(hosts[name] for name in hosts if name != sut))
        self.setting, self.user = folder / "bench.toml", folder / "user"
        tls = secured(folder, hosts.values()) if is_secure else ""
        lines = ["[addresses]", *(f'{name} = "{host}"' for name, host in hosts.items()), more, tls]
        self.setting.write_text("\n".join(lines), "utf-8")
        # What the driver and the device log, an observer between them decrypts by.
        self.keys = folder / "keys.log"
        self.keys.touch()
        self.is_secure = is_secure
        self.address = hosts[sut]
        self.roles = [f"--role={name}={hosts[name]}" for name in ("core", "client", "pf")]
        os.mkfifo(self.user)
        self._commands = os.open(self.user, os.O_RDWR)
        self._running = []

    def start(self, space, *words, **more):
        process = cpmspec(self.spaces, space, self.keys, *words, **more)
        self._running.append(process)
        return process

    def device(self):
        """The device, whose user reads commands from a pipe."""
        words = ["play", "--role", self.sut, "--listen", self.address, "--rate", RATE]
        words += ["--setting", str(self.setting)]
        started = self.start(self.spaces.device, *words, stdin=self._commands)
        assert any("listens at" in line for line in started.stdout)

    def watch(self):
        """A watch at the router."""
        inside = tuple(self.spaces.inside(self.spaces.router))
        words = ["-i", self.spaces.towards[self.spaces.device], *self.roles]
        words += ["--keylog", str(self.keys)] if self.is_secure else []
        return Watching(self.folder, *words, inside=inside)

    def drive(self, case):
        """Drive the device through a case, to its end."""
        words = ["drive", "--sut", self.sut, "--sut-address", self.address, "--rate", RATE]
        words += ["--setting", str(self.setting), "--case", case]
        words += ["-o", str(self.folder / "driven.pcapng"), "--operator", f"cat > {self.user}"]
        started = self.start(self.spaces.bench, *words)
        said, _ = started.communicate(timeout=PATIENCE)
        return started.returncode, said

    def close(self):
        for process in self._running:
            process.kill()
            process.communicate()
        os.close(self._commands)


@pytest.mark.parametrize(
    ("networks", "is_secure", "case", "more"),
    [
        (("10.77.0.0/24", "10.77.1.0/24"), False, "client/push/base", ""),
        (("fd77::/64", "fd78::/64"), True, "pf/pull/base", "[pf]\nnotifies = true"),
    ],
    ids=["IPv4", "TLS over IPv6"],
)
def test_a_device_behind_a_router_is_driven_and_watched_there_and_passes(
    spaces, tmp_path, networks, is_secure, case, more
):
    # given a bench and a device in two networks, and a router between them
    if is_secure and which("openssl") is None:
        pytest.skip("openssl is not there: no certificate for TLS")
    lab = Lab(spaces, tmp_path, case.partition("/")[0], networks, is_secure, more)
    try:
        lab.device()
        # when it is driven through a case, and what passes the router is watched
        with lab.watch() as watching:
            status, said = lab.drive(case)
            report = watching.report()
    finally:
        lab.close()
    # then all agree that it passes: our record, dumpcap's, and the watch's
    assert status == 0, said
    assert said.startswith(f"pass        {case}: "), said
    recorded = (tmp_path / "driven.dumpcap.pcapng").read_bytes()
    assert (b"CLIENT_TRAFFIC_SECRET_0" in recorded) is is_secure
    assert (b"SIP/2.0 200 OK" in recorded) is not is_secure
    assert [one["verdict"] for one in report["instances"]] == ["pass"]
