"""Builders of frames with true checksums: what a capture of a conversation would hold."""

from ipaddress import ip_address
from itertools import count
from struct import pack, pack_into

from conformance.capture.link import Link
from conformance.observation.packet import Endpoint

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
"""TCP control bits (RFC 9293 section 3.1)."""

_TCP, _UDP, _FRAGMENT = 6, 17, 44
_ETHERTYPES = {4: 0x0800, 6: 0x86DD}
_PPP_PROTOCOLS = {4: 0x0021, 6: 0x0057}
_ADDRESS_FAMILIES = {4: 2, 6: 30}
_WINDOW = 65_535


def checksum(octets: bytes) -> int:
    """The Internet checksum (RFC 1071) of `octets`, padded to a whole number of words."""
    # A sum of 16-bit words with end-around carry is the number they spell, modulo 2^16 - 1.
    return -int.from_bytes(octets + bytes(len(octets) % 2)) % 0xFFFF


def ip_packet(
    source: str, destination: str, protocol: int, payload: bytes, identification: int
) -> bytes:
    """One whole IPv4 or IPv6 packet; identification 0 sets DF (RFC 6864), IPv6 has none."""
    sender, receiver = ip_address(source), ip_address(destination)
    if sender.version != receiver.version:
        raise ValueError(f"{source} and {destination} are of different IP versions")
    if sender.version == 6:
        fixed = pack("!IHBB", 6 << 28, len(payload), protocol, 64)
        return fixed + sender.packed + receiver.packed + payload
    flags = 0 if identification else 0x4000
    head = bytearray(
        pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), identification, flags, 64, protocol, 0)
    )
    head += sender.packed + receiver.packed
    pack_into("!H", head, 10, checksum(bytes(head)))
    return bytes(head) + payload


def fragment(packet: bytes, mtu: int, *, identification: int = 1) -> list[bytes]:
    """The IP packet as fragments of at most `mtu` octets (RFC 791, RFC 8200 section 4.5).

    `identification` serves IPv6; IPv4 fragments carry that of their packet.
    """
    if len(packet) <= mtu:
        return [packet]
    version = packet[0] >> 4
    head = packet[:20] if version == 4 else packet[:40]
    room = (mtu - len(head) - (0 if version == 4 else 8)) // 8 * 8
    if room <= 0:
        raise ValueError(f"an MTU of {mtu} leaves no room for a fragment")
    payload = packet[len(head) :]
    fragments = []
    for offset in range(0, len(payload), room):
        part = payload[offset : offset + room]
        more = offset + room < len(payload)
        if version == 4:
            fragments.append(_fragment_v4(head, offset, more, part))
        else:
            fragments.append(_fragment_v6(head, offset, more, part, identification))
    return fragments


