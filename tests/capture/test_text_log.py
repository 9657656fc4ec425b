from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.capture import text_log
from conformance.capture.source import CaptureError, expand, open_capture
from conformance.capture.text_log import TextLogSource, is_text_log
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import CaptureHealth, GapReason, Observation
from tests.capture.scenes import sip

SECOND = 1_000_000_000


def dumped(payload, seconds=1_700_000_000, proto="udp ipv4", source="10.0.0.1"):
    return (
        f"{'=' * 20}\ntag: rcv\npid: 7\nprocess: 1\ntime: {seconds}.000250\n"
        f"date: Tue Nov 14 22:13:20 2023\nproto: {proto}\nsrcip: {source}\nsrcport: 5060\n"
        f"dstip: 10.0.0.2\ndstport: 5080\n{'~' * 20}\n"
    ).encode() + (payload + b"|" * 20 + b"\n")


def exported(payload, time="22:13:20.000250", ends="10.0.0.1:5060 -> 10.0.0.2:5080"):
    return f"2023/11/14 {time} {ends}\n".encode() + payload + b"\n\n"


def read(octets):
    source = TextLogSource(CaptureHealth("log", "native"), 4, lambda: BytesIO(octets))
    return list(source), source.health


@pytest.mark.parametrize("form", [dumped, exported])
def test_a_message_with_its_endpoints_and_time(form):
    items, health = read(form(sip(1, b"x\r\n\r\n")) + form(sip(2)))
    assert [one.message.octets for one in items] == [sip(1, b"x\r\n\r\n"), sip(2)]
    first = items[0]
    assert (first.source, first.destination) == (
        Endpoint("10.0.0.1", 5_060),
        Endpoint("10.0.0.2", 5_080),
    )
    assert first.time == 1_700_000_000 * SECOND + 250_000
    assert (first.capture, first.frames, first.number) == (4, (1,), 1)
    assert (health.packets, health.sip_messages, health.gaps) == (2, 2, [])
    assert (health.first_time, health.last_time) == (first.time, first.time)


def test_messages_are_put_in_order():
    octets = exported(sip(1), "22:13:22.000000") + exported(sip(2), "22:13:21.000000")
    items, _ = read(octets)
    assert [one.message.octets for one in items] == [sip(2), sip(1)]
    assert [one.frames for one in items] == [(2,), (1,)]


def test_transports():
    items, _ = read(dumped(sip(1), proto="wss ipv4") + dumped(sip(2), proto="tls ipv6"))
    assert [one.transport for one in items] == [Transport.WS, Transport.TLS]
    items, _ = read(exported(sip(1)) + exported(sip(2), "22:13:21.000000 UDP"))
    assert [one.transport for one in items] == [Transport.TCP, Transport.UDP]


def test_ipv6_and_names_of_hosts():
    items, _ = read(exported(sip(1), ends="2001:DB8::1:5060 -> core.example:5080"))
    assert items[0].source == Endpoint("2001:db8::1", 5_060)
    assert items[0].destination == Endpoint("core.example", 5_080)
    items, _ = read(dumped(sip(1), source="2001:db8:0::1"))
    assert items[0].source.host == "2001:db8::1"


def test_lost_carriage_returns_are_given_back():
    items, _ = read(exported(sip(1, b"a\r\nb").replace(b"\r\n", b"\n")))
    assert items[0].message.octets == sip(1, b"a\r\nb")


def test_damaged_entries_are_gaps():
    octets = dumped(sip(1)) + dumped(sip(2)).replace(b"time:", b"tine:") + dumped(sip(3))[:-15]
    items, health = read(octets)
    assert [type(one) is Observation for one in items] == [True, False, False]
    assert {gap.reason for gap in health.gaps} == {GapReason.CUT_FILE}
    items, health = read(exported(sip(1), "99:99:99.000000"))
    assert [one.reason for one in items] == [GapReason.CUT_FILE]


@pytest.mark.parametrize("year", [b"9999", b"0001"])
def test_a_year_that_nothing_can_hold_is_damage(year):
    items, _ = read(exported(sip(1)).replace(b"2023/", year + b"/"))
    assert [one.reason for one in items] == [GapReason.CUT_FILE]


def test_a_log_beyond_the_limit_is_a_gap(monkeypatch):
    monkeypatch.setattr(text_log, "MAX_TEXT_LOG", 1_000)
    _, health = read(dumped(sip(1)) * 5)
    assert health.gaps[-1].reason is GapReason.LIMIT
    assert health.octets == len(dumped(sip(1)) * 5)


def test_the_door_knows_text_logs(tmp_path):
    (tmp_path / "a.data").write_bytes(dumped(sip(1)))
    (tmp_path / "b.txt").write_bytes(exported(sip(1)))
    (tmp_path / "c.txt").write_bytes(b"=" * 20 + b"\nnotes")
    paths = expand([str(tmp_path)])
    assert [path[-6:] for path in paths] == ["a.data", "/b.txt"]
    assert [len(list(open_capture(path))) for path in paths] == [1, 1]
    assert len(list(open_capture("-", stdin=BytesIO(exported(sip(1)))))) == 1
    with pytest.raises(CaptureError, match="text log"):
        open_capture(paths[0], reader="tshark")


@given(octets=st.binary(max_size=200), at=st.integers(0, 600))
def test_any_octets_never_raise(octets, at):
    is_text_log(octets)
    for whole in (dumped(sip(1)) * 2, exported(sip(1)) * 2):
        read(whole[:at] + octets + whole[at:])


def test_cut_anywhere_never_raises():
    for whole in (dumped(sip(1)) * 2, exported(sip(1)) * 2):
        for size in range(len(whole)):
            read(whole[:size])


def test_entries_across_the_pieces_in_which_a_log_is_read():
    sizes = [0, 65_000, 500, 65_536, 130_000, 200_000, 10]
    octets = [sip(number, b"x" * size) for number, size in enumerate(sizes)]
    items, health = read(b"".join(map(dumped, octets)))
    assert sorted(item.message.octets for item in items) == sorted(octets)
    assert health.packets == len(sizes)
    assert health.gaps == []


def test_an_entry_without_end_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(text_log, "_MAX_ENTRY", 100_000)
    items, health = read(dumped(sip(1)) + dumped(sip(2) + b"y\n" * 300_000) + dumped(sip(3)))
    assert [item.message.octets for item in items if isinstance(item, Observation)] == [
        sip(1),
        sip(3),
    ]
    assert [gap.reason for gap in health.gaps] == [GapReason.CUT_FILE]


def test_a_time_beyond_all_clocks_is_damage():
    late = dumped(sip(1)).replace(b"time: ", b"time: 9999", 1)
    _, health = read(dumped(sip(2)) + late)
    assert len(health.gaps) == 1
