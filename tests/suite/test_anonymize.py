import re
import zlib
from functools import partial
from ipaddress import ip_address
from operator import itemgetter
from pathlib import Path
from random import Random
from struct import pack

import pytest

from conformance.capture.link import Link
from conformance.capture.packets import (
    TcpConversation,
    checksum,
    fragment,
    ip_packet,
    link_frame,
    tcp_segment,
    udp_frames,
)
from conformance.capture.source import open_capture
from conformance.capture.writer import PcapWriter
from conformance.observation.packet import Endpoint
from conformance.observation.trace import Observation
from conformance.report.spool import Spool
from conformance.suite.anonymize import anonymize, differences
from conformance.suite.campaign import Stamp, run
from conformance.suite.disguised_sctp import crc32c
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.redact import Redaction
from conformance.suite.repackage import unpack
from conformance.suite.setting import Setting
from conformance.verifier.verdict import Verdict
from conformance.wire import limits
from tests.capture.tunnelled import (
    OUTER,
    TUNNELS,
    esp,
    esp_in_udp,
    gre,
    gtp,
    outer_udp,
    packets,
    sctp_packet,
    shuffled_a_little,
    upgrade,
    websocket_frame,
)
from tests.laws.samples import is_full, label, named, spread
from tests.scenarios import catalogue
from tests.sip.samples import MESSAGE
from tests.verifying import role_rules

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "captures"
CAPTURES = sorted(SHARED.glob("*.pcap*")) if SHARED.is_dir() else []
REDACTION = Redaction(Pseudonyms(bytes(range(32))))
A, B = Endpoint("10.0.1.10", 5060), Endpoint("10.0.2.20", 5061)


def judged(path, spool, rules=()):
    return run([str(path)], Setting(roles=tuple(rules), everything=True), spool, Stamp(""))


def alike(path, tmp_path, rules=()):
    made = anonymize(str(path), path.read_bytes(), REDACTION)
    other = tmp_path / f"other{path.suffix}"
    other.write_bytes(made.octets)
    with Spool() as one, Spool() as two:
        before = judged(path, one, rules)
        after = judged(other, two, REDACTION.rules(tuple(rules)))
        assert list(differences(before, after)) == []
        assert before.verdict is after.verdict
    return made


def frames_of(path, frames, link=Link.ETHERNET):
    with path.open("wb") as file:
        writer = PcapWriter(file, link=link)
        for number, frame in enumerate(frames):
            writer.write(number * 1_000_000, frame)
    return path


CHOSEN = list(spread(named("VARIANTS", "BREAKS", "INCONCLUSIVE"), 25, "anonymize"))


@pytest.mark.parametrize("which", CHOSEN, ids=label)
def test_ladders_are_judged_alike(which, tmp_path):
    ladder = catalogue.ladder(*which)
    path = tmp_path / "c.pcapng"
    ladder.write_pcapng(path)
    made = alike(path, tmp_path, role_rules(ladder))
    assert made.messages
    for gone in (b"home-a.example", b"home-b.example", b"15550100", b"15550142"):
        assert gone not in made.octets


@pytest.mark.skipif(not CAPTURES, reason="the captures of others are not here")
@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_real_captures_are_judged_alike(path, tmp_path):
    made = alike(path, tmp_path)
    assert made.messages
    hidden = identities(path)
    assert not [word for word in hidden if word in made.octets]


def identities(path):
    """Words of users and identifiers, long enough to be found by chance nowhere else."""
    found = set()
    for item in open_capture(str(path), reader="native"):
        message = getattr(item, "message", None)
        for name in ("From", "To", "Call-ID", "P-Asserted-Identity"):
            value = message.header(name) if hasattr(message, "header") else None
            found.update(re.findall(rb"[A-Za-z0-9]{7,}", (value or "").encode()))
    return found - {b"transport", b"anonymous", b"expires", b"rinstance"}


@pytest.mark.parametrize(
    "link", [Link.ETHERNET, Link.RAW, Link.LINUX_SLL, Link.LINUX_SLL2, Link.NULL]
)
def test_links(link, tmp_path):
    frames = udp_frames(A, B, MESSAGE, identification=7, link=link)
    path = frames_of(tmp_path / "c.pcap", frames, link)
    made = alike(path, tmp_path)
    (item,) = list(open_capture(str(tmp_path / "other.pcap")))
    assert item.source == REDACTION.pseudonyms.endpoint(A)
    assert item.message.octets == REDACTION.disguised.sip(MESSAGE)
    # Checksums are true: the sum over the packet with its checksum in place is right.
    if link is Link.RAW:
        expected = udp_frames(
            item.source, item.destination, item.message.octets, identification=7, link=link
        )
        assert made.octets.endswith(expected[0])


