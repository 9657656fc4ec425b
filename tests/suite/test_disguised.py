from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body import cpim, imdn, multipart
from conformance.body.deferred_list import Entry, identities, write_actions
from conformance.body.mime import Headers
from conformance.cpm.identity import user_key
from conformance.msrp.parser import parse as parse_msrp
from conformance.sip.parser import parse
from conformance.suite.disguise import Disguise
from conformance.suite.disguised import Disguised, secret, without_secrets
from conformance.suite.pseudonyms import Pseudonyms
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear
from tests.msrp import samples as msrp_samples
from tests.sip.samples import MESSAGE, ODD, OK, messages, of, request

DISGUISE = Disguise(Pseudonyms(bytes(range(32))))
ONE = Disguised(DISGUISE)
PLAIN_CPIM = (
    b"From: Alice <sip:alice@home.example>\r\nTo: <sip:bob@home.example>\r\n"
    b"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: id77\r\n"
    b"imdn.Disposition-Notification: positive-delivery\r\nSubject: for alice\r\n\r\n"
    b"Content-Type: text/plain\r\nContent-ID: <alice@home>\r\n\r\nhello from alice"
)


@given(messages)
def test_any_message_keeps_its_length_and_its_kind(octets):
    message = of(octets)
    found = ONE.message(message)
    assert type(found) is type(message)
    assert len(found.octets) == len(octets)
    assert not isinstance(parse(found.octets), Malformed)


@given(msrp_samples.messages)
def test_any_msrp_message_keeps_its_length_and_its_kind(octets):
    message = parse_msrp(octets)
    found = ONE.message(message)
    assert len(found.octets) == len(octets)
    if not isinstance(message, Malformed):
        assert (found.transaction_id, found.flag) == (message.transaction_id, message.flag)


@given(st.binary(max_size=200), st.sampled_from(["SIP", "MSRP"]))
def test_octets_that_are_no_message(octets, protocol):
    found = ONE.message(Malformed(protocol, octets, 3, "rule"))
    assert (found.protocol, found.offset, found.rule) == (protocol, 3, "rule")
    assert len(found.octets) == len(octets)


def test_a_message():
    found = ONE.message(of(MESSAGE))
    for gone in (b"34600000001", b"34600000002", b"Alice", b"10.0.1.10", b"hello", b"one, two"):
        assert gone not in found.octets
    assert found.cseq_method == "MESSAGE"
    assert found.header("Accept-Contact") == of(MESSAGE).header("Accept-Contact")
    assert found.branch.startswith("z9hG4bK")
    assert user_key(found.header("From")) == user_key(found.headers("P-Asserted-Identity")[1])
    answer = ONE.message(of(OK))
    assert (answer.call_id, answer.from_tag) == (found.call_id, found.from_tag)
    assert answer.branch == found.branch


def test_odd_writing():
    found = ONE.message(of(ODD))
    assert (found.from_tag, found.to_tag) == (DISGUISE.hide("a2"), DISGUISE.hide("b2"))
    assert found.headers("Supported") == ("100rel", "path", "gruu")


def test_a_request_line_that_is_none():
    octets = b"INVITE sip:alice@home  SIP/2.0\r\n\r\n"
    assert b"alice" not in ONE.sip(octets)
    assert ONE.sip(octets).startswith(b"INVITE sip:")


def test_unknown_fields_hide_and_reasons_keep_their_code():
    message = request(X_Friend="alice at home", Reason='SIP;cause=200;text="alice left"')
    found = ONE.message(message)
    assert b"alice" not in found.octets
    assert found.header("Reason").startswith("SIP;cause=200;text=")


def test_credentials_are_blotted_out():
    value = 'Digest username="alice", nonce="q==", response="01", algorithm=MD5, nc=00000001'
    found = ONE.message(request(Authorization=value)).header("Authorization")
    assert found == (
        'Digest username="xxxxx", nonce="x==", response="xx", algorithm=MD5, nc=00000001'
    )
    assert secret(" Basic YWxhZGRpbg==") == " Basic xxxxxxxxxx=="
    assert secret("abc") == "xxx"
    assert secret('a="b"') == 'a="x"'


def test_credentials_without_anything_else():
    octets = (
        b"REGISTER sip:h SIP/2.0\r\nAuthorization: Digest username=\"al\",\r\n response=\"12\"\r\n"
        b"To: <sip:al@h>\r\n\r\na=crypto:1 AES inline:abc\r\nk=clear:abc\r\na=sendrecv\r\n"
    )  # fmt: skip
    found = without_secrets(octets)
    assert len(found) == len(octets)
    assert b"To: <sip:al@h>" in found
    assert b"a=sendrecv" in found
    for gone in (b'"al"', b'"12"', b"abc"):
        assert gone not in found
    assert without_secrets(MESSAGE) is MESSAGE


