"""The scenes of RFC 4975 (sections 4, 5, 7 and 11), CPIM (RFC 3862) and IMDN (RFC 5438) in one
another, written by their grammar; and in a stream cut anywhere.
"""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.body import cpim, imdn
from conformance.msrp.chunking import Reassembly
from conformance.msrp.frames import MsrpStream
from conformance.msrp.message import ByteRange, MsrpRequest, MsrpResponse, Status
from conformance.msrp.parser import parse
from conformance.msrp.uri import parse_uri
from conformance.wire.malformed import Malformed

A, B = "msrp://a.example:7394/2s93i9ek2a;tcp", "msrp://b.example:8493/si438dsaodes;tcp"


def msrp(start, fields, body=None, flag="$", to=B, by=A):
    transaction = start.split(" ")[0]
    lines = [f"MSRP {start}", f"To-Path: {to}", f"From-Path: {by}", *fields]
    if body is not None:
        lines += ["", body]
    return "\r\n".join([*lines, f"-------{transaction}{flag}", ""]).encode()


WHOLE = msrp("d93kswow SEND", ["Message-ID: 12339sdqwer", "Byte-Range: 1-16/16",
                               "Content-Type: text/plain"], "Hi, I'm a person")  # fmt: skip
FIRST = msrp("dkei38sd SEND", ["Message-ID: 4564dpWd", "Byte-Range: 1-*/8",
                               "Content-Type: text/plain"], "abcd", "+")  # fmt: skip
SECOND = msrp("dkei38ia SEND", ["Message-ID: 4564dpWd", "Byte-Range: 5-8/8",
                                "Content-Type: text/plain"], "EFGH")  # fmt: skip
ABORTED = msrp("dkei38ib SEND", ["Message-ID: 4564dpWe", "Byte-Range: 1-*/8",
                                 "Content-Type: text/plain"], "abcd", "#")  # fmt: skip
ANSWER = msrp("d93kswow 200 OK", [], to=A, by=B)
REFUSED = msrp("d93kswow 413", [], to=A, by=B)
REPORT = msrp("dkei38sd REPORT", ["Message-ID: 12339sdqwer", "Byte-Range: 1-16/16",
                                  "Status: 000 200 OK"], to=A, by=B)  # fmt: skip
HOSTILE = msrp("a786hjs2 SEND", ["Message-ID: 87652491", "Byte-Range: 1-*/*",
                                 "Content-Type: text/plain"],
               "-------a786hjs3$\r\n-------a786hjs\r\n MSRP a786hjs2 SEND")  # fmt: skip
EVERY = [WHOLE, FIRST, SECOND, ABORTED, ANSWER, REFUSED, REPORT, HOSTILE]


@pytest.mark.parametrize("octets", EVERY)
def test_each_is_a_message(octets):
    found = parse(octets)
    assert isinstance(found, MsrpRequest | MsrpResponse)
    assert found.octets == octets
    assert [parse_uri(path) for path in (*found.to_path, *found.from_path)]


def test_7_1_a_request():
    found = parse(WHOLE)
    assert (found.method, found.transaction_id, found.flag) == ("SEND", "d93kswow", "$")
    assert (found.byte_range, found.body) == (ByteRange(1, 16, 16), b"Hi, I'm a person")
    assert (found.success_report, found.failure_report) == (False, "yes")


def test_7_2_responses():
    assert (parse(ANSWER).status, parse(ANSWER).comment) == (200, "OK")
    assert (parse(REFUSED).status, parse(REFUSED).comment) == (413, "")


def test_7_1_2_a_report():
    assert parse(REPORT).status == Status(0, 200, "OK")


def test_5_1_chunks():
    found = Reassembly()
    for octets in (SECOND, FIRST):
        assert found.add(parse(octets)) is None
    assert found.body == b"abcdEFGH"
    given_up = Reassembly()
    given_up.add(parse(ABORTED))
    assert given_up.is_abandoned


def test_7_1_what_looks_like_an_end_line_is_a_body():
    assert parse(HOSTILE).body.count(b"-------") == 2


@settings(max_examples=60)
@given(st.lists(st.integers(0, sum(map(len, EVERY))), max_size=12))
def test_a_stream_cut_anywhere(cuts):
    octets = b"".join(EVERY)
    places = sorted({0, *cuts, len(octets)})
    stream = MsrpStream()
    found = []
    for low, high in pairwise(places):
        found += stream.feed(octets[low:high])
    assert [one.octets for one in found] == EVERY


CPIM = (
    b"From: MR SANDERS <im:piglet@100akerwood.example>\r\nTo: "
    b"Depressed <im:eeyore@100akerwood.example>\r\n"
    b"DateTime: 2026-12-13T13:40:00-08:00\r\nSubject: the weather will be fine today\r\n"
    b"Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n"
    b"NS: imdn <urn:ietf:params:imdn>\r\nNS: Mine <mid:features@id.example>\r\n"
    b"Require: Mine.VitalMessageOption\r\nMine.VitalMessageOption: Confirmation-requested\r\n"
    b"imdn.Message-ID: 34jk324j\r\nimdn.Disposition-Notification: positive-delivery, display"
    b"\r\n\r\nContent-Type: text/xml; charset=utf-8\r\nContent-ID: <1234567890@foo.example>"
    b"\r\n\r\n<body>\r\nHere is the text of my message.\r\n</body>"
)  # fmt: skip


def test_rfc_3862_a_whole_message():
    found = cpim.parse(CPIM)
    assert not isinstance(found, Malformed)
    assert found.from_ == "MR SANDERS <im:piglet@100akerwood.example>"
    assert found.datetime == "2026-12-13T13:40:00-08:00"
    assert found.subject == "the weather will be fine today"
    assert len(found.get_all("Subject")) == 2
    assert found.get("VitalMessageOption", "mid:features@id.example") == "Confirmation-requested"
    assert found.require == {"Mine.VitalMessageOption"}
    assert found.content_type.startswith("text/xml")


def test_rfc_5438_asks_and_answers():
    asked = cpim.parse(CPIM)
    assert asked.message_id == "34jk324j"
    assert asked.disposition_notification == {"positive-delivery", "display"}
    told = imdn.write(imdn.Imdn(asked.message_id, "delivery", "delivered"))
    wrapped = b"From: <im:e@h>\r\nTo: <im:p@h>\r\n\r\nContent-Type: message/imdn+xml\r\n"
    wrapped += b"Content-Disposition: notification\r\n\r\n" + told
    (part,) = cpim.parse(wrapped).parts
    assert imdn.is_imdn(part.content_type)
    assert imdn.parse(part.content).message_id == "34jk324j"


@pytest.mark.parametrize("kind", imdn.STATUSES)
def test_rfc_5438_every_status(kind):
    for status in imdn.STATUSES[kind]:
        found = imdn.parse(imdn.write(imdn.Imdn("a", kind, status)))
        assert (found.kind, found.status, found.is_known) == (kind, status, True)


@pytest.mark.parametrize("size", range(0, len(CPIM), 23))
def test_cpim_cut_anywhere(size):
    found = cpim.parse(CPIM[:size])
    assert isinstance(found, cpim.Cpim | Malformed)
