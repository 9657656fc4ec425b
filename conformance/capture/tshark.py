"""The second reader: Wireshark takes the frames apart, we read the messages.

Octets of UDP and TCP payloads, and of SIP and MSRP inside TLS, come from tshark through pyshark;
putting streams in order, framing and parsing are ours. Nothing else imports pyshark. What the
file itself says (its hash, its frames, where it is cut, what was dropped) we read ourselves,
since tshark ends quietly where a file is cut.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from struct import Struct
from tempfile import NamedTemporaryFile

import pyshark
from pyshark.packet.packet import Packet
from pyshark.tshark.tshark import TSharkNotFoundException, TSharkVersionException, get_process_path

from conformance.capture.chunks import Chunks
from conformance.capture.clock import ClockWatch
from conformance.capture.connections import Connections
from conformance.capture.containers import SNIFF, container_of
from conformance.capture.decode import Decoder
from conformance.capture.errors import CaptureError
from conformance.capture.esp_keys import OPEN_ESP, as_options, security_associations
from conformance.capture.ip import UDP, IpPacket, endpoints
from conformance.capture.ip import read as read_ip
from conformance.capture.late_decoder import LateDecoder
from conformance.capture.pcap import Batch, Damage, Drop, Interface, read_pcap
from conformance.capture.pcapng import MAGIC as PCAPNG_MAGIC
from conformance.capture.pcapng import read_pcapng
from conformance.capture.tcp import Segment
from conformance.capture.tls_streams import TlsStreams, is_sealed
from conformance.capture.wireless import SEALED_AIR
from conformance.observation.packet import Transport
from conformance.observation.trace import CaptureHealth, GapReason, Shown
from conformance.sip.frames import looks_like_sip
from conformance.sip.parser import parse as parse_sip
from conformance.wire.limits import MAX_FRAGMENTS

FILTER = (
    "sip || msrp || udp || tcp || ip.flags.mf == 1 || ip.frag_offset > 0 || ipv6.fraghdr"
    " || esp || (wlan.fc.protected == 1 && wlan.fc.type == 2)"
)
# Header layers in full; of the others the octets, which come with -x in any case, are enough.
LAYERS = "frame ip ipv6 tcp udp tls"
_TRANSPORTS = ("tcp", "udp", "sctp")
_FRAGMENT_FRAMES = (("ip", "fragments_tree.fragment"), ("ipv6", "fragments.fragment"))
# As our own reader does: ESP is looked into for what its cipher left as it was.
PREFERENCES = {
    "esp.enable_null_encryption_decode_heuristic": "TRUE",
    # TLS is TLS on whatever port, also on those that Wireshark gives to MSRP or SIP.
    "tcp.try_heuristic_first": "TRUE",
    "tcp.reassemble_out_of_order": "TRUE",
}
# What is inside TLS comes as octets, whatever Wireshark would take it for: framing it is ours.
AS_OCTETS = [
    *("-d", "tls.port==1-65535,data", "-d", "dtls.port==1-65535,data"),
    # These would be asked before.
    *("--disable-protocol", "http", "--disable-protocol", "http2"),
]
_QUOTING = {"icmp", "icmpv6"}
_NANOSECONDS = 1_000_000_000


class TsharkSource:
    """One capture file, read by tshark; iterate once."""

    def __init__(
        self, path: str, index: int, keylog: str | None, esp_keys: str | None = None
    ) -> None:
        try:
            tshark = get_process_path()
        except TSharkNotFoundException as error:
            sentence = "tshark is not installed; install Wireshark or use the native reader"
            raise CaptureError(path, sentence) from error
        self.health = CaptureHealth(path, "tshark")
        self._index = index
        self._keylog = keylog
        self._associations = security_associations(esp_keys, tshark) if esp_keys else ()

    def __iter__(self) -> Iterator[Shown]:
        layers = Layers(LateDecoder(self.health, self._index))
        decoder = layers.decoder
        clock = ClockWatch()
        troubles = _survey(self.health, clock)
        with _decompressed(self.health.path) as path:
            for packet in _packets(path, self._keylog, self._associations, decoder):
                number = int(packet.number)
                while troubles and troubles[0][0] < number:
                    _report(decoder, *troubles.pop(0))
                layers.take(packet)
                yield from decoder.out
                decoder.out.clear()
        for trouble in troubles:
            _report(decoder, *trouble)
        layers.finish()
        if clock.jump:
            frame, sentence = clock.jump
            decoder.remark(GapReason.CLOCK, sentence, frame - 1)
        decoder.finish(any(isinstance(item, Damage) for _, _, item in troubles))
        yield from decoder.out


@contextmanager
def _decompressed(path: str) -> Iterator[str]:
    """The path of the capture itself: Wireshark reads not all that we decompress."""
    with Path(path).open("rb", buffering=0) as file:
        if container_of(file.read(SNIFF)) is None:
            yield path
            return
        file.seek(0)
        chunks = Chunks(file, CaptureHealth(path, "tshark"))
        with NamedTemporaryFile(prefix="cpmspec-", suffix=".pcap") as plain:
            while chunks.need(1):
                plain.write(chunks.octets)
                chunks.drop(len(chunks.octets))
            plain.flush()
            yield plain.name


_Trouble = tuple[int, int, Damage | Drop]


def _survey(health: CaptureHealth, clock: ClockWatch) -> list[_Trouble]:
    """Read what the file says of itself; troubles with the frame and time they come after."""
    troubles: list[_Trouble] = []
    with closing(Path(health.path).open("rb", buffering=0)) as file:
        chunks = Chunks(file, health)
        chunks.need(len(PCAPNG_MAGIC))
        is_pcapng = chunks.octets.startswith(PCAPNG_MAGIC)
        for item in read_pcapng(chunks) if is_pcapng else read_pcap(chunks):
            if isinstance(item, Batch):
                clock.take(item)
                times = [record[0] for record in item.records]
                health.packets += len(times)
                health.first_time = times[0] if health.first_time is None else health.first_time
                health.last_time = max(times[-1], health.last_time or 0)
            elif isinstance(item, Interface):
                health.interfaces.append(f"{item.name}:{item.link}")
            elif isinstance(item, Drop) and not item.here:
                troubles.append((0, health.first_time or 0, item))
            elif isinstance(item, Drop) or (isinstance(item, Damage) and not chunks.trouble):
                troubles.append((health.packets, health.last_time or 0, item))
        if chunks.trouble:
            _, sentence = chunks.trouble
            troubles.append((health.packets, health.last_time or 0, Damage(sentence)))
        chunks.finish()
    return troubles


def _report(decoder: Decoder, after: int, time: int, item: Damage | Drop) -> None:
    reason = GapReason.CUT_FILE if isinstance(item, Damage) else GapReason.DROPPED
    decoder.gap(reason, item.sentence, after=after, time=time)


class _Capture(pyshark.FileCapture):  # type: ignore[misc]
    """pyshark's capture, but for how it ends.

    pyshark kills tshark at the end of its output, and so loses the exit status by which tshark
    tells that a file was cut, or takes a status of 255 for a crash.
    """

    status = 0

    async def _cleanup_subprocess(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None and not self._eof_reached:
            # Not process.kill(): it may reap the process under the event loop's eyes.
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        status = await process.wait()
        if self._eof_reached:
            self.status = status

    @property
    def complaint(self) -> str:
        """What tshark said when it failed."""
        return (self._last_error_line or f"exit status {self.status}") if self.status else ""


def _packets(
    path: str, keylog: str | None, associations: tuple[str, ...], decoder: LateDecoder
) -> Iterator[Packet]:
    """Packets as pyshark gives them; no process and no event loop is left behind."""
    loop = asyncio.new_event_loop()
    capture = _Capture(
        path,
        keep_packets=False,
        display_filter=FILTER,
        override_prefs=PREFERENCES
        | ({"tls.keylog_file": keylog} if keylog else {})
        | (OPEN_ESP if associations else {}),
        use_json=True,
        include_raw=True,
        eventloop=loop,
        custom_parameters=["-J", LAYERS, *AS_OCTETS, *as_options(associations)],
    )
    packets = iter(capture)
    try:
        yield from packets
    except (TSharkVersionException, ValueError, OSError) as error:
        decoder.complaint = str(error)
    finally:
        packets.close()
        capture.close()
        capture._running_processes.clear()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        decoder.complaint = decoder.complaint or capture.complaint


class Layers:
    """Leads each packet's payload to the decoder; `number`: which frame a number of tshark is."""

    def __init__(self, decoder: LateDecoder, number: Callable[[int], int] = int) -> None:
        self.decoder = decoder
        self._number = number
        self._connections = Connections(decoder)
        self._tls = TlsStreams(decoder, decoder.inside)
        self._fragments: dict[int, tuple[IpPacket, int]] = {}
        self._air_is_told = False

    def take(self, packet: Packet) -> None:
        """Read one packet."""
        decoder = self.decoder
        decoder.frame = self._number(int(packet.number))
        decoder.time = _nanoseconds(str(packet.sniff_timestamp))
        protocols = str(packet.frame_info.protocols).split(":")
        network = _network(packet, protocols)
        if network is None:
            self._air(protocols)
        # An ICMP error quotes a packet; it was sent before, and not by the quoter.
        elif _QUOTING.intersection(protocols):
            return
        elif protocols[-1] == "esp" or protocols[-2:] == ["esp", "data"]:
            decoder.sealed(endpoints(network.source + network.destination + bytes(4)), "ESP")
        else:
            self._transport(packet, protocols, network)

    def _transport(self, packet: Packet, protocols: list[str], network: IpPacket) -> None:
        carrier = next((name for name in reversed(protocols) if name in _TRANSPORTS), None)
        header = _octets(packet, f"{carrier}_raw")[-1:]
        if carrier is None or not header:
            self._wait(network)
            return
        decoder = self.decoder
        frames = self._frames(packet, network)
        key = network.source + network.destination + header[0][:4]
        payload = _payload(packet, carrier)
        if carrier == "tcp":
            segment = _segment(header[0], payload, frames, decoder.time)
            self._stream(packet, protocols, key, segment)
        elif carrier == "udp" and not self._dtls(packet, protocols, key, frames):
            cut = len(payload) + 8 < int.from_bytes(header[0][4:6])
            decoder.datagram(key, payload, frames, network.identification, cut)
        elif carrier == "sctp":
            for octets in _octets(packet, "sip_raw"):
                self._message(octets, Transport.SCTP, key, frames)

    def _air(self, protocols: list[str]) -> None:
        """Say once that a frame of 802.11 was encrypted."""
        if "wlan" in protocols and not self._air_is_told:
            self._air_is_told = True
            self.decoder.gap(GapReason.UNDECRYPTABLE, SEALED_AIR)

    def finish(self) -> None:
        """Report what is still open at the capture's end."""
        for frame, (network, time) in self._fragments.items():
            if network.protocol == UDP:
                ends = endpoints(network.source + network.destination + bytes(4))
                where = (
                    f"fragments are missing of a datagram from {ends[0].host} to {ends[1].host}"
                )
                reason = GapReason.FRAGMENT_MISSING
                self.decoder.gap(reason, where, ends, after=frame, time=time)
        self._connections.finish()
        self._tls.finish()

    def _stream(self, packet: Packet, protocols: list[str], key: bytes, segment: Segment) -> None:
        """Take a segment of TCP, and what tshark decrypted with it."""
        if "tls" not in protocols:
            self._tls.pending(key, segment)
            self._connections.take(key, segment)
            return
        found = _octets(packet, "data_raw")
        sealed = is_sealed(_tree(packet, "tls"), bool(found))
        self._tls.take(key, segment, found, sealed)
        if found:
            self.decoder.open(endpoints(key))
        else:
            self.decoder.sealed(endpoints(key), "TLS", data=sealed)

    def _dtls(
        self, packet: Packet, protocols: list[str], key: bytes, frames: tuple[int, ...]
    ) -> bool:
        """Take the messages that were inside DTLS; whether anything was."""
        found = _octets(packet, "data_raw") if "dtls" in protocols else []
        for octets in found:
            if looks_like_sip(octets):
                self._message(octets, Transport.TLS, key, frames)
        if found:
            self.decoder.open(endpoints(key))
        return bool(found)

    def _message(
        self, octets: bytes, transport: Transport, key: bytes, frames: tuple[int, ...]
    ) -> None:
        message = parse_sip(octets)
        self.decoder.message(message, transport, endpoints(key), frames, self.decoder.time, None)

    def _wait(self, network: IpPacket) -> None:
        """Remember a fragment until its datagram is whole."""
        if network.offset or network.more:
            self._fragments[self.decoder.frame] = (network, self.decoder.time)
            if len(self._fragments) > MAX_FRAGMENTS:
                del self._fragments[next(iter(self._fragments))]

    def _frames(self, packet: Packet, network: IpPacket) -> tuple[int, ...]:
        """The frames that carried a packet: several where it came in fragments."""
        for name, path in _FRAGMENT_FRAMES:
            found = _field(packet, name, path)
            if found:
                frames = tuple(sorted(self._number(int(frame)) for frame in found))
                for frame in frames:
                    self._fragments.pop(frame, None)
                return frames
        return (self.decoder.frame,)


