"""What RFC 4475 says of each of its 49 messages, and what comes of it here.

VALID messages are read and have no fault; where one has, RFC 4475 is more lenient than RFC 3261
(the branch of RFC 2543) and the fault is named. INVALID ones have the fault that the RFC names:
as octets that are no message at all (`!`), or as a fault of a message that can be read. The
messages of the other sections are the business of a transaction, an application or an older
peer: their octets are right unless a fault is named.
"""

from pathlib import Path

import pytest

from conformance.body.multipart import walk
from conformance.sip.check import faults
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse
from conformance.wire.malformed import Malformed

VECTORS = Path(__file__).resolve().parents[2] / ".." / "shared" / "vectors" / "rfc4475"
VALID, INVALID, TRANSACTION, APPLICATION, OLD = "3.1.1", "3.1.2", "3.2", "3.3", "3.4"

# name: section of RFC 4475, words of the faults
TABLE = {
    "wsinv": (VALID, 1, ["z9hG4bK"]),
    "intmeth": (VALID, 2, []),
    "esc01": (VALID, 3, []),
    "escnull": (VALID, 4, []),
    "esc02": (VALID, 5, []),
    "lwsdisp": (VALID, 6, []),
    "longreq": (VALID, 7, ["z9hG4bK"]),
    "dblreq": (VALID, 8, []),
    "semiuri": (VALID, 9, []),
    "transports": (VALID, 10, []),
    "mpart01": (VALID, 11, []),
    "unreason": (VALID, 12, []),
    "noreason": (VALID, 13, []),
    "badinv01": (INVALID, 1, ["generic-param", "via-parm", "z9hG4bK", "(contact)"]),
    "clerr": (INVALID, 2, ["!larger than the body"]),
    "ncl": (INVALID, 3, ["!no decimal number"]),
    "scalar02": (INVALID, 4, ["2**31", "Max-Forwards", "delta-seconds", "expires of Contact"]),
    "scalarlg": (INVALID, 5, ["without a tag", "2**31", "Retry-After", "warning-value"]),
    "quotbal": (INVALID, 6, ["name-addr"]),
    "ltgtruri": (INVALID, 7, ["scheme", "z9hG4bK"]),
    "lwsruri": (INVALID, 8, ["!request line"]),
    "lwsstart": (INVALID, 9, ["!request line"]),
    "trws": (INVALID, 10, ["!request line"]),
    "escruri": (INVALID, 11, ["Request-URI"]),
    "baddate": (INVALID, 12, ["RFC 1123"]),
    "regbadct": (INVALID, 13, ["<>"]),
    "badaspec": (INVALID, 14, ["name-addr"]),
    # The file ends before its empty line, so that it is no message for that alone.
    "baddn": (INVALID, 15, ["!no empty line"]),
    "badvers": (INVALID, 16, ["!SIP-Version"]),
    "mismatch01": (INVALID, 17, ["method of CSeq"]),
    "mismatch02": (INVALID, 18, ["method of CSeq"]),
    "bigcode": (INVALID, 19, ["!status line"]),
    "badbranch": (TRANSACTION, 1, ["z9hG4bK"]),
    "insuf": (APPLICATION, 1, ["Contact", "Call-ID", "From", "Max-Forwards", "To is missing"]),
    "unkscm": (APPLICATION, 2, []),
    "novelsc": (APPLICATION, 3, []),
    "unksm2": (APPLICATION, 4, []),
    "bext01": (APPLICATION, 5, []),
    "invut": (APPLICATION, 6, []),
    "regaut01": (APPLICATION, 7, []),
    "multi01": (APPLICATION, 8, ["cseq is rep", "call-id is rep", "to is rep", "from is rep",
                                 "max-forwards is rep", "Contact"]),
    "mcl01": (APPLICATION, 9, ["!differ"]),
    "bcast": (APPLICATION, 10, []),
    "zeromf": (APPLICATION, 11, []),
    "cparam01": (APPLICATION, 12, []),
    "cparam02": (APPLICATION, 13, []),
    "regescrt": (APPLICATION, 14, []),
    "sdp01": (APPLICATION, 15, []),
    "inv2543": (OLD, 1, ["z9hG4bK", "without a tag", "Contact", "Max-Forwards"]),
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the messages of RFC 4475 are not here"
)


