import socket
import threading
import time
from io import BytesIO

import pytest

from conformance.capture.errors import CaptureError
from conformance.capture.native import NativeSource
from conformance.live import hep_server
from conformance.live.hep_server import HepServer, HepSource
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Observation, Shown
from conformance.sip.message import SipRequest, SipResponse
from tests.live.growing import capture
from tests.live.hep_packets import packet
from tests.waiting import PATIENCE, until


def messages(flow: str = "push-pager") -> list[Observation]:
    source = NativeSource(CaptureHealth("x", "native"), 0, lambda: BytesIO(capture(flow)))
    return [
        one
        for one in source
        if isinstance(one, Observation) and isinstance(one.message, SipRequest | SipResponse)
    ]


NOW = messages()[0].time


@pytest.fixture
def server():
    made = HepServer("127.0.0.1", 0, lambda: NOW)
    yield made
    made.close()


def heard(server: HepServer, enough: int) -> tuple[HepSource, list[Shown]]:
    """What the source gives until so many packets came, or patience ends."""
    over = threading.Event()
    deadline = time.monotonic() + PATIENCE

    def pause() -> None:
        if sum(one.packets for one in source.healths) >= enough or time.monotonic() > deadline:
            over.set()
        over.wait(0.01)

    source = HepSource("hep", server, pause, over.is_set)
    return source, list(source)


def send_udp(server: HepServer, packets: list[bytes]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for one in packets:
            probe.sendto(one, ("127.0.0.1", server.port))


def test_what_a_probe_sends_over_udp_is_seen_with_its_time_and_ends(server) -> None:
    sent = messages()
    send_udp(server, [packet(one) for one in sent])
    source, items = heard(server, len(sent))
    assert [one.message.octets for one in items] == [one.message.octets for one in sent]
    assert [one.time // 1_000 for one in items] == [one.time // 1_000 for one in sent]
    assert [one.source for one in items] == [one.source for one in sent]
    assert all(one.copied for one in items)
    assert source.health.sip_messages == len(sent)
    assert source.health.path == "hep (probe 1)"


def test_over_tcp_packets_may_come_in_any_pieces(server) -> None:
    sent = messages()
    octets = b"".join(packet(one) for one in sent)
    with socket.create_connection(("127.0.0.1", server.port)) as probe:
        for at in range(0, len(octets), 333):
            probe.sendall(octets[at : at + 333])
    _, items = heard(server, len(sent))
    assert [one.message.octets for one in items] == [one.message.octets for one in sent]


def test_each_probe_has_a_clock_of_its_own(server) -> None:
    first, second = messages()[:2]
    send_udp(server, [packet(first, probe=7), packet(second, probe=9), packet(first, probe=7)])
    source, items = heard(server, 3)
    assert [one.capture for one in items] == [0, 1, 0]
    assert [one.path for one in source.healths] == ["hep (probe 7)", "hep (probe 9)"]


def test_beyond_the_limit_probes_share_the_last_clock(server, monkeypatch) -> None:
    monkeypatch.setattr(hep_server, "_MAX_PROBES", 2)
    first = messages()[0]
    send_udp(server, [packet(first, probe=number) for number in range(5)])
    source, items = heard(server, 5)
    assert {one.capture for one in items} == {0, 1}
    assert len(source.healths) == 2


def test_a_clock_that_nobody_has_set_does_not_count(server) -> None:
    send_udp(server, [packet(messages()[0], time=0)])
    _, (item,) = heard(server, 1)
    assert item.time == NOW


def test_garbage_is_counted_told_of_once_and_no_message(server) -> None:
    send_udp(server, [b"", b"garbage", b"HEP3\xff\xff", packet(messages()[0])])
    source, (gap, seen) = heard(server, 4)
    assert isinstance(seen, Observation)
    assert isinstance(gap, Gap)
    assert gap.where == "a packet came that is no HEP"
    assert source.health.packets == 4
    assert [one.where for one in source.health.gaps] == [f"{gap.where}, and 2 more like it"]


def test_a_stream_that_is_no_hep_is_closed_and_told_of(server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as probe:
        probe.sendall(b"GET / HTTP/1.1\r\n\r\n")
        probe.settimeout(PATIENCE)
        assert probe.recv(1) == b""
    _, (gap,) = heard(server, 1)
    assert isinstance(gap, Gap)
    assert gap.where == "a packet came that is no HEP"


@pytest.mark.parametrize("size", [3, 20])
def test_a_packet_that_the_end_of_its_connection_cuts_is_told_of(server, size) -> None:
    whole = packet(messages()[0])
    with socket.create_connection(("127.0.0.1", server.port)) as probe:
        probe.sendall(whole + whole[:size])
    _, (seen, gap) = heard(server, 2)
    assert isinstance(seen, Observation)
    assert isinstance(gap, Gap)
    assert gap.where == "a packet came that is no HEP"


def test_too_many_connections_are_closed(server, monkeypatch) -> None:
    monkeypatch.setattr(hep_server, "_MAX_CONNECTIONS", 0)
    with socket.create_connection(("127.0.0.1", server.port)) as probe:
        probe.settimeout(PATIENCE)
        assert probe.recv(1) == b""


def test_what_does_not_fit_is_a_gap(server, monkeypatch) -> None:
    monkeypatch.setattr(hep_server, "_HELD", 1_000)
    sent = messages()
    send_udp(server, [packet(one) for one in sent])
    until(lambda: server.waiting + server.lost == len(sent))
    source, items = heard(server, 1)
    gaps = [one for one in items if isinstance(one, Gap)]
    assert source.lost == server.lost > 0
    assert [one.reason for one in gaps] == [GapReason.DROPPED]
    assert source.pending() == 0


def test_an_address_that_cannot_be_had_is_told(server) -> None:
    with pytest.raises(CaptureError, match="nothing can listen"):
        HepServer("127.0.0.1", server.port, lambda: NOW)


class Flood:
    """A server to which packets come faster than anybody reads, until it listens no more."""

    lost = 0

    def __init__(self) -> None:
        self.left: int | None = None

    def take(self) -> tuple[int, bytes] | None:
        if self.left is not None:
            self.left -= 1
        return (NOW, b"HEP3 no") if self.left is None or self.left > 0 else None

    def close(self) -> None:
        self.left = 1_000


def test_a_flood_does_not_put_off_the_end_of_a_watch() -> None:
    flood, beats = Flood(), []
    over = threading.Event()

    def meanwhile() -> None:
        beats.append(1)
        over.set()

    source = HepSource("hep", flood, lambda: None, over.is_set, meanwhile)
    assert [one.where for one in source] == ["a packet came that is no HEP"]
    assert beats
    assert flood.left == 0
