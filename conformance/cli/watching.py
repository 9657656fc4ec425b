"""One watch from its beginning to its end: its source, its clock, and who is told of it."""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from conformance import __version__
from conformance.cli.clock import monotonic_ns, now_ns, today, wait
from conformance.live.dumpcap import Dumpcap
from conformance.live.follow import Folder, Piped
from conformance.live.hep_server import HepServer, HepSource
from conformance.live.source import FollowedSource
from conformance.observation.trace import CaptureHealth, Shown
from conformance.report.model import Report
from conformance.suite.campaign import Stamp
from conformance.suite.errors import ConformanceError
from conformance.suite.restored import about
from conformance.suite.results import Results
from conformance.suite.setting import Setting
from conformance.suite.watch import SECOND, Bounds, Watch

if TYPE_CHECKING:
    from conformance.capture.tshark_live import TsharkLayers

STDIN = "-"

_PAUSE = 0.05
_BEAT = 250_000_000
_CHECKPOINT = 2 * SECOND
_FLUSHED = 3 * SECOND
"""How long after a packet dumpcap has written it for certain."""
_PIECE = 256


class LiveSource(Protocol):
    """What the sources of a watch have in common; `lost` counts packets known to be missing."""

    healths: list[CaptureHealth]
    lost: int

    def __iter__(self) -> Iterator[Shown]:
        """Yield what is seen until the watch is over."""
        ...


