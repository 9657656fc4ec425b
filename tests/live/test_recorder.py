from io import BytesIO

from conformance.capture.native import NativeSource
from conformance.live.recorder import Recorder
from conformance.observation.packet import Endpoint
from conformance.observation.trace import CaptureHealth, Closing, Observation
from conformance.reference.engine.component import Connection, Datagram

HERE, THERE = Endpoint("127.0.0.1", 5060), Endpoint("127.0.0.2", 5060)
OPTIONS = (
    b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def read(file):
    source = NativeSource(CaptureHealth("test", "test"), 0, lambda: BytesIO(file.getvalue()))
    items = list(source)
    return [item for item in items if isinstance(item, Observation)], items


def test_a_datagram_can_be_read_again():
    file = BytesIO()
    Recorder(file).datagram(1_000_000_000, Datagram(HERE, THERE, OPTIONS))
    ((seen,), _) = read(file)
    assert (seen.source, seen.destination, seen.time) == (HERE, THERE, 1_000_000_000)
    assert seen.message.octets == OPTIONS


def test_a_stream_can_be_read_again_in_both_directions_and_without_a_gap():
    file = BytesIO()
    recorder, connection = Recorder(file), Connection(HERE, THERE)
    back = Connection(THERE, HERE)
    recorder.opened(1, connection)
    recorder.opened(2, connection)
    recorder.octets(3, connection, OPTIONS)
    recorder.octets(4, back, OPTIONS[:100])
    recorder.octets(5, back, OPTIONS[100:])
    recorder.closed(6, back)
    recorder.closed(7, connection)
    seen, items = read(file)
    assert [one.source for one in seen] == [HERE, THERE]
    # It is closed by the one, and then by the other.
    assert [one.source for one in items if isinstance(one, Closing)] == [THERE, HERE]
    assert len(items) == 4


def test_a_stream_that_was_never_opened_is_left_out():
    file = BytesIO()
    Recorder(file).octets(3, Connection(HERE, THERE), OPTIONS)
    assert read(file) == ([], [])


def test_without_a_file_it_counts():
    recorder = Recorder()
    recorder.datagram(1, Datagram(HERE, THERE, b"1234"))
    recorder.octets(1, Connection(HERE, THERE), b"12")
    assert (recorder.messages, recorder.octets_seen) == (2, 6)


def test_more_than_a_datagram_holds_is_no_reason_to_fall():
    file = BytesIO()
    Recorder(file).datagram(1, Datagram(HERE, THERE, bytes(70_000)))
    assert read(file) == ([], [])
