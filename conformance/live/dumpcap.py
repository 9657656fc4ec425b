"""Packets of an interface by dumpcap, in files that are read from behind.

A file covers some seconds; then another dumpcap takes over while the first still runs, so that
none is missed. Each says at its end what it lost: so a loss is known before silence is judged,
which is after 64 T1, 32 s (RFC 3261 section 17.1.2.2).
"""

import os
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.capture.errors import CaptureError
from conformance.live.follow import Growing, Pause

PROGRAM = "dumpcap"

_PATIENCE = 200
_MAX_FILE = 268_435_456
_BUFFER_MIB = "64"
_CLOSING = 5.0
"""Seconds that a dumpcap may take to end before it is ended by force."""
_AGAIN = 0.5
_BEGINNING = 10.0
"""Seconds that a dumpcap may take to begin before another one is tried."""
_READY = "File: "
_PREFIX = "dumpcap: "


@dataclass(slots=True)
class _Stint:
    """One dumpcap, the file that it writes, and what it says."""

    process: "subprocess.Popen[bytes]"
    file: Path
    log: Path
    since: float
    ready: float | None = None
    asked: float | None = None
    again: float = 0.0

    def said(self) -> str:
        """Everything it said until now."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def captures(self) -> bool:
        """Whether it has begun."""
        return _READY in self.said() and self.file.exists()

    def size(self) -> int:
        """Octets written until now."""
        return self.file.stat().st_size if self.file.exists() else 0

    def end(self, now: float) -> None:
        """Ask it to write what it holds, and to end; again, and at last by force, if it does not.

        One that is about to begin takes no notice of being asked.
        """
        if self.process.poll() is not None:
            return
        if self.asked is None:
            self.asked = now
        if now - self.asked > _CLOSING:
            self.process.kill()
        elif now >= self.again:
            self.process.send_signal(signal.SIGTERM)
            self.again = now + _AGAIN


class Dumpcap:
    """The files of one interface, to iterate once; `clock` counts seconds.

    `seconds`: how long one file lasts, `overlap`: how long two dumpcaps run side by side, which
    is more than packets stay in the kernel. `keep`: how many read ones stay in the folder.
    `also`: further interfaces in the same file. `count`: how many were begun. `tend` is to be
    called often: it hands over from one to the next.
    CaptureError without dumpcap, interface, permission, or a filter that is one.
    """

    def __init__(
        self,
        interface: str,
        folder: Path,
        pause: Pause,
        clock: Callable[[], float],
        *,
        bpf: str = "",
        seconds: float = 20.0,
        overlap: float = 1.0,
        keep: int = 0,
        also: Sequence[str] = (),
    ) -> None:
        program = shutil.which(PROGRAM)
        if program is None:
            raise CaptureError(
                interface, "to watch it, dumpcap is needed, which comes with Wireshark"
            )
        self.interface = interface
        self.trouble = ""
        self._program = program
        self._folder = folder
        self._pause = pause
        self._clock = clock
        self._bpf = bpf
        self._also = also
        self._seconds = seconds
        self._keep = keep
        self.count = 0
        self._overlap = overlap
        self._ends_at: float | None = None
        self._read: deque[_Stint] = deque()
        self._unread: deque[_Stint] = deque()
        self._coming: _Stint | None = None
        self._current = self._start()
        self._await(self._current)
        self._unread.append(self._current)

    def __iter__(self) -> Iterator[Growing]:
        while self._unread:
            stint = self._unread[0]
            try:
                file = stint.file.open("rb", buffering=0)
            except OSError as error:
                raise CaptureError(str(stint.file), f"it cannot be read: {error}") from None
            yield Growing(file, self._pause, lambda one=stint: self._over(one))  # type: ignore[misc]
            self._let_go(self._unread.popleft())
            self.tend()

    def while_waiting(self, pause: Pause) -> None:
        """What is called from now on where nothing is to be read."""
        self._pause = pause

    def pending(self) -> int:
        """Octets that wait in files behind the one that is read."""
        return sum(stint.size() for stint in list(self._unread)[1:])

    @property
    def process_id(self) -> int:
        """The process that captures now."""
        return self._current.process.pid

    @property
    def has_ended(self) -> bool:
        """Whether nobody captures any more."""
        return all(stint.process.poll() is not None for stint in self._unread)

    def size(self) -> int:
        """Octets in the file that is being written."""
        return self._current.size()

    def tend(self) -> None:
        """Hand over to the next dumpcap when it is time; notice one that has ended by itself."""
        if self._ends_at is not None:
            self.stop()
            return
        for stint in self._unread:
            if stint.asked is not None:
                stint.end(self._clock())
        current = self._current
        if current.process.poll() is not None:
            self.trouble = _complaint(current)
            self._ends_at = self._clock()
        elif self._coming is not None:
            self._take_over(self._coming)
        elif self._clock() - current.since >= self._seconds or current.size() > _MAX_FILE:
            self._coming = self._start()

    def stop(self) -> None:
        """End the capture a little later: to be called until it has ended.

        A dumpcap that is told to end writes nothing of what the kernel still holds for it.
        """
        if self._ends_at is None:
            self._ends_at = self._clock() + self._overlap
        if self._clock() < self._ends_at:
            return
        if self._coming is not None:
            self._discard(self._coming)
            self._coming = None
        for stint in self._unread:
            stint.end(self._clock())

    def close(self) -> None:
        """End every dumpcap for certain, and remove the files that are not to be kept."""
        self._ends_at = self._clock()
        self.stop()
        for stint in (*self._read, *self._unread):
            try:
                stint.process.wait(_CLOSING)
            except subprocess.TimeoutExpired:
                stint.process.kill()
                stint.process.wait()
        for stint in tuple(self._unread):
            self._let_go(stint)

    def _start(self) -> _Stint:
        self.count += 1
        name = f"cpmspec_{os.getpid()}_{self.count:06}"
        file, log = self._folder / f"{name}.pcapng", self._folder / f"{name}.log"
        command = [self._program, *(["-f", self._bpf] if self._bpf else []), "-B", _BUFFER_MIB]
        command += [word for name in (self.interface, *self._also) for word in ("-i", name)]
        command += ["-w", str(file)]
        # Should we be killed, it does not run for ever.
        command += ["-a", f"duration:{int(self._seconds * 3) + 60}"]
        try:
            with log.open("wb") as said:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    # A Ctrl-C at the terminal is for us alone.
                    start_new_session=True,
                )
        except OSError as error:
            raise CaptureError(
                self.interface, f"dumpcap cannot be run: {error.strerror}"
            ) from None
        return _Stint(process, file, log, self._clock())

    def _await(self, stint: _Stint) -> None:
        """Wait until the first one captures; its complaint where it does not."""
        for _ in range(_PATIENCE):
            if stint.captures():
                return
            if stint.process.poll() is not None:
                break
            self._pause()
        sentence = _complaint(stint)
        self._discard(stint)
        raise CaptureError(self.interface, sentence)

    def _take_over(self, coming: _Stint) -> None:
        """Let the next one go on alone once it has captured for a while."""
        if coming.process.poll() is not None:
            # The old one goes on; another try comes when its time is over once more.
            self._discard(coming)
            self._current.since = self._clock()
            self._coming = None
        elif coming.ready is not None:
            if self._clock() >= coming.ready + self._overlap:
                self._unread.append(coming)
                self._current.end(self._clock())
                self._current, self._coming = coming, None
                coming.since = self._clock()
        elif coming.captures():
            coming.ready = self._clock()
        elif self._clock() >= coming.since + _BEGINNING:
            self._discard(coming)
            self._coming = None

    def _discard(self, stint: _Stint) -> None:
        """End one of which nothing is read."""
        if stint.process.poll() is None:
            stint.process.kill()
        stint.process.wait()
        stint.log.unlink(missing_ok=True)
        stint.file.unlink(missing_ok=True)

    def _over(self, stint: _Stint) -> bool:
        return stint.process.poll() is not None

    def _let_go(self, stint: _Stint) -> None:
        stint.log.unlink(missing_ok=True)
        self._read.append(stint)
        while len(self._read) > self._keep:
            self._read.popleft().file.unlink(missing_ok=True)


def _complaint(stint: _Stint) -> str:
    """What a dumpcap that ended said, in one line."""
    lines = [line.strip() for line in stint.said().splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("Capturing on", _READY, "Packets "))]
    if any("permission" in line.lower() for line in told):
        return "no permission to capture on it: run as root, or join dumpcap's group"
    if not told:
        return "dumpcap ended by itself"
    return f"dumpcap says: {told[0].removeprefix(_PREFIX)}"
