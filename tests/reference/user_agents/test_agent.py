import pytest

from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.agent import in_brackets
from conformance.reference.user_agents.digest import Check, DigestServer
from conformance.reference.user_agents.incoming import Content, Incoming
from tests.reference.wiring import two


def test_what_a_request_says():
    _wire, a, _ = two()
    a.agent.identity.agent = "agent/1"
    a.agent.routes = ("sip:p.example;lr",)
    draft = a.agent.compose(
        "MESSAGE",
        "sip:b@h",
        to='"B" <sip:b@h>',
        headers=[("X", "1")],
        content=Content("text/plain", b"hi"),
    )
    assert [name for name, _ in draft.fields] == [
        "Route",
        "Max-Forwards",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "User-Agent",
        "X",
        "Content-Type",
    ]
    assert draft.get("Route") == "<sip:p.example;lr>"
    assert draft.get("To") == '"B" <sip:b@h>'
    assert (draft.get("From") or "").startswith("<sip:a@a.example>;tag=")
    assert draft.get("User-Agent") == "agent/1"


def test_each_request_is_another():
    _, a, _ = two()
    one, other = (a.agent.compose("MESSAGE", "sip:b@h") for _ in range(2))
    for name in ("From", "Call-ID", "CSeq"):
        assert one.get(name) != other.get(name)


def test_what_is_given_is_taken():
    _, a, _ = two()
    draft = a.agent.compose(
        "REGISTER",
        "sip:h",
        sender="sip:x@h",
        headers=[("Contact", "*"), ("User-Agent", "mine")],
        routes=(),
        call_id="c1",
        cseq=40,
    )
    assert draft.all("Contact") == ["*"]
    assert draft.all("User-Agent") == ["mine"]
    assert (draft.get("Call-ID"), draft.get("CSeq")) == ("c1", "40 REGISTER")
    assert a.agent.compose("REGISTER", "sip:h").get("CSeq") == "41 REGISTER"
    assert a.agent.compose("INVITE", "sip:h").get("Contact") == "<sip:a@10.0.0.1>"
    assert a.agent.compose("MESSAGE", "sip:h").get("Contact") is None


def test_addresses_stand_in_brackets():
    assert in_brackets("sip:a@h") == "<sip:a@h>"
    assert in_brackets('"A" <sip:a@h>') == '"A" <sip:a@h>'


def guarded(password: str):
    """B wants to know who a is."""
    wire, a, b = two(password=password)
    server = DigestServer(b.station, "b.example", {"a": "secret"}.get)
    checks: list[Check] = []

    def message(incoming: Incoming) -> None:
        found = server.check(incoming.request)
        checks.append(found)
        if found is Check.ACCEPTED:
            incoming.respond(200)
            return
        fresh = server.challenge(stale=found is Check.STALE)
        incoming.respond(401, headers=[("WWW-Authenticate", value) for value in fresh])

    b.agent.handlers["MESSAGE"] = message
    b.agent.handlers["REGISTER"] = message
    results: list[object] = []
    return wire, a, b, checks, results


def test_a_challenge_is_answered_once():
    # given
    wire, a, b, checks, results = guarded("secret")
    # when
    draft = a.agent.request("MESSAGE", b.uri, answered=results.append)
    wire.run()
    # then
    assert checks == [Check.MISSING, Check.ACCEPTED]
    assert [result.status for result in results] == [200]
    assert draft.get("CSeq") == "2 MESSAGE"
    sent = [c.octets for c in wire.carried if c.start.startswith("MESSAGE")]
    assert len({one.partition(b"Call-ID: ")[2].partition(b"\r\n")[0] for one in sent}) == 1


@pytest.mark.parametrize(("password", "tries"), [("guess", 2), ("", 2)])
def test_a_wrong_password_is_not_tried_for_ever(password, tries):
    wire, a, b, checks, results = guarded(password)
    a.agent.request("MESSAGE", b.uri, answered=results.append)
    wire.run()
    assert [result.status for result in results] == [401]
    assert len(checks) == tries


def test_who_has_no_name_does_not_answer():
    wire, a, b, checks, results = guarded("secret")
    a.agent.credentials.username = ""
    a.agent.request("MESSAGE", b.uri, answered=results.append)
    wire.run()
    assert checks == [Check.MISSING]


def test_a_registration_bears_its_credentials_from_then_on():
    wire, a, b, checks, results = guarded("secret")
    for _ in range(2):
        a.agent.request("REGISTER", b.uri, answered=results.append)
        wire.run()
    assert checks == [Check.MISSING, Check.ACCEPTED, Check.ACCEPTED]


def test_a_stale_nonce_is_no_wrong_password():
    wire, a, b, checks, results = guarded("secret")
    a.agent.request("REGISTER", b.uri, answered=results.append)
    wire.run()
    wire.run(seconds=400)
    a.agent.request("REGISTER", b.uri, answered=results.append)
    wire.run()
    assert checks[2:] == [Check.STALE, Check.ACCEPTED]


def test_where_nothing_leads():
    wire, a, _ = two()
    results: list[object] = []
    exchange = a.agent.exchange(a.agent.compose("MESSAGE", "tel:+1"), results.append)
    exchange.cancel()
    assert results == []
    wire.run()
    assert results == [Failure.TRANSPORT]
    a.agent.acknowledge(a.agent.compose("ACK", "tel:+1"))
    wire.run()
    assert len(wire.noted("unsendable")) == 2
