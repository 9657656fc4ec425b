"""What comes in is handed to the reference in its own identities."""

from conformance.oracle.binding import Binding
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse
from tests.oracle.samples import request, response

MINE = request(call_id="mine", From="<sip:a@x.example>;tag=mine-tag")
REAL = request(call_id="real", From="<sip:a@x.example>;tag=real-tag")


def bound():
    binding = Binding()
    binding.bind(MINE, REAL)
    return binding


def test_an_answer_comes_as_one_to_the_references_request():
    octets = bound().incoming(response(REAL, 202))
    assert octets is not None
    answer = parse(octets)
    assert isinstance(answer, SipResponse)
    assert answer.status == 202
    assert (answer.branch, answer.call_id, answer.from_tag) == (MINE.branch, "mine", "mine-tag")
    assert answer.to_tag == "to-1"


def test_an_answer_to_what_was_never_sent_is_nobodys():
    assert Binding().incoming(response(REAL)) is None


def test_a_request_in_the_dialog_speaks_of_the_references_tags():
    bye = request("BYE", call_id="real", to_tag="real-tag")
    octets = bound().incoming(bye)
    assert octets is not None
    read = parse(octets)
    assert isinstance(read, SipRequest)
    assert (read.call_id, read.to_tag) == ("mine", "mine-tag")


def test_another_dialogs_request_passes_as_it_is():
    other = request("BYE", call_id="other", to_tag="tag")
    octets = bound().incoming(other)
    assert octets is not None
    assert parse(octets) == other


def test_an_identity_in_a_body_is_replaced():
    binding = Binding(tokens={b"their-message": b"my-message"})
    assert binding.body(b"<id>their-message</id>") == b"<id>my-message</id>"
