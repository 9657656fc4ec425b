"""Packets put into tunnels, and messages into the carriers between transport and SIP."""

import zlib
from random import Random
from struct import pack

from conformance.capture.link import Link
from conformance.capture.packets import (
    TcpConversation,
    ip_packet,
    link_frame,
    udp_frames,
)
from conformance.observation.packet import Endpoint
from tests.capture.scenes import ALICE, BOB

OUTER = "192.0.2.1", "192.0.2.2"
OUTER6 = "2001:db8:1::1", "2001:db8:1::2"


def packets(payload, number=1, *, mtu=65_535, source=ALICE, destination=BOB):
    """A UDP datagram as IP packets."""
    return udp_frames(source, destination, payload, identification=number, mtu=mtu, link=Link.RAW)


def outer_udp(payload, port, *, source_port=50_000, identification=9):
    ends = Endpoint(OUTER[0], source_port), Endpoint(OUTER[1], port)
    return udp_frames(*ends, payload, identification=identification)[0]


def in_ip(packet):
    return link_frame(ip_packet(*OUTER, 4 if packet[0] >> 4 == 4 else 41, packet, 5))


def in_ip6(packet):
    return link_frame(ip_packet(*OUTER6, 4 if packet[0] >> 4 == 4 else 41, packet, 5))


def ethertype(packet):
    return 0x0800 if packet[0] >> 4 == 4 else 0x86DD


def gre(packet):
    return link_frame(ip_packet(*OUTER, 47, pack("!HH", 0, ethertype(packet)) + packet, 5))


def gre_with_key(packet):
    head = pack("!HHHHII", 0xB000, ethertype(packet), 0, 0, 7, 8)
    return link_frame(ip_packet(*OUTER, 47, head + packet, 5))


def gre_bridged(packet):
    return link_frame(ip_packet(*OUTER, 47, pack("!HH", 0, 0x6558) + link_frame(packet), 5))


def erspan(packet):
    head = pack("!HHI", 0x1000, 0x88BE, 1) + pack("!II", 0x10010000, 0)
    return link_frame(ip_packet(*OUTER, 47, head + link_frame(packet), 5))


def gtp(packet):
    return outer_udp(pack("!BBHI", 0x30, 0xFF, len(packet), 77) + packet, 2_152)


def gtp_extended(packet):
    extension = pack("!HBB", 1, 0, 0x85) + pack("!BBBB", 1, 0, 9, 0)
    size = len(extension) + len(packet)
    return outer_udp(pack("!BBHI", 0x36, 0xFF, size, 77) + extension + packet, 2_152)


def vxlan(packet):
    return outer_udp(pack("!II", 0x08000000, 42 << 8) + link_frame(packet), 4_789)


def geneve(packet):
    return outer_udp(pack("!BBHI", 0, 0, 0x6558, 42 << 8) + link_frame(packet), 6_081)


def qinq(packet):
    frame = link_frame(packet)
    return frame[:12] + b"\x88\xa8\x00\x05\x81\x00\x00\x06" + frame[12:]


def mpls(packet):
    frame = link_frame(packet)
    return frame[:12] + b"\x88\x47\x00\x01\x00\xff\x00\x02\x01\xff" + packet


def pppoe(packet):
    protocol = 0x0021 if packet[0] >> 4 == 4 else 0x0057
    frame = link_frame(packet)
    return frame[:12] + pack("!HBBHHH", 0x8864, 0x11, 0, 7, len(packet) + 2, protocol) + packet


def esp_octets(packet, icv=12):
    """What ESP with a null cipher makes of an IPv4 packet's payload (transport mode)."""
    payload = packet[20:]
    padding = bytes(range(1, -(len(payload) + 2) % 4 + 1))
    trailer = padding + bytes([len(padding), packet[9]])
    return pack("!II", 0x1234, 1) + payload + trailer + b"\xa5" * icv


def esp(packet):
    source, destination = (".".join(map(str, packet[at : at + 4])) for at in (12, 16))
    return link_frame(ip_packet(source, destination, 50, esp_octets(packet), 5))


