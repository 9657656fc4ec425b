import shutil
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation
from conformance.capture.writer import PcapngWriter
from conformance.observation.packet import Endpoint
from conformance.reference.smpp.pdu import (
    BODIES,
    MAX_PDU,
    PORT,
    Bind,
    Bound,
    Command,
    MessageId,
    Pdu,
    ShortMessage,
    SmppStream,
    Status,
    Tlv,
    head_of,
    parse,
    write,
)
from conformance.reference.smpp.text import MessageState, Receipt, compose
from conformance.wire.malformed import Malformed
from tests.reference.wired import START


def texts(size):
    characters = st.characters(min_codepoint=1, max_codepoint=255)
    return st.text(characters, max_size=size - 1)


octet = st.integers(0, 255)
bodies = {
    Bind: st.builds(Bind, texts(16), texts(9), texts(13), octet, octet, octet, texts(41)),
    Bound: st.builds(Bound, texts(16)),
    MessageId: st.builds(MessageId, texts(65)),
    ShortMessage: st.builds(
        ShortMessage,
        texts(6),
        octet,
        octet,
        texts(21),
        octet,
        octet,
        texts(21),
        octet,
        octet,
        octet,
        texts(17),
        texts(17),
        octet,
        octet,
        octet,
        octet,
        st.binary(max_size=254),
    ),
}
tlvs = st.lists(st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=20)), max_size=3)


@st.composite
def pdus(draw):
    command = draw(st.sampled_from(list(Command)))
    kind = BODIES.get(command)
    body = None if kind is None else draw(bodies[kind])
    number = draw(st.integers(0, 2**32 - 1))
    return Pdu(command, number, body, draw(st.integers(0, 2**32 - 1)), tuple(draw(tlvs)))


@given(pdus())
def test_that_a_pdu_is_read_as_it_was_written(pdu):
    assert parse(write(pdu)) == pdu


@given(st.lists(pdus(), max_size=4), st.integers(1, 40))
@settings(max_examples=60)
def test_that_pdus_are_found_in_a_stream_in_any_cut(made, size):
    octets = b"".join(write(pdu) for pdu in made)
    stream = SmppStream()
    found = []
    for start in range(0, len(octets), size):
        found.extend(stream.feed(octets[start : start + size]))
    assert [parse(whole) for whole in found] == made
    assert stream.broken == ""


@given(pdus(), st.data())
def test_that_changed_octets_give_a_pdu_or_malformed(pdu, data):
    octets = bytearray(write(pdu))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(octet)
    found = parse(bytes(octets))
    assert isinstance(found, Pdu | Malformed)
    # Whatever was read can be written, and is the same again.
    if isinstance(found, Pdu):
        assert parse(write(found)) == found


@given(st.binary(max_size=60))
def test_that_garbage_never_raises(octets):
    assert isinstance(parse(octets), Malformed | Pdu)
    list(SmppStream().feed(octets))


def test_that_a_bind_is_what_the_specification_shows():
    """The example of SMPP 3.4 section 3.2.3 by its lengths and order of fields."""
    pdu = Pdu(Command.BIND_TRANSMITTER, 1, Bind("SMPP3TEST", "secret08", "SUBMIT1", 0, 1, 1))
    assert write(pdu) == (
        b"\0\0\0\x2f\0\0\0\x02\0\0\0\0\0\0\0\x01SMPP3TEST\0secret08\0SUBMIT1\0\x00\x01\x01\0"
    )


def test_that_a_response_that_refuses_needs_no_body():
    refusal = Pdu(Command.SUBMIT_SM_RESP, 7, None, Status.RTHROTTLED)
    assert len(write(refusal)) == 16
    assert parse(write(refusal)) == refusal


def test_that_the_first_parameter_of_a_tag_is_given():
    pdu = Pdu(Command.ENQUIRE_LINK, 1, None, 0, (Tlv(5, b"a"), Tlv(5, b"b")))
    assert (pdu.tlv(5), pdu.tlv(6)) == (b"a", None)


SUBMIT = Pdu(Command.SUBMIT_SM, 1, ShortMessage())


@pytest.mark.parametrize(
    ("pdu", "why"),
    [
        (replace(SUBMIT, body=None), "SUBMIT_SM does not carry NoneType"),
        (replace(SUBMIT, body=Bind("x")), "SUBMIT_SM does not carry Bind"),
        (Pdu(Command.UNBIND, 1, Bind("x")), "UNBIND does not carry Bind"),
        (replace(SUBMIT, body=ShortMessage(short_message=bytes(255))), "255 octets, at most 254"),
        (replace(SUBMIT, body=ShortMessage(source_addr="1" * 21)), "source_addr: .* fit into 21"),
        (replace(SUBMIT, body=ShortMessage(source_addr="1\0")), "source_addr"),
        (replace(SUBMIT, body=ShortMessage(esm_class=256)), "esm_class: 256"),
        (replace(SUBMIT, tlvs=(Tlv(1, bytes(65_536)),)), "at most 65535"),
        (replace(SUBMIT, tlvs=(Tlv(1, bytes(40_000)),) * 2), "MAX_PDU"),
        (Pdu(Command.SUBMIT_SM_RESP, 1, None, 8, (Tlv(1, b""),)), "need the body"),
    ],
)
def test_that_what_cannot_be_written_is_an_error(pdu, why):
    with pytest.raises(ValueError, match=why):
        write(pdu)


