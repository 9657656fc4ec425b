"""Wireshark in the middle of a live capture: frames go in, what tshark finds in them comes out.

tshark tells of a frame when it tells of the next one. So behind each piece of frames go two that
are ours: once it has told of the first of them, it has told of the whole piece.
"""

import asyncio
import os
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from subprocess import SubprocessError
from tempfile import TemporaryDirectory

import pyshark
from pyshark.capture.capture import TSharkCrashException
from pyshark.packet.packet import Packet
from pyshark.tshark.tshark import TSharkNotFoundException, TSharkVersionException, get_process_path

from conformance.capture.errors import CaptureError
from conformance.capture.late_decoder import LateDecoder
from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.capture.pcap import Batch
from conformance.capture.tshark import AS_OCTETS, FILTER, LAYERS, PREFERENCES, Layers
from conformance.capture.writer import PcapngWriter
from conformance.observation.packet import Endpoint
from conformance.observation.trace import CaptureHealth, GapReason

PATIENCE = 60.0
"""Seconds that tshark may take for one piece; then it counts as stopped."""

_SLICE = 0.05
_ENDING = 2.0
_NOT_RUN = (SubprocessError, TSharkVersionException, TSharkCrashException, OSError)
_PIECES = 100_000
_NOWHERE = Endpoint("0.0.0.0", 9)
_OURS = udp_frames(_NOWHERE, _NOWHERE, b"", identification=1, mtu=1_500)[0]


class _Fed(pyshark.LiveCapture):  # type: ignore[misc]
    """pyshark's live capture, of a pipe that we write instead of a dumpcap of its own.

    What its dumpcap would lose under load waits in our files.
    """

    async def _get_tshark_process(
        self, packet_count: int | None = None, stdin: int | None = None
    ) -> asyncio.subprocess.Process:
        read_end, self.write_end = os.pipe()
        try:
            start = super(pyshark.LiveCapture, self)._get_tshark_process
            process: asyncio.subprocess.Process = await start(packet_count, read_end)
        except BaseException:
            os.close(self.write_end)
            raise
        finally:
            os.close(read_end)
        return process


