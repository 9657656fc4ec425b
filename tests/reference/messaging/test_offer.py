"""Offers and answers of MSRP sessions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.body import sdp
from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.messaging.offer import (
    Agreement,
    agree,
    answer,
    answering_setup,
    mirrored,
    offer,
)
from conformance.wire.malformed import Malformed

PF, CLIENT = Endpoint("10.0.3.1", 20_001), Endpoint("10.0.2.20", 2_855)
PF_URI, CLIENT_URI = "msrp://10.0.3.1:20001/pf-side;tcp", "msrp://10.0.2.20:2855/phone;tcp"


def offered(**options: object) -> bytes:
    return offer(PF_URI, PF, chance=Chance("o"), **options)  # type: ignore[arg-type]


def answered(to: bytes, **options: object) -> bytes:
    read = sdp.parse(to)
    assert isinstance(read, sdp.Session)
    return answer(read, CLIENT_URI, CLIENT, chance=Chance("a"), **options)  # type: ignore[arg-type]


def agreed(local: bytes, remote: bytes, is_offerer: bool) -> Agreement:
    found = agree(local, remote, is_offerer)
    assert isinstance(found, Agreement), found
    return found


def media_of(octets: bytes) -> sdp.Media:
    read = sdp.parse(octets)
    assert isinstance(read, sdp.Session)
    media = sdp.message_media(read)
    assert media is not None
    return media


def test_an_offer_describes_one_msrp_stream() -> None:
    media = media_of(offered(direction="sendonly", max_size=10_000))

    assert (media.port, media.protocol, media.formats) == (20_001, "TCP/MSRP", ("*",))
    assert media.path == (PF_URI,)
    assert (media.setup, media.direction, media.max_size) == ("actpass", "sendonly", 10_000)
    assert media.accept_types == ("message/cpim", "application/im-iscomposing+xml")
    assert media.accept_wrapped_types == ("*",)


SECURE_PF, SECURE_CLIENT = PF_URI.replace("msrp:", "msrps:"), CLIENT_URI.replace("msrp:", "msrps:")


def test_an_msrps_path_is_offered_answered_and_agreed_over_tls() -> None:
    local = offer(SECURE_PF, PF, chance=Chance("o"))
    assert media_of(local).protocol == "TCP/TLS/MSRP"
    read = sdp.parse(local)
    assert isinstance(read, sdp.Session)
    remote = answer(read, SECURE_CLIENT, CLIENT, chance=Chance("a"))
    assert media_of(remote).protocol == "TCP/TLS/MSRP"
    assert media_of(remote).path[0].startswith("msrps://10.0.2.20:9/")
    assert agreed(local, remote, True).remote_path == media_of(remote).path


def test_fingerprints_are_told_to_the_other_side() -> None:
    ours, theirs = "sha-256 AA:01", "sha-256 BB:02"
    local = offer(SECURE_PF, PF, fingerprint=ours, chance=Chance("o"))
    read = sdp.parse(local)
    assert isinstance(read, sdp.Session)
    remote = answer(read, SECURE_CLIENT, CLIENT, fingerprint=theirs, chance=Chance("a"))
    assert agreed(local, remote, True).fingerprint == theirs
    assert agreed(remote, local, False).fingerprint == ours


def test_who_listens_without_tls_refuses_an_offer_over_it_and_the_other_way_round() -> None:
    for local, uri in (
        (offer(SECURE_PF, PF, chance=Chance("o")), CLIENT_URI),
        (offered(), SECURE_CLIENT),
    ):
        read = sdp.parse(local)
        assert isinstance(read, sdp.Session)
        remote = answer(read, uri, CLIENT, chance=Chance("a"))
        assert media_of(remote).port == 0
        assert isinstance(agree(local, remote, True), Malformed)


def test_a_protocol_that_does_not_fit_its_path_is_no_session() -> None:
    mixed = offered().replace(b"TCP/MSRP", b"TCP/TLS/MSRP")
    found = agree(answered(offered()), mixed, False)
    assert isinstance(found, Malformed)
    assert "RFC 4975 section 8.1" in found.rule


def test_the_answer_mirrors_the_direction_and_connects() -> None:
    local = offered(direction="sendonly")
    remote = answered(local)

    media = media_of(remote)
    assert (media.direction, media.setup, media.port) == ("recvonly", "active", 9)
    assert media.path == ("msrp://10.0.2.20:9/phone;tcp",)
    ours, theirs = agreed(local, remote, True), agreed(remote, local, False)
    assert (ours.is_active, ours.direction, ours.may_send) == (False, "sendonly", True)
    assert (theirs.is_active, theirs.direction, theirs.may_send) == (True, "recvonly", False)
    assert theirs.remote_endpoint == PF
    assert theirs.remote_path == ours.local_path == (PF_URI,)
    assert theirs.local_path == ours.remote_path == media.path


@pytest.mark.parametrize(
    ("setup", "reply", "offerer_connects"),
    [
        ("actpass", "active", False),
        ("actpass", "passive", True),
        ("active", "passive", True),
        ("passive", "active", False),
        ("", "", True),
        ("actpass", "", True),
        ("passive", "", False),
    ],
)
def test_who_connects_follows_from_both(setup: str, reply: str, offerer_connects: bool) -> None:
    local = offered(setup=setup)
    remote = answered(local, setup=reply)

    assert agreed(local, remote, True).is_active is offerer_connects
    assert agreed(remote, local, False).is_active is not offerer_connects


@pytest.mark.parametrize("setup", ["active", "passive", "holdconn"])
def test_two_alike_make_no_connection(setup: str) -> None:
    local = offered(setup=setup)

    assert isinstance(agree(local, answered(local, setup=setup), True), Malformed)


def test_each_setup_has_its_answer() -> None:
    wanted = {"actpass": "active", "active": "passive", "passive": "active", None: ""}

    assert {setup: answering_setup(setup) for setup in wanted} == wanted
    assert answering_setup("holdconn") == "holdconn"


@pytest.mark.parametrize(
    ("ours", "theirs", "local"),
    [
        ("sendrecv", "sendrecv", "sendrecv"),
        ("sendrecv", "recvonly", "sendonly"),
        ("sendonly", "sendonly", "inactive"),
        ("recvonly", "sendrecv", "recvonly"),
        ("inactive", "sendrecv", "inactive"),
    ],
)
def test_a_side_may_do_what_both_allow(ours: str, theirs: str, local: str) -> None:
    one = offered(direction=ours)

    assert agreed(one, answered(one, direction=theirs), True).direction == local


def test_no_direction_means_both_ways() -> None:
    local = offered(direction="")

    assert media_of(local).direction is None
    assert media_of(answered(local)).direction == "sendrecv"
    assert mirrored(None) == "sendrecv"


def test_other_streams_are_refused_in_the_answer() -> None:
    more = offered() + b"m=audio 4000 RTP/AVP 0\r\n"

    read = sdp.parse(answered(more))
    assert isinstance(read, sdp.Session)
    assert [(m.kind, m.port) for m in read.media] == [("message", 9), ("audio", 0)]


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\x00\xff",
        b"v=0\r\n",
        b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n",
        b"v=0\r\nm=message 0 TCP/MSRP *\r\na=path:msrp://10.0.3.1:1/a;tcp\r\n",
        b"v=0\r\nm=message 9000 TCP/MSRP *\r\n",
        b"v=0\r\nm=message 9000 TCP/MSRP *\r\na=path:nonsense\r\n",
        b"v=0\r\nm=message 9000 TCP/TLS/MSRP *\r\na=path:msrps://10.0.3.1:1/a;tcp\r\n",
        b"v=0\r\nm=message 9000 TCP/MSRP *\r\na=path:msrp://host.example:1/a;tcp\r\n",
    ],
)
def test_what_is_no_msrp_session_is_told(bad: bytes) -> None:
    assert isinstance(agree(answered(offered()), bad, False), Malformed)


def test_an_offer_without_msrp_is_refused_whole() -> None:
    audio = b"v=0\r\no=- 1 1 IN IP4 10.0.3.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"

    assert isinstance(agree(answered(audio), audio, False), Malformed)


def test_a_name_in_the_path_leads_to_the_connection_line() -> None:
    remote = offered().replace(b"msrp://10.0.3.1:20001", b"msrp://pf.home-a.example:20001")

    assert agreed(answered(remote), remote, False).remote_endpoint == PF


def test_a_middlebox_is_followed_where_both_allow_it() -> None:
    box = b"10.0.8.8"
    remote = offered().replace(b"c=IN IP4 10.0.3.1", b"c=IN IP4 " + box) + b"a=msrp-cema\r\n"
    local = answered(remote)

    assert agreed(local, remote, False).remote_endpoint == PF
    both = agreed(local + b"a=msrp-cema\r\n", remote, False)
    assert both.remote_endpoint == Endpoint("10.0.8.8", 20_001)


def test_ipv6_addresses_are_written_in_brackets_and_read_back() -> None:
    here = Endpoint("2001:db8:3::1", 20_001)
    local = offer("msrp://[2001:db8:3::1]:20001/s;tcp", here, chance=Chance("6"))

    assert b"c=IN IP6 2001:db8:3::1\r\n" in local
    assert agreed(answered(local), local, False).remote_endpoint == here


def test_nobody_connects_to_the_discard_port() -> None:
    local = offered(setup="active")
    remote = answered(local, setup="passive")

    assert agreed(local, remote, True).remote_endpoint == CLIENT
    swapped = remote.replace(b"2855", b"9")
    assert isinstance(agree(local, swapped, True), Malformed)


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_no_octets_are_too_bad(octets: bytes) -> None:
    assert isinstance(agree(offered(), octets, True), Malformed)
