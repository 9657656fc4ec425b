import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Accepted, Closed, Connection, Octets
from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.document import MEDIA_TYPE, read, write
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.xdm import xdms as module
from conformance.reference.xdm.http_message import HttpRequest, HttpResponse, HttpStream
from conformance.reference.xdm.xcap_uri import document_path
from conformance.reference.xdm.xdms import ERROR_TYPE, Xdms, etag
from tests.reference.messages import ALICE, BOB
from tests.reference.wired import START, station

SERVER = Endpoint("10.0.6.1", 8080)
CLIENT = Connection(SERVER, Endpoint("10.0.3.1", 40_000))
HOST = ("Host", "10.0.6.1:8080")
DEFAULT = Preferences()
NIGHT = Preferences((Profile("night"),))


def server(**users):
    return Xdms(station(SERVER.host), SERVER, users=users or {ALICE: DEFAULT})


def asked(xdms, method, user=ALICE, *, fields=(), content=b"", path=None):
    target = document_path(user) if path is None else path
    return xdms.answer(HttpRequest(method, target, (HOST, *fields), content))


def put(xdms, content, *, user=ALICE, fields=()):
    return asked(
        xdms, "PUT", user, fields=(("Content-Type", MEDIA_TYPE), *fields), content=content
    )


def test_that_a_document_is_given_with_its_tag():
    answer = asked(server(), "GET")
    assert (answer.status, answer.field("content-type")) == (200, MEDIA_TYPE)
    assert read(answer.content) == DEFAULT
    assert answer.field("etag") == etag(answer.content)


def test_that_a_client_that_has_it_is_told_so():
    xdms = server()
    tag = asked(xdms, "GET").field("etag")
    for known in (tag, f'"x", W/{tag}', "*"):
        answer = asked(xdms, "GET", fields=(("If-None-Match", known),))
        assert (answer.status, answer.content) == (304, b"")
    xdms.keep(ALICE, NIGHT)
    assert asked(xdms, "GET", fields=(("If-None-Match", tag),)).status == 200


def test_that_any_uri_of_the_user_leads_to_the_document():
    assert asked(server(), "GET", "tel:+15550100").status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (document_path(BOB), 404),
        (document_path(ALICE).replace("user-preferences/users", "other/users"), 404),
        (document_path(ALICE) + "2", 404),
        ("/", 404),
        (document_path(ALICE) + "/~~/user-preferences/profile", 501),
    ],
)
def test_that_nothing_else_is_found(path, status):
    assert asked(server(), "GET", path=path).status == status


def test_that_a_document_is_put_changed_and_removed():
    # Given a server without a document of Bob's
    xdms = server()
    # When he puts one, changes it, and removes it
    answers = [
        put(xdms, write(DEFAULT), user=BOB),
        put(xdms, write(NIGHT), user=BOB),
        asked(xdms, "DELETE", BOB),
        asked(xdms, "DELETE", BOB),
    ]
    # Then he is told of each
    assert [answer.status for answer in answers] == [201, 200, 200, 404]
    assert answers[1].field("etag") == etag(write(NIGHT))
    assert xdms.document(BOB) is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<user-preferences>", b"<not-well-formed/>"),
        (b"", b"<not-well-formed/>"),
        (b"<other/>", b'phrase="user preferences: the root is other'),
        (b"<user-preferences><x\xc2\x80/></user-preferences>", b"xcap-error"),
    ],
)
def test_that_a_bad_document_is_refused_with_the_reason(content, why):
    xdms = server()
    answer = put(xdms, content)
    assert (answer.status, answer.field("content-type")) == (409, ERROR_TYPE)
    assert why in answer.content
    assert read(xdms.document(ALICE)) == DEFAULT


def test_that_content_of_another_type_is_refused():
    answer = asked(server(), "PUT", fields=(("Content-Type", "text/xml"),), content=b"<a/>")
    assert answer.status == 415