@pytest.mark.parametrize("host", ["10.0.1.10", "2001:db8::9"])
def test_fragments_in_any_order(host, tmp_path):
    one, other = Endpoint(host, 5060), Endpoint(host[:-1] + "1", 5060)
    parts = udp_frames(one, other, MESSAGE, identification=7, mtu=200)
    path = frames_of(tmp_path / "c.pcap", [*reversed(parts), parts[0]])
    made = alike(path, tmp_path)
    assert made.messages == 1
    assert b"34600000002" not in made.octets
    lost = frames_of(tmp_path / "c.pcap", [parts[0], *parts[2:]])
    assert b"34600000002" not in alike(lost, tmp_path).octets
    assert anonymize("c", frames_of(path, parts[1:]).read_bytes(), REDACTION).emptied


def test_tunnels_of_ip_in_ip(tmp_path):
    inner = udp_frames(A, B, MESSAGE, identification=7, link=Link.RAW)[0]
    outer = ip_packet("192.0.2.1", "192.0.2.9", 4, inner, 9)
    path = frames_of(tmp_path / "c.pcap", [link_frame(outer)])
    made = alike(path, tmp_path)
    assert bytes([192, 0, 2, 9]) not in made.octets
    assert made.messages == 1


@pytest.mark.parametrize("tunnel", [*TUNNELS, esp, esp_in_udp], ids=lambda one: one.__name__)
def test_tunnels(tunnel, tmp_path):
    inner = packets(MESSAGE, 7)[0]
    path = frames_of(tmp_path / "c.pcap", [tunnel(inner)])
    made = alike(path, tmp_path)
    assert (made.messages, made.emptied) == (1, 0)
    (before,) = list(open_capture(str(path), reader="native"))
    (item,) = list(open_capture(str(tmp_path / "other.pcap"), reader="native"))
    assert item.message.octets == REDACTION.disguised.sip(MESSAGE)
    assert item.source == REDACTION.pseudonyms.endpoint(before.source)
    assert made.octets.count(b"3460000000") == 0
    # Checksums are true, of the datagram inside too.
    inside = packets(item.message.octets, 7, source=item.source, destination=item.destination)[0]
    assert inside[20:28] in made.octets


def test_what_lies_too_deep_or_is_encrypted_is_emptied(tmp_path):
    deep = packets(MESSAGE, 7)[0]
    for _ in range(limits.MAX_TUNNELS + 1):
        deep = gre(deep)[14:]
    sealed = link_frame(ip_packet(A.host, B.host, 50, b"\0\0\0\1\0\0\0\1alice, sealed" * 2, 3))
    path = frames_of(tmp_path / "c.pcap", [link_frame(deep), sealed])
    made = alike(path, tmp_path)
    assert made.emptied == 2
    assert b"alice" not in made.octets
    assert b"3460000000" not in made.octets


OURS = sorted((Path(__file__).resolve().parents[2] / "captures").rglob("*.pcapng"))
LONG = [path for path in OURS if "long-text" in path.name]


@pytest.mark.parametrize("path", [*spread(OURS, 12, "ours"), *LONG], ids=lambda path: path.name)
def test_our_captures_are_judged_alike(path, tmp_path):
    assert alike(path, tmp_path).messages


def test_what_is_no_message_is_emptied(tmp_path):
    rtp = udp_frames(A, B, b"\x80voice of alice", identification=1)[0]
    arp = b"\xff" * 6 + b"\x02\0\0\0\0\1" + b"\x08\x06" + b"who has alice"
    icmp = link_frame(ip_packet(A.host, B.host, 1, b"alice is not here", 3))
    other = tcp_segment(A, B, b"GET /alice", sequence=1)
    path = frames_of(tmp_path / "c.pcap", [rtp, arp, icmp, other])
    made = alike(path, tmp_path)
    assert b"alice" not in made.octets
    assert len(made.octets) == len(path.read_bytes())
    assert made.emptied == 2
    foreign = frames_of(tmp_path / "d.pcap", [b"alice" * 9], 147)
    assert b"alice" not in anonymize("d", foreign.read_bytes(), REDACTION).octets


