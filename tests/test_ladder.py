"""What may be done to a ladder, and that its file shows what its trace shows."""

from pathlib import Path
from shutil import which
from subprocess import run

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture.link import Link
from conformance.capture.source import open_capture
from conformance.observation.packet import Transport
from conformance.observation.trace import Observation
from tests.ladder import Ladder
from tests.scenarios import catalogue, chat, pull, push, push_pager
from tests.scenarios.parties import SECOND, Setting

BASES = [(flow, catalogue.ladder("VARIANTS", flow, "base")) for flow in catalogue.FLOWS]


def octets(ladder: Ladder) -> list[bytes]:
    return [shot.octets for shot in ladder.shots]


@given(st.data())
@settings(max_examples=60)
def test_dropping_keeps_the_others_in_their_order(data: st.DataObject) -> None:
    _, ladder = data.draw(st.sampled_from(BASES))
    gone = data.draw(st.sets(st.integers(0, len(ladder) - 1)))
    left = [shot for i, shot in enumerate(ladder.shots) if i not in gone]
    assert ladder.drop(*gone).shots == left
    assert ladder.without(lambda shot: shot not in left).shots == left
    assert ladder.only(lambda shot: shot in left).shots == left


@given(st.data())
@settings(max_examples=60)
def test_both_sides_of_a_cut_are_the_whole(data: st.DataObject) -> None:
    _, ladder = data.draw(st.sampled_from(BASES))
    place = data.draw(st.integers(0, len(ladder) - 1))
    behind, before = ladder.cut_behind(place), ladder.cut_before(place)
    assert behind.shots[-1] == before.shots[0] == ladder.shots[place]
    assert behind.shots[:-1] + before.shots == ladder.shots


@given(st.data())
@settings(max_examples=60)
def test_time_rises_whatever_is_done(data: st.DataObject) -> None:
    _, ladder = data.draw(st.sampled_from(BASES))
    one, two = (data.draw(st.integers(0, len(ladder) - 1)) for _ in range(2))
    later = ladder.shift(data.draw(st.integers(0, 10**12)))
    early, late = sorted((one, two))
    for changed in (
        ladder.swap(one, two),
        ladder.move(one, two),
        ladder.hasten(late, early),
        ladder.duplicate(one, 30_000),
        ladder.interleave(later),
        ladder.delay(lambda shot: shot.sender == "core", 7 * SECOND),
    ):
        times = [shot.time for shot in changed.shots]
        assert times == sorted(times)
    assert ladder.swap(one, two).swap(one, two).shots == ladder.shots


def test_a_change_leaves_the_first_ladder_alone() -> None:
    ladder = push_pager.build()
    before = octets(ladder)
    ladder.drop(0).replace(0, b"x").shift(5)
    assert octets(ladder) == before


def test_moving_makes_the_shot_the_neighbour_of_its_new_place() -> None:
    ladder = push_pager.build()
    moved = ladder.move(ladder.find("5"), ladder.find("4"))
    assert moved.find("5") == ladder.find("4")
    hastened = ladder.hasten(ladder.find("5"), ladder.find("4"))
    gap = hastened.shots[hastened.find("4")].time - hastened.shots[hastened.find("5")].time
    assert gap == SECOND // 5


def test_a_tap_sees_its_links_its_directions_or_its_port() -> None:
    ladder = push.build()
    access = frozenset(("10.0.2.20", "10.0.1.1"))
    assert ladder.only_links({access}).hosts() == {access}
    one_way = ladder.only_direction({("10.0.3.1", "10.0.1.1")})
    assert {shot.sender for shot in one_way.shots} == {"pf"}
    assert not any(shot.is_msrp for shot in ladder.only_port(5060).shots)


def test_interleaving_keeps_both_and_knows_all_roles() -> None:
    one, two = push_pager.build(), pull.build(Setting(seed=9, ipv6=True))
    both = one.interleave(two)
    assert sorted(octets(both)) == sorted(octets(one) + octets(two))
    assert both.roles["pf"] == ["10.0.3.1", "2001:db8:3::1"]


def test_the_ladder_as_text_has_a_line_a_shot() -> None:
    ladder = push_pager.build()
    lines = ladder.show().splitlines()
    assert len(lines) == 1 + len(ladder)
    assert "pf -> core" in lines[1 + ladder.find("2")]
    assert "MESSAGE sip:+15550100@home-a.example" in lines[1 + ladder.find("2")]


