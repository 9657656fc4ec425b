import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sip.message import SipRequest, SipResponse
from tests.body.growth import assert_linear
from tests.sip.samples import MESSAGE, ODD, OK, of, request


def test_a_request_reads_as_it_was_written():
    message = of(MESSAGE)
    assert isinstance(message, SipRequest)
    assert message.is_request
    assert (message.method, message.uri) == ("MESSAGE", "sip:+34600000002@ims.example.org")
    assert message.start_line == "MESSAGE sip:+34600000002@ims.example.org SIP/2.0"
    assert (message.call_id, message.cseq, message.cseq_method) == ("c1@10.0.1.10", 7, "MESSAGE")
    assert (message.from_tag, message.to_tag) == ("a1", None)
    assert message.branch == "z9hG4bKproxy1"
    assert message.vias[1].startswith("SIP/2.0/TCP [2001:db8::9]:5062;")
    assert message.content_type == "message/cpim"
    assert message.body == b"hello"
    assert message.head + b"\r\nhello" == message.octets == MESSAGE


def test_a_response_reads_as_it_was_written():
    message = of(OK)
    assert isinstance(message, SipResponse)
    assert not message.is_request
    assert (message.status, message.reason) == (200, "Very OK")
    assert (message.from_tag, message.to_tag, message.branch) == ("a1", "b1", "z9hG4bKproxy1")
    assert message.body == b""
    assert message.content_type == ""


def test_what_is_rare_reads_as_well():
    message = of(ODD)
    assert not message.regular
    assert message.vias == (
        "SIP/2.0/UDP h1; branch = z9hG4bKodd",
        "SIP/2.0/TCP h2;branch=z9hG4bKtwo",
        "SIP/2.0/UDP h3",
    )
    assert message.branch == "z9hG4bKodd"
    assert (message.from_tag, message.to_tag) == ("a2", "b2")
    assert (message.call_id, message.cseq, message.cseq_method) == ("odd1", 3, "NOTIFY")
    assert message.headers("Supported") == ("100rel", "path", "gruu")
    assert message.header("supported") == message.header("K") == "100rel"
    assert message.header("To") == "<sip:b@h> ;tag=b2"
    assert message.body == b"ok"
    assert message.octets == ODD


def test_lists_are_split_and_others_are_not():
    message = of(MESSAGE)
    assert message.headers("P-Asserted-Identity") == (
        "<sip:+34600000001@ims.example.org>",
        "<tel:+34600000001>",
    )
    assert message.headers("a") == ('*;+g.3gpp.icsi-ref="urn%3Aone,urn%3Atwo"', "*;explicit")
    assert message.headers("Subject") == (message.header("Subject"),) == ("one, two",)
    assert message.header("P-Asserted-Identity") == "<sip:+34600000001@ims.example.org>"
    assert request(Supported=",").header("Supported") == ""
    assert request(Supported=" , a,").header("Supported") == "a"
    assert request(Supported="").headers("Supported") == ()
    assert message.headers("Route") == ()
    assert message.header("Route") is None


def test_fields_keep_order_case_and_repetition():
    names = [name for name, _ in of(ODD).fields()]
    assert names == ["v", "f", "t", "i", "CSEQ", "Via", "k", "Supported", "l"]
    assert of(ODD).fields()[2] == ("t", "<sip:b@h> ;tag=b2")
    assert dict(of(MESSAGE).fields())["Accept-Contact"] == "*;explicit"


def test_what_is_absent_has_a_value():
    message = SipRequest(b"OPTIONS sip:a SIP/2.0\r\n\r\n")
    assert (message.call_id, message.cseq, message.cseq_method) == ("", -1, "")
    assert (message.from_tag, message.to_tag, message.branch) == (None, None, "")
    assert (message.vias, message.fields(), message.body) == ((), (), b"")
    assert (SipResponse(b"").status, SipResponse(b"").reason) == (-1, "")


