"""A capture's SIP over UDP, sent once more on loopback sockets."""

import socket
import threading
from io import BytesIO

from conformance.capture.native import NativeSource
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import CaptureHealth, Observation
from conformance.sip.message import SipRequest, SipResponse


class Sending:
    """Each host of the capture has an address of its own below `prefix`."""

    def __init__(self, octets: bytes, prefix: str) -> None:
        source = NativeSource(CaptureHealth("x", "native"), 0, lambda: BytesIO(octets))
        self.sent = 0
        self._seen = [
            one
            for one in source
            if isinstance(one, Observation) and one.transport is Transport.UDP
        ]
        self._prefix = prefix
        self._hosts: dict[str, str] = {}
        self._sockets: dict[tuple[str, int], socket.socket] = {}

    def send_all(self) -> None:
        """Send every message, a moment between them."""
        pause = threading.Event()
        for one in self._seen:
            message = one.message
            assert isinstance(message, SipRequest | SipResponse)
            self._socket(one.destination)
            sender = self._socket(one.source)
            sender.sendto(message.octets, self._place(one.destination))
            self.sent += 1
            pause.wait(0.002)

    def _place(self, end: Endpoint) -> tuple[str, int]:
        host = self._hosts.setdefault(end.host, f"{self._prefix}{len(self._hosts) + 1}")
        return host, end.port

    def _socket(self, end: Endpoint) -> socket.socket:
        place = self._place(end)
        if place not in self._sockets:
            made = self._sockets[place] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind(place)
        return self._sockets[place]

    def __enter__(self) -> "Sending":
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._sockets.values():
            one.close()
