from conformance.live.errors import PlumbingError


def test_an_error_of_sockets_is_a_sentence():
    assert str(PlumbingError("UDP 127.0.0.1:1 cannot be listened at")).startswith("UDP")
