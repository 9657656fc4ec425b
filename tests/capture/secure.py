"""TLS connections that the tests make themselves, by Python's ssl, with the keys of each."""

import atexit
import contextlib
import shutil
import ssl
import subprocess
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from conformance.capture.packets import TcpConversation
from conformance.observation.packet import Endpoint
from tests.capture.scenes import ALICE, BOB


@lru_cache(maxsize=1)
def certificate():
    """The paths of a certificate and its key, made once."""
    folder = Path(mkdtemp(prefix="cpmspec-tests-"))
    atexit.register(shutil.rmtree, folder)
    paths = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=example.com", "-keyout", str(paths[1]), "-out", str(paths[0])),
        ],
        check=True,
        capture_output=True,
    )
    return paths


class SecureConversation:
    """TLS over TCP from Alice to Bob: `frames` grows, `keys` is the key log."""

    def __init__(self, keys, port=5_061, *, version=None, mss=1_400):
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(*certificate())
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        if version is not None:
            client.maximum_version = version
        client.keylog_filename = str(keys)
        self._pipes = {side: (ssl.MemoryBIO(), ssl.MemoryBIO()) for side in (True, False)}
        self._ends = {
            True: client.wrap_bio(*self._pipes[True]),
            False: server.wrap_bio(*self._pipes[False], server_side=True),
        }
        self._tcp = TcpConversation(ALICE, Endpoint(BOB.host, port), seed=port)
        self._mss = mss
        self.frames = self._tcp.open()
        for _ in range(3):
            for side in (True, False):
                self._turn(side, self._ends[side].do_handshake)
        self._read(True)

    def _turn(self, side, action):
        with contextlib.suppress(ssl.SSLWantReadError):
            action()
        octets = self._pipes[side][1].read()
        if octets:
            self.frames += self._tcp.send(side, octets, mss=self._mss)
            self._pipes[not side][0].write(octets)

    def _read(self, side):
        with contextlib.suppress(ssl.SSLWantReadError):
            self._ends[side].read(1 << 20)

    def send(self, from_client, octets):
        """One write of one side: a record of TLS, or several where it is long."""
        self._turn(from_client, lambda: self._ends[from_client].write(octets))
        self._read(not from_client)
        return self

    def close(self):
        """The end of TCP without one of TLS."""
        self.frames += self._tcp.close(True)
        return self
