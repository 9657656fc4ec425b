"""Registrations as real clients make them, and a push two hours later."""

from tests.ladder import Ladder
from tests.scenarios.bodies import Stored
from tests.scenarios.network import Network
from tests.scenarios.parties import SECOND, Setting
from tests.scenarios.push_pager import push
from tests.scenarios.registration import _register
from tests.scenarios.sessions import waiting
from tests.scenarios.variations import play

ME = "<sip:alice@10.0.2.20:5060>"
STALE = "<sip:alice@10.0.2.77:5060>"
LONG = ";expires=600000"
Registering = tuple[list[str], str, list[str]]
"""The Contacts and the Expires of a REGISTER, and the Contacts of its 200."""

REGISTRATIONS: dict[str, list[Registering]] = {
    "plain": [([ME + LONG], "", [ME + LONG])],
    "spaced": [([ME + " ; Expires = 600000"], "", [ME + " ; Expires = 600000"])],
    "bare": [(["sip:alice@10.0.2.20:5060" + LONG], "", ["sip:alice@10.0.2.20:5060" + LONG])],
    "by-expires": [([ME], "600000", [ME])],
    "queried": [([ME + LONG], "", [ME + LONG]), ([], "", [ME + LONG])],
    "stale-ended": [([ME + LONG], "", [ME + LONG]), ([STALE + ";expires=0"], "", [ME + LONG])],
    "stale-ended-at-once": [([ME + LONG, STALE + ";expires=0"], "", [ME + LONG])],
    "all-ended-first": [(["*"], "0", []), ([ME + LONG], "", [ME + LONG])],
    "named": [
        (["<sip:alice@Phone.Example>" + LONG], "", ["<sip:%61lice@phone.example:5060>" + LONG])
    ],
    "beside-another": [([ME + LONG], "", [STALE + ";expires=60", ME + LONG])],
}
"""Registrations that last when the push comes."""

ENDED: dict[str, list[Registering]] = {
    "removed": [([ME + LONG], "", [ME + LONG]), ([ME + ";expires=0"], "", [])],
    "all-removed": [([ME + LONG], "", [ME + LONG]), (["*"], "0", [])],
    "expired": [([ME + ";expires=3600"], "", [ME + ";expires=3600"])],
    "shortened": [([ME + LONG], "", [ME + " ; expires=3600"])],
    "expired-by-header": [([ME], "3600", [ME])],
    "last-of-two": [
        ([ME + LONG], "", [ME + LONG, STALE + LONG]),
        ([ME + ";expires=0"], "", [STALE + LONG]),
    ],
}
"""Registrations that have ended by then."""


def pushed_later(registrations: list[Registering]) -> Ladder:
    """The registrations, and a pager message two hours after them."""

    def script(net: Network) -> None:
        for contacts, expires, granted in registrations:
            _registers(net, contacts, expires, granted)
        net.wait(7_200 * SECOND)
        message: Stored = waiting(net, 1)[0]
        push(net, message, net.who.client, "msg", (200, "OK"), True, True)

    return play("push-pager", script, Setting())


def _registers(net: Network, contacts: list[str], expires: str, granted: list[str]) -> None:
    client = net.who.client
    draft = _register(client, f"{net.token(20)}@{client.host}", net.token(8), 3600, 1)
    draft.remove("Contact")
    draft.headers += [("Contact", value) for value in contacts]
    draft.headers += [("Expires", expires)] if expires else []
    asked = net.send(draft, [client, *net.who.core])
    net.answer(asked, 200, "OK", [("Contact", value) for value in granted])
    net.wait(SECOND)
