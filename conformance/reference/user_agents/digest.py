"""Digest authentication (RFC 2617, RFC 7616, RFC 8760): MD5 and SHA-256 with qop=auth."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.transport.draft import Draft
from conformance.sip.grammar import Challenge, parse_challenge, quote
from conformance.sip.message import SipRequest, SipResponse

MAX_NONCES = 1_024
"""Nonces a server remembers; the oldest make room, and are stale from then on."""

NONCE_LIFE = 300 * SECOND
"""How long a nonce is good for, in ns."""

_HASHES: dict[str, Callable[[bytes], str]] = {
    "SHA-256": lambda octets: hashlib.sha256(octets).hexdigest(),
    "MD5": lambda octets: hashlib.md5(octets, usedforsecurity=False).hexdigest(),
}
_MAX_COUNT_DIGITS = 8


def digest(
    algorithm: str, user: tuple[str, str, str], request: tuple[str, str], challenge: Sequence[str]
) -> str:
    """The response to a challenge (RFC 7616 section 3.4.1); KeyError for an unknown algorithm.

    `user` is (username, realm, password), `request` (method, URI), and `challenge` the nonce
    alone (RFC 2069), or nonce, nonce count, cnonce and qop.
    """
    hashed = _HASHES[algorithm.upper()]
    secret, asked = hashed(_octets(user)), hashed(_octets(request))
    return hashed(_octets((secret, *challenge, asked)))


def _octets(parts: Iterable[str]) -> bytes:
    return ":".join(parts).encode("utf-8", "surrogateescape")


@dataclass(slots=True)
class _Known:
    challenge: Challenge
    field: str
    count: int = 0


class DigestClient:
    """A user's name and password, and the challenges it has met, one for each realm."""

    def __init__(self, username: str, password: str, chance: Chance) -> None:
        self.username = username
        self._password = password
        self._chance = chance
        self._known: dict[str, _Known] = {}

    def learn(self, response: SipResponse) -> bool:
        """Take the challenges of a 401 or 407; whether one of them can be answered."""
        proxy = response.status == 407
        name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
        field = "Proxy-Authorization" if proxy else "Authorization"
        usable = [c for value in response.headers(name) if (c := _usable(value)) is not None]
        # The first one that can be answered is the one the server likes best (RFC 7616 3.7).
        realms: set[str] = set()
        for challenge in usable:
            realm = challenge.param("realm") or ""
            if realm not in realms:
                realms.add(realm)
                self._remember(realm, challenge, field)
        return bool(realms) and bool(self.username)

    def authorize(self, draft: Draft) -> None:
        """Write the credentials for every challenge met into a request."""
        draft.remove("Authorization").remove("Proxy-Authorization")
        for realm, known in self._known.items():
            known.count += 1
            draft.add(known.field, self._credentials(realm, known, draft.method, draft.uri))

    def _remember(self, realm: str, challenge: Challenge, field: str) -> None:
        before = self._known.get(realm)
        if before is None or before.challenge.param("nonce") != challenge.param("nonce"):
            while len(self._known) >= 8:
                del self._known[next(iter(self._known))]
            self._known[realm] = _Known(challenge, field)

    def _credentials(self, realm: str, known: _Known, method: str, uri: str) -> str:
        challenge = known.challenge
        nonce = challenge.param("nonce") or ""
        algorithm = challenge.param("algorithm") or "MD5"
        user = (self.username, realm, self._password)
        names = ["username", "realm", "nonce", "uri"]
        parts = [f"{n}={quote(v)}" for n, v in zip(names, (*user[:2], nonce, uri), strict=True)]
        asked: tuple[str, ...] = (nonce,)
        if challenge.param("qop") is not None:
            count, cnonce = f"{known.count:08x}", self._chance.token(16)
            asked = nonce, count, cnonce, "auth"
            parts += ["qop=auth", f"nc={count}", f"cnonce={quote(cnonce)}"]
        answer = digest(algorithm, user, (method, uri), asked)
        parts += [f"response={quote(answer)}", f"algorithm={algorithm}"]
        opaque = challenge.param("opaque")
        if opaque is not None:
            parts.append(f"opaque={quote(opaque)}")
        return "Digest " + ", ".join(parts)


