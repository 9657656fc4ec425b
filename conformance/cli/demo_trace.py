"""A small capture made on the spot: one push as it should be, and one pull without its NOTIFY."""

from typing import BinaryIO

from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.capture.writer import PcapngWriter
from conformance.observation.packet import Endpoint

CLIENT = Endpoint("192.0.2.20", 5060)
CORE = Endpoint("192.0.2.1", 5060)
PF = Endpoint("192.0.2.30", 5060)
"""Addresses set aside for documentation (RFC 5737)."""

ROLES = {"client": CLIENT.host, "core": CORE.host, "pf": PF.host}

_STAYS = ("Record-Route", f"<sip:{CORE};lr>")
"""The core stays in the dialogs that it passes on: so the list has to come through it."""

_ALICE = "sip:alice@example.com"
_SERVICE = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.deferred"
_ACCEPT = f'*;+g.3gpp.icsi-ref="{_SERVICE.replace(":", "%3A")}"'
_CONTENT = "\r\n".join(
    [
        "From: <sip:bob@example.com>",
        f"To: <{_ALICE}>",
        "DateTime: 2026-03-01T18:30:00Z",
        "NS: imdn <urn:ietf:params:imdn>",
        "imdn.Message-ID: Hn2xQ7",
        "imdn.Disposition-Notification: positive-delivery",
        "",
        "Content-Type: text/plain",
        "",
        "See you on Monday.",
    ]
)
_OFFER = "\r\n".join(
    [
        "v=0",
        f"o=- 1 1 IN IP4 {CLIENT.host}",
        "s=-",
        f"c=IN IP4 {CLIENT.host}",
        "t=0 0",
        "m=message 2855 TCP/MSRP *",
        f"a=path:msrp://{CLIENT.host}:2855/k3Lm9;tcp",
        "a=accept-types:message/cpim",
        "a=setup:active",
        "",
    ]
)
_ACTIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<deferred-actions xmlns="urn:oma:xml:cpm:deferred-actions">'
    '<message id="Hn2xQ7" action="retrieve"/></deferred-actions>'
)
_BOUNDARY = "demo-part"
_INVITATION = "\r\n".join(
    [
        f"--{_BOUNDARY}",
        "Content-Type: application/sdp",
        "",
        _OFFER,
        f"--{_BOUNDARY}",
        "Content-Type: application/vnd.oma.cpm-deferred-actions+xml",
        "",
        _ACTIONS,
        f"--{_BOUNDARY}--",
        "",
    ]
)
_IDS = [("Conversation-ID", "f81d4fae-7dec"), ("Contribution-ID", "a2c1b7d0-11e4")]

Headers = list[tuple[str, str]]


class _Dialog:
    """One exchange through the core: what its messages have in common."""

    def __init__(self, method: str, call_id: str, uri: str, start: str, end: str) -> None:
        self.method, self.call_id, self.uri = method, call_id, uri
        self.start, self.end = start, end

    def request(self, vias: list[Endpoint], headers: Headers, body: str = "") -> bytes:
        lines = [f"{self.method} {self.uri} SIP/2.0"]
        common = [("Max-Forwards", str(70 - len(vias) + 1)), *self._common(vias, "")]
        return _octets(lines, common + headers, body)

    def answer(self, status: str, vias: list[Endpoint], headers: Headers) -> bytes:
        return _octets([f"SIP/2.0 {status}"], self._common(vias, ";tag=z9"), "", headers)

    def _common(self, vias: list[Endpoint], tag: str) -> Headers:
        branch = f"z9hG4bK-{self.call_id.partition('@')[0]}"
        found = [
            ("Via", f"SIP/2.0/UDP {via};branch={branch}-{vias.index(via)}")
            for via in reversed(vias)
        ]
        return [
            *found,
            ("From", f"<{self.start}>;tag=a1"),
            ("To", f"<{self.end}>{tag}"),
            ("Call-ID", self.call_id),
            ("CSeq", f"1 {self.method}"),
        ]


