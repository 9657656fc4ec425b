"""Octets that are let go, and read again from where they lie."""

import pytest

from conformance.msrp.message import MsrpRequest
from conformance.sip.message import SipRequest
from conformance.wire.spooled import _MOST
from tests.scenarios import chat, push_pager

SIP = push_pager.build().shots[0].octets
MSRP = next(shot.octets for shot in chat.build().shots if shot.octets.startswith(b"MSRP "))


@pytest.mark.parametrize(("kind", "octets"), [(SipRequest, SIP), (MsrpRequest, MSRP)])
def test_that_what_lies_elsewhere_is_read_again(kind, octets) -> None:
    asked: list[int] = []

    def reread(place: int) -> bytes:
        asked.append(place)
        return octets

    message = kind(octets)
    message.lies(reread, 42)
    message.slim()
    assert message == kind(octets)
    assert message.lower_head == kind(octets).lower_head
    assert asked == [42]


@pytest.mark.parametrize(("kind", "octets"), [(SipRequest, SIP), (MsrpRequest, MSRP)])
def test_that_what_lies_nowhere_else_stays(kind, octets) -> None:
    message = kind(octets)
    message.slim()
    assert message.octets is octets
    assert message.lower_head == kind(octets).lower_head


def test_that_another_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="octet"):
        SipRequest(SIP).octet  # noqa: B018


def test_that_of_what_is_read_again_the_latest_are_held() -> None:
    held = [SipRequest(SIP) for _ in range(_MOST + 1)]
    asked: list[int] = []

    def reread(place: int) -> bytes:
        asked.append(place)
        return SIP

    for place, message in enumerate(held):
        message.lies(reread, place)
        message.slim()
        assert message.octets == SIP
    assert (held[-1].octets, asked[-1]) == (SIP, _MOST)
    assert len(asked) == len(held)
    assert (held[0].octets, asked[-1]) == (SIP, 0)