@pytest.mark.parametrize("value", ["", "x", "1", "-1 OPTIONS", "OPTIONS 1", "9" * 5_000 + " A"])
def test_an_unreadable_cseq(value):
    message = request(CSeq=value)
    assert (message.cseq, message.cseq_method) == (-1, "")


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("sip:a@b;tag=1", "1"),
        ("<sip:a@b;tag=2>", None),
        ("<sip:a@b;tag=2>;TAG=1;x", "1"),
        ('"a <b>;tag=2" <sip:a@b>;x="<;tag=3>";tag=1', "1"),
        ('<sip:a@b>;x="tag"', None),
        ("<sip:a@b>;tagger=1", None),
        ('<sip:a@b>;x="open', None),
        ('\\"arik\\" <sip:a@b>;tag=1', "1"),
    ],
)
def test_tags(value, tag):
    assert request(To=value).to_tag == tag


@pytest.mark.parametrize(
    ("value", "branch"),
    [
        ("SIP/2.0/UDP h;rport;branch=z9hG4bK1", "z9hG4bK1"),
        ("SIP/2.0/UDP h;BRANCH=z9hG4bK1;x", "z9hG4bK1"),
        ("SIP/2.0/UDP h, SIP/2.0/UDP i;branch=z9hG4bK1", ""),
        ('SIP/2.0/UDP h;x="a;branch=no,";branch=z9hG4bK1', "z9hG4bK1"),
    ],
)
def test_branch(value, branch):
    assert request(Via=value).branch == branch


@pytest.mark.parametrize(
    "name", ["call_id", "cseq", "cseq_method", "from_tag", "to_tag", "branch"]
)
@pytest.mark.parametrize("odd", ["", "a b", '"', 'x;branch="y', "<a>;x", "SIP/2.0/UDP h, i", "1"])
def test_the_first_field_of_a_name_counts_however_it_is_written(name, odd):
    fields = (b"Via", b"From", b"To", b"Call-ID", b"CSeq")
    first = b"".join(b"%s: %s\r\n" % (field, odd.encode()) for field in fields)
    octets = MESSAGE.replace(b"Via:", first + b"Via:", 1)
    careful = octets.replace(b"Via:", b"v :", 1)
    assert of(octets).regular
    assert not of(careful).regular
    assert getattr(of(octets), name) == getattr(of(careful), name)


@given(
    st.sampled_from(["From", "To", "Via", "CSeq", "Call-ID"]),
    st.text('a1 ;=",<>\t\\:', max_size=30),
)
def test_the_quick_way_and_the_careful_way_agree(field, value):
    lead = {"CSeq": "1 ", "Via": "SIP/2.0/UDP h", "Call-ID": ""}.get(field, "<sip:a@b>")
    for text in (value, lead + value, lead + ";tag=1;branch=2" + value):
        quick = request(**{field.replace("-", "_"): text})
        careful = of(quick.octets.replace(b"Max-Forwards:", b"Max-Forwards :"))
        assert quick.regular
        assert not careful.regular
        for name in ("call_id", "cseq", "cseq_method", "from_tag", "to_tag", "branch"):
            assert getattr(quick, name) == getattr(careful, name), name


def test_octets_that_are_no_utf8_come_back():
    message = of(MESSAGE.replace(b"one, two", b"\xff\xc3\xa9"))
    assert message.header("s").encode("utf-8", "surrogateescape") == b"\xff\xc3\xa9"


def test_without_content_length_the_body_is_all():
    message = of(MESSAGE.replace(b"Content-Length: 5\r\n", b""))
    assert message.body == b"hello"


def test_equality_and_hash_go_by_octets():
    assert of(MESSAGE) == of(bytes(MESSAGE))
    assert of(MESSAGE) != of(OK)
    assert of(MESSAGE) != MESSAGE
    assert len({of(MESSAGE), of(MESSAGE), of(OK)}) == 2


def test_a_message_can_be_copied_and_sent_to_another_process():
    message = of(MESSAGE)
    assert message.call_id
    assert pickle.loads(pickle.dumps(message)) == copy.copy(message) == message
    assert repr(message).startswith("SipRequest(b'MESSAGE ")


