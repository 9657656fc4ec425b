"""What is done to a party's messages on their way out."""

from conformance.observation.packet import Endpoint
from conformance.reference.faults.tampers import (
    answer,
    change,
    drop,
    in_body,
    in_turn,
    request,
    sent_to,
    with_field,
    with_status,
    without,
)
from conformance.reference.transport.draft import Draft

CLIENT, PF = Endpoint("10.0.2.20", 5060), Endpoint("10.0.3.1", 5060)


def message(method: str = "MESSAGE", *, to: str = "<sip:a@b>", body: bytes = b"") -> Draft:
    draft = Draft(method, "sip:a@b")
    draft.add("Via", "SIP/2.0/UDP 10.0.1.1;branch=z9hG4bK1").add("From", "<sip:c@d>;tag=1")
    draft.add("To", to).add("Call-ID", "x").add("CSeq", f"1 {method}")
    draft.body = body
    return draft


def response(status: int, method: str = "MESSAGE") -> bytes:
    draft = message(method)
    return Draft("", "", status, "Whatever", list(draft.fields)).octets()


def test_requests_are_told_by_method_and_dialog() -> None:
    within = message("INVITE", to="<sip:a@b>;tag=2").octets()
    tamper = drop(request("INVITE", initial=True))
    assert tamper(message("INVITE").octets(), PF) is None
    assert tamper(within, PF) == within
    assert drop(request("INVITE"))(within, PF) is None


def test_answers_are_told_by_method_and_status() -> None:
    assert drop(answer("MESSAGE"))(response(200), PF) is None
    assert drop(answer("MESSAGE"))(response(100), PF) == response(100)
    assert drop(answer("MESSAGE", 100))(response(100), PF) is None
    assert drop(answer("INVITE"))(response(200), PF) == response(200)


def test_what_is_no_sip_passes() -> None:
    for octets in (b"", b"\r\n\r\n", b"MSRP x SEND\r\n", b"INVITE"):
        assert drop(request("INVITE"))(octets, PF) == octets


def test_changes() -> None:
    tamper = change(
        request("MESSAGE"), with_field("Call-ID", "y"), without("To"), in_body(b"old", b"new")
    )
    changed = tamper(message(body=b"an old text").octets(), PF)
    assert isinstance(changed, bytes)
    assert b"Call-ID: y\r\n" in changed
    assert b"\r\nTo:" not in changed
    assert changed.endswith(b"an new text")
    refused = change(answer("MESSAGE", 200), with_status(480, "Away"))(response(200), PF)
    assert isinstance(refused, bytes)
    assert refused.startswith(b"SIP/2.0 480 Away\r\n")


def test_only_towards_one_host() -> None:
    tamper = sent_to(PF.host, drop(request("MESSAGE")))
    octets = message().octets()
    assert tamper(octets, PF) is None
    assert tamper(octets, CLIENT) == octets


def test_one_after_the_other() -> None:
    twice = in_turn(
        lambda octets, towards: [octets, octets],
        change(request("MESSAGE"), with_field("Call-ID", "y")),
    )
    found = twice(message().octets(), PF)
    assert isinstance(found, list)
    assert len(found) == 2
    assert all(b"Call-ID: y" in one for one in found)
    assert in_turn(drop(request("MESSAGE")))(message().octets(), PF) == []
