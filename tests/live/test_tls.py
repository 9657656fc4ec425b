import ssl

import pytest

from conformance.live.tls import Security, fingerprint_of


def test_a_fingerprint_is_the_hash_of_the_certificate_as_sdp_writes_it():
    # RFC 4572 section 5: the function's name, and its octets in upper case between colons.
    told = fingerprint_of(b"abc")
    assert told.startswith("sha-256 BA:78:16:BF:8F:01:CF:EA:")
    assert len(told) == len("sha-256 ") + 32 * 3 - 1
    assert fingerprint_of(b"abc", "sha-512").startswith("sha-512 DD:AF:35:A1:")


@pytest.mark.parametrize("function", ["sha-1", "md5", "", "sha256; drop"])
def test_a_hash_function_that_nobody_should_trust_is_refused(function):
    with pytest.raises(ValueError, match="no hash function to trust"):
        fingerprint_of(b"abc", function)


def test_who_tells_no_fingerprint_needs_somebodys_trust():
    peer = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert Security(peer=peer).context("sha-256 AA") is peer
    with pytest.raises(OSError, match="nobody is trusted"):
        Security(peer=peer).context("")
