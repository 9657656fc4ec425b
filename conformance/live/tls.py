"""TLS: certificates of ours, whom we trust, and certificates told of by their fingerprint."""

import asyncio
import hashlib
import ssl
from dataclasses import dataclass

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
