"""dumpcap beside a run on sockets: what the kernel saw, to be held against our own record."""

import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from conformance.capture.chunks import Chunks
from conformance.capture.errors import CaptureError
from conformance.capture.pcap import Batch, Drop
from conformance.capture.pcapng import read_pcapng
from conformance.live.dumpcap import Dumpcap
from conformance.live.follow import Pause
from conformance.observation.trace import CaptureHealth

LOOPBACK = "lo"

_DAY = 86_400.0
_ENDING = 400


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it was captured, `time` in ns since 1970-01-01 UTC by the host's clock."""

    time: int
    link: int
    octets: bytes


class Beside:
    """One dumpcap on some interfaces, from now until `stop`; `clock` counts seconds.

    CaptureError without dumpcap or permission.
    """

    def __init__(
        self,
        interfaces: Iterable[str],
        hosts: Iterable[str],
        folder: Path,
        pause: Pause,
        clock: Callable[[], float],
    ) -> None:
        first, *more = interfaces
        self.lost = 0
        self._pause = pause
        bpf = " or ".join(f"host {host}" for host in dict.fromkeys(hosts))
        self._dumpcap = Dumpcap(
            first, folder, pause, clock, bpf=bpf, seconds=_DAY, keep=1, also=more
        )

    def stop(self) -> list[Frame]:
        """End it; what it saw. `lost` says afterwards how many packets it missed."""
        frames: list[Frame] = []
        for _ in range(_ENDING):
            self._dumpcap.stop()
            if self._dumpcap.has_ended:
                break
            self._pause()
        for file in self._dumpcap:
            try:
                frames += self._read(Chunks(file, CaptureHealth("dumpcap", "dumpcap")))  # type: ignore[arg-type]
            finally:
                file.close()
        self._dumpcap.close()
        return frames

    def close(self) -> None:
        """End it for certain."""
        self._dumpcap.close()

    def _read(self, chunks: Chunks) -> list[Frame]:
        found = []
        for item in read_pcapng(chunks):
            if isinstance(item, Batch):
                found += [
                    Frame(time, item.link, bytes(item.octets[start:stop]))
                    for time, start, stop, _ in item.records
                ]
            elif isinstance(item, Drop):
                self.lost += item.packets or 1
        return found


def interfaces_towards(host: str) -> tuple[str, ...]:
    """Where what passes between our parties and a device at an address can be seen.

    Our own parties speak over the loopback interface. CaptureError where nobody knows the way.
    """
    if ip_address(host).is_loopback:
        return (LOOPBACK,)
    program = shutil.which("ip")
    if program is None:
        raise CaptureError(host, "the interface towards it is not known: iproute2 is not there")
    asked = subprocess.run(
        [program, "-o", "route", "get", host], capture_output=True, text=True, check=False
    )
    words = asked.stdout.split()
    if "dev" not in words[:-1]:
        raise CaptureError(host, "there is no route to it")
    return tuple(dict.fromkeys((LOOPBACK, words[words.index("dev") + 1])))
