import io

from conformance.capture.source import open_capture
from conformance.cli.demo_trace import write_demo
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest, SipResponse
from tests.report.samples import BEGIN


def capture() -> bytes:
    file = io.BytesIO()
    write_demo(file, BEGIN)
    return file.getvalue()


def test_the_capture_is_the_same_each_time() -> None:
    assert capture() == capture()


def test_the_capture_holds_sip_alone_and_nothing_malformed() -> None:
    source = open_capture("-", stdin=io.BytesIO(capture()))
    messages = [item.message for item in source if isinstance(item, Observation)]
    assert len(messages) == 11
    assert all(isinstance(message, SipRequest | SipResponse) for message in messages)
    assert source.health.malformed == 0
    assert source.health.gaps == []


def test_each_message_has_as_many_octets_as_it_says() -> None:
    source = open_capture("-", stdin=io.BytesIO(capture()))
    for item in source:
        octets = item.message.octets
        head, _, body = octets.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
