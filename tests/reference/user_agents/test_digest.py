import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents import digest as module
from conformance.reference.user_agents.digest import Check, DigestClient, DigestServer, digest
from conformance.sip.grammar import quote
from tests.reference.sip_rig import as_request, as_response, draft

PASSWORDS = {"a": "secret"}


class Rig:
    def __init__(
        self, password: str = "secret", algorithms: tuple[str, ...] = ("SHA-256",)
    ) -> None:
        self.station = Station("h", Chance("server"))
        self.server = DigestServer(
            self.station, "home.example", PASSWORDS.get, algorithms=algorithms
        )
        self.client = DigestClient("a", password, Chance("client"))

    def challenge(self, *, stale: bool = False, status: int = 401) -> bool:
        """Challenge the client; whether it can answer."""
        request = as_request(draft().add("Via", "SIP/2.0/UDP h").octets())
        response = Draft.response_to(request, status)
        name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
        for value in self.server.challenge(stale=stale):
            response.add(name, value)
        return self.client.learn(as_response(response.octets()))

    def answered(self, method: str = "MESSAGE") -> Draft:
        made = draft(method)
        self.client.authorize(made)
        return made

    def check(self, made: Draft, *, proxy: bool = False) -> Check:
        return self.server.check(as_request(made.octets()), proxy=proxy)


def test_the_examples_of_rfc_7616():
    user = ("Mufasa", "http-auth@example.org", "Circle of Life")
    asked = (
        "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "00000001",
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "auth",
    )
    request = ("GET", "/dir/index.html")
    assert digest("MD5", user, request, asked) == "8ca523f5e9506fed4657c9700eebdbec"
    assert digest("SHA-256", user, request, asked) == (
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    )


@pytest.mark.parametrize("algorithms", [("SHA-256",), ("MD5",), ("SHA-256", "MD5")])
def test_a_right_answer_is_accepted(algorithms):
    rig = Rig(algorithms=algorithms)
    assert rig.challenge()
    made = rig.answered()
    assert f"algorithm={algorithms[0]}" in (made.get("Authorization") or "")
    assert rig.check(made) is Check.ACCEPTED
    assert rig.server.username(as_request(made.octets())) == "a"


def test_a_proxy_challenges_in_its_own_fields():
    rig = Rig()
    assert rig.challenge(status=407)
    made = rig.answered()
    assert made.get("Authorization") is None
    assert rig.check(made) is Check.MISSING
    assert rig.check(made, proxy=True) is Check.ACCEPTED


def test_a_wrong_password_is_wrong():
    rig = Rig("guess")
    rig.challenge()
    assert rig.check(rig.answered()) is Check.WRONG


def test_a_user_not_known_is_wrong():
    rig = Rig()
    rig.client.username = "nobody"
    rig.challenge()
    assert rig.check(rig.answered()) is Check.WRONG


def test_without_credentials_they_are_missing():
    rig = Rig()
    assert rig.check(draft()) is Check.MISSING
    assert rig.check(draft().add("Authorization", "nonsense")) is Check.MISSING
    assert rig.server.username(as_request(draft().octets())) == ""


def test_a_nonce_count_is_good_once():
    rig = Rig()
    rig.challenge()
    first, second = rig.answered(), rig.answered()
    assert "nc=00000002" in (second.get("Authorization") or "")
    assert rig.check(second) is Check.ACCEPTED
    assert rig.check(second) is Check.STALE
    assert rig.check(first) is Check.STALE


def test_a_nonce_grows_old():
    rig = Rig()
    rig.challenge()
    rig.station.wake(301 * SECOND)
    assert rig.check(rig.answered()) is Check.STALE
    assert rig.challenge(stale=True)
    assert rig.check(rig.answered()) is Check.ACCEPTED


def test_nonces_are_limited(monkeypatch):
    monkeypatch.setattr(module, "MAX_NONCES", 4)
    rig = Rig()
    rig.challenge()
    for _ in range(4):
        rig.server.challenge()
    assert rig.check(rig.answered()) is Check.STALE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("MESSAGE", "OPTIONS"),
        ('uri="sip:', 'uri="sips:'),
        ("qop=auth", "qop=auth-int"),
        ("algorithm=SHA-256", "algorithm=MD5"),
        ("algorithm=SHA-256", "algorithm=X"),
        ("nc=00000001", "nc=0000000g"),
    ],
)
def test_what_is_changed_is_wrong(old, new):
    rig = Rig()
    rig.challenge()
    made = rig.answered()
    octets = made.octets().replace(old.encode(), new.encode())
    assert rig.server.check(as_request(octets)) is Check.WRONG


@pytest.mark.parametrize(
    "value",
    [
        "Basic realm=x",
        'Digest realm="r", nonce="n", algorithm=SHA-512-256',
        'Digest realm="r", nonce="n", qop="auth-int"',
        'Digest realm="r"',
        "nonsense",
        "",
    ],
)
def test_what_cannot_be_answered(value):
    request = as_request(draft().add("Via", "SIP/2.0/UDP h").octets())
    response = Draft.response_to(request, 401).add("WWW-Authenticate", value)
    assert not DigestClient("a", "b", Chance("1")).learn(as_response(response.octets()))


def test_a_challenge_of_rfc_2069_and_an_opaque():
    client = DigestClient("a", "b", Chance("1"))
    request = as_request(draft().add("Via", "SIP/2.0/UDP h").octets())
    value = 'Digest realm="r", nonce="n", opaque="o"'
    response = Draft.response_to(request, 401).add("WWW-Authenticate", value)
    assert client.learn(as_response(response.octets()))
    made = draft()
    client.authorize(made)
    given = made.get("Authorization") or ""
    assert 'opaque="o"' in given
    assert "cnonce" not in given
    assert digest("MD5", ("a", "r", "b"), (made.method, made.uri), ("n",)) in given


def test_realms_are_limited():
    client = DigestClient("a", "b", Chance("1"))
    request = as_request(draft().add("Via", "SIP/2.0/UDP h").octets())
    for number in range(20):
        value = f'Digest realm="r{number}", nonce="n"'
        response = Draft.response_to(request, 401).add("WWW-Authenticate", value)
        client.learn(as_response(response.octets()))
    made = draft()
    client.authorize(made)
    assert len(made.all("Authorization")) == 8


@given(st.text(max_size=40), st.sampled_from(["nonce", "nc", "uri", "username", "response"]))
def test_any_credentials_are_borne(text, name):
    rig = Rig()
    safe = quote(text).replace("\r", "").replace("\n", "").encode("utf-8", "replace").decode()
    made = draft().add("Authorization", f'Digest realm="home.example", {name}={safe}')
    assert rig.check(made) in (Check.WRONG, Check.MISSING)


@pytest.mark.parametrize("count", ["zz", "", "0", "-1", "123456789", "٣"])
def test_a_nonce_count_that_is_none(count):
    rig = Rig()
    rig.challenge()
    nonce = next(iter(rig.server._nonces))
    made = draft()
    asked = (nonce, count, "c", "auth")
    answer = digest("SHA-256", ("a", "home.example", "secret"), (made.method, made.uri), asked)
    made.add(
        "Authorization",
        f'Digest username="a", realm="home.example", nonce="{nonce}", uri="{made.uri}", '
        f'qop=auth, nc="{count}", cnonce="c", response="{answer}", algorithm=SHA-256',
    )
    assert rig.check(made) is Check.STALE
