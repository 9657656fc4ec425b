"""Writers of capture files: classic pcap and pcapng, both byte orders, µs or ns."""

from struct import pack
from typing import BinaryIO

from conformance.capture.link import Link

_NANOSECONDS = 1_000_000_000
_SNAPLEN = 262_144

_SECTION_HEADER = 0x0A0D0D0A
_INTERFACE_DESCRIPTION = 1
_ENHANCED_PACKET = 6
_DECRYPTION_SECRETS = 0x0A
_TLS_KEYS = 0x544C534B
_OPTION_COMMENT = 1
_OPTION_NAME = 2
_OPTION_RESOLUTION = 9


class PcapWriter:
    """A classic pcap file (draft-ietf-opsawg-pcap); the header is written at once."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        link: Link,
        nanoseconds: bool = True,
        big_endian: bool = False,
    ) -> None:
        self._file = file
        self._order = ">" if big_endian else "<"
        self._unit = 1 if nanoseconds else 1_000
        magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
        file.write(pack(self._order + "IHHiIII", magic, 2, 4, 0, 0, _SNAPLEN, link))

    def write(self, time: int, frame: bytes, *, original_length: int | None = None) -> None:
        """Append one frame; `time` in ns since 1970-01-01 UTC.

        `original_length`, where given, is the length on the wire of a frame that was cut short.
        """
        seconds, rest = divmod(time, _NANOSECONDS)
        length = len(frame) if original_length is None else original_length
        header = pack(self._order + "IIII", seconds, rest // self._unit, len(frame), length)
        self._file.write(header + frame)


class PcapngWriter:
    """A pcapng section with one interface or more (draft-ietf-opsawg-pcapng)."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        link: Link,
        nanoseconds: bool = True,
        big_endian: bool = False,
        comment: str | None = None,
        interface: str | None = None,
    ) -> None:
        self._file = file
        self._order = ">" if big_endian else "<"
        self._unit = 1 if nanoseconds else 1_000
        self._interfaces = 0
        head = pack(self._order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
        self._block(_SECTION_HEADER, head, self._options((_OPTION_COMMENT, comment)))
        self.add_interface(link, interface)

    def add_interface(self, link: Link, name: str | None = None) -> int:
        """Describe one more interface and return its number for `write`."""
        resolution = bytes([9 if self._unit == 1 else 6])
        head = pack(self._order + "HHI", link, 0, _SNAPLEN)
        options = self._options((_OPTION_NAME, name), (_OPTION_RESOLUTION, resolution))
        self._block(_INTERFACE_DESCRIPTION, head, options)
        self._interfaces += 1
        return self._interfaces - 1

    def keys(self, log: bytes) -> None:
        """Give the TLS keys (SSLKEYLOGFILE) of the frames that follow."""
        head = pack(self._order + "II", _TLS_KEYS, len(log))
        self._block(_DECRYPTION_SECRETS, head + log + bytes(-len(log) % 4), b"")

    def write(
        self,
        time: int,
        frame: bytes,
        comment: str | None = None,
        *,
        interface: int = 0,
        original_length: int | None = None,
    ) -> None:
        """Append one frame, with a comment where given; `time` in ns since 1970-01-01 UTC."""
        high, low = divmod(time // self._unit, 1 << 32)
        length = len(frame) if original_length is None else original_length
        head = pack(self._order + "IIIII", interface, high, low, len(frame), length)
        octets = frame + bytes(-len(frame) % 4)
        self._block(_ENHANCED_PACKET, head + octets, self._options((_OPTION_COMMENT, comment)))

    def _block(self, kind: int, body: bytes, options: bytes) -> None:
        length = 12 + len(body) + len(options)
        head = pack(self._order + "II", kind, length)
        self._file.write(head + body + options + pack(self._order + "I", length))

    def _options(self, *options: tuple[int, str | bytes | None]) -> bytes:
        octets = b""
        for code, value in options:
            if value is None:
                continue
            raw = value.encode() if isinstance(value, str) else value
            octets += pack(self._order + "HH", code, len(raw)) + raw + bytes(-len(raw) % 4)
        return octets + bytes(4) if octets else b""