def _usable(value: str) -> Challenge | None:
    challenge = parse_challenge(value)
    if not isinstance(challenge, Challenge) or challenge.scheme.lower() != "digest":
        return None
    qop = challenge.param("qop")
    offers_auth = qop is None or "auth" in [part.strip().lower() for part in qop.split(",")]
    known = (challenge.param("algorithm") or "MD5").upper() in _HASHES
    return challenge if known and offers_auth and challenge.param("nonce") else None


class Check(StrEnum):
    """What a server finds of a request's credentials."""

    ACCEPTED = "accepted"
    MISSING = "missing"
    STALE = "stale"
    WRONG = "wrong"


@dataclass(slots=True)
class _Nonce:
    expires: int
    count: int = 0


class DigestServer:
    """Challenges, and judges the answers; `password_of` gives None for a user not known."""

    def __init__(
        self,
        station: Station,
        realm: str,
        password_of: Callable[[str], str | None],
        *,
        algorithms: Sequence[str] = ("SHA-256", "MD5"),
        nonce_life: int = NONCE_LIFE,
    ) -> None:
        self.realm = realm
        self._station = station
        self._chance = station.chance.fork(f"nonce {realm}")
        self._password_of = password_of
        self._algorithms = tuple(algorithms)
        self._nonce_life = nonce_life
        self._nonces: dict[str, _Nonce] = {}

    def challenge(self, *, stale: bool = False) -> list[str]:
        """Values of WWW-Authenticate or Proxy-Authenticate with a fresh nonce, the best first."""
        while len(self._nonces) >= MAX_NONCES:
            del self._nonces[next(iter(self._nonces))]
        nonce = self._chance.token(32)
        self._nonces[nonce] = _Nonce(self._station.now + self._nonce_life)
        tail = ", stale=true" if stale else ""
        return [
            f"Digest realm={quote(self.realm)}, nonce={quote(nonce)}, "
            f'algorithm={algorithm}, qop="auth"{tail}'
            for algorithm in self._algorithms
        ]

    def check(self, request: SipRequest, *, proxy: bool = False) -> Check:
        """Judge a request by its credentials for this realm."""
        name = "Proxy-Authorization" if proxy else "Authorization"
        for value in request.headers(name):
            read = parse_challenge(value)
            if isinstance(read, Challenge) and read.param("realm") == self.realm:
                return self._judge(read, request)
        return Check.MISSING

    def username(self, request: SipRequest, *, proxy: bool = False) -> str:
        """Whom the credentials for this realm name, "" for none."""
        name = "Proxy-Authorization" if proxy else "Authorization"
        read = [parse_challenge(value) for value in request.headers(name)]
        named = [c for c in read if isinstance(c, Challenge) and c.param("realm") == self.realm]
        return (named[0].param("username") or "") if named else ""

    def _judge(self, given: Challenge, request: SipRequest) -> Check:
        if not self._is_right(given, request):
            return Check.WRONG
        nonce = self._nonces.get(given.param("nonce") or "")
        count = _count(given.param("nc") or "")
        if nonce is None or nonce.expires <= self._station.now or count <= nonce.count:
            return Check.STALE
        nonce.count = count
        return Check.ACCEPTED

    def _is_right(self, given: Challenge, request: SipRequest) -> bool:
        algorithm = (given.param("algorithm") or "MD5").upper()
        password = self._password_of(given.param("username") or "")
        if password is None or algorithm not in self._algorithms or algorithm not in _HASHES:
            return False
        if given.param("uri") != request.uri or (given.param("qop") or "").lower() != "auth":
            return False
        user = (given.param("username") or "", self.realm, password)
        names = ("nonce", "nc", "cnonce", "qop")
        asked = [given.param(name) or "" for name in names]
        right = digest(algorithm, user, (request.method, request.uri), asked)
        return given.param("response") == right


def _count(text: str) -> int:
    if not text.isascii() or len(text) > _MAX_COUNT_DIGITS:
        return 0
    try:
        return int(text, 16)
    except ValueError:
        return 0
