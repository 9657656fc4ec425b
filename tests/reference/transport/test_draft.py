import pytest

from conformance.reference.transport.draft import REASONS, Draft, long_form
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse

REQUEST = (
    b"MESSAGE sip:b@h SIP/2.0\r\nv: SIP/2.0/UDP h1;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP h2\r\n"
    b"f: <sip:a@h>;tag=1\r\nt: <sip:b@h>\r\ni: c1\r\nCSeq: 4 MESSAGE\r\nl: 2\r\n"
    b"c: text/plain\r\n\r\nhi"
)


def read(octets: bytes) -> SipRequest:
    request = parse(octets)
    assert isinstance(request, SipRequest)
    return request


def test_a_message_read_and_sent_on_says_the_same():
    draft = Draft.of(read(REQUEST))
    again = read(draft.octets())
    assert (again.method, again.uri, again.body) == ("MESSAGE", "sip:b@h", b"hi")
    assert again.headers("Via") == ("SIP/2.0/UDP h1;branch=z9hG4bK1", "SIP/2.0/UDP h2")
    assert [name for name, _ in again.fields()][-1] == "Content-Length"
    assert draft.get("Call-ID") == "c1"


def test_a_response_takes_over_what_is_its_request_s():
    draft = Draft.response_to(read(REQUEST), 486)
    response = parse(draft.octets())
    assert isinstance(response, SipResponse)
    assert (response.status, response.reason) == (486, "Busy Here")
    assert len(response.vias) == 2
    assert response.header("CSeq") == "4 MESSAGE"
    assert not draft.is_request
    assert Draft.of(response).status == 486
    assert Draft.response_to(read(REQUEST), 299).reason == "Other"


def test_fields_are_read_and_changed_in_their_places():
    draft = Draft("INVITE", "sip:b@h").add("Route", "<sip:p1>, <sip:p2>").add("To", "<sip:b@h>")
    assert draft.all("route") == ["<sip:p1>", "<sip:p2>"]
    draft.push("Route", "<sip:p0>").push("Via", "v")
    assert [name for name, _ in draft.fields] == ["Via", "Route", "Route", "To"]
    draft.put_all("Route", ["<sip:x>", "<sip:y>"]).put("To", "<sip:c@h>").put("New", "1")
    assert [value for _, value in draft.fields] == ["v", "<sip:x>", "<sip:y>", "<sip:c@h>", "1"]
    draft.remove("Route")
    assert draft.get("Route") is None


def test_a_copy_is_another():
    draft = Draft("INVITE", "sip:b@h").carry("text/plain", b"x", "render")
    other = draft.copy().add("X", "1")
    assert draft.get("X") is None
    assert other.get("Content-Disposition") == "render"
    assert other.body == b"x"


@pytest.mark.parametrize(
    ("name", "long"),
    [("v", "Via"), ("i", "Call-ID"), ("To", "To"), ("c", "Content-Type"), ("q", "Q")],
)
def test_compact_forms_become_long(name, long):
    assert long_form(name) == long


def test_reasons_are_those_of_the_field():
    assert REASONS[481] == "Call/Transaction Does Not Exist"
    assert all(100 <= status <= 699 for status in REASONS)
