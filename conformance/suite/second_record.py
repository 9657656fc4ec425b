"""A second record of a driven case, by dumpcap: both are judged, and must agree."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from conformance.capture.errors import CaptureError
from conformance.capture.link import Link
from conformance.capture.writer import PcapngWriter
from conformance.flow.library import Library
from conformance.live.beside import Beside, Frame, interfaces_towards
from conformance.live.clock import Clock
from conformance.live.tls import KeyLog, Security
from conformance.observation.packet import Transport
from conformance.suite.bench_setting import BenchSetting
from conformance.suite.drive import LISTENING, Driven
from conformance.suite.drive_verdict import CaseVerdict, Judged, judge

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Host:
    """What this machine lends: its wall clock (ns UTC), a clock of seconds, a way to wait."""

    now: Callable[[], int]
    seconds: Callable[[], float]
    pause: Callable[[], None]


class SecondRecord:
    """dumpcap beside one case after the other; `why_not` says why there is none, if so.

    A device that is driven at another rate than real time lives by our clock: the times of its
    packets are told by that clock too.
    """

    def __init__(self, setting: BenchSetting, sut: str, clock: Clock, host: Host) -> None:
        self.why_not = ""
        self._clock = clock
        self._host = host
        self._hosts = [setting.world.host(name) for name in LISTENING]
        self._beside: Beside | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._began = 0, 0
        self._security: Security | None = None
        self._keys: KeyLog | None = None
        if Transport.TLS in (setting.world.transport, setting.world.msrp_transport):
            self._security = setting.security
            if which("tshark") is None:
                self.why_not = "what goes over TLS needs tshark, which comes with Wireshark"
                return
        try:
            self._interfaces = interfaces_towards(setting.world.host(sut))
        except CaptureError as error:
            self.why_not = str(error)

    def begin(self) -> None:
        """Capture from now on; where that cannot be, `why_not` says why."""
        if self.why_not:
            return
        self._folder = TemporaryDirectory(prefix="cpmspec-")
        self._began = self._host.now(), self._clock.now()
        if self._security is not None:
            self._keys = KeyLog(self._security, str(Path(self._folder.name) / "keys.log"))
        try:
            self._beside = Beside(
                self._interfaces,
                self._hosts,
                Path(self._folder.name),
                self._host.pause,
                self._host.seconds,
            )
        except CaptureError as error:
            self.why_not = str(error)

    def end(self) -> "Seen | None":
        """What it saw; None where there is no dumpcap."""
        beside, self._beside = self._beside, None
        try:
            if beside is None:
                return None
            frames = self._told_by_our_clock(beside.stop())
            keys = self._keys.read() if self._keys is not None else b""
            return Seen(_written(frames, keys), beside.lost)
        except (CaptureError, OSError, ValueError) as error:
            self.why_not = str(error)
            return None
        finally:
            self.close()

    def close(self) -> None:
        """End it for certain."""
        if self._beside is not None:
            self._beside.close()
            self._beside = None
        if self._keys is not None:
            self._keys.close()
            self._keys = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _told_by_our_clock(self, frames: Iterable[Frame]) -> list[Frame]:
        wall, ours = self._began
        rate = self._clock.rate
        return [replace(one, time=ours + int((one.time - wall) * rate)) for one in frames]


@dataclass(frozen=True, slots=True)
class Seen:
    """What dumpcap saw, as a capture, and how many packets it says that it lost.

    The capture holds the keys of what went over TLS in it.
    """

    octets: bytes
    lost: int


def agreed(
    judged: Judged, driven: Driven, seen: Seen, library: Library, *, strict: bool = False
) -> tuple[Judged, str]:
    """The verdict on both records, and what is to be said of the second; "" for nothing.

    Where they do not agree nothing is known of the device: that is inconclusive.
    """
    if seen.lost:
        return judged, f"dumpcap lost {seen.lost} packets: our own record alone is judged"
    try:
        other = judge(replace(driven, octets=seen.octets), library, strict=strict)
    except CaptureError as error:
        return judged, f"{error}: our own record alone is judged"
    if (other.verdict, set(other.broken)) == (judged.verdict, set(judged.broken)):
        return judged, ""
    why = (
        f"our own record says {judged.verdict} ({judged.why}), "
        f"dumpcap's says {other.verdict} ({other.why})"
    )
    return Judged(judged.case, CaseVerdict.INCONC, why), f"the two records do not agree: {why}"


def _written(frames: list[Frame], keys: bytes = b"") -> bytes:
    """Frames as a capture, in the order of their times, and the keys of what is encrypted."""
    file = BytesIO()
    links = list(dict.fromkeys(one.link for one in frames)) or [Link.ETHERNET]
    writer = PcapngWriter(file, link=Link(links[0]), interface="dumpcap")
    numbers = {links[0]: 0}
    for link in links[1:]:
        numbers[link] = writer.add_interface(Link(link), "dumpcap")
    if keys:
        writer.keys(keys)
    for one in sorted(frames, key=lambda frame: frame.time):
        writer.write(one.time, one.octets, interface=numbers[one.link])
    return file.getvalue()
