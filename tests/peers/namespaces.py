"""Network namespaces of this machine: a bench, a device, and a router between them."""

import os
import subprocess
from contextlib import suppress
from ipaddress import ip_network

_DAY = 60

FORWARDING = ("ipv4/ip_forward", "ipv6/conf/all/forwarding")


def ip(*words: str) -> None:
    """Run iproute2; CalledProcessError where it refuses."""
    run("ip", *words)


def run(*words: str) -> None:
    """Run a command to its end; CalledProcessError where it fails."""
    subprocess.run(words, check=True, capture_output=True, text=True, timeout=_DAY)


class Namespaces:
    """Three namespaces, gone at the end of the block, whatever happens in it.

    `cable` is the interface of the bench, and of the device; the router has one towards each.
    """

    def __init__(self) -> None:
        names = (f"cpm-{os.getpid()}-{name}" for name in ("bench", "router", "device"))
        self.bench, self.router, self.device = names
        self.cable = "cable0"
        self.towards = {self.bench: "left0", self.device: "right0"}

    def inside(self, name: str, *words: str) -> list[str]:
        """The words of a command in a namespace."""
        return ["ip", "netns", "exec", name, *words]

    def address(self, name: str, network: str, *addresses: str) -> None:
        """Give addresses of a network to one end, its first to the router, and a way beyond."""
        found = ip_network(network)
        gateway, more = str(found[1]), ("nodad",) if found.version == 6 else ()
        self._give(self.router, self.towards[name], f"{gateway}/{found.prefixlen}", *more)
        for one in addresses:
            self._give(name, self.cable, f"{one}/{found.prefixlen}", *more)
        ip("-n", name, "route", "add", "default", "via", gateway, "dev", self.cable)

    def _give(self, name: str, interface: str, address: str, *more: str) -> None:
        ip("-n", name, "addr", "add", address, "dev", interface, *more)

    def __enter__(self) -> "Namespaces":
        try:
            for name in (self.bench, self.router, self.device):
                ip("netns", "add", name)
                ip("-n", name, "link", "set", "lo", "up")
            for path in FORWARDING:
                run(*self.inside(self.router, "sh", "-c", f"echo 1 > /proc/sys/net/{path}"))
            for name, interface in self.towards.items():
                peer = ("peer", "name", interface, "netns", self.router)
                ip("-n", name, "link", "add", self.cable, "type", "veth", *peer)
                ip("-n", name, "link", "set", self.cable, "up")
                ip("-n", self.router, "link", "set", interface, "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in (self.bench, self.router, self.device):
            with suppress(subprocess.SubprocessError):
                ip("netns", "delete", name)


def are_possible() -> bool:
    """Whether namespaces can be made here."""
    with suppress(OSError, subprocess.SubprocessError), Namespaces():
        return True
    return False