def _fragment_v4(head: bytes, offset: int, more: bool, part: bytes) -> bytes:
    fresh = bytearray(head)
    pack_into("!H", fresh, 2, 20 + len(part))
    pack_into("!H", fresh, 6, offset // 8 | (0x2000 if more else 0))
    pack_into("!H", fresh, 10, 0)
    pack_into("!H", fresh, 10, checksum(bytes(fresh)))
    return bytes(fresh) + part


def _fragment_v6(head: bytes, offset: int, more: bool, part: bytes, identification: int) -> bytes:
    fresh = bytearray(head)
    pack_into("!HB", fresh, 4, 8 + len(part), _FRAGMENT)
    return bytes(fresh) + pack("!BBHI", head[6], 0, offset | more, identification) + part


def link_frame(packet: bytes, *, link: Link = Link.ETHERNET, vlan: int | None = None) -> bytes:
    """The IP packet behind the header of its link; `vlan` tags Ethernet (IEEE 802.1Q)."""
    version = packet[0] >> 4
    ethertype = _ETHERTYPES[version]
    if vlan is not None and link is not Link.ETHERNET:
        raise ValueError(f"a VLAN tag needs Ethernet, not {link.name}")
    if link is Link.ETHERNET:
        tag = b"" if vlan is None else pack("!HH", 0x8100, vlan)
        return (
            _hardware(packet, False)
            + _hardware(packet, True)
            + tag
            + pack("!H", ethertype)
            + packet
        )
    heads = {
        Link.LINUX_SLL: pack("!HHH8sH", 0, 1, 6, _hardware(packet, True), ethertype),
        Link.LINUX_SLL2: pack("!HHIHBB8s", ethertype, 0, 1, 1, 0, 6, _hardware(packet, True)),
        Link.NULL: pack("<I", _ADDRESS_FAMILIES[version]),
        Link.LOOP: pack(">I", _ADDRESS_FAMILIES[version]),
        Link.PPP: pack("!HH", 0xFF03, _PPP_PROTOCOLS[version]),
        Link.IEEE802_11: _wireless(packet, ethertype),
        Link.RADIOTAP: pack("<BBHI", 0, 0, 8, 0) + _wireless(packet, ethertype),
        Link.RAW: b"",
        Link.IPV4: b"",
        Link.IPV6: b"",
    }
    return heads[link] + packet


def _wireless(packet: bytes, ethertype: int) -> bytes:
    """A data frame's header to an access point, and the LLC and SNAP headers (IEEE 802.11)."""
    ends = _hardware(packet, False), _hardware(packet, True)
    head = pack("!HH", 0x0801, 0) + b"".join((*ends, ends[0])) + bytes(2)
    return head + b"\xaa\xaa\x03\0\0\0" + pack("!H", ethertype)


def _hardware(packet: bytes, sender: bool) -> bytes:
    """A locally administered address made of the last four octets of the IP address."""
    start = 12 if packet[0] >> 4 == 4 else 20
    end = start + (4 if packet[0] >> 4 == 4 else 16) * (1 if sender else 2)
    return b"\x02\x00" + packet[end - 4 : end]


def _with_checksum(source: Endpoint, destination: Endpoint, protocol: int, octets: bytes) -> int:
    pseudo = ip_address(source.host).packed + ip_address(destination.host).packed
    return checksum(pseudo + pack("!IHH", len(octets), 0, protocol) + octets)


def udp_frames(
    source: Endpoint,
    destination: Endpoint,
    payload: bytes,
    *,
    identification: int,
    mtu: int = 65_535,
    vlan: int | None = None,
    link: Link = Link.ETHERNET,
) -> list[bytes]:
    """One UDP datagram as frames: one, or several where the IP packet exceeds `mtu`."""
    if len(payload) > 65_507:
        raise ValueError(f"{len(payload)} octets do not fit into one UDP datagram")
    octets = bytearray(pack("!HHHH", source.port, destination.port, 8 + len(payload), 0)) + payload
    total = _with_checksum(source, destination, _UDP, bytes(octets)) or 0xFFFF
    pack_into("!H", octets, 6, total)
    packet = ip_packet(source.host, destination.host, _UDP, bytes(octets), identification)
    parts = fragment(packet, mtu, identification=identification)
    return [link_frame(part, link=link, vlan=vlan) for part in parts]


def tcp_segment(
    source: Endpoint,
    destination: Endpoint,
    payload: bytes = b"",
    *,
    sequence: int,
    acknowledgement: int = 0,
    flags: int = ACK,
    identification: int = 0,
    vlan: int | None = None,
    link: Link = Link.ETHERNET,
) -> bytes:
    """One TCP segment as a frame; sequence numbers are taken modulo 2^32."""
    head = (sequence % 2**32, acknowledgement % 2**32, 0x50, flags, _WINDOW, 0, 0)
    octets = bytearray(pack("!HHIIBBHHH", source.port, destination.port, *head)) + payload
    pack_into("!H", octets, 16, _with_checksum(source, destination, _TCP, bytes(octets)))
    packet = ip_packet(source.host, destination.host, _TCP, bytes(octets), identification)
    return link_frame(packet, link=link, vlan=vlan)


class TcpConversation:
    """A TCP connection as its frames: keeps both directions' sequence numbers.

    Initial sequence numbers and IP identifications follow from `seed`.
    """

    def __init__(
        self,
        client: Endpoint,
        server: Endpoint,
        *,
        seed: int = 1,
        vlan: int | None = None,
        link: Link = Link.ETHERNET,
    ) -> None:
        self._ends = {True: client, False: server}
        self._next = {True: seed * 2_654_435_761 % 2**32, False: seed * 805_459_861 % 2**32}
        self._identifications = {True: count(seed * 7_919), False: count(seed * 104_729)}
        self._vlan = vlan
        self._link = link

    def open(self) -> list[bytes]:
        """The three segments of the handshake."""
        return [
            self._segment(True, SYN, acknowledge=False),
            self._segment(False, SYN | ACK),
            self._segment(True, ACK),
        ]

    def send(self, from_client: bool, payload: bytes, *, mss: int = 1_400) -> list[bytes]:
        """The data segments of at most `mss` octets each, and the peer's acknowledgement."""
        parts = [payload[start : start + mss] for start in range(0, len(payload), mss)]
        frames = [self._segment(from_client, PSH | ACK, part) for part in parts]
        return [*frames, self._segment(not from_client, ACK)]

    def finish(self, from_client: bool) -> list[bytes]:
        """The FIN of one side and its acknowledgement: the other one may go on."""
        return [self._segment(from_client, FIN | ACK), self._segment(not from_client, ACK)]

    def close(self, from_client: bool) -> list[bytes]:
        """The FIN of one side, the FIN of the other, and the last acknowledgement."""
        return [
            self._segment(from_client, FIN | ACK),
            self._segment(not from_client, FIN | ACK),
            self._segment(from_client, ACK),
        ]

    def reset(self, from_client: bool) -> list[bytes]:
        """One RST."""
        return [self._segment(from_client, RST | ACK)]

    def _segment(
        self, from_client: bool, flags: int, payload: bytes = b"", *, acknowledge: bool = True
    ) -> bytes:
        frame = tcp_segment(
            self._ends[from_client],
            self._ends[not from_client],
            payload,
            sequence=self._next[from_client],
            acknowledgement=self._next[not from_client] if acknowledge else 0,
            flags=flags,
            # 0 would mean "no identification" (RFC 6864).
            identification=next(self._identifications[from_client]) % 65_535 + 1,
            vlan=self._vlan,
            link=self._link,
        )
        taken = len(payload) + (1 if flags & (SYN | FIN) else 0)
        self._next[from_client] = (self._next[from_client] + taken) % 2**32
        return frame