class TsharkLayers:
    """What leads frames through a running tshark to a decoder; `read` once for each batch.

    `meanwhile` is called while tshark works. CaptureError where there is no tshark.
    """

    def __init__(
        self, health: CaptureHealth, keylog: str | None, meanwhile: Callable[[], None]
    ) -> None:
        try:
            get_process_path()
        except TSharkNotFoundException as error:
            raise CaptureError(
                health.path, "tshark is not installed; install Wireshark"
            ) from error
        self.decoder = LateDecoder(health, 0)
        self._layers = Layers(self.decoder, self._number)
        self._meanwhile = meanwhile
        self._loop = asyncio.new_event_loop()
        # tshark keeps what it reads in a file, which stays where it is when tshark is killed.
        self._folder = TemporaryDirectory(prefix="cpmspec-")
        try:
            self._begin(keylog)
        except BaseException as error:
            self._loop.close()
            self._folder.cleanup()
            if isinstance(error, _NOT_RUN):
                raise CaptureError(health.path, f"tshark cannot be run: {error}") from None
            raise
        os.set_blocking(self._capture.write_end, False)
        self._rest = b""
        self._told = False
        self._fed = 0
        self._pieces: deque[int] = deque(maxlen=_PIECES)
        self._forgotten = 0
        self._file = BytesIO()
        self._writer = PcapngWriter(self._file, link=Link.ETHERNET)
        self._links: dict[int, int] = {Link.ETHERNET: 0}

    def _begin(self, keylog: str | None) -> None:
        """Start tshark."""
        self._capture = _Fed(
            interface=[],
            display_filter=FILTER,
            override_prefs=PREFERENCES | ({"tls.keylog_file": keylog} if keylog else {}),
            use_json=True,
            include_raw=True,
            eventloop=self._loop,
            custom_parameters=["-J", LAYERS, *AS_OCTETS, "--temp-dir", self._folder.name],
        )
        self._parser = self._capture._setup_tshark_output_parser()
        self._process = self._loop.run_until_complete(self._capture._get_tshark_process())

    def read(self, batch: Batch) -> None:
        """Let tshark read some frames, and take what it finds."""
        decoder = self.decoder
        if decoder.complaint:
            return
        if batch.link not in self._links:
            # A number of a link type that we do not know is Wireshark's business.
            self._links[batch.link] = self._writer.add_interface(batch.link)  # type: ignore[arg-type]
        number = self._links[batch.link]
        for time, start, stop, length in batch.records:
            self._writer.write(
                time, bytes(batch.octets[start:stop]), interface=number, original_length=length
            )
        last = batch.records[-1][0]
        for _ in range(2):
            self._writer.write(last, _OURS)
        if len(self._pieces) == _PIECES:
            self._forgotten += 1
        self._pieces.append(self._fed)
        self._loop.run_until_complete(self._through(self._fed + len(batch.records) + 1))
        decoder.frame, decoder.time = self._number(self._fed + len(batch.records)), last
        self._fed += len(batch.records) + 2

    def finish(self) -> None:
        """End tshark, and report what was kept back."""
        self.close()
        self._layers.finish()
        self.decoder.finish(damage_is_known=True)

    def close(self) -> None:
        """End tshark."""
        if self._loop.is_closed():
            return
        os.close(self._capture.write_end)
        self._loop.run_until_complete(self._killed())
        self._loop.close()
        self._folder.cleanup()

    async def _killed(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        self._capture._running_processes.clear()
        said = self._capture._stderr_handling_tasks
        # What it has started may outlive it, and keep its standard error open.
        await asyncio.wait(said, timeout=_ENDING)
        for task in said:
            task.cancel()
        await asyncio.gather(*said, return_exceptions=True)

    def _number(self, told: int) -> int:
        """The number of a frame by tshark's, which counts ours too: two behind each piece."""
        pieces = self._forgotten + bisect_left(self._pieces, told)
        return told - 2 * max(0, pieces - 1)

    async def _through(self, last: int) -> None:
        """Write what is to be written, and take what comes out up to frame number `last`."""
        octets = self._file.getvalue()
        self._file.seek(0)
        self._file.truncate()
        writing = asyncio.ensure_future(self._write(octets))
        deadline = self._loop.time() + PATIENCE
        while True:
            reading = asyncio.ensure_future(self._next())
            while not reading.done():
                await asyncio.wait({reading}, timeout=_SLICE)
                self._meanwhile()
                if self._loop.time() > deadline:
                    reading.cancel()
            if reading.cancelled() or reading.exception() is not None:
                # Who does not read any more must not be waited for.
                writing.cancel()
                self._stopped()
                break
            packet = reading.result()
            if packet is None:
                continue
            deadline = self._loop.time() + PATIENCE
            if int(packet.number) >= last:
                break
            if int(packet.number) > self._fed:
                self._layers.take(packet)
        await asyncio.gather(writing, return_exceptions=True)

    async def _next(self) -> Packet | None:
        packet, self._rest = await self._parser.get_packets_from_stream(
            self._process.stdout, self._rest, got_first_packet=self._told
        )
        self._told = self._told or packet is not None
        return packet

    async def _write(self, octets: bytes) -> None:
        """Write to tshark as it reads."""
        view = memoryview(octets)
        while view:
            try:
                view = view[os.write(self._capture.write_end, view) :]
            except BlockingIOError:
                await asyncio.sleep(_SLICE / 10)

    def _stopped(self) -> None:
        """It is no more, or says nothing: what it would have told is missing from now on."""
        said = self._capture._last_error_line or ""
        if not said or said.startswith("Capturing on"):
            said = "it says nothing any more"
        self.decoder.complaint = said
        self.decoder.gap(GapReason.CUT_FILE, f"tshark stopped: {self.decoder.complaint}")