WHOLE = write(SUBMIT)


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "command_length"),
        (WHOLE[:-1], "command_length"),
        (b"\0\0\0\x10\0\0\x77\x77" + bytes(8), "no command_id 0x00007777"),
        (b"\0\0\0\x10\0\0\0\x04" + bytes(8), "service_type does not end in time"),
        (b"\0\0\0\x11\0\0\0\x04" + bytes(9), "the PDU ends before source_addr_ton"),
        (b"\0\0\0\x1a\0\0\0\x04" + bytes(8) + b"x" * 10, "service_type does not end in time"),
        (b"\0\0\0\x11\0\0\0\x15" + bytes(8) + b"x", "half an optional parameter"),
        (b"\0\0\0\x14\0\0\0\x15" + bytes(8) + b"\0\1\0\1", "a parameter too long"),
        (WHOLE[:-1] + b"\x09", "sm_length 9"),
        (WHOLE[:-1] + b"\xff", "sm_length 255"),
    ],
)
def test_that_what_cannot_be_read_is_malformed(octets, why):
    found = parse(octets)
    assert isinstance(found, Malformed)
    assert why in found.rule


@pytest.mark.parametrize("length", [0, 15, MAX_PDU + 1, 2**32 - 1])
def test_that_a_stream_with_an_impossible_length_is_broken(length):
    stream = SmppStream()
    found = list(stream.feed(WHOLE + length.to_bytes(4) + bytes(20)))
    assert found == [WHOLE]
    assert f"a command_length of {length}" in stream.broken
    assert list(stream.feed(WHOLE)) == []


def test_that_the_head_of_a_pdu_is_read_whatever_it_is():
    assert head_of(b"\0\0\0\x10\0\0\x77\x77\0\0\0\0\0\0\0\x09") == (16, 0x7777, 0, 9)
    assert head_of(b"\0" * 15) is None


# A third opinion.

ESME, SMSC = Endpoint("10.0.4.1", 40_000), Endpoint("10.0.5.1", PORT)


def conversation():
    """Each kind of PDU with who sends it: True for the ESME."""
    body, _ = compose("+15550100", "+15550177", "Hello")
    long, payload = compose("+15550100", "+15550177", "x" * 300)
    receipt = Receipt("42", MessageState.DELIVERED, START, START)
    told, _ = compose("+15550177", "+15550100", receipt.write(), 1)
    return [
        (True, Pdu(Command.BIND_TRANSCEIVER, 1, Bind("iwf", "secret"))),
        (False, Pdu(Command.BIND_TRANSCEIVER_RESP, 1, Bound("SMSC"))),
        (True, Pdu(Command.SUBMIT_SM, 2, replace(body, registered_delivery=1))),
        (False, Pdu(Command.SUBMIT_SM_RESP, 2, MessageId("42"))),
        (True, Pdu(Command.SUBMIT_SM, 3, long, 0, payload)),
        (False, Pdu(Command.SUBMIT_SM_RESP, 3, None, Status.RINVDSTADR)),
        (False, Pdu(Command.DELIVER_SM, 1, replace(told, esm_class=4), 0, receipt.tlvs)),
        (True, Pdu(Command.DELIVER_SM_RESP, 1, MessageId())),
        (False, Pdu(Command.ENQUIRE_LINK, 2)),
        (True, Pdu(Command.ENQUIRE_LINK_RESP, 2)),
        (True, Pdu(Command.GENERIC_NACK, 3, None, Status.RINVCMDID)),
        (True, Pdu(Command.UNBIND, 4)),
        (False, Pdu(Command.UNBIND_RESP, 4)),
    ]


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_that_tshark_names_each_pdu(tmp_path):
    # Given each kind of PDU in a capture
    tcp, path = TcpConversation(ESME, SMSC), tmp_path / "smpp.pcapng"
    frames = tcp.open()
    for from_esme, pdu in conversation():
        frames += tcp.send(from_esme, write(pdu))
    with path.open("wb") as file:
        writer = PcapngWriter(file, link=Link.ETHERNET)
        for number, frame in enumerate(frames):
            writer.write(START + number * 1_000_000, frame)
    # When tshark shows it
    names = (
        "smpp.command_id",
        "smpp.sequence_number",
        "smpp.command_status",
        "smpp.receipted_message_id",
        "smpp.message_state",
        "_ws.malformed",
    )
    wanted = [part for name in names for part in ("-e", name)]
    done = subprocess.run(
        ["tshark", "-r", str(path), "-Y", "smpp", "-T", "fields", *wanted],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line.split("\t") for line in done.stdout.splitlines()]
    # Then it names each one, and its parameters
    assert [(int(row[0], 16), int(row[1])) for row in found] == [
        (pdu.command, pdu.sequence) for _, pdu in conversation()
    ]
    assert [int(row[2], 16) for row in found if row[2]] == [
        pdu.status for _, pdu in conversation() if pdu.command.is_response
    ]
    assert [row[3:5] for row in found if row[3]] == [["42", "2"]]
    assert [row[5] for row in found if row[5]] == []