def test_that_conditions_of_a_change_are_kept():
    xdms = server()
    tag = asked(xdms, "GET").field("etag")
    octets = write(NIGHT)
    assert put(xdms, octets, fields=(("If-Match", '"old"'),)).status == 412
    assert put(xdms, octets, fields=(("If-None-Match", "*"),)).status == 412
    assert put(xdms, octets, user=BOB, fields=(("If-Match", "*"),)).status == 412
    assert put(xdms, octets, fields=(("If-Match", tag),)).status == 200
    assert put(xdms, octets, user=BOB, fields=(("If-None-Match", "*"),)).status == 201
    assert asked(xdms, "DELETE", fields=(("If-Match", tag),)).status == 412


def test_that_no_more_is_kept_than_there_is_room(monkeypatch):
    monkeypatch.setattr(module, "MAX_USERS", 1)
    xdms = server()
    assert put(xdms, write(DEFAULT), user=BOB).status == 503
    assert put(xdms, write(NIGHT)).status == 200
    monkeypatch.setattr(module, "MAX_KEPT", 10)
    assert put(xdms, write(NIGHT)).status == 503


def test_that_other_methods_and_requests_without_host_are_refused():
    xdms = server()
    answer = asked(xdms, "POST")
    assert (answer.status, answer.field("allow")) == (405, "GET, PUT, DELETE")
    assert xdms.answer(HttpRequest("GET", document_path(ALICE))).status == 400
    assert xdms.answer(HttpRequest("GET", document_path(ALICE), minor=0)).status == 200


def exchange(xdms, *parts, now=START):
    """What a client that sends these octets gets, and the kinds of effects in order."""
    effects = xdms.station.receive(now, Accepted(CLIENT))
    for part in parts:
        effects += xdms.station.receive(now, Octets(CLIENT, part))
    stream = HttpStream(requests=False)
    sent = [effect.octets for effect in effects if isinstance(effect, Octets)]
    found = [message for octets in sent for message in stream.feed(octets)]
    return found, [type(effect).__name__ for effect in effects]


def test_that_requests_in_one_stretch_are_answered_in_their_order():
    get = HttpRequest("GET", document_path(ALICE), (HOST,)).write()
    other = HttpRequest("GET", document_path(BOB), (HOST,)).write()
    found, _ = exchange(server(), get + other[:9], other[9:] + get)
    assert [answer.status for answer in found] == [200, 404, 200]


def test_that_the_connection_ends_where_the_client_says_so():
    last = HttpRequest("GET", document_path(ALICE), (HOST, ("Connection", "close"))).write()
    found, effects = exchange(server(), last + last)
    assert [answer.status for answer in found] == [200]
    assert effects[-1] == "Close"


def test_that_what_is_no_request_is_answered_400_and_the_connection_ends():
    found, effects = exchange(server(), b"\x16\x03\x01 hello\r\n\r\n")
    assert [answer.status for answer in found] == [400]
    assert effects == ["Note", "Octets", "Close"]


def test_that_an_idle_connection_is_closed():
    xdms = server()
    exchange(xdms)
    assert xdms.station.wake(START + 59 * SECOND) == []
    effects = xdms.station.wake(START + 60 * SECOND)
    assert [type(effect).__name__ for effect in effects] == ["Close"]


def test_that_a_client_that_leaves_is_forgotten():
    xdms = server()
    exchange(xdms)
    xdms.station.receive(START, Closed(CLIENT))
    assert xdms.station.next_deadline() is None


def test_that_connections_have_an_end(monkeypatch):
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 1)
    xdms = server()
    exchange(xdms)
    second = Connection(SERVER, Endpoint("10.0.3.1", 40_001))
    effects = xdms.station.receive(START, Accepted(second))
    assert [type(effect).__name__ for effect in effects] == ["Close"]


@given(st.lists(st.binary(max_size=60), max_size=5))
@settings(max_examples=60)
def test_that_garbage_is_never_more_than_an_answer(parts):
    found, _ = exchange(server(), *parts)
    assert all(isinstance(answer, HttpResponse) for answer in found)
