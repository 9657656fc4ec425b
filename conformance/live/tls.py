"""TLS: certificates of ours, whom we trust, and certificates told of by their fingerprint."""

import asyncio
import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path

_SAFE = ("sha224", "sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class Security:
    """TLS: our own certificate where we listen, whom we trust where we connect.

    `peer`: for who has told of the certificate by its fingerprint, and needs nobody's trust.
    """

    server: ssl.SSLContext | None = None
    client: ssl.SSLContext | None = None
    peer: ssl.SSLContext | None = None

    def context(self, fingerprint: str) -> ssl.SSLContext:
        """For a connection to whom a fingerprint tells of, "" for none; OSError without any."""
        found = self.peer if fingerprint else self.client
        if found is None:
            raise OSError("nobody is trusted for TLS")
        return found


class KeyLog:
    """The keys of all sessions of a Security from now on, in a file; until it is closed.

    What the user has logged into another file (SSLKEYLOGFILE) goes on being logged there.
    """

    def __init__(self, security: Security, path: str) -> None:
        contexts = (security.server, security.client, security.peer)
        found = list(dict.fromkeys(one for one in contexts if one is not None))
        self._ours = [one for one in found if not one.keylog_filename]
        for context in self._ours:
            context.keylog_filename = path
        self._paths = dict.fromkeys(str(one.keylog_filename) for one in found)

    def read(self) -> bytes:
        """The keys so far; OSError where they cannot be read."""
        return b"".join(Path(path).read_bytes() for path in self._paths)

    def close(self) -> None:
        """Log no more."""
        for context in self._ours:
            # The type of it forgets that None ends it (Python's ssl module).
            context.keylog_filename = None  # type: ignore[assignment]


def fingerprint_of(certificate: bytes, function: str = "sha-256") -> str:
    """The fingerprint of a certificate (DER), as SDP tells it (RFC 4572 section 5).

    ValueError for a hash function that is not known, or not safe any more.
    """
    name = function.replace("-", "")
    if name not in _SAFE:
        raise ValueError(f"{function} is no hash function to trust")
    return f"{function} {hashlib.new(name, certificate).digest().hex(':').upper()}"


def check(transport: asyncio.Transport, wanted: str) -> None:
    """Whether it is the certificate that was announced; OSError, and no connection, if not."""
    secured = transport.get_extra_info("ssl_object")
    certificate = secured.getpeercert(binary_form=True) or b""
    try:
        found = fingerprint_of(certificate, wanted.partition(" ")[0])
    except ValueError as error:
        transport.abort()
        raise OSError(str(error)) from None
    if found != wanted:
        transport.abort()
        raise OSError("the certificate is not the one whose fingerprint was told")
