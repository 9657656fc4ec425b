"""The bodies that the ladders carry: SDP, CPIM, IMDN, the deferred list and the actions."""

from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.observation.packet import Endpoint

LIST_TYPE = "application/vnd.oma.cpm-deferred-list+xml"
ACTIONS_TYPE = "application/vnd.oma.cpm-deferred-actions+xml"
BOUNDARY = "part-7c1e"


@dataclass(frozen=True, slots=True)
class Stored:
    """A CPM Message that waits at the participating function; `date` in ns UTC."""

    message_id: str
    text: str
    subject: str
    sender: str
    recipient: str
    date: int
    disposition: str = ""
    conversation: str = ""
    contribution: str = ""
    content_type: str = "text/plain;charset=UTF-8"


def stamp(ns: int) -> str:
    """The time in ns UTC as RFC 3339 writes it."""
    return datetime.fromtimestamp(ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cpim(message: Stored, *, with_id: bool = True) -> bytes:
    """The message in its CPIM envelope (RFC 3862), with IMDN headers (RFC 5438)."""
    lines = [f"From: <{message.sender}>", f"To: <{message.recipient}>"]
    lines.append(f"DateTime: {stamp(message.date)}")
    if with_id or message.disposition:
        lines.append("NS: imdn <urn:ietf:params:imdn>")
    if with_id:
        lines.append(f"imdn.Message-ID: {message.message_id}")
    if message.disposition:
        lines.append(f"imdn.Disposition-Notification: {message.disposition}")
    payload = message.text.encode()
    inner = [f"Content-Type: {message.content_type}", f"Content-Length: {len(payload)}"]
    return "\r\n".join([*lines, "", *inner, "", ""]).encode() + payload


def imdn(message: Stored, status: str, own_id: str, now: int) -> bytes:
    """A disposition notification about `message` in its own CPIM envelope (RFC 5438 7.2)."""
    return _notification(message, own_id, now, _imdn_xml(message, status, now))


def imdn_twice(message: Stored, own_id: str, now: int) -> bytes:
    """Two notifications in one envelope, which 7.3.12 item 2 forbids."""
    mark = "two-notices"
    parts = "".join(
        f"--{mark}\r\nContent-Type: message/imdn+xml\r\n\r\n{_imdn_xml(message, status, now)}\r\n"
        for status in ("delivered", "displayed")
    )
    kind = f"multipart/mixed;boundary={mark}"
    return _notification(message, own_id, now, f"{parts}--{mark}--\r\n", kind)


def _notification(
    message: Stored, own_id: str, now: int, payload: str, kind: str = "message/imdn+xml"
) -> bytes:
    lines = [
        f"From: <{message.recipient}>",
        f"To: <{message.sender}>",
        f"DateTime: {stamp(now)}",
        "NS: imdn <urn:ietf:params:imdn>",
        f"imdn.Message-ID: {own_id}",
        "",
        f"Content-Type: {kind}",
        "Content-Disposition: notification",
        f"Content-Length: {len(payload)}",
        "",
        payload,
    ]
    return "\r\n".join(lines).encode()


def _imdn_xml(message: Stored, status: str, now: int) -> str:
    kind = "display" if status == "displayed" else "delivery"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<imdn xmlns="urn:ietf:params:xml:ns:imdn">'
        f"<message-id>{message.message_id}</message-id><datetime>{stamp(now)}</datetime>"
        f"<recipient-uri>{message.recipient}</recipient-uri>"
        f"<{kind}-notification><status><{status}/></status></{kind}-notification></imdn>\r\n"
    )


def deferred_list(messages: list[Stored]) -> bytes:
    """What waits, as the NOTIFY tells it (SD 5.2.1.1.1: subject, originator, date, size)."""
    rows = [
        f'  <message id="{m.message_id}"><subject>{m.subject}</subject>'
        f"<from>{m.sender}</from><date>{stamp(m.date)}</date><size>{len(m.text.encode())}</size>"
        "</message>"
        for m in messages
    ]
    return _document("deferred-list", rows)


def deferred_actions(actions: list[tuple[str, str]]) -> bytes:
    """The user's choice: (identity, action) for each message; an empty action is left out."""
    rows = [
        f'  <message id="{identity}"' + (f' action="{action}"/>' if action else "/>")
        for identity, action in actions
    ]
    return _document("deferred-actions", rows)


def _document(root: str, rows: list[str]) -> bytes:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<{root} xmlns="urn:oma:xml:cpm:{root}">',
        *rows,
        f"</{root}>",
        "",
    ]
    return "\r\n".join(lines).encode()


def multipart(parts: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The Content-Type and octets of a multipart/mixed body of (type, octets) parts."""
    pieces = [
        f"--{BOUNDARY}\r\nContent-Type: {kind}\r\n\r\n".encode() + octets + b"\r\n"
        for kind, octets in parts
    ]
    return f'multipart/mixed;boundary="{BOUNDARY}"', b"".join(pieces) + f"--{BOUNDARY}--".encode()


@dataclass(frozen=True, slots=True)
class Media:
    """One side of an MSRP session as its SDP tells it; an empty attribute is left out."""

    endpoint: Endpoint
    session: str
    setup: str
    direction: str
    shown_port: int = 0

    @property
    def path(self) -> str:
        """The MSRP URI of this side."""
        port = self.shown_port or self.endpoint.port
        return f"msrp://{host_text(self.endpoint.host)}:{port}/{self.session};tcp"

    def sdp(self, version: int = 1) -> bytes:
        """The session description (RFC 4566, RFC 4975 section 8, RFC 6135)."""
        family = "IP6" if ":" in self.endpoint.host else "IP4"
        lines = [
            "v=0",
            f"o=- {3_880_000_000 + self.endpoint.port} {version} IN {family} {self.endpoint.host}",
            "s=-",
            f"c=IN {family} {self.endpoint.host}",
            "t=0 0",
            f"m=message {self.shown_port or self.endpoint.port} TCP/MSRP *",
            f"a=path:{self.path}",
            "a=accept-types:message/cpim application/im-iscomposing+xml",
            "a=accept-wrapped-types:*",
        ]
        lines += [f"a=setup:{self.setup}"] if self.setup else []
        lines += [f"a={self.direction}"] if self.direction else []
        return "\r\n".join([*lines, ""]).encode()


def host_text(host: str) -> str:
    """The host as a URI writes it."""
    return f"[{host}]" if ":" in host else host
