"""What passed on a simulated network, as a file and as a trace."""

import shutil
import subprocess
from dataclasses import replace
from io import BytesIO

import pytest

from conformance.capture.source import open_capture
from conformance.observation.trace import GapReason, Observation
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import STILL, Conditions, Passed
from conformance.reference.network.tap import EVERYWHERE, Tap, link
from conformance.sip.message import SipRequest
from conformance.sip.writer import write_request
from conformance.suite.recording import frames, interleave, trace, write
from tests.reference.stations import BEGIN, ONE, OTHER, ROUGH, Talker, pair

V6 = ("2001:db8:2::20", "2001:db8:3::20")


def request(body: bytes) -> bytes:
    fields = [
        ("Via", "SIP/2.0/UDP h:5060;branch=z9hG4bKx"),
        ("From", "<sip:a@example.org>;tag=a"),
        ("To", "<sip:b@example.org>"),
        ("Call-ID", f"of-{len(body)}"),
        ("CSeq", "1 MESSAGE"),
        ("Max-Forwards", "70"),
        ("Content-Type", "text/plain"),
    ]
    return write_request("MESSAGE", "sip:b@example.org", fields, body)


SMALL = request(b"hello")
LARGE = request(b"x" * 5_000 + b"bye")
"""Requests that fit into one packet and into several."""


def recorded(
    conditions: Conditions = STILL, seed: str = "1", hosts: tuple[str, str] = (ONE, OTHER)
) -> list[Passed]:
    """A small and a large request over UDP, then both over TCP, answered by the same."""
    simulation, one, other = pair(conditions, seed, hosts)
    one.replies = {b"hello": LARGE}
    other.replies = {b"hello": SMALL, b"bye": LARGE}
    other.closes_on = b"bye"
    for number, octets in enumerate((SMALL, LARGE)):
        simulation.after(number * SECOND, lambda octets=octets: one.say(other, octets))
    simulation.after(3 * SECOND, lambda: one.call(other, SMALL))
    simulation.run()
    return simulation.passed


def written(recording: list[Passed], tap: Tap = EVERYWHERE, **options) -> bytes:
    file = BytesIO()
    write(file, recording, tap, **options)
    return file.getvalue()


def seen(recording: list[Passed], tap: Tap = EVERYWHERE) -> list[tuple[str, int]]:
    return [
        (item.source.host, len(item.message.octets))
        for item in trace(recording, tap)
        if isinstance(item, Observation)
    ]


@pytest.mark.parametrize("hosts", [(ONE, OTHER), V6])
def test_every_message_is_seen_whole(hosts):
    # when
    found = trace(recorded(hosts=hosts))
    # then
    messages = [item for item in found if isinstance(item, Observation)]
    assert [m.message.octets for m in messages] == [SMALL, LARGE, SMALL, SMALL, LARGE, LARGE]
    assert all(isinstance(m.message, SipRequest) for m in messages)
    assert found.health.gaps == []
    assert found.health.interfaces == ["simulation:1"]


@pytest.mark.parametrize("conditions", [STILL, ROUGH])
@pytest.mark.parametrize("hosts", [(ONE, OTHER), V6])
def test_a_trace_is_what_a_reader_makes_of_the_file(tmp_path, conditions, hosts):
    # given
    recording = recorded(conditions, "4", hosts)
    path = tmp_path / "file.pcapng"
    path.write_bytes(written(recording))
    # when
    read = open_capture(str(path), reader="native")
    # then
    ours, theirs = list(trace(recording)), list(read)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert outline(one) == outline(other)
    assert trace(recording).health.sha256 == read.health.sha256


def outline(item):
    if isinstance(item, Observation):
        return (*(getattr(item, name) for name in _NAMES), item.message.octets)
    return item


_NAMES = (
    "number",
    "capture",
    "time",
    "transport",
    "source",
    "destination",
    "frames",
    "mirror",
)


def test_the_same_seed_gives_the_same_file_and_another_another():
    assert written(recorded(ROUGH, "5")) == written(recorded(ROUGH, "5"))
    assert written(recorded(ROUGH, "5")) != written(recorded(ROUGH, "6"))


def test_identifications_count_on_for_each_host():
    # when
    numbers = [p.identification for p in recorded() if p.sender == "one"]
    # then
    distinct = list(dict.fromkeys(numbers))
    assert distinct == [(distinct[0] + n - 1) % 65_535 + 1 for n in range(len(distinct))]
    assert len(numbers) > len(distinct)


def test_every_host_has_its_own_hardware_address():
    # when
    ends = {}
    for frame in frames(recorded(hosts=V6)):
        packet = frame.passed.packet
        ends.setdefault(packet.source.host, set()).add(frame.octets[6:12])
        ends.setdefault(packet.destination.host, set()).add(frame.octets[:6])
    # then
    assert all(len(addresses) == 1 for addresses in ends.values())
    assert len(set.union(*ends.values())) == 2


