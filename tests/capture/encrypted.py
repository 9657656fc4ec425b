"""IP packets in IPsec ESP as IMS uses it (TS 33.203): AES-CBC by OpenSSL, HMAC-SHA-1-96."""

import hashlib
import hmac
import subprocess
from struct import pack

from conformance.capture.packets import ip_packet

KEY, AUTHENTICATION = bytes(range(16)), bytes(range(100, 120))
SPI = 0x12345678
_IV = bytes(range(200, 216))


def _address(packet, at):
    return ".".join(str(octet) for octet in packet[at : at + 4])


def esp(packet, number=1, *, spi=SPI):
    """An IPv4 packet with its payload in ESP, transport mode (RFC 4303, RFC 3602, RFC 2404)."""
    payload = packet[20:]
    padding = bytes(range(1, -(len(payload) + 2) % 16 + 1))
    plain = payload + padding + bytes([len(padding), packet[9]])
    sealed = subprocess.run(
        ["openssl", "enc", "-aes-128-cbc", "-nopad", "-K", KEY.hex(), "-iv", _IV.hex()],
        input=plain, capture_output=True, check=True,
    ).stdout  # fmt: skip
    octets = pack("!II", spi, number) + _IV + sealed
    octets += hmac.digest(AUTHENTICATION, octets, hashlib.sha1)[:12]
    return ip_packet(_address(packet, 12), _address(packet, 16), 50, octets, 5)


def association(source, destination, *, spi=f"0x{SPI:08x}"):
    """The line of Wireshark's table of security associations that opens it."""
    values = ("IPv4", source, destination, spi, "AES-CBC [RFC3602]", f"0x{KEY.hex()}",
              "HMAC-SHA-1-96 [RFC2404]", f"0x{AUTHENTICATION.hex()}")  # fmt: skip
    return ",".join(f'"{value}"' for value in values) + "\n"
