"""MSRP messages to read, and hypothesis strategies that make more."""

from hypothesis import strategies as st

from conformance.msrp.parser import find_end, parse
from conformance.msrp.writer import write_request, write_response

ALICE = "msrp://alice.example.com:7777/iau39soe2843z;tcp"
BOB = "msrp://bob.example.org:8888/9di4eae923wzd;tcp"
PATHS = (("To-Path", BOB), ("From-Path", ALICE))

SEND = (
    b"MSRP a786hjs2 SEND\r\n"
    b"To-Path: msrp://relay.example.org:2855/r1;tcp " + BOB.encode() + b"\r\n"
    b"From-Path: " + ALICE.encode() + b"\r\n"
    b"message-id:87652491\r\n"
    b"Success-Report: yes\r\n"
    b"Failure-Report: Partial\r\n"
    b"Byte-Range: 1-*/60\r\n"
    b"Content-type: Message/CPIM; charset=utf-8\r\n"
    b"\r\n"
    b"Hey Bob,\r\n-------other$\r\n\r\n-------a786hjs2?\r\nare you there?\r\n"
    b"-------a786hjs2+\r\n"
)
BIND = write_request("b1nd.+%=-", "SEND", [*PATHS, ("Message-ID", "m0")])
REPORT = write_request(
    "rep1",
    "REPORT",
    [
        ("To-Path", ALICE),
        ("From-Path", BOB),
        ("Message-ID", "87652491"),
        ("Byte-Range", "1-60/60"),
        ("Status", "000 200 OK then"),
    ],
)
OK = write_response("a786hjs2", 200, "OK", [("To-Path", ALICE), ("From-Path", BOB)])


def of(octets):
    """The message in octets known to be one."""
    message = parse(octets)
    assert not hasattr(message, "rule"), message
    return message


def send(body=b"x", flag="$", transaction="t123", **fields):
    """A SEND of one chunk; the fields are added in the order given."""
    given = [(name.replace("_", "-"), value) for name, value in fields.items()]
    headers = [*PATHS, *given, ("Content-Type", "text/plain")]
    return of(write_request(transaction, "SEND", headers, body, flag))


transaction_ids = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}\Z")
names = st.from_regex(r"\A[A-Za-z][A-Za-z-]{0,10}\Z")
values = st.text(
    st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=30
).map(str.strip)
headers = st.lists(st.tuples(names, values), max_size=5)
bodies = st.one_of(
    st.none(), st.binary(max_size=60), st.text("\r\n-$a", max_size=40).map(str.encode)
)


def _request(transaction, method, fields, body, flag):
    mark = b"\r\n-------" + transaction.encode()
    if body is not None and find_end(b"\r\n" + body + b"\r\n", mark, 0) >= 0:
        body = None
    return write_request(transaction, method, [*PATHS, *fields], body, flag)


requests = st.builds(
    _request,
    transaction_ids,
    st.sampled_from(["SEND", "REPORT", "AUTH", "NICKNAME", "X"]),
    headers,
    bodies,
    st.sampled_from("$+#"),
)
responses = st.builds(
    lambda transaction, status, comment, fields: write_response(
        transaction, status, comment, [*PATHS, *fields]
    ),
    transaction_ids,
    st.integers(0, 999),
    values,
    headers,
)
messages = st.one_of(requests, responses)
