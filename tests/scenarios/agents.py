"""User agents: requests outside and inside a dialog, as their own state makes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.scenarios.legs import IMPLIED, EndedError, Exchange, Hop
from tests.scenarios.network import Network
from tests.scenarios.parties import HOME, Node, feature
from tests.scenarios.text import Draft, address_of

Headers = Sequence[tuple[str, str]]
FIRST_CALLEE_CSEQ = 100
ALLOW = "INVITE, ACK, CANCEL, BYE, MESSAGE, NOTIFY, OPTIONS, UPDATE, PRACK"


@dataclass(slots=True)
class Side:
    """One end's view of a dialog (RFC 3261 12.1)."""

    node: Node
    call_id: str
    local: str
    remote: str
    target: str
    routes: list[str]
    cseq: int
    session_id: str


@dataclass(slots=True)
class Dialog:
    """Both ends' views; `path` from the caller to the callee."""

    caller: Side
    callee: Side
    path: list[Node]
    invite: Exchange

    def side(self, node: Node) -> Side:
        return self.caller if node is self.caller.node else self.callee

    def way(self, node: Node) -> list[Node]:
        """The path of a request that this end sends."""
        return self.path if node is self.caller.node else self.path[::-1]


def contact(node: Node, *services: str) -> tuple[str, str]:
    """The Contact of a dialog-forming message."""
    value = f"<{node.contact}>"
    value += f';+sip.instance="{node.instance}"' if node.instance else ""
    value += f";{feature(*services)}" if services else ""
    return "Contact", value


def accept_contact(*services: str) -> tuple[str, str]:
    """The callee capability that the request asks for (RFC 3841)."""
    return "Accept-Contact", f"*;{feature(*services)}"


def preloaded(path: Sequence[Node]) -> list[str]:
    """The Route values with which an initial request leaves its originator."""
    if path[0].role == "client":
        routes = []
        for node in path[1:]:
            if node.role != "core":
                break
            routes.append(node.route)
        return routes
    return [path[1].route] if path[0].role == "pf" and path[1].role == "core" else []


def first_request(
    net: Network,
    method: str,
    path: Sequence[Node],
    uri: str,
    ends: tuple[str, str],
    headers: Headers = (),
    body: bytes = b"",
    *,
    names: Sequence[Hop] = (),
    cseq: int = 1,
    upto: int = 0,
) -> Exchange:
    """Send a request outside any dialog; `ends` are the URIs of From and To."""
    draft = Draft(f"{method} {uri} SIP/2.0", [("Max-Forwards", "70")], body)
    draft.headers += [("Route", value) for value in preloaded(path)]
    draft.headers += [("From", f"<{ends[0]}>;tag={net.token(8)}"), ("To", f"<{ends[1]}>")]
    draft.headers += [("Call-ID", f"{net.token(20)}@{net.host(path[0])}")]
    draft.headers += [("CSeq", f"{cseq} {method}"), ("User-Agent", path[0].agent)]
    if net.setting.sbc:
        draft.headers.append(("Session-ID", f"{net.token(32)};remote={'0' * 32}"))
    draft.headers += list(headers)
    if net.setting.challenge and path[0].is_end and method != "REGISTER":
        _challenged(net, draft, path)
    return net.send(draft, path, names, upto=upto)


def _challenged(net: Network, draft: Draft, path: Sequence[Node]) -> None:
    """The first try and its 407; the draft then carries the credentials."""
    nonce = net.token(32)
    refused = net.send(draft, path, upto=1)
    challenge = f'Digest realm="{HOME}", nonce="{nonce}", algorithm=MD5, qop="auth"'
    why = [("Proxy-Authenticate", challenge)]
    net.answer(refused, 407, "Proxy Authentication Required", why)
    net.acknowledge_refusal(refused)
    net.wait(net.pause(20, 30))
    number, method = draft.get("CSeq").split()
    draft.put("CSeq", f"{int(number) + 1} {method}")
    draft.put(
        "Proxy-Authorization",
        f'Digest username="alice@{HOME}", realm="{HOME}", nonce="{nonce}", uri="{draft.uri}", '
        f'response="{net.token(32)}", algorithm=MD5, cnonce="{net.token(8)}", qop=auth, '
        "nc=00000001",
    )


def dialog_of(exchange: Exchange) -> Dialog:
    """The dialog that the answered exchange made, as each end knows it."""
    first, last = exchange.legs[0].draft, exchange.request
    answer, sent = exchange.answer, exchange.sent_answer
    if answer is None or sent is None:
        raise ValueError("the request was not answered")
    caller, callee = exchange.path[0], exchange.path[-1]
    ids = [draft.get("Session-ID").partition(";")[0] for draft in (first, sent)]
    return Dialog(
        Side(
            caller,
            first.get("Call-ID"),
            first.get("From"),
            answer.get("To"),
            address_of(answer.get("Contact")),
            answer.all("Record-Route")[::-1],
            exchange.cseq or int(first.get("CSeq").split()[0]),
            f"{ids[0]};remote={ids[1]}" if ids[0] else "",
        ),
        Side(
            callee,
            last.get("Call-ID"),
            sent.get("To"),
            last.get("From"),
            address_of(last.get("Contact")),
            last.all("Record-Route"),
            FIRST_CALLEE_CSEQ,
            f"{ids[1]};remote={ids[0]}" if ids[0] else "",
        ),
        [n for n in exchange.path if n.name != "icscf"],
        exchange,
    )