def test_cpim():
    found = ONE.body("message/cpim", PLAIN_CPIM)
    assert len(found) == len(PLAIN_CPIM)
    assert b"alice" not in found.lower()
    wrapped = cpim.parse(found)
    assert wrapped.message_id == DISGUISE.hide("id77")
    assert wrapped.disposition_notification == {"positive-delivery"}
    assert wrapped.content.decode() == DISGUISE.prose("hello from alice")
    broken = b"From: alice\r\nTo alice"
    assert b"alice" not in ONE.body("message/cpim", broken)
    assert b"alice" not in ONE.body("message/cpim", broken + b"\r\n\r\nY: alice\r\n")


def test_imdn_names_the_message_reported_on():
    octets = imdn.write(imdn.Imdn("id77", "delivery", "delivered", recipient_uri="im:al@h"))
    found = imdn.parse(ONE.body("message/imdn+xml", octets))
    assert (found.kind, found.status) == ("delivery", "delivered")
    assert found.message_id == DISGUISE.hide("id77")


def test_actions_keep_their_words():
    octets = write_actions([Entry("id77", "retrieve"), Entry("id78", "discard")])
    found = identities(ONE.body("application/vnd.oma.cpm-deferred-actions+xml", octets))
    assert [(one.identity, one.action) for one in found] == [
        (DISGUISE.hide("id77"), "retrieve"),
        (DISGUISE.hide("id78"), "discard"),
    ]


def test_multiparts():
    def part(kind, body, **more):
        fields = [("Content-Type", kind), *((k.replace("_", "-"), v) for k, v in more.items())]
        return multipart.Part(Headers(tuple(fields)), body)

    sdp = b"v=0\r\nc=IN IP4 10.0.1.10\r\n"
    whole = multipart.Multipart(
        "b1",
        (
            part("application/sdp", sdp),
            part("text/plain", b64encode(b"alice writes"), Content_Transfer_Encoding="base64"),
            part("text/html", b"<p>ali=\r\nce =61", Content_Transfer_Encoding="quoted-printable"),
            part("image/png", b"\x89PNG alice"),
            part("message/sipfrag", b"SIP/2.0 200 OK\r\nTo: <sip:alice@h>\r\n\r\n"),
            part("text/plain", b"!!alice", Content_Transfer_Encoding="base64"),
        ),
        b"before alice",
        b"after alice",
    )  # fmt: skip
    octets = multipart.write(whole)
    kind = 'multipart/mixed;boundary="b1"'
    found = ONE.body(kind, octets)
    assert len(found) == len(octets)
    assert b"alice" not in found
    parts = multipart.parse(found, kind).parts
    assert [one.content_type for one in parts] == [one.content_type for one in whole.parts]
    assert parts[0].body == ONE.body("application/sdp", sdp)
    assert parts[1].content.decode() == DISGUISE.prose("alice writes")
    assert parts[4].content.startswith(b"SIP/2.0 200 OK\r\nTo: <sip:")
    assert b"alice" not in ONE.body("multipart/mixed", b"no boundary, alice")


@pytest.mark.parametrize(
    "kind", ["image/jpeg", "text/plain;charset=utf-16", "application/octet-stream"]
)
def test_what_is_no_text_is_replaced(kind):
    one, other = ONE.body(kind, b"alice" * 20), ONE.body(kind, b"alice" * 19 + b"b0b!!")
    assert b"alice" not in one
    assert one[:50] != other[:50]


def test_encoded_bodies_and_excess():
    octets = b"MESSAGE sip:a SIP/2.0\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nabalice"
    found = ONE.sip(octets)
    assert len(found) == len(octets)
    assert b"alice" not in found


def test_a_name_of_a_file():
    found = ONE.message(request(Content_Disposition='attachment; filename="alice.jpg"'))
    value = found.header("Content-Disposition")
    assert value.startswith('attachment; filename="')
    assert "alice" not in value


def test_nesting_has_an_end():
    octets = b"alice"
    for _ in range(12):
        octets = b"--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n" + octets
    assert b"alice" not in ONE.body("multipart/mixed;boundary=b", octets)


@pytest.mark.parametrize("piece", [b"a", b"a: b\r\n", b"\r\n ", b"--b\r\n", b"\r\n\r\n", b"<a>"])
@pytest.mark.parametrize("kind", ["message/cpim", "multipart/mixed;boundary=b", "message/sip"])
def test_disguising_bodies_is_linear(kind, piece):
    assert_linear(lambda body: ONE.body(kind, body), lambda n: piece * n, 100)