def test_a_trace_counts_frames_and_messages() -> None:
    ladder = chat.build()
    trace = ladder.trace()
    numbers = [item.number for item in trace.items if isinstance(item, Observation)]
    assert numbers == list(range(1, len(ladder) + 1))
    assert trace.health.sip_messages + trace.health.msrp_messages == len(ladder)
    assert trace.health.msrp_messages == sum(shot.is_msrp for shot in ladder.shots)
    assert trace.health.first_time == ladder.shots[0].time
    assert trace.health.malformed == 0


def test_a_fragmented_message_has_a_frame_for_each_fragment() -> None:
    trace = push.VARIANTS["fragmented"]().trace()
    counts = [len(item.frames) for item in trace.items if isinstance(item, Observation)]
    assert max(counts) > 1
    assert trace.health.packets == sum(counts)


def test_a_mirrored_packet_has_the_mark_of_the_first() -> None:
    trace = push.VARIANTS["mirrored"]().trace()
    items = [item for item in trace.items if isinstance(item, Observation)]
    for one, two in zip(items[::2], items[1::2], strict=True):
        assert (one.mirror, one.message) == (two.mirror, two.message)


def test_tcp_marks_rise_by_the_octets_sent() -> None:
    ladder = push_pager.build(Setting(transport=Transport.TCP))
    sequences = ladder.sequences()
    for index, shot in enumerate(ladder.shots):
        way = (shot.source, shot.destination)
        earlier = [s for s in ladder.shots[:index] if (s.source, s.destination) == way]
        assert sequences[index] == 1 + sum(len(s.octets) for s in earlier)


def seen(item: Observation) -> tuple[object, ...]:
    ends = (item.source, item.destination, item.transport)
    octets = item.message.octets
    return (item.time, *ends, octets)


@pytest.mark.parametrize("name", ["base", "tcp", "ipv6", "fragmented", "fragmented-ipv6"])
@pytest.mark.parametrize("flow", catalogue.FLOWS)
def test_a_file_shows_what_the_trace_shows(flow: str, name: str, tmp_path: Path) -> None:
    ladder = catalogue.ladder("VARIANTS", flow, name)
    file = tmp_path / "ladder.pcapng"
    ladder.write_pcapng(file)
    read = [item for item in open_capture(str(file)) if isinstance(item, Observation)]
    made = [item for item in ladder.trace() if isinstance(item, Observation)]
    assert [seen(item) for item in read] == [seen(item) for item in made]
    assert [len(i.frames) for i in read if i.transport is Transport.UDP] == [
        len(i.frames) for i in made if i.transport is Transport.UDP
    ]


@pytest.mark.parametrize(
    "options", [{}, {"vlan": 7}, {"link": Link.LINUX_SLL}, {"link": Link.RAW}]
)
def test_every_link_layer_carries_the_same(options: dict[str, object], tmp_path: Path) -> None:
    ladder = push.build()
    file = tmp_path / "ladder.pcap"
    ladder.write_pcap(file, **options)  # type: ignore[arg-type]
    read = [item for item in open_capture(str(file)) if isinstance(item, Observation)]
    assert [item.message.octets for item in read] == octets(ladder)


def test_a_file_that_begins_in_the_middle_has_no_handshake(tmp_path: Path) -> None:
    ladder = push.build()
    file = tmp_path / "late.pcapng"
    late = ladder.cut_before(ladder.find("6"))
    late.write_pcapng(file)
    read = [item for item in open_capture(str(file)) if isinstance(item, Observation)]
    assert [item.message.octets for item in read] == octets(late)


@pytest.mark.tshark
@pytest.mark.skipif(which("tshark") is None, reason="tshark is not installed")
def test_wireshark_reads_as_many_messages(tmp_path: Path) -> None:
    ladder = push.build()
    file = tmp_path / "ladder.pcapng"
    ladder.write_pcapng(file)
    command = [
        "tshark",
        "-r",
        str(file),
        "-Y",
        "sip or msrp",
        "-T",
        "fields",
        "-e",
        "frame.number",
    ]
    found = run(command, capture_output=True, text=True, check=True)
    assert len(found.stdout.split()) == len(ladder)
