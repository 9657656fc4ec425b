from struct import pack

import pytest

from conformance.capture import decode
from conformance.capture.decode import Decoder, may_hold_sip
from conformance.capture.packets import TcpConversation, tcp_segment, udp_frames
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import CaptureHealth, GapReason
from conformance.wire.malformed import Malformed
from tests.capture.scenes import (
    ALICE,
    BOB,
    START,
    STEP,
    closings,
    conversation,
    messages,
    msrp,
    observations,
    pcap,
    read,
    reasons,
    sip,
)


def udp(payload, number=1):
    return udp_frames(ALICE, BOB, payload, identification=number)


def test_keep_alives_stun_and_noise_are_no_messages():
    stun = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
    frames = udp(b"\r\n\r\n") + udp(stun) + udp(b"") + udp(b"hello world") + udp(b"\x80" * 200)
    assert read(pcap(frames))[0] == []


def test_line_ends_before_the_start_line_are_passed_over():
    assert messages(pcap(udp(b"\r\n\r\n" + sip()))) == [sip()]


def test_one_message_a_datagram():
    octets = sip(1, b"body") + sip(2)
    assert messages(pcap(udp(octets))) == [octets]


def test_malformed_is_counted_as_what_it_claims_to_be():
    bad = sip().replace(b"Content-Length: 0", b"Content-Length: x")
    items, health = read(pcap(udp(bad)))
    assert isinstance(items[0].message, Malformed)
    assert (health.sip_messages, health.msrp_messages, health.malformed) == (1, 0, 1)


def cut_pcap(frame, size):
    octets = pcap([frame])
    return octets[:32] + pack("<II", size, len(frame)) + frame[:size]


def test_a_snap_length_inside_a_message_is_a_gap():
    frame = udp(sip(1, b"12345"))[0]
    head = len(frame) - 5
    for size in (60, 80, head, head + 3):
        assert reasons(cut_pcap(frame, size)) == [GapReason.SNAPLEN]
        assert messages(cut_pcap(frame, size)) == []


def test_a_snap_length_that_takes_no_payload_at_all():
    frame = udp(sip(1))[0]
    for size in (36, 42):
        assert reasons(cut_pcap(frame, size)) == [GapReason.SNAPLEN]


def test_a_snap_length_behind_the_message_does_no_harm():
    frame = udp(sip(1, b"12345") + b"more than Content-Length says")[0]
    assert len(observations(cut_pcap(frame, len(frame) - 3))) == 1


def test_a_snap_length_of_other_traffic_is_no_gap():
    assert reasons(cut_pcap(udp(bytes(500))[0], 100)) == []


def test_numbers_count_messages_only():
    decoder = Decoder(CaptureHealth("memory", "native"), 4)
    decoder.gap(GapReason.LIMIT, "somewhere")
    decoder.datagram(bytes.fromhex("0a0000010a00000213c413c5"), sip(), (3,), None)
    gap, found = decoder.out
    assert (found.number, found.capture, found.transport) == (1, 4, Transport.UDP)
    assert gap.source is None


def test_the_list_of_gaps_is_bounded_but_the_stream_tells_all(monkeypatch):
    monkeypatch.setattr(decode, "_MAX_GAPS", 3)
    health = CaptureHealth("memory", "native")
    decoder = Decoder(health, 0)
    for _ in range(6):
        decoder.gap(GapReason.TCP_HOLE, "somewhere")
    assert (len(health.gaps), len(decoder.out)) == (4, 6)
    assert health.gaps[3].reason is GapReason.LIMIT
    assert "limit: more than 3 gaps" in health.gaps[3].where


def test_more_encrypted_pairs_than_can_be_told_hide_any_link(monkeypatch):
    monkeypatch.setattr(decode, "_MAX_PAIRS", 3)
    decoder = Decoder(CaptureHealth("memory", "native"), 0)
    for number in range(9):
        decoder.sealed((ALICE, Endpoint(f"10.0.1.{number}", 1)), "TLS")
    assert len(decoder.out) == 4
    last = decoder.out[-1]
    assert last.where.startswith("limit: more than 3 pairs")
    assert (last.reason, last.source, last.lasts) == (GapReason.UNDECRYPTABLE, None, True)