class Session:
    """A watch as the options want it. `closing` ends what it opened."""

    def __init__(self, args: argparse.Namespace, setting: Setting, closing: ExitStack) -> None:
        from conformance.cli.telling import teller

        # No event of `threading`: a signal that comes while its lock is held waits for ever.
        self._stopped = False
        self._heed()
        closing.callback(self._heed_no_more)
        self._began = monotonic_ns()
        self._until = self._began + int(args.duration * SECOND) if args.duration else None
        self._beaten = 0
        self._kept = 0
        self._idle = False
        self._hurried = False
        self._dumpcap: Dumpcap | None = None
        self._queue: Folder | HepSource | Dumpcap | None = None
        self.stamp = Stamp(__version__, today())
        self.source = self._open(args, setting, closing)
        path = args.results or _results_name(args, self.stamp)
        self.results = Results.begin(path, about(setting, self.stamp))
        closing.callback(self.results.close)
        self._tell = closing.enter_context(teller(args, self))
        bounds = Bounds(most=args.max_open)
        in_order = args.hep is None
        self.watch = Watch(
            setting,
            self.results,
            self.source.healths,
            self._tell,
            bounds=bounds,
            in_order=in_order,
        )

    # ------------------------------------------------------------ what others ask

    @property
    def lag(self) -> float:
        """Seconds by which what is read lies behind what happens."""
        last = max((one.last_time or 0 for one in self.source.healths), default=0)
        return 0.0 if self._idle or not last else max(0, now_ns() - last) / SECOND

    @property
    def pending(self) -> int:
        """Octets in files, or packets, that wait to be read."""
        return self._queue.pending() if self._queue is not None else 0

    @property
    def seconds(self) -> float:
        """How long the watch runs."""
        return (monotonic_ns() - self._began) / SECOND

    def last_word(self) -> str:
        """Where the results lie, and what ended the watch if nobody wanted it."""
        trouble = self._dumpcap.trouble if self._dumpcap is not None else ""
        said = f"cpmspec: the capture ended: {trouble}\n" if trouble else ""
        return f"{said}cpmspec: results are kept in {self.results.path}\n"

    # ------------------------------------------------------------ running

    def run(self) -> Report:
        """Watch until something ends it; then the report."""
        try:
            for number, item in enumerate(self.source):
                self._idle = False
                self.watch.take(item)
                if not number % _PIECE:
                    self._beat()
                    if self._hurried:
                        break
            self._idle = True
            self.watch.finish()
        finally:
            self._heed_no_more()
        report = self.watch.report(self.stamp)
        self._tell.ended(report)
        return report

    def _heed(self) -> None:
        """From now on a signal ends the watch in good order, also one that is about to begin."""
        self._before = {one: signal.signal(one, self._signal) for one in _SIGNALS}

    def _heed_no_more(self) -> None:
        while self._before:
            signal.signal(*self._before.popitem())

    def _signal(self, _number: int, _frame: FrameType | None) -> None:
        # Asked once more: what is captured and not read yet is left alone.
        self._hurried = self._stopped
        self._stopped = True

    def _is_stopped(self) -> bool:
        return self._stopped

    def _wait(self) -> None:
        wait(_PAUSE)

    def _pause(self) -> None:
        """Nothing is to be read: let a moment pass."""
        self._idle = True
        wait(_PAUSE)
        self._beat()

    def _meanwhile(self) -> None:
        """Something is read, whether messages are in it or not."""
        self._idle = False
        self._beat()

    def _beat(self) -> None:
        """What is to be done a few times a second, whatever the load."""
        now = monotonic_ns()
        if self._until is not None and now >= self._until:
            self._stopped = True
        if self._dumpcap is not None:
            if self._stopped:
                self._dumpcap.stop()
            else:
                self._dumpcap.tend()
        if now < self._beaten + _BEAT:
            return
        self._beaten = now
        if not hasattr(self, "watch"):
            return
        if self._idle:
            self._tick()
        if now >= self._kept + _CHECKPOINT:
            self._kept = now
            self.watch.checkpoint()
        self._tell.beat()

    def _tick(self) -> None:
        """Let timers run out on a quiet link: this host's clock is that of its captures."""
        if self._dumpcap is not None:
            self.watch.tick(now_ns() - _FLUSHED)
        elif len(self.source.healths) == 1:
            self.watch.tick(self.source.healths[0].last_time or 0)

    # ------------------------------------------------------------ sources

    def _open(self, args: argparse.Namespace, setting: Setting, closing: ExitStack) -> LiveSource:
        stop, meanwhile = self._is_stopped, self._meanwhile
        if args.interface is not None:
            return self._capture(args, setting, closing)
        if args.hep is not None:
            host, port = _address(args.hep)
            server = HepServer(host, port, now_ns)
            closing.callback(server.close)
            source = HepSource(f"hep:{args.hep}", server, self._pause, stop, meanwhile)
            self._queue = source
            return source
        if args.folder == STDIN:
            health = CaptureHealth("standard input", "native")
            files = [Piped(sys.stdin.buffer, self._pause, stop)]
            layers = self._layers(health, setting, closing)
            return FollowedSource(health, files, stop, meanwhile=meanwhile, layers=layers)
        folder = Folder(args.folder, self._pause, stop)
        self._queue = folder
        health = CaptureHealth(args.folder, "native")
        layers = self._layers(health, setting, closing)
        return FollowedSource(health, folder, stop, meanwhile=meanwhile, layers=layers)

    def _layers(
        self, health: CaptureHealth, setting: Setting, closing: ExitStack
    ) -> "TsharkLayers | None":
        """Wireshark to take frames apart, where keys are given or it is asked for."""
        if setting.reader != "tshark" and (setting.reader == "native" or not setting.keylog):
            return None
        from conformance.capture.tshark_live import TsharkLayers

        layers = TsharkLayers(health, setting.keylog, self._meanwhile)
        closing.callback(layers.close)
        health.reader = "tshark"
        return layers

    def _capture(
        self, args: argparse.Namespace, setting: Setting, closing: ExitStack
    ) -> LiveSource:
        if args.ring is not None:
            folder = Path(args.ring)
            if not folder.is_dir():
                raise ConformanceError("it is no folder", f"--ring {args.ring}")
        else:
            folder = Path(closing.enter_context(TemporaryDirectory(prefix="cpmspec-")))
        dumpcap = Dumpcap(
            args.interface,
            folder,
            self._wait,
            lambda: monotonic_ns() / SECOND,
            bpf=args.filter or "",
            keep=args.ring_files if args.ring is not None else 0,
        )
        closing.callback(dumpcap.close)
        dumpcap.while_waiting(self._pause)
        self._dumpcap = self._queue = dumpcap
        health = CaptureHealth(args.interface, "dumpcap")
        return FollowedSource(
            health,
            dumpcap,
            self._is_stopped,
            overlapping=True,
            meanwhile=self._meanwhile,
            layers=self._layers(health, setting, closing),
        )


_SIGNALS: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM)


def _results_name(args: argparse.Namespace, stamp: Stamp) -> str:
    name = f"cpmspec-watch-{stamp.made.replace(':', '').replace('-', '')}.results"
    return str(Path(args.ring) / name) if args.ring is not None else name


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65_535:
        raise ConformanceError("write HOST:PORT, with [ ] around an IPv6 address", f"--hep {text}")
    return host.strip("[]"), int(port)