def test_a_payload_cut_by_the_snap_length(tmp_path):
    frame = udp_frames(A, B, MESSAGE, identification=7)[0]
    path = tmp_path / "c.pcap"
    with path.open("wb") as file:
        writer = PcapWriter(file, link=Link.ETHERNET)
        writer.write(1, frame[:200], original_length=len(frame))
    assert b"34600000002" not in alike(path, tmp_path).octets


def by_hep(ladder, *, over_tcp=False):
    """The messages of a ladder as a probe copies them."""
    tcp = TcpConversation(Endpoint(OUTER[0], 40_000), Endpoint(OUTER[1], 9_060))
    for shot in ladder.shots:
        ends = [
            chunk
            for kind, end in ((3, shot.source), (4, shot.destination))
            for chunk in ((kind, ip_address(end.host).packed), (kind + 4, pack("!H", end.port)))
        ]
        fields = [(1, b"\2"), (2, b"\x11"), *ends, (11, b"\1"), (14, b"secret"), (15, shot.octets)]
        chunks = b"".join(pack("!HHH", 0, kind, 6 + len(one)) + one for kind, one in fields)
        packet = b"HEP3" + pack("!H", 6 + len(chunks)) + chunks
        frames = tcp.send(True, packet, mss=400) if over_tcp else [outer_udp(packet, 9_060)]
        yield from ((shot.time, frame) for frame in frames)


def by_sctp(ladder):
    """The messages of a ladder over SCTP, each in two chunks."""
    for number, shot in enumerate(ladder.shots):
        octets = shot.octets
        parts = [(2, 2 * number, octets[:200]), (1, 2 * number + 1, octets[200:])]
        for part in parts:
            packet = sctp_packet([part], ports=(shot.source.port, shot.destination.port))
            head = ip_packet(shot.source.host, shot.destination.host, 132, packet[20:], 5)
            yield shot.time, link_frame(head)


def by_websocket(ladder):
    """The messages of a ladder in connections that were upgraded, masked one way."""
    open_ones = {}
    for shot in ladder.shots:
        ends = frozenset((shot.source, shot.destination))
        if ends not in open_ones:
            tcp = TcpConversation(shot.source, shot.destination, seed=len(open_ones) + 1)
            open_ones[ends] = tcp, shot.source
            hello, welcome = upgrade()
            for frame in tcp.open() + tcp.send(True, hello) + tcp.send(False, welcome):
                yield shot.time - 1_000, frame
        tcp, client = open_ones[ends]
        is_client = shot.source == client
        octets = websocket_frame(shot.octets, mask=b"mask" if is_client else b"")
        yield from ((shot.time, frame) for frame in tcp.send(is_client, octets, mss=300))


def in_fragments_of_a_tunnel(ladder):
    """The datagrams of a ladder in a tunnel whose own packets came in fragments."""
    for number, shot in enumerate(ladder.shots, 1):
        (inner,) = packets(shot.octets, number, source=shot.source, destination=shot.destination)
        outer = gtp(inner)[14:]
        whole = outer[:4] + pack("!H", number) + outer[6:]
        for part in reversed(fragment(whole, 420, identification=number)):
            yield shot.time, link_frame(part)


def in_fragments_of_segments(ladder):
    """A ladder over TCP, each segment in fragments."""
    open_ones = {}
    for shot in ladder.shots:
        key = shot.source, shot.destination
        if key not in open_ones:
            tcp = open_ones[key] = TcpConversation(*key, seed=len(open_ones) + 1, link=Link.RAW)
            yield from ((shot.time - 1_000, link_frame(packet)) for packet in tcp.open())
        for packet in open_ones[key].send(True, shot.octets):
            for part in fragment(packet, 420):
                yield shot.time, link_frame(part)


CARRIERS = [
    by_hep,
    partial(by_hep, over_tcp=True),
    by_sctp,
    by_websocket,
    in_fragments_of_a_tunnel,
    in_fragments_of_segments,
]


@pytest.mark.parametrize("carry", CARRIERS)
def test_a_ladder_by_other_carriers(carry, tmp_path):
    ladder = catalogue.ladder("VARIANTS", "push-pager", "base")
    path = tmp_path / "c.pcap"
    with path.open("wb") as file:
        writer = PcapWriter(file, link=Link.ETHERNET)
        for time, frame in sorted(carry(ladder), key=itemgetter(0)):
            writer.write(time, frame)
    with Spool() as spool:
        assert judged(path, spool, role_rules(ladder)).verdict is Verdict.PASS
    made = alike(path, tmp_path, role_rules(ladder))
    assert (made.messages, made.emptied) == (len(ladder), 0)
    for gone in (b"home-a.example", b"home-b.example", b"15550100", b"15550142", b"secret"):
        assert gone not in made.octets
    found = messages_of(tmp_path / "other.pcap")
    assert found == [REDACTION.disguised.sip(octets) for octets in messages_of(path)]


