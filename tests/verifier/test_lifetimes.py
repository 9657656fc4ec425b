"""How long a binding lasts: what was asked for, what was granted, and of whom."""

import pytest

from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.lifetimes import seconds

ME, OTHER = "<sip:a@10.0.0.1:5060>", "<sip:a@10.0.0.2:5060>"


def asked(*contacts: str, expires: str = "") -> SipRequest:
    return SipRequest(_octets("REGISTER sip:example SIP/2.0", contacts, expires))


def granted(*contacts: str, expires: str = "") -> SipResponse:
    return SipResponse(_octets("SIP/2.0 200 OK", contacts, expires))


def _octets(start: str, contacts: tuple[str, ...], expires: str) -> bytes:
    lines = [start, *(f"Contact: {one}" for one in contacts)]
    lines += [f"Expires: {expires}"] if expires else []
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("request_", "response", "lasts"),
    [
        (asked(ME + ";expires=60"), granted(ME + ";expires=50"), 50),
        (asked(ME + " ; Expires = 60"), granted(ME + " ; Expires = 50"), 50),
        (asked("sip:a@10.0.0.1;expires=60"), granted("sip:%61@10.0.0.1:5060;expires=50"), 50),
        (asked(ME, expires="60"), granted(ME, expires="50"), 50),
        (asked(ME, expires="60"), granted(), 60),
        (asked(ME), granted(), 3600),
        (asked(ME + ";expires=60"), granted(OTHER + ";expires=9", ME + ";expires=50"), 50),
        (asked(ME + ";expires=60", OTHER + ";expires=0"), granted(ME + ";expires=50"), 50),
        (asked(OTHER + ";expires=0"), granted(ME + ";expires=50"), 50),
        (asked(OTHER + ";expires=0"), granted(ME), 3600),
        (asked(ME + ";expires=0"), granted(OTHER + ";expires=50"), 0),
        (asked(ME, expires="0"), granted(), 0),
        (asked("*", expires="0"), granted(), 0),
        (asked(), granted(ME + ";expires=50"), None),
    ],
)
def test_the_binding_of_the_client(
    request_: SipRequest, response: SipResponse, lasts: int | None
) -> None:
    assert seconds(request_, response, "10.0.0.1") == lasts


def test_a_contact_that_cannot_be_read_is_none() -> None:
    assert seconds(asked('"', ME + ";expires=60"), granted("<"), "10.0.0.1") == 60
