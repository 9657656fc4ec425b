from hashlib import sha256
from io import BytesIO

from conformance.capture.chunks import CHUNK, Chunks
from conformance.observation.trace import CaptureHealth


def test_octets_are_counted_and_hashed_once():
    octets = bytes(range(256)) * 1_000
    health = CaptureHealth("memory", "native")
    chunks = Chunks(BytesIO(octets[4:]), health, octets[:4])
    assert chunks.need(10)
    chunks.drop(7)
    assert (chunks.position, chunks.octets[0]) == (7, 7)
    assert chunks.need(2 * CHUNK)
    chunks.finish()
    assert health.octets == len(octets)
    assert health.sha256 == sha256(octets).hexdigest()


def test_the_end_is_told():
    chunks = Chunks(BytesIO(b"abc"), CaptureHealth("memory", "native"))
    assert not chunks.need(4)
    assert chunks.octets == b"abc"


def test_a_pipe_is_not_waited_for():
    class Pipe(BytesIO):
        def read1(self, size=-1):
            return super().read(5)

    chunks = Chunks(Pipe(b"0123456789abcdefghij"), CaptureHealth("-", "native"))
    assert chunks.need(11)
    assert chunks.octets == b"0123456789abcde"
