"""A capture's SIP over UDP, sent once more on loopback sockets."""

import socket
import ssl
import subprocess
import threading
from io import BytesIO
from pathlib import Path

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


class SecureLine:
    """A TLS connection to a server at port 5061 that answers one request; keys go to a file."""

    def __init__(self, folder: Path, host: str, keys: Path) -> None:
        certificate, key = folder / "cert.pem", folder / "key.pem"
        asked = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=line"
        words = [*asked.split(), "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(words, check=True, capture_output=True)
        self._server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.load_cert_chain(certificate, key)
        self._client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client.check_hostname, self._client.verify_mode = False, ssl.CERT_NONE
        self._client.keylog_filename = str(keys)
        self._listening = socket.create_server((host, 5_061))
        self._thread = threading.Thread(target=self._answer)

    def ask(self, octets: bytes) -> None:
        """Send a request, and wait for its answer."""
        plain = socket.create_connection(self._listening.getsockname())
        with self._client.wrap_socket(plain) as secured:
            secured.sendall(octets)
            assert secured.recv(1_000)

    def _answer(self) -> None:
        plain, _ = self._listening.accept()
        with self._server.wrap_socket(plain, server_side=True) as secured:
            secured.recv(1_000)
            secured.sendall(b"SIP/2.0 200 OK\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n")
            secured.recv(1_000)

    def __enter__(self) -> "SecureLine":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._listening.close()