def inside(
    net: Network,
    dialog: Dialog,
    node: Node,
    method: str,
    headers: Headers = (),
    body: bytes = b"",
    *,
    names: Sequence[Hop] = (),
    cseq: int = 0,
) -> Exchange:
    """Send a request inside the dialog; `cseq` only where it is not the next one."""
    side = dialog.side(node)
    side.cseq += 0 if cseq else 1
    draft = Draft(f"{method} {side.target} SIP/2.0", [("Max-Forwards", "70")], body)
    draft.headers += [("Route", value) for value in side.routes]
    draft.headers += [("From", side.local), ("To", side.remote), ("Call-ID", side.call_id)]
    draft.headers += [("CSeq", f"{cseq or side.cseq} {method}"), ("User-Agent", node.agent)]
    if side.session_id:
        draft.headers.append(("Session-ID", side.session_id))
    draft.headers += list(headers)
    way = dialog.way(node)
    past = net.setting.goes_past
    if net.setting.stays_out or (past and names and names[0].step == past):
        way = [way[0], way[-1]]
    return net.send(draft, way, names, initial=False)


def acknowledge(
    net: Network, dialog: Dialog, body: bytes = b"", *, names: Sequence[Hop] = ()
) -> None:
    """The ACK to a 2xx, end to end with a branch of its own (RFC 3261 13.2.2.4)."""
    headers = [("Content-Type", "application/sdp")] if body else []
    number = int(dialog.invite.legs[0].draft.get("CSeq").split()[0])
    caller = dialog.caller.node
    try:
        ack = inside(net, dialog, caller, "ACK", headers, body, names=names, cseq=number)
    except EndedError:
        last = len(net.shots) - 1
        dialog.invite.ack_shots = [last] if net.shots[last].octets.startswith(b"ACK ") else []
        raise
    dialog.invite.ack_shots, dialog.invite.acked = ack.ack_shots, net.now


def hang_up(
    net: Network, dialog: Dialog, node: Node, *, names: Sequence[Hop] = IMPLIED
) -> Exchange:
    """BYE from this end and the 200 to it."""
    bye = inside(net, dialog, node, "BYE", names=names)
    net.answer(bye, 200, "OK")
    return bye


def provisional(net: Network, exchange: Exchange, headers: Headers) -> None:
    """The 180, or the reliable 183 with its PRACK, that the setting asks for (RFC 3262)."""
    if net.setting.ringing:
        net.answer(exchange, 180, "Ringing", headers)
    if not net.setting.reliable:
        return
    reliable = [*headers, ("Require", "100rel"), ("RSeq", "4711")]
    net.answer(exchange, 183, "Session Progress", reliable)
    dialog = dialog_of(exchange)
    number = dialog.caller.cseq
    caller = exchange.path[0]
    prack = inside(net, dialog, caller, "PRACK", [("RAck", f"4711 {number} INVITE")])
    exchange.cseq = dialog.caller.cseq
    net.answer(prack, 200, "OK")


def cancel(net: Network, exchange: Exchange, at: int) -> None:
    """The last proxy gives up the exchange's last branch: CANCEL, 487 and their answers."""
    leg = exchange.legs[-1]
    net.now = at
    sent = leg.draft
    draft = Draft(f"CANCEL {sent.uri} SIP/2.0")
    draft.headers = [("Via", sent.all("Via")[0].partition(";rport")[0] + ";rport")]
    draft.headers += [("Max-Forwards", "70")]
    draft.headers += [(name, sent.get(name)) for name in ("From", "To", "Call-ID")]
    draft.headers += [("CSeq", sent.get("CSeq").replace("INVITE", "CANCEL"))]
    draft.headers += [("Reason", 'SIP;cause=200;text="Call completed elsewhere"')]
    net.say(net.now, leg.sender, leg.receiver, draft, Hop())
    net.now += net.latency(leg.sender, leg.receiver) + net.pause()
    ok = Draft("SIP/2.0 200 OK", [*draft.headers[:1], *draft.headers[2:-1]])
    ok.put("Via", sent.all("Via")[0])
    exchange.to_tag = exchange.to_tag or net.token(8)
    ok.put("To", f"{sent.get('To')};tag={exchange.to_tag}")
    net.say(net.now, leg.receiver, leg.sender, ok, Hop())
    net.answer(exchange, 487, "Request Terminated", upto=1)
    net.acknowledge_refusal(exchange)


def refresh_headers(role: str) -> list[tuple[str, str]]:
    """The session timer's fields (RFC 4028), with half an hour to go."""
    return [("Supported", "timer"), ("Session-Expires", f"1800;refresher={role}")]
