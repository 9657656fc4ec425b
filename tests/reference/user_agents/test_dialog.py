import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.dialog import Dialog, contact_uri
from tests.reference.sip_rig import as_request, as_response

LOOSE = ("<sip:p1.example;lr>", "<sip:p2.example;lr>")


def invite(routes: tuple[str, ...] = (), contact: str = "<sip:a@10.0.0.1:5070>") -> Draft:
    draft = Draft("INVITE", "sip:b@b.example")
    draft.add("Via", "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1")
    for route in routes:
        draft.add("Record-Route", route)
    draft.add("From", '"A" <sip:a@a.example>;tag=a1').add("To", "<sip:b@b.example>")
    draft.add("Call-ID", "c1").add("CSeq", "7 INVITE")
    return draft.add("Contact", contact)


def accepted(routes: tuple[str, ...] = (), contact: str = "<sip:b@10.0.0.2>") -> Draft:
    draft = Draft.response_to(as_request(invite(routes).octets()), 200)
    for route in routes:
        draft.add("Record-Route", route)
    return draft.put("To", "<sip:b@b.example>;tag=b1").add("Contact", contact)


def client(routes: tuple[str, ...] = (), contact: str = "<sip:b@10.0.0.2>") -> Dialog:
    return Dialog.of_client(invite(), as_response(accepted(routes, contact).octets()))


def server(routes: tuple[str, ...] = (), contact: str = "<sip:a@10.0.0.1:5070>") -> Dialog:
    request = as_request(invite(routes, contact).octets())
    return Dialog.of_server(request, "b1", "<sip:b@10.0.0.2>")


def test_both_sides_name_the_same_dialog():
    one, other = client(), server()
    assert one.id == ("c1", "a1", "b1")
    assert other.id == ("c1", "b1", "a1")
    assert Dialog.of_client(as_request(invite().octets()), as_response(accepted().octets())) == one


def test_a_caller_s_request():
    dialog = client(LOOSE)
    bye = dialog.request("BYE")
    assert (bye.uri, bye.get("CSeq")) == ("sip:b@10.0.0.2", "8 BYE")
    assert bye.all("Route") == list(reversed(LOOSE))
    assert bye.get("From") == "<sip:a@a.example>;tag=a1"
    assert bye.get("To") == "<sip:b@b.example>;tag=b1"
    assert bye.get("Contact") is None
    assert dialog.request("INVITE").get("Contact") == "<sip:a@10.0.0.1:5070>"
    assert dialog.target_uri == "sip:p2.example;lr"


def test_a_callee_s_request():
    dialog = server(LOOSE)
    bye = dialog.request("BYE")
    assert (bye.uri, bye.get("CSeq")) == ("sip:a@10.0.0.1:5070", "1 BYE")
    assert bye.all("Route") == list(LOOSE)
    assert server().target_uri == "sip:a@10.0.0.1:5070"


def test_an_ack_has_the_invite_s_cseq():
    dialog = client()
    assert dialog.ack(7).get("CSeq") == "7 ACK"
    assert dialog.request("BYE").get("CSeq") == "8 BYE"


def test_a_strict_route_takes_the_request_uri():
    dialog = client(("<sip:p2.example;lr>", "<sip:strict.example>"))
    bye = dialog.request("BYE")
    assert bye.uri == "sip:strict.example"
    assert bye.all("Route") == ["<sip:p2.example;lr>", "<sip:b@10.0.0.2>"]
    assert dialog.target_uri == "sip:strict.example"


def test_requests_come_in_order():
    dialog = server()
    numbers = (7, 8, 8, 20, 9)
    requests = [as_request(invite().put("CSeq", f"{n} INVITE").octets()) for n in numbers]
    assert [dialog.accepts(request) for request in requests] == [False, True, False, True, False]
    assert client().accepts(requests[0])


def test_the_target_is_renewed():
    dialog = client()
    dialog.refresh(as_response(accepted(contact="<sip:b@10.0.0.9>").octets()))
    assert dialog.target_uri == "sip:b@10.0.0.9"
    dialog.refresh(as_response(accepted().remove("Contact").octets()))
    assert dialog.target_uri == "sip:b@10.0.0.9"


@pytest.mark.parametrize(
    ("contact", "target"),
    [("*", "sip:b@b.example"), ("<nothing>", "sip:b@b.example"), ("<tel:+1>", "tel:+1")],
)
def test_a_contact_that_is_no_uri(contact, target):
    assert client(contact=contact).remote_target == target


@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_contact_is_borne(values):
    found = contact_uri(values)
    assert found == "" or found.isprintable()
