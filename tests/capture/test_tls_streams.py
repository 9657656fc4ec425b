"""TLS that the tests encrypt themselves, opened by its key log through Wireshark."""

import shutil
import ssl
from struct import pack

import pytest

from conformance.capture.source import open_capture
from conformance.capture.tls_streams import is_sealed
from conformance.observation.packet import Transport
from conformance.observation.trace import Closing, Gap, GapReason, Observation
from conformance.wire.malformed import Malformed
from tests.capture.scenes import msrp, pcap, sip
from tests.capture.secure import SecureConversation
from tests.capture.tunnelled import upgrade, websocket_frame

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]


def read(tmp_path, frames, *, keys=True):
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(frames))
    source = open_capture(
        str(path), reader="tshark", keylog=str(tmp_path / "keys") if keys else None
    )
    items = list(source)
    gaps = [one for one in items if isinstance(one, Gap)]
    assert source.health.gaps == gaps
    return [one for one in items if isinstance(one, Observation)], gaps


def secure(tmp_path, *args, **more):
    return SecureConversation(tmp_path / "keys", *args, **more)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("port", [5_061, 5_060, 2_855, 40_002])
def test_sip_and_msrp_on_any_port(version, port, tmp_path):
    talk = secure(tmp_path, port, version=version)
    talk.send(True, sip(1)).send(False, msrp(2)).send(True, msrp(3) + sip(4))
    talk.send(False, sip(5, b"x" * 300)[:150]).send(False, sip(5, b"x" * 300)[150:] + msrp(6))
    found, gaps = read(tmp_path, talk.close().frames)
    assert [one.message.octets for one in found] == [
        sip(1), msrp(2), msrp(3), sip(4), sip(5, b"x" * 300), msrp(6)
    ]  # fmt: skip
    assert {one.transport for one in found} == {Transport.TLS}
    assert found[0].source.port == 40_001
    assert found[1].source.port == port
    assert gaps == []


def test_records_over_several_segments(tmp_path):
    talk = secure(tmp_path, mss=200).send(True, msrp(1, b"y" * 900)).send(False, sip(2))
    found, gaps = read(tmp_path, talk.close().frames)
    assert [one.message.octets for one in found] == [msrp(1, b"y" * 900), sip(2)]
    assert len(found[0].frames) == 6
    assert gaps == []


def test_segments_that_overtake_each_other(tmp_path):
    talk = secure(tmp_path, mss=200)
    begin = len(talk.frames)
    frames = talk.send(True, msrp(1, b"y" * 900)).send(True, sip(2)).close().frames
    late = [*frames[: begin + 1], frames[begin + 2], frames[begin + 1], *frames[begin + 3 :]]
    found, gaps = read(tmp_path, [*late[: begin + 4], late[begin + 3], *late[begin + 4 :]])
    assert [one.message.octets for one in found] == [msrp(1, b"y" * 900), sip(2)]
    assert gaps == []


@pytest.mark.parametrize("closed", [True, False])
def test_behind_a_loss_all_is_dark_and_said_to_be(closed, tmp_path):
    talk = secure(tmp_path).send(True, sip(1))
    lost = len(talk.frames)
    talk.send(True, sip(2)).send(True, sip(3)).send(False, sip(4))
    frames = (talk.close() if closed else talk).frames
    found, gaps = read(tmp_path, [*frames[:lost], *frames[lost + 1 :]])
    assert [one.message.octets for one in found] == [sip(1), sip(4)]
    (gap,) = gaps
    assert gap.reason is GapReason.UNDECRYPTABLE
    assert gap.after_frame == lost - 1
    assert (gap.source, gap.destination) == (found[0].source, found[0].destination)
    assert "not captured" in gap.where


@pytest.mark.parametrize("dark", [False, True])
def test_who_closed_a_connection_is_told_also_where_it_went_dark(dark, tmp_path):
    talk = secure(tmp_path).send(True, sip(1)).send(False, sip(2))
    lost = len(talk.frames)
    frames = talk.send(True, sip(3)).send(True, sip(4)).close().frames
    if dark:
        del frames[lost]
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(frames))
    source = open_capture(str(path), reader="tshark", keylog=str(tmp_path / "keys"))
    found = [one for one in source if isinstance(one, Closing)]
    assert {one.source.port for one in found} == {40_001, 5_061}
    assert all(one.frame > lost for one in found)