def test_a_tap_hears_links_by_host_or_by_party():
    # given
    recording = recorded()
    # then
    assert len(seen(recording, Tap(links=link("one", "other")))) == 6
    assert len(seen(recording, Tap(links=link(OTHER, ONE) | link("x", "y")))) == 6
    assert seen(recording, Tap(links=link("one", "third"))) == []


def test_a_tap_may_hear_one_direction_only():
    # when
    found = seen(recorded(), Tap(ways=frozenset({("one", "other")})))
    # then
    assert {host for host, _ in found} == {ONE}
    assert len(found) == 4


def test_a_capture_may_begin_late_and_end_early():
    # given
    recording = recorded()
    # then
    late = Tap(begin=BEGIN + SECOND // 2)
    early = Tap(end=BEGIN + SECOND // 2)
    assert len(seen(recording, late)) == 5
    assert len(seen(recording, early)) == 1
    assert seen(recording, replace(late, end=BEGIN + 2 * SECOND)) == [(ONE, len(LARGE))]


def test_a_snap_length_cuts_frames_and_keeps_their_length():
    # when
    found = list(trace(recorded(), Tap(snaplen=100)))
    # then
    assert not any(isinstance(item, Observation) for item in found)
    assert any(item.reason is GapReason.SNAPLEN for item in found)


def test_recordings_are_interleaved_by_time():
    # given
    first, second = recorded(), recorded(hosts=("10.0.9.1", "10.0.9.2"))
    # when
    both = interleave(first, second)
    # then
    assert [p.time for p in both] == sorted(p.time for p in first + second)
    assert len(seen(both)) == 12


def test_the_frame_that_completes_a_message_is_commented():
    # given
    asked = []

    def label(message: Observation) -> str:
        asked.append(message)
        return f"step {len(asked)}"

    # when
    octets = written(recorded(), Tap(ways=frozenset({("other", "one")})), label=label)
    # then
    assert len(asked) == 6
    assert b"step 1" not in octets
    assert b"step 4" in octets
    assert b"step 6" in octets


def test_what_has_no_label_has_no_comment():
    assert written(recorded(), label=lambda _: "") == written(recorded())


def test_the_capture_itself_may_be_commented():
    assert b"seed 1" in written(recorded(), comment="seed 1")


def expert(tmp_path, recording: list[Passed], level: str) -> str:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    path = tmp_path / "file.pcapng"
    path.write_bytes(written(recording))
    command = ["tshark", "-r", str(path), "-q", "-z", f"expert,{level}"]
    for what in ("ip", "tcp", "udp"):
        command += ["-o", f"{what}.check_checksum:TRUE"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.tshark
@pytest.mark.parametrize("hosts", [(ONE, OTHER), V6])
def test_wireshark_notes_nothing_where_nothing_is_lost(tmp_path, hosts):
    # given
    conditions = Conditions(low=MILLISECOND, high=30 * MILLISECOND)
    # then
    found = expert(tmp_path, recorded(conditions, hosts=hosts), "note")
    notes = [line for line in found.splitlines() if "Sequence" in line]
    assert len(notes) == 2
    assert all("connection closing" in line for line in notes)
    assert "Warn" not in found


@pytest.mark.tshark
def test_wireshark_finds_nothing_malformed_where_packets_are_lost(tmp_path):
    # when
    found = expert(tmp_path, recorded(ROUGH, "4"), "warn")
    # then
    assert "Errors" not in found
    assert "Malformed" not in found
    assert "Checksum" not in found


def test_a_long_stream_is_a_true_one(tmp_path):
    # given
    simulation, one, other = pair(ROUGH, "2")
    simulation.after(0, lambda: one.call(other, *[LARGE] * 30, close=True))
    # when
    simulation.run()
    # then
    found = seen(simulation.passed)
    assert len(found) + len(trace(simulation.passed).health.gaps) > 25
    assert isinstance(other, Talker)
    assert other.all_heard == LARGE * 30


def test_a_mirror_shows_every_frame_twice_in_the_order_of_time():
    # given
    recording = recorded()
    plain, mirrored = BytesIO(), BytesIO()
    # when
    write(plain, recording)
    write(mirrored, recording, Tap(mirrored=40_000))
    # then
    assert len(mirrored.getvalue()) > 1.9 * len(plain.getvalue())
    found = trace(recording, Tap(mirrored=40_000))
    assert found.health.malformed == 0
    times = [item.time for item in found if isinstance(item, Observation)]
    assert times == sorted(times)


def test_a_filter_shows_one_port():
    recording = recorded()
    assert seen(recording, Tap(ports=frozenset({5060}))) == seen(recording)
    assert seen(recording, Tap(ports=frozenset({2855}))) == []
