"""SIP messages to read, and hypothesis strategies that make more."""

from hypothesis import strategies as st

from conformance.sip.parser import parse
from conformance.sip.writer import write_request, write_response

MESSAGE = (
    b"MESSAGE sip:+34600000002@ims.example.org SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.1.10:5060;branch=z9hG4bKproxy1;rport\r\n"
    b"Via: SIP/2.0/TCP [2001:db8::9]:5062;branch=z9hG4bKclient1;received=2001:db8::9\r\n"
    b"Max-Forwards: 69\r\n"
    b'From: "Alice, A." <sip:+34600000001@ims.example.org;user=phone>;tag=a1\r\n'
    b"To: <sip:+34600000002@ims.example.org>\r\n"
    b"Call-ID: c1@10.0.1.10\r\n"
    b"CSeq: 7 MESSAGE\r\n"
    b"P-Asserted-Identity: <sip:+34600000001@ims.example.org>, <tel:+34600000001>\r\n"
    b'Accept-Contact: *;+g.3gpp.icsi-ref="urn%3Aone,urn%3Atwo"\r\n'
    b"Accept-Contact: *;explicit\r\n"
    b"Subject: one, two\r\n"
    b"Content-Type: Message/CPIM;charset=utf-8\r\n"
    b"Content-Length: 5\r\n"
    b"\r\n"
    b"hello"
)
OK = (
    b"SIP/2.0 200 Very OK\r\n"
    b"Via: SIP/2.0/UDP 10.0.1.10:5060;branch=z9hG4bKproxy1;received=10.0.1.10;rport=5060\r\n"
    b"From: <sip:a@example.org>;tag=a1\r\n"
    b"To: <sip:b@example.org>;tag=b1\r\n"
    b"Call-ID: c1@10.0.1.10\r\n"
    b"CSeq: 7 MESSAGE\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)
ODD = (
    b"NOTIFY sip:b@example.org SIP/2.0\r\n"
    b"v :SIP/2.0/UDP h1;\r\n"
    b"\tbranch = z9hG4bKodd , SIP/2.0/TCP h2;branch=z9hG4bKtwo\r\n"
    b'f: "a>;tag=no \\" " <sip:a@h;tag=uri>;x=";tag=quoted" ; Tag = a2\r\n'
    b"t:\r\n"
    b" <sip:b@h>\r\n"
    b" ;tag=b2\r\n"
    b"i:odd1\r\n"
    b"CSEQ:  3\t NOTIFY\r\n"
    b"Via: SIP/2.0/UDP h3\r\n"
    b"k: 100rel\r\n"
    b"Supported: path, gruu\r\n"
    b"l:2\r\n"
    b"\r\n"
    b"okexcess"
)
"""What is legal and rare: compact forms, folding, white space, quotes; and octets in excess."""


def of(octets):
    """The message in octets known to be one."""
    message = parse(octets)
    assert not hasattr(message, "rule"), message
    return message


def request(method="OPTIONS", uri="sip:b@example.org", **fields):
    """A request with the mandatory fields, each to be replaced or, with None, left out."""
    given = {
        "Via": "SIP/2.0/UDP h:5060;branch=z9hG4bKx",
        "Max-Forwards": "70",
        "From": "<sip:a@example.org>;tag=a",
        "To": "<sip:b@example.org>",
        "Call-ID": "c",
        "CSeq": f"1 {method}",
    }
    given.update({name.replace("_", "-"): value for name, value in fields.items()})
    return of(write_request(method, uri, [(n, v) for n, v in given.items() if v is not None]))


tokens = st.text("abcXYZ019-.!%*_+`'~", min_size=1, max_size=12)
values = st.text(
    st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=40
).map(str.strip)
names = tokens.filter(lambda name: name.lower() not in ("l", "content-length"))
headers = st.lists(st.tuples(names, values), max_size=8)
uris = st.text("abc:@;=?&%/.0-9", min_size=1, max_size=30)
requests = st.builds(write_request, tokens, uris, headers, st.binary(max_size=60))
responses = st.builds(
    write_response, st.integers(100, 699), values, headers, st.binary(max_size=60)
)
messages = st.one_of(requests, responses)
