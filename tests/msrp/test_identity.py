from conformance.msrp.identity import message_key, session_key, transaction_key
from conformance.msrp.writer import write_response
from tests.msrp.samples import ALICE, BIND, BOB, OK, REPORT, SEND, of

RELAY = "msrp://relay.example.org:2855/r1;tcp"


def test_a_response_shares_the_key_of_its_request():
    request = of(SEND)
    response = of(
        write_response("a786hjs2", 200, "OK", [("To-Path", ALICE), ("From-Path", RELAY)])
    )
    swapped = of(
        write_response(
            "a786hjs2", 200, "OK", [("To-Path", ALICE), ("From-Path", f"{RELAY} {BOB}")]
        )
    )
    assert transaction_key(request) == transaction_key(response) == transaction_key(swapped)
    assert transaction_key(request) != transaction_key(of(OK))


def test_a_session_has_one_key_through_relays():
    assert session_key(of(SEND)) == session_key(of(OK)) == ("9di4eae923wzd", "iau39soe2843z")


def test_a_report_shares_the_key_of_its_message():
    assert message_key(of(REPORT)) == message_key(of(SEND))
    assert message_key(of(SEND)) == ("87652491", "iau39soe2843z", "9di4eae923wzd")
    assert message_key(of(BIND)) != message_key(of(SEND))


def test_octets_without_paths_have_keys():
    message = type(of(SEND))(b"MSRP t123 SEND\r\n-------t123$\r\n")
    assert message_key(message) == ("", "", "")
    assert transaction_key(message) == ("t123", "", "")