@pytest.mark.parametrize(
    ("octets", "wanted"), [(sip(), True), (b"INVITE sip:a", True), (b"\0", False)]
)
def test_what_may_hold_sip(octets, wanted):
    assert may_hold_sip(octets) is wanted


@pytest.mark.parametrize("version", [b"\xfe\xff", b"\xfe\xfd"])
def test_dtls_is_said_once_with_what_would_help(version):
    record = b"\x16" + version + bytes(8) + b"\x00\x10" + bytes(16)
    frames = [udp_frames(ALICE, BOB, record, identification=n)[0] for n in range(1, 4)]
    frames += [udp_frames(BOB, ALICE, b"\x17" + record[1:], identification=9)[0]]
    (gap,) = read(pcap(frames))[0]
    assert gap.reason is GapReason.UNDECRYPTABLE
    assert gap.where == (
        "DTLS between 10.0.0.1 and 10.0.0.2 cannot be read without keys: "
        "give a key log (--keylog), or tap where it is decrypted"
    )


def test_what_follows_a_message_in_its_datagram_is_no_message():
    """RFC 3261 section 18.3: octets beyond the end of the body MUST be discarded."""
    (found,) = observations(pcap(udp(sip(1, b"body") + sip(2) + sip(3))))
    assert (found.message.call_id, found.message.body) == ("1", b"body")
    (found,) = observations(pcap(udp(sip(1) + b"junk")))
    assert found.message.body == b""


@pytest.mark.parametrize("words", [range(1, 11), [10], [1]])
def test_options_of_ipv4_and_of_tcp(words):
    """Any length of header, on the fast path and on the slow one."""
    frames, number = [], 0
    for count in words:
        number += 1
        frame = udp(sip(number), number)[0]
        head, rest = frame[14:34], frame[34:]
        total = (20 + 4 * count + len(rest)).to_bytes(2)
        options = bytes([1] * (4 * count - 1) + [0])
        frames.append(
            frame[:14] + bytes([0x45 + count]) + head[1:2] + total + head[4:] + options + rest
        )
        number += 1
        frame = tcp_segment(ALICE, Endpoint(BOB.host, 6_000 + number), sip(number), sequence=1)
        segment = frame[34:54]
        total = (len(frame) - 14 + 4 * count).to_bytes(2)
        offset = bytes([(5 + count) << 4])
        frames.append(
            frame[:16] + total + frame[18:34]
            + segment[:12] + offset + segment[13:] + options + frame[54:]
        )  # fmt: skip
    assert messages(pcap(frames)) == [sip(n) for n in range(1, number + 1)]


def ended(octets):
    return [(one.source, one.destination, one.frame, one.reset) for one in closings(octets)]


def test_who_closed_a_connection_with_messages_is_told():
    frames = conversation([(True, sip(1)), (False, msrp(2))])
    assert ended(pcap(frames)) == [(ALICE, BOB, 8, False), (BOB, ALICE, 9, False)]
    assert {one.time for one in closings(pcap(frames))} == {START + 7 * STEP, START + 8 * STEP}


def test_who_closes_it_may_not_have_said_anything():
    tcp = TcpConversation(ALICE, BOB)
    frames = [*tcp.open(), *tcp.send(True, msrp(1)), *tcp.close(False)]
    assert ended(pcap(frames)) == [(BOB, ALICE, 6, False), (ALICE, BOB, 7, False)]


def test_a_reset_is_told_as_one():
    tcp = TcpConversation(ALICE, BOB)
    frames = [*tcp.open(), *tcp.send(True, msrp(1)), *tcp.reset(False)]
    assert ended(pcap(frames)) == [(BOB, ALICE, 6, True)]


def test_of_a_connection_without_messages_nothing_is_told():
    tcp = TcpConversation(ALICE, BOB)
    frames = [*tcp.open(), *tcp.send(True, b"\x16\x03\x01" * 90), *tcp.close(True)]
    assert ended(pcap(frames)) == []
