"""A client becomes available: REGISTER with its challenge, and the third-party REGISTER."""

import hashlib

from tests.scenarios.agents import contact
from tests.scenarios.network import Network
from tests.scenarios.parties import ALICE, ALICE_TEL, HOME, Node
from tests.scenarios.text import Draft

SERVICES = ("msg", "largemsg", "deferred", "session")
LONG = 600_000
"""Seconds for which IMS clients register (TS 24.229 5.1.1.2.1)."""


def register(net: Network, client: Node | None = None, expires: int = LONG) -> None:
    """Register a device for `expires` seconds, 0 to remove it, and tell the application server."""
    client = client or net.who.client
    path = [client, *net.who.core]
    call_id, tag = f"{net.token(20)}@{net.host(client)}", net.token(8)
    first = net.send(_register(client, call_id, tag, expires, 1), path)
    nonce = net.token(32)
    challenge = f'Digest realm="{HOME}", nonce="{nonce}", algorithm=MD5, qop="auth"'
    net.answer(first, 401, "Unauthorized", [("WWW-Authenticate", challenge)])
    net.wait(net.pause(15, 25))
    again = _register(client, call_id, tag, expires, 2)
    again.put("Authorization", _credentials(nonce, net.token(8)))
    second = net.send(again, path)
    name, value = contact(client, *SERVICES)
    granted = [(name, f"{value};expires={expires}")]
    routes = [("Service-Route", f"<sip:orig@{net.who.serving.sent_by};lr>")]
    identities = [("P-Associated-URI", f"<{ALICE}>, <{ALICE_TEL}>")]
    pathway = [("Path", value) for value in second.request.all("Path")]
    net.answer(second, 200, "OK", [*(granted if expires else []), *pathway, *routes, *identities])
    _tell(net, expires)


def _register(client: Node, call_id: str, tag: str, expires: int, cseq: int) -> Draft:
    name, value = contact(client, *SERVICES)
    return Draft(
        f"REGISTER sip:{HOME} SIP/2.0",
        [
            ("Max-Forwards", "70"),
            ("From", f"<{ALICE}>;tag={tag}"),
            ("To", f"<{ALICE}>"),
            ("Call-ID", call_id),
            ("CSeq", f"{cseq} REGISTER"),
            (name, f"{value};expires={expires}"),
            ("Supported", "path, gruu"),
            ("P-Access-Network-Info", "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000001"),
            ("User-Agent", client.agent),
        ],
    )


def _credentials(nonce: str, cnonce: str) -> str:
    """The digest of RFC 2617 3.2.2 for the test user."""

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    user, uri = f"alice@{HOME}", f"sip:{HOME}"
    one, two = md5(f"{user}:{HOME}:open sesame"), md5(f"REGISTER:{uri}")
    response = md5(f"{one}:{nonce}:00000001:{cnonce}:auth:{two}")
    return (
        f'Digest username="{user}", realm="{HOME}", nonce="{nonce}", uri="{uri}", '
        f'response="{response}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc=00000001'
    )


def _tell(net: Network, expires: int) -> None:
    """The serving node's REGISTER on behalf of the user (TS 24.229 5.4.1.7)."""
    serving, pf = net.who.serving, net.who.pf
    draft = Draft(
        f"REGISTER sip:{pf.sent_by} SIP/2.0",
        [
            ("Max-Forwards", "70"),
            ("From", f"<sip:{serving.sent_by}>;tag={net.token(8)}"),
            ("To", f"<{ALICE}>"),
            ("Call-ID", f"{net.token(20)}@{net.host(serving)}"),
            ("CSeq", "1 REGISTER"),
            ("Contact", f"<sip:{serving.sent_by}>"),
            ("Expires", str(expires)),
            ("User-Agent", serving.agent),
        ],
    )
    told = net.send(draft, [serving, pf])
    net.answer(told, 200, "OK", [("Expires", str(expires))])