@pytest.mark.parametrize("seed", range(2 if not is_full() else 60))
@pytest.mark.parametrize("carry", CARRIERS)
def test_other_carriers_with_losses(carry, seed, tmp_path):
    random = Random(seed)
    ladder = catalogue.ladder("VARIANTS", random.choice(["pull", "push-pager"]), "base")
    frames = [frame for _, frame in sorted(carry(ladder), key=itemgetter(0))]
    begin = random.choice([0, 0, random.randrange(len(frames))])
    kept = [frame for frame in frames[begin:] if random.random() < 0.9]
    path = frames_of(tmp_path / "c.pcap", shuffled_a_little(random, kept))
    octets = alike(path, tmp_path).octets
    for gone in (b"home-a.example", b"home-b.example", b"15550100", b"15550142", b"secret"):
        assert gone not in octets
    assert len(messages_of(tmp_path / "other.pcap")) == len(messages_of(path))


def messages_of(path):
    return [
        item.message.octets
        for item in open_capture(str(path), reader="native")
        if isinstance(item, Observation)
    ]


def test_checksums_of_fragments_and_of_sctp_are_true(tmp_path):
    (inner,) = packets(MESSAGE, 7)
    outer = gtp(inner)[14:]
    parts = [link_frame(part) for part in fragment(outer, 420, identification=9)]
    octets = bytearray(sctp_packet([(3, 1, MESSAGE)]))
    octets[28:32] = b"true"
    path = frames_of(tmp_path / "c.pcap", [*parts, link_frame(bytes(octets))])
    alike(path, tmp_path)
    first, second = messages_of(tmp_path / "other.pcap")
    assert first == second == REDACTION.disguised.sip(MESSAGE)
    made = (tmp_path / "other.pcap").read_bytes()
    *frames, last = unpack("c", made).frames
    whole = b"".join(made[one.start + 34 : one.stop] for one in frames)
    addresses = made[frames[0].start + 26 : frames[0].start + 34]
    assert checksum(addresses + pack("!HH", 17, len(whole)) + whole) == 0
    packet = bytearray(made[last.start + 34 : last.stop])
    found, packet[8:12] = bytes(packet[8:12]), bytes(4)
    assert found == crc32c(bytes(packet)).to_bytes(4, "little")


def test_compressed_messages_of_a_websocket_are_emptied(tmp_path):
    tcp, (hello, welcome) = TcpConversation(A, B), upgrade()
    deflate = zlib.compressobj(wbits=-15)
    packed = (deflate.compress(MESSAGE) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    frames = tcp.open() + tcp.send(True, hello) + tcp.send(False, welcome)
    frames += tcp.send(True, websocket_frame(packed, reserved=0x40, mask=b"mask"))
    path = frames_of(tmp_path / "c.pcap", frames)
    assert messages_of(path) == [MESSAGE]
    made = anonymize(str(path), path.read_bytes(), REDACTION)
    assert (made.messages, made.emptied) == (0, 1)
    path.write_bytes(made.octets)
    assert messages_of(path) == []


def test_differences_are_told(tmp_path):
    ladder = catalogue.ladder(*named("VARIANTS")[0])
    ladder.write_pcapng(tmp_path / "a.pcapng")
    ladder.drop(len(ladder) - 1).write_pcapng(tmp_path / "b.pcapng")
    with Spool() as one, Spool() as two:
        first, second = judged(tmp_path / "a.pcapng", one), judged(tmp_path / "b.pcapng", two)
        assert any("messages" in sentence for sentence in differences(first, second))


def test_fragments_have_their_checksum(tmp_path):
    packet = udp_frames(A, B, MESSAGE, identification=7, link=Link.RAW)[0]
    parts = [link_frame(part) for part in fragment(packet, 300)]
    made = alike(frames_of(tmp_path / "c.pcap", parts), tmp_path)
    assert isinstance(next(iter(open_capture(str(tmp_path / "other.pcap")))), Observation)
    assert made.messages == 1
