"""The MSRP session between a client and the participating function (RFC 4975)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.observation.packet import Endpoint, Transport
from tests.ladder import FIRST_EPHEMERAL
from tests.scenarios.bodies import Media, Stored, cpim
from tests.scenarios.legs import Hop
from tests.scenarios.network import Network
from tests.scenarios.parties import Node

CHUNK = 2_048
DISCARD_PORT = 9


def msrp_request(
    tid: str,
    paths: Sequence[str],
    message_id: str,
    chunk: bytes,
    content_type: str,
    span: tuple[int, int, int] = (1, 0, 0),
    *,
    flag: str = "$",
    reports: Sequence[str] = (),
) -> bytes:
    """The octets of a SEND; `paths` are To-Path and From-Path, `span` start, end and total."""
    lines = [
        f"MSRP {tid} SEND",
        f"To-Path: {paths[0]}",
        f"From-Path: {paths[1]}",
        f"Message-ID: {message_id}",
        *reports,
        f"Byte-Range: {span[0]}-{span[1]}/{span[2]}",
    ]
    head = "\r\n".join(lines).encode()
    content = b""
    if content_type:
        content = f"\r\nContent-Type: {content_type}\r\n\r\n".encode() + chunk
    return head + content + f"\r\n-------{tid}{flag}\r\n".encode()


def msrp_response(tid: str, paths: Sequence[str], status: str = "200 OK") -> bytes:
    """The octets of the answer to a request that had these paths."""
    lines = [f"MSRP {tid} {status}", f"To-Path: {paths[1]}", f"From-Path: {paths[0]}"]
    return "\r\n".join([*lines, f"-------{tid}$", ""]).encode()


def msrp_report(
    tid: str, paths: Sequence[str], message_id: str, total: int, status: str = "000 200 OK"
) -> bytes:
    """The octets of a REPORT back over the paths of a request."""
    lines = [
        f"MSRP {tid} REPORT",
        f"To-Path: {paths[1]}",
        f"From-Path: {paths[0]}",
        f"Message-ID: {message_id}",
        f"Byte-Range: 1-{total}/{total}",
        f"Status: {status}",
        f"-------{tid}$",
        "",
    ]
    return "\r\n".join(lines).encode()


@dataclass(slots=True)
class Channel:
    """One MSRP session; the side whose `setup` is active connects."""

    net: Network
    sides: dict[str, Media]
    nodes: dict[str, Node]
    active: str
    port: int
    failure_report: str = ""
    success_report: bool = False
    delivered: list[str] = field(default_factory=list)

    def _ends(self, sender: str) -> tuple[Endpoint, Endpoint, Transport]:
        passive = next(role for role in self.sides if role != self.active)
        opener = Endpoint(self.nodes[self.active].host, self.port)
        listener = self.sides[passive].endpoint
        if sender == self.active:
            return opener, listener, Transport.TCP
        return listener, opener, Transport.TCP

    def other(self, sender: str) -> str:
        return next(role for role in self.sides if role != sender)

    def paths(self, sender: str) -> tuple[str, str]:
        """To-Path and From-Path of a request from this side."""
        return self.sides[self.other(sender)].path, self.sides[sender].path

    def _put(self, sender: str, octets: bytes, hop: Hop) -> int:
        self.net.mind_silence(hop)
        ends = self._ends(sender)
        nodes = self.nodes[sender], self.nodes[self.other(sender)]
        self.net.now += self.net.pause()
        self.net.emit(self.net.now, *nodes, octets, hop, ends)
        return self.net.now + self.net.latency(*nodes)

    def bind(self, sender: str = "", hop: Hop | None = None) -> None:
        """The active side's first, empty SEND and its answer (RFC 4975 5.4)."""
        sender = sender or self.active
        tid, paths = self.net.token(10), self.paths(sender)
        request = msrp_request(tid, paths, self.net.token(14), b"", "")
        self.net.now = self._put(sender, request, hop or Hop())
        self.net.now = self._put(self.other(sender), msrp_response(tid, paths), Hop())

    def deliver(self, message: Stored, hop: Hop | None = None, *, chunk: int = CHUNK) -> None:
        """One stored message from the participating function."""
        self.send("pf", cpim(message), hop, chunk=chunk)
        self.delivered.append(message.message_id)

    def send(
        self,
        sender: str,
        content: bytes,
        hop: Hop | None = None,
        *,
        content_type: str = "message/cpim",
        chunk: int = CHUNK,
        stop_after: int = 0,
        status: str = "200 OK",
    ) -> None:
        """Content in chunks, each answered; `stop_after`: so many chunks only."""
        message_id, total = self.net.token(14), len(content)
        answered = self.net.now
        for start in list(range(0, total, chunk))[: stop_after or None]:
            piece = content[start : start + chunk]
            span = (start + 1, start + len(piece), total)
            tid, paths = self.net.token(10), self.paths(sender)
            flag, reports = "$" if span[1] == total else "+", self._reports()
            parts = (tid, paths, message_id, piece, content_type, span)
            octets = msrp_request(*parts, flag=flag, reports=reports)
            arrived = self._put(sender, octets, hop or Hop())
            sent, self.net.now = self.net.now, max(arrived, answered)
            if self.failure_report not in ("no", "partial") or not status.startswith("200"):
                back = msrp_response(tid, paths, status)
                answered = self._put(self.other(sender), back, Hop())
            self.net.now = sent
        self.net.now = max(answered, self.net.now)
        if self.success_report and not stop_after:
            report = msrp_report(self.net.token(10), self.paths(sender), message_id, total)
            self.net.now = self._put(self.other(sender), report, Hop())

    def abort(self, sender: str, content: bytes, hop: Hop, chunk: int = CHUNK) -> None:
        """A first chunk that the sender ends with `#` (RFC 4975 7.1.1), and its answer."""
        tid, paths, total = self.net.token(10), self.paths(sender), len(content)
        chunk = min(chunk, total // 2)
        span = (1, chunk, total)
        octets = msrp_request(
            tid, paths, self.net.token(14), content[:chunk], "message/cpim", span=span, flag="#"
        )
        self.net.now = self._put(sender, octets, hop)
        self.net.now = self._put(self.other(sender), msrp_response(tid, paths), Hop())

    def _reports(self) -> list[str]:
        lines = ["Success-Report: yes"] if self.success_report else []
        return lines + ([f"Failure-Report: {self.failure_report}"] if self.failure_report else [])


def open_channel(net: Network, client: Node, offer: Media, answer: Media, offerer: str) -> Channel:
    """The session that offer and answer describe; who connects follows RFC 6135."""
    answerer = "pf" if offerer == "client" else "client"
    active = answerer if answer.setup == "active" else offerer
    if not answer.setup:
        active = offerer
    port = FIRST_EPHEMERAL + 20_000 + net.random.randrange(9_000)
    sides = {offerer: offer, answerer: answer}
    ends = {role: side.endpoint for role, side in sides.items()}
    net.channel_ends = ends["client"], ends["pf"]
    return Channel(net, sides, {"client": client, "pf": net.who.pf}, active, port)
