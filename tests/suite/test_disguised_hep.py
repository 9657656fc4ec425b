from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.capture.hep import unwrap
from conformance.suite.disguise import Disguise
from conformance.suite.disguised_hep import HepRun, disguised_hep
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.redact import Pieces
from tests.capture.scenes import ALICE, BOB
from tests.capture.tunnelled import hep3, hep_old
from tests.sip.samples import MESSAGE

PSEUDONYMS = Pseudonyms(bytes(range(32)))
PIECES = Pieces(Disguise(PSEUDONYMS))
DISGUISED = PIECES.disguised


def chunk(vendor, kind, octets):
    return pack("!HHH", vendor, kind, 6 + len(octets)) + octets


def with_more(packet, *chunks):
    octets = packet[6:] + b"".join(chunks)
    return b"HEP3" + pack("!H", 6 + len(octets)) + octets


@pytest.mark.parametrize(
    "packet",
    [
        hep3(MESSAGE),
        hep3(b"\r\n" + MESSAGE),
        hep_old(MESSAGE),
        hep_old(MESSAGE, 2),
        hep_old(MESSAGE, 2, 12),
    ],
)
def test_a_copy_is_read_as_before_by_other_names(packet):
    found, told = disguised_hep(packet, DISGUISED)
    assert told
    assert len(found) == len(packet)
    before, after = unwrap(packet), unwrap(found)
    assert after.ends == (PSEUDONYMS.endpoint(ALICE), PSEUDONYMS.endpoint(BOB))
    assert after.message.octets == DISGUISED.sip(MESSAGE)
    assert (after.time, after.probe, after.transport) == (
        before.time,
        before.probe,
        before.transport,
    )
    assert bytes([10, 0, 0, 1]) not in found


def test_keys_names_and_what_a_vendor_adds_are_emptied_and_the_call_is_hidden():
    packet = with_more(
        hep3(MESSAGE), chunk(0, 14, b"secret"), chunk(0, 17, b"a84b4c76e66710@pc33.atlanta"),
        chunk(0, 19, b"node-alice"), chunk(9, 1, b"alice"),
    )  # fmt: skip
    found, _ = disguised_hep(packet, DISGUISED)
    for gone in (b"secret", b"a84b4c76e66710", b"alice"):
        assert gone not in found
    assert DISGUISED.disguise.hide("a84b4c76e66710@pc33.atlanta").encode() in found


@pytest.mark.parametrize(
    "packet",
    [
        hep3(MESSAGE, compressed=True),
        hep3(b'{"alice": 1}', kind=100),
        hep3(MESSAGE)[:-4],
        hep_old(b"alice"),
        b"alice" * 9,
    ],
)
def test_what_is_no_message_is_emptied(packet):
    found, told = disguised_hep(packet, DISGUISED)
    assert not told
    assert len(found) == len(packet)
    assert b"alice" not in found
    assert b"3460000000" not in found


@given(octets=st.binary(max_size=80))
def test_any_octets_keep_their_length(octets):
    for packet in (octets, b"HEP3" + octets, hep3(MESSAGE)[: len(octets)]):
        assert len(disguised_hep(packet, DISGUISED)[0]) == len(packet)


def test_a_stream_of_copies():
    packets = [hep3(MESSAGE), hep3(b"v=0"), hep3(MESSAGE)]
    octets = b"alice" + b"".join(packets) + b"alice" + hep3(MESSAGE)[:50]
    run = HepRun(octets, 0)
    assert (len(run.messages), run.emptied) == (2, 2)
    found = run.disguised(DISGUISED, PIECES)
    assert len(found) == len(octets)
    assert b"alice" not in found
    assert found.count(DISGUISED.sip(MESSAGE)) == 2