def test_the_last_record_lost_is_told_by_its_acknowledgement(tmp_path):
    talk = secure(tmp_path).send(True, sip(1)).send(False, sip(2))
    lost = len(talk.frames)
    frames = talk.send(True, sip(3)).frames
    assert read(tmp_path, frames)[1] == []
    found, gaps = read(tmp_path, [*frames[:lost], *frames[lost + 1 :]])
    assert [one.message.octets for one in found] == [sip(1), sip(2)]
    (gap,) = gaps
    assert gap.reason is GapReason.UNDECRYPTABLE
    assert (gap.source, gap.destination) == (found[0].source, found[0].destination)


def test_without_its_key_it_is_said_where_it_begins(tmp_path):
    frames = secure(tmp_path).send(True, sip(1)).frames
    (tmp_path / "keys").write_text("")
    for keys in (True, False):
        found, gaps = read(tmp_path, frames, keys=keys)
        assert found == []
        (gap,) = gaps
        assert gap.reason is GapReason.UNDECRYPTABLE
        assert gap.after_frame < len(frames) - 2
        assert "--keylog" in gap.where


def test_websocket_inside_tls(tmp_path):
    hello, welcome = upgrade()
    talk = secure(tmp_path, 443).send(True, hello).send(False, welcome)
    talk.send(True, websocket_frame(sip(1), mask=b"abcd")).send(False, websocket_frame(sip(2)))
    found, gaps = read(tmp_path, talk.close().frames)
    assert [one.message.octets for one in found] == [sip(1), sip(2)]
    assert {one.transport for one in found} == {Transport.WS}
    assert gaps == []


def test_closed_inside_a_message(tmp_path):
    talk = secure(tmp_path).send(True, sip(1, b"x" * 300)[:-100]).close()
    found, gaps = read(tmp_path, talk.frames)
    assert [type(one.message) for one in found] == [Malformed]
    assert gaps == []


def test_a_capture_that_ends_inside_a_message(tmp_path):
    found, gaps = read(tmp_path, secure(tmp_path).send(True, sip(1, b"x" * 300)[:-100]).frames)
    assert found == []
    assert [gap.reason for gap in gaps] == [GapReason.CUT_FILE]


def test_keys_inside_the_file_are_used_by_auto(tmp_path):
    frames = secure(tmp_path).send(True, sip(1)).send(False, msrp(2)).close().frames
    path = tmp_path / "a.pcapng"
    path.write_bytes(with_secrets(frames, (tmp_path / "keys").read_bytes()))
    source = open_capture(str(path))
    found = [one.message.octets for one in source if isinstance(one, Observation)]
    assert (found, source.health.reader) == ([sip(1), msrp(2)], "tshark")
    assert source.health.gaps == []


def with_secrets(frames, keys):
    """A pcapng file with the keys in a block of decryption secrets."""

    def block(kind, body):
        body += bytes(-len(body) % 4)
        return pack("<II", kind, 12 + len(body)) + body + pack("<I", 12 + len(body))

    octets = block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    octets += block(1, pack("<HHI", 1, 0, 0))
    octets += block(10, pack("<II", 0x544C534B, len(keys)) + keys)
    for number, frame in enumerate(frames):
        octets += block(6, pack("<IIIII", 0, 0, number * 1_000, len(frame), len(frame)) + frame)
    return octets


@pytest.mark.parametrize(
    ("tree", "found", "sealed"),
    [
        ({"tls.record": {"tls.record.opaque_type": "23"}}, False, True),
        ({"tls.record": [{"tls.record.opaque_type": "23", "tls.record.content_type": "22"}]},
         False, False),
        ([{"tls.record": {"tls.record.content_type": "23"}}], False, True),
        ([{"tls.record": {"tls.record.content_type": "23"}}], True, False),
        ({"tls.record": {"tls.record.content_type": "22"}}, False, False),
        ("", False, False),
    ],
)  # fmt: skip
def test_what_stayed_encrypted(tree, found, sealed):
    assert is_sealed(tree, found) is sealed
