"""Network namespaces of this machine: a bench and a device, with a cable between them."""

import os
import subprocess
from contextlib import suppress

_DAY = 60


def ip(*words: str) -> None:
    """Run iproute2; CalledProcessError where it refuses."""
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=_DAY)


class Namespaces:
    """Two namespaces, gone at the end of the block, whatever happens in it."""

    def __init__(self) -> None:
        self.bench, self.device = (f"cpm-{os.getpid()}-{name}" for name in ("bench", "device"))
        self.cable = "cable0"

    def inside(self, name: str, *words: str) -> list[str]:
        """The words of a command in a namespace."""
        return ["ip", "netns", "exec", name, *words]

    def address(self, name: str, *addresses: str) -> None:
        """Give addresses to the end of the cable in a namespace."""
        for one in addresses:
            more = ("nodad",) if ":" in one else ()
            ip("-n", name, "addr", "add", one, "dev", self.cable, *more)

    def __enter__(self) -> "Namespaces":
        try:
            for name in (self.bench, self.device):
                ip("netns", "add", name)
                ip("-n", name, "link", "set", "lo", "up")
            peer = ("peer", "name", self.cable, "netns", self.device)
            ip("-n", self.bench, "link", "add", self.cable, "type", "veth", *peer)
            for name in (self.bench, self.device):
                ip("-n", name, "link", "set", self.cable, "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in (self.bench, self.device):
            with suppress(subprocess.SubprocessError):
                ip("netns", "delete", name)


def are_possible() -> bool:
    """Whether namespaces can be made here."""
    with suppress(OSError, subprocess.SubprocessError), Namespaces():
        return True
    return False