def _segment(header: bytes, payload: bytes, frames: tuple[int, ...], time: int) -> Segment:
    sequence, acknowledgement = Struct(">II").unpack_from(header, 4)
    return Segment(sequence, acknowledgement, header[13], payload, frames, time)


def _network(packet: Packet, protocols: list[str]) -> IpPacket | None:
    """The innermost IP header."""
    name = next((name for name in reversed(protocols) if name in ("ip", "ipv6")), None)
    headers = _octets(packet, f"{name}_raw")
    return read_ip(headers[-1], 0, len(headers[-1])) if headers else None


def _octets(packet: Packet, name: str) -> list[bytes]:
    """The octets of all layers of a name, in order."""
    if name not in packet:
        return []
    layer = packet[name]
    first = layer.value
    if isinstance(first, str):
        return [bytes.fromhex(first)]
    return [
        bytes.fromhex(value) for value in (first[0], *(x.value for x in layer.duplicate_layers))
    ]


def _tree(packet: Packet, name: str) -> list[object]:
    """The fields of all layers of a name, as tshark writes them in JSON."""
    if name not in packet:
        return []
    layer = packet[name]
    return [one._all_fields for one in (layer, *layer.duplicate_layers)]


def _payload(packet: Packet, name: str) -> bytes:
    """The payload of the innermost UDP or TCP layer."""
    values = _field(packet, name, "payload")
    return bytes.fromhex(values[-1].replace(":", "")) if values else b""


def _field(packet: Packet, name: str, path: str) -> list[str]:
    """The values of a field of the innermost layer of a name."""
    if name not in packet:
        return []
    layer = packet[name]
    found = layer.duplicate_layers[-1] if layer.duplicate_layers else layer
    for part in path.split("."):
        try:
            found = found.get_field(part)
        except AttributeError:
            return []
    return [str(value) for value in found] if isinstance(found, list) else [str(found)]


def _nanoseconds(text: str) -> int:
    """Seconds with a decimal fraction, as integer ns."""
    seconds, _, fraction = text.partition(".")
    return int(seconds) * _NANOSECONDS + int((fraction + "000000000")[:9])
