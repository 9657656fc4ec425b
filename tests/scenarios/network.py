"""The network's clock and wires: requests and answers sent hop by hop as true nodes send them."""

from collections.abc import Sequence
from random import Random

from conformance.observation.packet import Endpoint, Transport
from tests.ladder import FIRST_EPHEMERAL, Expect, Ladder, Shot
from tests.scenarios.bodies import host_text
from tests.scenarios.legs import (
    BackToBack,
    EndedError,
    Exchange,
    Hop,
    Leg,
    assert_identity,
    next_routes,
    pop_route,
    received,
    towards_client,
)
from tests.scenarios.parties import ALICE, HOME, MILLISECOND, Node, Setting, parties
from tests.scenarios.text import Draft, with_tag

DIALOG_FORMING = ("INVITE", "SUBSCRIBE")


class Network:
    """One run of a script: its parties, its clock (`now`, ns UTC) and the shots so far."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.who = parties(setting)
        self.random = Random(setting.seed)
        self.now = setting.begin
        self.shots: list[Shot] = []
        self.legs: list[Leg] = []
        self.invites: list[Exchange] = []
        self.is_hushed = False
        self.neighbours: dict[frozenset[str], tuple[Node, Node]] = {}
        self.channel_ends: tuple[Endpoint, Endpoint] | None = None
        self.edge = BackToBack(self.who.proxy)
        self._connections: dict[frozenset[str], dict[str, Endpoint]] = {}
        self._identification: dict[str, int] = {}
        self._kind = ""

    def token(self, length: int = 12) -> str:
        """A fresh identity."""
        return "".join(self.random.choice("0123456789abcdef") for _ in range(length))

    def wait(self, ns: int) -> None:
        """Let time pass."""
        self.now += ns

    def pause(self, low_ms: float = 0.2, high_ms: float = 0.9) -> int:
        """What a node needs to work on a message, in ns."""
        return int(self.random.uniform(low_ms, high_ms) * MILLISECOND)

    def latency(self, one: Node, two: Node) -> int:
        """How long the way between two nodes is, in ns."""
        return self.pause(8, 20) if one.is_end or two.is_end else self.pause(0.4, 1.5)

    def as_other(self) -> "Network":
        """Mark what follows as traffic of no step."""
        self._kind = "other"
        return self

    def as_flow(self) -> "Network":
        """Mark what follows as the flow's own."""
        self._kind = ""
        return self

    def emit(
        self, time: int, sender: Node, receiver: Node, octets: bytes, hop: Hop, ends: "Ends"
    ) -> int:
        """Put one message on the wire; the shot's index."""
        source, destination, transport = ends
        number = self._identification.get(source.host, self.random.randrange(1, 50_000))
        self._identification[source.host] = number % 65_535 + 1
        kind = self._kind or ("step" if hop.label else "implied")
        hop = hop if kind == "step" else Hop()
        names = (hop.label, hop.step, sender.role, receiver.role, kind)
        self.shots.append(Shot(time, source, destination, transport, octets, *names, number))
        return len(self.shots) - 1

    def ends(self, sender: Node, receiver: Node) -> "Ends":
        """Source, destination and transport of SIP between two nodes."""
        self.neighbours.setdefault(frozenset((sender.host, receiver.host)), (sender, receiver))
        if self.setting.transport is Transport.UDP:
            return sender.endpoint, receiver.endpoint, Transport.UDP
        pair = frozenset((sender.host, receiver.host))
        if pair not in self._connections:
            port = FIRST_EPHEMERAL + 8_000 + 7 * len(self._connections)
            opener = Endpoint(sender.host, port)
            self._connections[pair] = {sender.host: opener, receiver.host: receiver.endpoint}
        ends = self._connections[pair]
        return ends[sender.host], ends[receiver.host], self.setting.transport

    def say(self, time: int, sender: Node, receiver: Node, draft: Draft, hop: Hop) -> int:
        """Send a draft between two nodes; the shot's index."""
        octets = draft.octets(compact=self.setting.compact)
        return self.emit(time, sender, receiver, octets, hop, self.ends(sender, receiver))

    def send(
        self,
        draft: Draft,
        path: Sequence[Node],
        names: Sequence[Hop] = (),
        *,
        initial: bool = True,
        upto: int = 0,
    ) -> Exchange:
        """Send a request along the path; `now` is then its arrival. `upto`: hops, 0 for all."""
        exchange = Exchange(list(path), initial)
        if draft.method in ("INVITE",) and self._kind != "other":
            self.invites.append(exchange)
        labels = iter(names)
        for index in range(min(upto, len(path) - 1) if upto else len(path) - 1):
            sender, receiver = path[index], path[index + 1]
            hop = next(labels, Hop()) if sender.role != receiver.role else Hop()
            self.mind_silence(hop)
            draft = self._forwarded(exchange, index, draft) if index else draft.copy()
            draft.push("Via", self._via(sender))
            if draft.method == "INVITE" and index:
                self._trying(exchange.legs[-1])
            self._pass(exchange, sender, receiver, draft, hop)
            if receiver.role == "core" and names:
                self._refuse(exchange, names[0].step)
        return exchange

    def _refuse(self, exchange: Exchange, step: str) -> None:
        """The core's own refusal of a step's request, where the setting has one."""
        refuses = self.setting.core_refuses
        if not step or refuses is None or refuses[0] != step:
            return
        here = exchange.legs[-1].receiver
        whole, exchange.path = exchange.path, [*exchange.path[: len(exchange.legs)], here]
        self.answer(exchange, *refuses[1:])
        exchange.path = whole
        self.acknowledge_refusal(exchange)
        raise EndedError

    def fork(self, exchange: Exchange, receiver: Node, hop: Hop) -> Exchange:
        """A further branch from the last proxy of the exchange to another device."""
        other = Exchange([*exchange.path[:-1], receiver], exchange.is_initial)
        other.legs = exchange.legs[:-1]
        draft = exchange.legs[-1].draft.copy()
        draft.uri = receiver.contact
        rest = draft.all("Via")[1:]
        self.now = exchange.legs[-1].sent + self.pause()
        fresh = self._via(exchange.path[-2])
        draft.put_all("Via", [fresh, *rest])
        self._pass(other, exchange.path[-2], receiver, draft, hop)
        return other

    def _pass(
        self, exchange: Exchange, sender: Node, receiver: Node, draft: Draft, hop: Hop
    ) -> None:
        source, destination, _ = self.ends(sender, receiver)
        sent = self.now + self.pause()
        index = self.say(sent, sender, receiver, draft, hop)
        self.now = sent + self.latency(sender, receiver)
        leg = Leg(sender, receiver, draft.copy(), sent, self.now, source, destination)
        received(leg.draft, source)
        exchange.legs.append(leg)
        if draft.method == "ACK":
            exchange.ack_shots.append(index)
        else:
            self.legs.append(leg)

    def _via(self, sender: Node) -> str:
        transport = self.setting.transport
        return f"SIP/2.0/{transport} {sender.sent_by};branch=z9hG4bK{self.token(14)};rport"

    def mind_silence(self, hop: Hop) -> None:
        if hop.label and hop.label == self.setting.silent:
            self.is_hushed = True
            raise EndedError

    def _forwarded(self, exchange: Exchange, index: int, draft: Draft) -> Draft:
        node, before = exchange.path[index], exchange.path[index - 1]
        following, rest = exchange.path[index + 1], exchange.path[index + 2 :]
        draft = exchange.legs[-1].draft.copy()
        draft.put("Max-Forwards", str(int(draft.get("Max-Forwards")) - 1))
        pop_route(draft, node)
        if before.is_end and node.role == "core":
            assert_identity(draft, f"icid-{self.setting.seed:04d}-{draft.get('Call-ID')[:8]}")
        if self._is_edge(exchange, index):
            self.edge.request(draft)
        elif exchange.is_initial and draft.method in DIALOG_FORMING and self._stays(node):
            draft.push("Record-Route", node.route)
        if draft.method == "REGISTER":
            if node is self.who.proxy:
                draft.put("Path", node.route)
                draft.put("P-Visited-Network-ID", HOME)
        elif exchange.is_initial:
            self._steer(draft, node, following, rest)
        return draft

    def _stays(self, node: Node) -> bool:
        """Whether a node keeps itself in the dialogs that it passes on."""
        return node.name != "icscf" and not (self.setting.stays_out and node.role == "core")

    def _is_edge(self, exchange: Exchange, index: int) -> bool:
        """Whether the node at this place is the back-to-back user agent next to a client."""
        path = exchange.path
        near = path[index - 1].is_end or path[index + 1].is_end
        return self.setting.sbc and path[index] is self.edge.core and near

    def _steer(self, draft: Draft, node: Node, following: Node, rest: list[Node]) -> None:
        last = rest[-1] if rest else following
        only_core = all(n.role == "core" for n in [following, *rest][:-1])
        if node.role == "core" and last.is_end and only_core:
            draft.uri = last.contact
        routes = draft.all("Route")
        if not (routes and following.sent_by in routes[0]) and node.role == "core":
            more = next_routes(following, rest, self.who)
            if more or routes:
                draft.put_all("Route", [*more, *routes])
        if following.is_end:
            towards_client(draft, ALICE)

    def _trying(self, leg: Leg) -> None:
        """A proxy's 100 to the hop before (RFC 3261 16.2)."""
        if leg.heard is not None:
            return
        draft = Draft("SIP/2.0 100 Trying")
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            draft.headers += [(name, value) for value in leg.draft.all(name)]
        delay = leg.t1 * 6 // 5 if self.setting.lossy else self.pause()
        self.say(leg.arrived + delay, leg.receiver, leg.sender, draft, Hop())
        leg.heard = leg.arrived + delay + self.latency(leg.receiver, leg.sender)

    def answer(
        self,
        exchange: Exchange,
        status: int,
        reason: str,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        names: Sequence[Hop] = (),
        think: int = 0,
        upto: int = 0,
    ) -> Draft:
        """Answer a request back along its path; `now` is then the answer's arrival."""
        step = names[0].step if names else ""
        departs = self.setting.departs
        is_departure = departs is not None and departs[0] == step and status >= 200
        if departs and is_departure:
            status, reason, headers, body = departs[1], departs[2], (), b""
        last = exchange.legs[-1]
        if names and status >= 200:
            self.mind_silence(names[0])
        think = max(think, self._lossy_think(last) if status >= 200 else 0)
        if last.draft.method == "INVITE" and think > 200 * MILLISECOND and status >= 180:
            self._trying(last)
        self.now += self.pause(1, 4) + think
        draft = self._response(exchange, status, reason, headers, body)
        exchange.sent_answer = draft
        self._relay(exchange, draft, names, upto or len(exchange.legs))
        if is_departure:
            self.acknowledge_refusal(exchange)
            raise EndedError
        return exchange.answer or draft

    def _lossy_think(self, leg: Leg) -> int:
        if not self.setting.lossy or self.setting.transport is not Transport.UDP:
            return 0
        return leg.t1 * 27 // 20 if leg.draft.method != "INVITE" else leg.t1 * 2

    def _response(
        self,
        exchange: Exchange,
        status: int,
        reason: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
    ) -> Draft:
        request = exchange.request
        exchange.to_tag = exchange.to_tag or self.token(8)
        draft = Draft(f"SIP/2.0 {status} {reason}", [], body)
        draft.headers = [("Via", value) for value in request.all("Via")]
        if exchange.is_initial and 100 < status < 300:
            draft.headers += [("Record-Route", v) for v in request.all("Record-Route")]
        to = request.get("To")
        draft.headers += [("From", request.get("From"))]
        draft.headers += [("To", to if ";tag=" in to else with_tag(to, exchange.to_tag))]
        draft.headers += [(name, request.get(name)) for name in ("Call-ID", "CSeq")]
        if request.has("Session-ID"):
            asker, _, known = request.get("Session-ID").partition(";remote=")
            exchange.session_id = exchange.session_id or known.strip("0") or self.token(32)
            draft.headers += [("Session-ID", f"{exchange.session_id};remote={asker}")]
        agent = exchange.path[-1].agent
        draft.headers += [("Server", agent), *headers]
        return draft

    def _relay(self, exchange: Exchange, draft: Draft, names: Sequence[Hop], count: int) -> None:
        labels = iter(names)
        status = int(draft.start.split()[1])
        exchange.answer_shots = []
        for index, leg in enumerate(reversed(exchange.legs[-count:])):
            node, before = leg.receiver, leg.sender
            hop = next(labels, Hop()) if node.role != before.role else Hop()
            self.mind_silence(hop)
            if index:
                draft = self._relayed(exchange, leg, draft)
            self.now += self.pause()
            if not index and status >= 200:
                exchange.accepted = self.now
                hop = self._lose_first(leg, draft, hop)
            exchange.answer_shots.append(self.say(self.now, node, before, draft, hop))
            self.now += self.latency(node, before)
            leg.heard = min(leg.heard or self.now, self.now)
            exchange.answer = draft

    def _relayed(self, exchange: Exchange, leg: Leg, draft: Draft) -> Draft:
        draft = draft.copy()
        draft.put_all("Via", draft.all("Via")[1:])
        if self._is_edge(exchange, exchange.legs.index(leg) + 1):
            self.edge.response(draft, leg.draft)
        if leg.sender.is_end:
            towards_client(draft, "")
        return draft

    def _lose_first(self, leg: Leg, draft: Draft, hop: Hop) -> Hop:
        """Lose the first final answer behind the tap; it is sent again as the timers say."""
        if not self.setting.lossy or self.setting.transport is not Transport.UDP:
            return hop
        self.say(self.now, leg.receiver, leg.sender, draft, hop)
        if draft.method == "INVITE":
            self.now += leg.t1
            return Hop()
        lost = self.now
        way = self.latency(leg.sender, leg.receiver)
        self.now = next((t for t in leg.resend_times() if t > lost), lost) + way + self.pause()
        return Hop()

    def acknowledge_refusal(self, exchange: Exchange) -> None:
        """The ACK of each hop to a final answer of 300 and above (RFC 3261 17.1.1.3)."""
        if exchange.method != "INVITE" or exchange.answer is None:
            return
        exchange.acked = self.now
        when = self.now
        answered = exchange.legs[-len(exchange.answer_shots) :]
        for index, leg in zip(reversed(exchange.answer_shots), answered, strict=True):
            to = Draft("", _fields(self.shots[index].octets, self.setting.compact)).get("To")
            self._hop_ack(leg, to, self.shots[index].time)
        self.now = when

    def _hop_ack(self, leg: Leg, to: str, answered: int) -> None:
        sent = leg.draft
        draft = Draft(sent.start.replace("INVITE", "ACK", 1))
        draft.headers = [("Via", sent.all("Via")[0].partition(";rport")[0] + ";rport")]
        draft.headers += [("Route", value) for value in sent.all("Route")]
        draft.headers += [("Max-Forwards", "70"), ("From", sent.get("From")), ("To", to)]
        draft.headers += [("Call-ID", sent.get("Call-ID"))]
        draft.headers += [("CSeq", sent.get("CSeq").replace("INVITE", "ACK"))]
        time = answered + self.latency(leg.sender, leg.receiver) + self.pause()
        self.say(time, leg.sender, leg.receiver, draft, Hop())

    def ladder(self, flow: str, variant: str, expect: Expect) -> Ladder:
        """What was seen, in the order of time."""
        roles: dict[str, list[str]] = {}
        who = self.who
        for node in (who.client, who.second, *who.core, who.pf, who.iwf, who.noncpm, who.remote):
            roles.setdefault(node.role, []).append(node.host)
        shots = sorted(self.shots, key=lambda shot: shot.time)
        return Ladder(shots, flow, variant, roles, expect, self.setting.mtu)

    def host(self, node: Node) -> str:
        """The node's host as a URI writes it."""
        return host_text(node.host)


Ends = tuple[Endpoint, Endpoint, Transport]


def _fields(octets: bytes, compact: bool) -> list[tuple[str, str]]:
    head = octets.partition(b"\r\n\r\n")[0].decode()
    pairs = [line.partition(": ")[::2] for line in head.split("\r\n")[1:]]
    return [("To" if compact and name == "t" else name, value) for name, value in pairs]
