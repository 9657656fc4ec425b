"""What may hold credentials is found before anything is looked at closely."""

import pytest

from conformance.suite.credentials import may_hold_secrets

PLAIN = b"MESSAGE sip:b@example.org SIP/2.0\r\nSubject: the key\r\n\r\nk is a letter\r\n"


@pytest.mark.parametrize(
    "line",
    [
        b"Authorization: Digest username=a\r\n",
        b"PROXY-AUTHORIZATION: Digest username=a\r\n",
        b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r\n",
        b"k=clear:secret\r\n",
    ],
)
def test_that_a_line_that_may_hold_a_secret_is_found_in_any_case(line: bytes) -> None:
    assert may_hold_secrets(PLAIN + line)


def test_that_a_message_without_any_is_passed_over() -> None:
    assert not may_hold_secrets(PLAIN)
