"""ESP that the tests encrypt themselves, opened by keys in Wireshark's form."""

import shutil

import pytest

from conformance.capture.errors import CaptureError
from conformance.capture.esp_keys import as_options
from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, link_frame
from conformance.capture.source import open_capture
from conformance.observation.packet import Transport
from conformance.observation.trace import GapReason, Observation
from tests.capture.encrypted import association, esp
from tests.capture.scenes import ALICE, BOB, msrp, pcap, sip
from tests.capture.tunnelled import packets

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed"
)


@pytest.fixture
def sealed(tmp_path):
    """A capture of SIP over UDP and MSRP over TCP, all of it in ESP."""
    tcp = TcpConversation(ALICE, BOB, link=Link.RAW)
    plain = [
        packets(sip(1), 1)[0],
        packets(sip(2), 2, source=BOB, destination=ALICE)[0],
        *tcp.open(), *tcp.send(True, msrp(3, b"x" * 900), mss=500), *tcp.send(False, msrp(4)),
    ]  # fmt: skip
    path = tmp_path / "sealed.pcap"
    path.write_bytes(pcap([link_frame(esp(one, n)) for n, one in enumerate(plain, 1)]))
    return path


def keys(tmp_path, text):
    path = tmp_path / "esp_sa"
    path.write_text(text)
    return str(path)


@needs_openssl
def test_keys_open_it(sealed, tmp_path):
    lines = "# of the lab\n\n" + association(ALICE.host, BOB.host) + association("*", ALICE.host)
    source = open_capture(str(sealed), esp_keys=keys(tmp_path, lines))
    items = list(source)
    assert source.health.reader == "tshark"
    assert [one.message.octets for one in items] == [
        sip(1), sip(2), msrp(3, b"x" * 900), msrp(4)
    ]  # fmt: skip
    assert [one.transport for one in items] == [Transport.UDP] * 2 + [Transport.TCP] * 2
    assert [(one.source, one.destination) for one in items[:2]] == [(ALICE, BOB), (BOB, ALICE)]
    assert source.health.gaps == []


@needs_openssl
@pytest.mark.parametrize("reader", ["native", "tshark"])
def test_without_keys_it_is_said_where_it_begins_and_what_would_help(sealed, reader):
    source = open_capture(str(sealed), reader=reader)
    (gap,) = list(source)
    assert (gap.reason, gap.after_frame) == (GapReason.UNDECRYPTABLE, 1)
    assert "ESP between 10.0.0.1 and 10.0.0.2" in gap.where
    assert "--esp-keys" in gap.where
    assert source.health.gaps == [gap]


@needs_openssl
def test_keys_of_one_direction_leave_the_other_dark(sealed, tmp_path):
    source = open_capture(str(sealed), esp_keys=keys(tmp_path, association("*", BOB.host)))
    items = list(source)
    messages = [one.message.octets for one in items if isinstance(one, Observation)]
    assert messages == [sip(1), msrp(3, b"x" * 900)]
    assert [gap.reason for gap in source.health.gaps] == [GapReason.UNDECRYPTABLE]
    assert source.health.gaps[0].after_frame == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds none"),
        ("# nothing\n", "holds none"),
        ('"IPv4","*","*"\n', "line 1 holds 3 values, not 8"),
        (association("*", "*") + association("*", "*").replace("AES-CBC", "ROT13"),
         "line 2 is refused by tshark: invalid value: ROT13"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_keys_is_an_error_with_its_line(text, sentence, tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap([]))
    with pytest.raises(CaptureError, match=sentence) as found:
        open_capture(str(path), esp_keys=keys(tmp_path, text))
    assert "000102" not in str(found.value)


def test_what_is_no_text(tmp_path):
    (tmp_path / "a.pcap").write_bytes(pcap([]))
    (tmp_path / "keys").write_bytes(b"\xff\xfe")
    for name, sentence in (("keys", "it is no text"), ("absent", "the file of keys is missing")):
        with pytest.raises(CaptureError, match=sentence):
            open_capture(str(tmp_path / "a.pcap"), esp_keys=str(tmp_path / name))


def test_the_native_reader_has_no_use_for_keys(tmp_path):
    (tmp_path / "a.pcap").write_bytes(pcap([]))
    with pytest.raises(CaptureError, match="keys need the reader tshark"):
        open_capture(str(tmp_path / "a.pcap"), reader="native", esp_keys="keys")


def test_options():
    assert as_options(("a", "b")) == ["-o", "uat:esp_sa:a", "-o", "uat:esp_sa:b"]