def octets_of(name):
    return (VECTORS / f"{name}.dat").read_bytes()


def message(name):
    found = parse(octets_of(name))
    assert isinstance(found, SipRequest | SipResponse), found
    return found


def test_all_49_are_here():
    assert len(TABLE) == 49
    assert {path.stem for path in VECTORS.glob("*.dat")} == set(TABLE)
    sections = [(section, number) for section, number, _ in TABLE.values()]
    assert len(set(sections)) == 49
    assert sum(section == VALID for section, _ in sections) == 13
    assert sum(section == INVALID for section, _ in sections) == 19


@pytest.mark.parametrize("name", TABLE)
def test_what_the_rfc_says(name):
    section, _, words = TABLE[name]
    found = parse(octets_of(name))
    if words and words[0].startswith("!"):
        assert section != VALID
        assert isinstance(found, Malformed)
        assert words[0][1:] in found.rule
        return
    assert isinstance(found, SipRequest | SipResponse)
    rules = [fault.rule for fault in faults(found)]
    unexplained = [rule for rule in rules if not any(word in rule for word in words)]
    assert unexplained == []
    assert all(any(word in rule for rule in rules) for word in words)
    if section == VALID:
        assert all("branch" in rule for rule in rules)
    if section == INVALID:
        assert rules


def test_baddn_with_its_empty_line():
    found = parse(octets_of("baddn") + b"\r\n")
    assert isinstance(found, SipRequest)
    assert "display-name" in faults(found)[0].rule


@pytest.mark.parametrize(
    ("name", "what", "value"),
    [
        ("wsinv", "cseq", 9),
        ("wsinv", "from_tag", "98asjd8"),
        ("wsinv", "branch", "390skdjuw"),
        ("intmeth", "method", "!interesting-Method0123456789_*+`.%indeed'~"),
        ("intmeth", "cseq", 139122385),
        ("esc01", "uri", "sip:sips%3Auser%40example.com@example.net"),
        ("esc02", "method", "RE%47IST%45R"),
        ("dblreq", "body", b""),
        ("semiuri", "uri", "sip:user;par=u%40example.net@example.com"),
        ("unreason", "status", 200),
        ("noreason", "status", 100),
        ("noreason", "reason", ""),
        ("unkscm", "uri", "nobodyKnowsThisScheme:totallyopaquecontent"),
        ("novelsc", "uri", "soap.beep://192.0.2.103:3002"),
        ("insuf", "call_id", ""),
        ("badbranch", "branch", "z9hG4bK"),
    ],
)
def test_what_is_read_of_them(name, what, value):
    assert getattr(message(name), what) == value


def test_two_requests_in_one_datagram():
    found = message("dblreq")
    assert found.octets[found.body_start :].count(b"SIP/2.0\r\n") == 1
    assert found.method == "REGISTER"


def test_fields_of_some():
    assert len(message("transports").vias) == 5
    assert len(message("wsinv").vias) == 3
    assert message("zeromf").header("Max-Forwards") == "0"
    assert message("unreason").reason.startswith("= 2**3 * 5**2")
    assert "%00" in (message("escnull").header("To") or "")
    assert set(message("bext01").headers("Require")) == {"nothingSupportsThis",
                                                         "nothingSupportsThisEither"}  # fmt: skip


def test_a_multipart():
    found = message("mpart01")
    parts = list(walk(found.header("Content-Type") or "", found.body))
    assert len(parts) == 2
    assert parts[0].content_type == "text/plain"