def _octets(lines: list[str], headers: Headers, body: str, more: Headers | None = None) -> bytes:
    fields = [*headers, *(more or []), ("Content-Length", str(len(body.encode())))]
    lines.extend(f"{name}: {value}" for name, value in fields)
    return "\r\n".join([*lines, "", body]).encode()


class _Wire:
    """Frames in the order of time, written as they are sent."""

    def __init__(self, file: BinaryIO, begin: int) -> None:
        self._writer = PcapngWriter(file, link=Link.ETHERNET, interface="demo0")
        self._time = begin
        self._identification = 0

    def wait(self, milliseconds: int) -> None:
        self._time += milliseconds * 1_000_000

    def send(self, source: Endpoint, destination: Endpoint, octets: bytes) -> None:
        self._identification += 1
        self.wait(4)
        for frame in udp_frames(source, destination, octets, identification=self._identification):
            self._writer.write(self._time, frame)


def write_demo(file: BinaryIO, begin: int) -> None:
    """Write the capture; `begin` is its first time in ns UTC."""
    wire = _Wire(file, begin)
    _push(wire)
    wire.wait(20_000)
    _pull_without_notify(wire)


def _push(wire: _Wire) -> None:
    """C.3.2.1.3 as printed."""
    dialog = _Dialog("MESSAGE", "push1@192.0.2.30", _ALICE, "sip:bob@example.com", _ALICE)
    headers = [
        ("Accept-Contact", _ACCEPT),
        ("P-Asserted-Service", _SERVICE),
        *_IDS,
        ("Content-Type", "message/cpim"),
    ]
    wire.send(PF, CORE, dialog.request([PF], headers, _CONTENT))
    wire.send(CORE, CLIENT, dialog.request([PF, CORE], headers, _CONTENT))
    wire.wait(120)
    wire.send(CLIENT, CORE, dialog.answer("200 OK", [PF, CORE], []))
    wire.send(CORE, PF, dialog.answer("200 OK", [PF], []))


def _pull_without_notify(wire: _Wire) -> None:
    """B.3.6.2, but the participating function never sends the list (6-7)."""
    queue = "sip:deferred@example.com"
    contact = ("Contact", f"<sip:alice@{CLIENT}>")
    asked = _Dialog("SUBSCRIBE", "pull1@192.0.2.20", queue, _ALICE, queue)
    wishes = [contact, ("Accept-Contact", _ACCEPT), ("Event", "deferred-messages")]
    wishes.append(("Expires", "3600"))
    granted = [("Contact", f"<sip:queue@{PF}>"), ("Expires", "3600")]
    _through(wire, asked, wishes, "", granted)
    wire.wait(3_000)
    invite = _Dialog("INVITE", "pull2@192.0.2.20", queue, _ALICE, queue)
    kind = ("Content-Type", f"multipart/mixed;boundary={_BOUNDARY}")
    offer = [contact, ("Accept-Contact", _ACCEPT), *_IDS, kind]
    wire.send(CLIENT, CORE, invite.request([CLIENT], offer, _INVITATION))
    wire.send(CORE, CLIENT, invite.answer("100 Trying", [CLIENT], []))
    wire.send(CORE, PF, invite.request([CLIENT, CORE], [_STAYS, *offer], _INVITATION))


def _through(wire: _Wire, dialog: _Dialog, headers: Headers, body: str, answer: Headers) -> None:
    """A request of the client to the participating function and its 200, over the core."""
    wire.send(CLIENT, CORE, dialog.request([CLIENT], headers, body))
    wire.send(CORE, PF, dialog.request([CLIENT, CORE], [_STAYS, *headers], body))
    wire.wait(30)
    wire.send(PF, CORE, dialog.answer("200 OK", [CLIENT, CORE], [_STAYS, *answer]))
    wire.send(CORE, CLIENT, dialog.answer("200 OK", [CLIENT], [_STAYS, *answer]))
