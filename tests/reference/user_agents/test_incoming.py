from conformance.observation.packet import Transport
from conformance.reference.transactions.transaction import ServerTransaction
from conformance.reference.user_agents.incoming import Content, Identity, Incoming
from tests.reference.sip_rig import UDP, Answerer, Asker, draft
from tests.reference.wiring import two


def received(method: str, *fields: tuple[str, str]) -> tuple[Incoming, ServerTransaction]:
    wire, a, b = two()
    server = Answerer()
    b.transactions.user = server
    made = draft(method)
    made.fields.extend(fields)
    a.transactions.send(made, UDP, Asker())
    wire.run(seconds=0.1)
    transaction = server.transactions[0]
    return Incoming(transaction, "tag1", "<sip:b@h>", "agent/1"), transaction


def test_an_answer_bears_our_tag_and_name():
    incoming, transaction = received("MESSAGE")
    incoming.respond(200, headers=[("X", "1")], content=Content("text/plain", b"ok", "render"))
    last = transaction.last
    assert last is not None
    assert last.get("To") == "<sip:b@10.0.0.2>;tag=tag1"
    assert (last.get("Server"), last.get("X"), last.body) == ("agent/1", "1", b"ok")
    assert last.get("Content-Disposition") == "render"
    assert last.get("Contact") is None
    assert incoming.is_answered
    assert incoming.source.transport is Transport.UDP


def test_the_first_final_response_counts():
    incoming, transaction = received("MESSAGE")
    incoming.respond(202, "Later")
    incoming.respond(200)
    assert transaction.last is not None
    assert (transaction.last.status, transaction.last.reason) == (202, "Later")


def test_what_begins_a_dialog_has_contact_and_record_route():
    incoming, _ = received("INVITE", ("Record-Route", "<sip:p1;lr>"), ("Record-Route", "<sip:p2>"))
    accepted = incoming.answer(200)
    assert accepted.all("Record-Route") == ["<sip:p1;lr>", "<sip:p2>"]
    assert accepted.get("Contact") == "<sip:b@h>"
    assert incoming.answer(200, headers=[("contact", "<sip:x>")]).all("Contact") == ["<sip:x>"]
    refused = incoming.answer(486)
    assert refused.get("Record-Route") is None
    assert refused.get("Contact") is None
    assert incoming.answer(100).get("To") == "<sip:b@10.0.0.2>"


def test_a_tag_that_is_there_stays():
    incoming, _ = received("MESSAGE")
    within, _ = received("BYE")
    assert incoming.local_tag == "tag1"
    within.transaction.request = type(within.request)(
        within.request.octets.replace(b"To: <sip:b@10.0.0.2>", b"To: <sip:b@10.0.0.2>;tag=old")
    )
    assert Incoming(within.transaction, "new").local_tag == "old"
    assert Incoming(within.transaction, "new").answer(200).get("To") == "<sip:b@10.0.0.2>;tag=old"


def test_an_identity_says_who_and_what_it_is():
    identity = Identity(
        "sip:a@h",
        "sip:a@10.0.0.1",
        "A",
        instance="urn:uuid:1",
        services=("oma.cpm.msg",),
        password="secret",
    )
    assert identity.address == '"A" <sip:a@h>'
    assert identity.contact_value == (
        '<sip:a@10.0.0.1>;+sip.instance="<urn:uuid:1>"'
        ';+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"'
    )
    assert Identity("sip:a@h", "sip:a@10.0.0.1").contact_value == "<sip:a@10.0.0.1>"
    assert "secret" not in repr(identity)
