from conformance.capture.errors import CaptureError


def test_an_error_tells_path_and_sentence():
    error = CaptureError("a.pcap", "it is empty")
    assert str(error) == "a.pcap: it is empty"
    assert (error.path, error.sentence) == ("a.pcap", "it is empty")