@given(st.binary(max_size=200), st.sampled_from([SipRequest, SipResponse]))
def test_any_octets_can_be_asked(octets, kind):
    message = kind(b"A B SIP/2.0\n" + octets)
    for name in ("call_id", "cseq", "from_tag", "to_tag", "branch", "vias", "content_type"):
        getattr(message, name)
    assert message.octets.startswith(message.head)
    assert message.body in message.octets
    assert len(message.fields()) >= 0
    assert len(message.headers("Contact")) >= 0


@pytest.mark.parametrize(
    "piece", [b"a", b" ", b'"', b"\\", b";tag", b",", b"<", b">", b"\r\n ", b"x:\r\n", b"\n"]
)
def test_reading_is_linear(piece):
    def read(octets):
        message = SipRequest(octets)
        return message.from_tag, message.branch, message.vias, message.cseq, message.fields()

    assert_linear(
        read, lambda n: b'A B SIP/2.0\r\nFrom: "' + piece * n + b"\r\nVia: " + piece * n, 200
    )


@pytest.mark.parametrize("octets", [MESSAGE, b"A B SIP/2.0\r\nv : SIP/2.0/UDP a;branch=z\r\n\r\n"])
def test_what_was_let_go_of_can_still_be_asked(octets):
    message, again = SipRequest(octets), SipRequest(octets)
    message.slim()
    message.slim()
    assert message.lower_head == again.lower_head
    assert (message.vias, message.branch, message.body) == (again.vias, again.branch, again.body)
    with pytest.raises(AttributeError):
        message.no_such_thing  # noqa: B018 - asking is the test


@pytest.mark.parametrize(
    ("octets", "method"),
    [(MESSAGE, "MESSAGE"), (b"A B SIP/2.0\r\n\r\n", "A"), (b"nothing", "nothing")],
)
def test_the_method_is_what_stands_before_the_first_space(octets, method):
    assert SipRequest(octets).method == method


@pytest.mark.parametrize(
    ("line", "status"), [(b"SIP/2.0 200 OK", 200), (b"SIP/2.0 2x0 OK", -1), (b"SIP/2.0", -1)]
)
def test_the_status_is_three_digits(line, status):
    assert SipResponse(line + b"\r\n\r\n").status == status


VIAS = [
    b"Via: SIP/2.0/UDP h;branch=z9hG4bK1",
    b"Via: SIP/2.0/UDP h;rport;branch=z9hG4bK1;received=192.0.2.1",
    b"Via: SIP/2.0/UDP h;BRANCH=z9hG4bK1 ;x=1",
    b"Via: SIP/2.0/UDP h ; branch = z9hG4bK1",
    b"Via: SIP/2.0/UDP a, SIP/2.0/UDP b;branch=z9hG4bK2",
    b'Via: SIP/2.0/UDP a;x=";branch=no";branch=z9hG4bK3',
    b"Via: SIP/2.0/UDP a;branches=1;branch=z9hG4bK4",
    b"Via: SIP/2.0/UDP a;branch=",
    b"Via: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b;branch=z9hG4bK5",
    b"v: SIP/2.0/UDP h;branch=z9hG4bK6",
    b"X: 1",
]
CALLS = [b"Call-ID: c@h", b"call-id:\t c@h  ", b"i: c@h", b"Call-ID:", b"X-Call: 1"]
SEQUENCES = [
    b"CSeq: 1 INVITE",
    b"CSEQ:  00012\t INVITE",
    b"CSeq: 1INVITE",
    b"CSeq: 1 IN VITE",
    b"CSeq: 123456789012345678901 BYE",
    b"CSeq: 1 x-odd.method",
    b"X-Seq: 1 BYE",
]


@given(
    st.sampled_from(VIAS),
    st.sampled_from(CALLS),
    st.sampled_from(SEQUENCES),
    st.permutations(range(3)),
)
def test_what_a_transaction_shares_is_read_alike_in_one_go_and_one_by_one(
    via, call, sequence, order
):
    lines = [(via, call, sequence)[place] for place in order]
    octets = b"\r\n".join([b"INVITE sip:b@h SIP/2.0", *lines, b"Max-Forwards: 70", b"", b""])
    together, apart = SipRequest(octets), SipRequest(octets)
    one_by_one = apart.branch, apart.call_id, apart.cseq, apart.cseq_method
    assert together.transaction == one_by_one