def esp_tunnel(packet):
    protocol = 4 if packet[0] >> 4 == 4 else 41
    padding = bytes(range(1, -(len(packet) + 2) % 4 + 1))
    trailer = padding + bytes([len(padding), protocol])
    octets = pack("!II", 0x1234, 1) + packet + trailer + b"\xa5" * 12
    return link_frame(ip_packet(*OUTER, 50, octets, 5))


def esp_in_udp(packet):
    return outer_udp(esp_octets(packet), 4_500, source_port=4_500)


TUNNELS = (
    *(link_frame, in_ip, in_ip6, gre, gre_with_key, gre_bridged, erspan, gtp, gtp_extended),
    *(vxlan, geneve, qinq, mpls, pppoe, esp_tunnel),
)
"""Carriers of any IP packet. `esp` and `esp_in_udp` carry one that is no fragment."""


def hep3(payload, *, compressed=False, kind=1):
    def chunk(number, octets):
        return pack("!HHH", 0, number, 6 + len(octets)) + octets

    chunks = b"".join(
        [
            chunk(1, b"\x02"),
            chunk(2, b"\x11"),
            chunk(3, bytes([10, 0, 0, 1])),
            chunk(4, bytes([10, 0, 0, 2])),
            chunk(7, pack("!H", ALICE.port)),
            chunk(8, pack("!H", BOB.port)),
            chunk(9, pack("!I", 1_700_000_000)),
            chunk(10, pack("!I", 5)),
            chunk(11, bytes([kind])),
            chunk(12, pack("!I", 99)),
            chunk(16, zlib.compress(payload)) if compressed else chunk(15, payload),
        ]
    )
    return b"HEP3" + pack("!H", 6 + len(chunks)) + chunks


def hep_old(payload, version=1, counted=0):
    head = pack("!BBBBHH", version, 16 + counted, 2, 17, ALICE.port, BOB.port)
    time = bytes(12) if version == 2 else b""
    return head + bytes([10, 0, 0, 1, 10, 0, 0, 2]) + time + payload


def websocket_frame(payload, *, mask=b"", opcode=1, final=True, reserved=0):
    flags = (0x80 if final else 0) | reserved | opcode
    marked = 0x80 if mask else 0
    if len(payload) < 126:
        head = bytes([flags, marked | len(payload)])
    elif len(payload) < 65_536:
        head = pack("!BBH", flags, marked | 126, len(payload))
    else:
        head = pack("!BBQ", flags, marked | 127, len(payload))
    if mask:
        payload = bytes(octet ^ mask[at % 4] for at, octet in enumerate(payload))
    return head + mask + payload


def upgrade(protocol="sip"):
    """The handshake of RFC 6455 section 1.3: what the client says, and the server."""
    fields = (
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n"
    )
    return (
        f"GET / HTTP/1.1\r\nHost: b.example\r\n{fields}".encode(),
        f"HTTP/1.1 101 Switching Protocols\r\n{fields}".encode(),
    )


def sctp_packet(chunks, *, ports=(5_060, 5_060)):
    """An IP packet with DATA chunks: (flags, transmission sequence number, octets) each."""
    octets = pack("!HHII", *ports, 7, 0)
    for flags, number, payload in chunks:
        octets += pack("!BBHIHHI", 0, flags, 16 + len(payload), number, 0, 0, 0) + payload
        octets += bytes(-len(payload) % 4)
    return ip_packet(ALICE.host, BOB.host, 132, octets, 5)


def shuffled_a_little(random: Random, frames, reach=4):
    """The frames, some of them later by a few places."""
    keyed = [
        (place + random.choice([0, 0, 0, random.randint(0, reach)]), place)
        for place in range(len(frames))
    ]
    return [frames[place] for _, place in sorted(keyed)]


def tcp_packets(parts, mss, seed=1):
    """The IP packets of a whole TCP connection from Alice to Bob."""
    tcp = TcpConversation(ALICE, Endpoint(BOB.host, BOB.port + seed), seed=seed, link=Link.RAW)
    found = tcp.open()
    for from_client, payload in parts:
        found += tcp.send(from_client, payload, mss=mss)
    return found + tcp.close(True)
