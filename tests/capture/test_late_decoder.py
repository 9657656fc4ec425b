from conformance.capture.late_decoder import LateDecoder
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import CaptureHealth, GapReason
from conformance.sip.parser import parse
from tests.capture.scenes import ALICE, BOB, sip

OTHER = Endpoint(BOB.host, 5_061)


def decoder():
    return LateDecoder(CaptureHealth("a", "tshark"), 0)


def test_what_keys_open_later_is_no_gap():
    one = decoder()
    one.sealed((ALICE, BOB), "TLS", data=False)
    one.sealed((ALICE, BOB), "TLS")
    one.open((BOB, ALICE))
    one.finish(False)
    assert one.out == []


def test_what_stays_encrypted_is_told_where_it_begins():
    one = decoder()
    one.frame, one.time = 4, 40
    one.sealed((ALICE, BOB), "TLS", data=False)
    one.frame, one.time = 9, 90
    one.sealed((ALICE, BOB), "TLS")
    one.sealed((ALICE, OTHER), "TLS")
    one.finish(False)
    (gap,) = one.out
    assert (gap.reason, gap.after_frame, gap.time) == (GapReason.UNDECRYPTABLE, 4, 40)


def test_another_connection_of_the_same_hosts_may_stay_dark():
    one = decoder()
    one.sealed((ALICE, OTHER), "TLS", data=False)
    one.open((ALICE, BOB))
    one.finish(False)
    assert one.out == []
    one.sealed((ALICE, OTHER), "TLS", data=True)
    one.finish(False)
    assert [gap.reason for gap in one.out] == [GapReason.UNDECRYPTABLE]


def test_ipsec_is_another_matter_than_tls():
    one = decoder()
    one.open((ALICE, BOB))
    one.sealed((Endpoint(ALICE.host, 0), Endpoint(BOB.host, 0)), "ESP")
    one.finish(False)
    assert "ESP" in one.out[0].where


def test_transport_inside_tls():
    one = decoder()
    for inside in (True, False):
        one.inside(inside)
        for transport in (Transport.TCP, Transport.WS):
            one.message(parse(sip(1)), transport, (ALICE, BOB), (1,), 1, 7)
    assert [(seen.transport, seen.mirror) for seen in one.out] == [
        (Transport.TLS, None), (Transport.WS, None), (Transport.TCP, 7), (Transport.WS, 7)
    ]  # fmt: skip


def test_a_complaint_is_told_unless_the_damage_is_known():
    one = decoder()
    one.complaint = "cut short"
    one.finish(True)
    assert one.out == []
    one.finish(False)
    assert "cut short" in one.out[0].where
