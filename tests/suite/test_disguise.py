import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cpm.identity import is_anonymous, is_store_and_forward, user_key
from conformance.suite.disguise import Disguise, blotted
from conformance.suite.pseudonyms import Pseudonyms
from tests.body.growth import assert_linear

ONE = Disguise(Pseudonyms(bytes(range(32))))
SAME_USER = [
    "tel:+15551234567",
    "<tel:+1-555-123.4567>",
    '"A. Smith" <sip:+15551234567@ims.example.org;user=phone>;tag=1',
    "sip:+1(555)123-4567@other.example",
    "sip:%2B15551234567@ims.example.org",
]
texts = st.text(max_size=60)


def octets(text):
    return text.encode("utf-8", "surrogatepass")


@given(texts)
def test_no_length_changes(text):
    for change in (ONE.hide, ONE.prose, ONE.address, ONE.xml, ONE.sdp, ONE.hosts):
        assert len(octets(change(text))) == len(octets(text))


def test_spellings_of_one_user_stay_one_user():
    assert len({user_key(ONE.address(value)) for value in SAME_USER}) == 1
    assert user_key(ONE.address(SAME_USER[0])) != user_key(SAME_USER[0])


def test_case_counts_where_it_counted():
    keys = [user_key(ONE.address(one)) for one in ("sip:Al@H.EX", "sip:Al@h.ex", "sip:al@h.ex")]
    assert keys[0] == keys[1] != keys[2]


def test_escapes_stay_escapes():
    assert user_key(ONE.address("sip:%61lice@h")) == user_key(ONE.address("sip:alice@h"))
    assert re.fullmatch(r"sip:(%[89a-f][0-9a-f]){3}@\w", ONE.address("sip:%e4%bd%a0@h"))


def test_nobody_s_addresses():
    assert is_anonymous(ONE.address("<sip:anonymous@anonymous.invalid>"))
    assert is_store_and_forward(ONE.address("sip:rcse-standfw@example.org"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("SIP/2.0/TCP 10.0.1.10:5062;branch=z9hG4bKalice;rport=77", "SIP/2.0/TCP "),
        ("SIP/2.0/TCP 10.0.1.10:5062;branch=z9hG4bKalice;rport=77", ";branch=z9hG4bK"),
        ("SIP/2.0/TCP 10.0.1.10:5062;branch=z9hG4bKalice;rport=77", ":5062;"),
        ("SIP/2.0/TCP 10.0.1.10:5062;branch=z9hG4bKalice;rport=77", ";rport=77"),
        ("<sip:alice@[2001:db8::9]:5060;transport=tcp;lr>;expires=60", "]:5060;transport=tcp;lr>"),
        ("<sip:a@h>;+g.3gpp.icsi-ref=\"urn%3Aalice\";q=0.5", ';+g.3gpp.icsi-ref="urn%3Aalice"'),
        ("msrp://10.0.1.10:2855/alice;tcp", ":2855/"),
        ("msrp://10.0.1.10:2855/alice;tcp", ";tcp"),
    ],
)  # fmt: skip
def test_what_is_the_protocol_s_stays(text, kept):
    found = ONE.address(text)
    assert kept in found
    assert "10.0.1.10" not in found
    assert found != text


def test_an_instance_id_and_a_password_are_hidden():
    found = ONE.address('<sip:bob:5060@h>;+sip.instance="<urn:gsma:imei:90420156-025763-0>"')
    assert "5060" not in found
    assert "90420156" not in found
    assert "urn:gsma:imei:" in found


def test_one_address_everywhere():
    host = ONE.pseudonyms.address("2001:db8::9")
    for text in ("c1@2001:db8::9", "[2001:db8::9]", "IN IP6 2001:db8::9", "via 2001:db8::9;a"):
        assert host in ONE.hide(text)
        assert host in ONE.hosts(text)
    assert ONE.hosts("frames are missing from alice") == "frames are missing from alice"
    assert ONE.hide("999.1.1.1") != "999.1.1.1"


def test_sdp():
    found = ONE.sdp(
        "v=0\r\no=alice 289 290 IN IP4 10.0.1.10\r\ns=-\r\nk=base64:c2VjcmV0\r\n"
        "c=IN IP4 10.0.1.10\r\nm=message 7654 TCP/MSRP *\r\na=accept-types:message/cpim\r\n"
        "a=path:msrp://10.0.1.10:7654/s1;tcp\r\na=setup:active\r\na=sendonly\r\n"
        'a=file-selector:name:"alice.jpg" type:image/jpeg size:99\r\n'
        "a=crypto:1 AES_CM_128 inline:c2VjcmV0\r\nnonsense\r\no=odd\r\nc=odd\r\n"
    )
    host = ONE.pseudonyms.address("10.0.1.10")
    for line in ("v=0", f"c=IN IP4 {host}", "m=message 7654 TCP/MSRP *", "a=setup:active",
                 "a=accept-types:message/cpim", "a=sendonly"):  # fmt: skip
        assert f"{line}\r\n" in found
    assert f" 289 290 IN IP4 {host}\r\n" in found
    assert f"a=path:msrp://{host}:7654/" in found
    for gone in ("alice", "c2Vjcm", "10.0.1.10"):
        assert gone not in found


def test_xml():
    text = (
        '<?xml version="1.0"?><!-- alice --><list xmlns="urn:a:b"><message id="alice1" '
        'action="retrieve" size="12">to sip:alice@h &amp; bob<b/></message><![CDATA[alice]]>'
        "<when>2026-03-01T09:00:00Z</when><state>active</state><t>text/plain</t></list>"
    )
    found = ONE.xml(text)
    assert "alice" not in found
    for kept in ('xmlns="urn:a:b"', 'action="retrieve"', 'size="12"', "&amp;", "<b/></message>",
                 "2026-03-01T09:00:00Z", "<state>active<", "text/plain", " id="):  # fmt: skip
        assert kept in found
    assert f'id="{ONE.hide("alice1")}"' in found


def test_frequent_words_of_a_text_tell_nothing():
    one, other = ONE.prose("the cat and the dog"), ONE.prose("the dog and the cat")
    assert one.split()[0] != other.split()[0]
    assert one == ONE.prose("the cat and the dog")


def test_secrets():
    assert blotted("inline:AbC+/9=|2^20") == "xxxxxx:xxxxxx=|x^xx"


@pytest.mark.parametrize(
    "piece", ["a", "1.", "a:", "+1-", "%41", "<", "<a ", '"', ";a=", ";", "sip:", "&", "]]", "()"]
)
def test_disguising_is_linear(piece):
    for change in (ONE.hide, ONE.address, ONE.xml, ONE.sdp):
        assert_linear(change, lambda n: piece * n, 200)
