"""A request's way over several hops, and what each node changes on it (RFC 3261 section 16)."""

from dataclasses import dataclass, field

from conformance.observation.packet import Endpoint
from tests.scenarios.parties import ALICE, ALICE_TEL, SECOND, Node, Parties
from tests.scenarios.text import Draft, address_of, tag_of, with_tag


class EndedError(Exception):
    """The script cannot go on: somebody fell silent or refused."""


@dataclass(frozen=True, slots=True)
class Hop:
    """The printed names of a hop: its own label and its step's."""

    label: str = ""
    step: str = ""


def hops(step: str, count: int = 2) -> list[Hop]:
    """The hops of a printed step: `2-3` gives 2 and 3, `end` gives `end` each time."""
    first, dash, _ = step.partition("-")
    if not dash:
        return [Hop(step, step)] * count
    mark = "b" if step.endswith("b") else ""
    return [Hop(f"{int(first) + i}{mark}", step) for i in range(count)]


IMPLIED: list[Hop] = [Hop()] * 4


@dataclass(slots=True)
class Leg:
    """One hop of a request: what was sent, when it came, and when the sender heard of it."""

    sender: Node
    receiver: Node
    draft: Draft
    sent: int
    arrived: int
    source: Endpoint
    destination: Endpoint
    heard: int | None = None

    @property
    def t1(self) -> int:
        """T1 in ns: 2 s next to a client (TS 24.229 table 7.8), else 0.5 s."""
        return 2 * SECOND if self.sender.is_end or self.receiver.is_end else SECOND // 2

    @property
    def t2(self) -> int:
        """T2 in ns: 16 s next to a client, else 4 s."""
        return 8 * self.t1

    def resend_times(self) -> list[int]:
        """When the request is sent again unless heard: timers A and B, or E and F."""
        is_invite = self.draft.method == "INVITE"
        wait, time, end = self.t1, self.sent + self.t1, self.sent + 64 * self.t1
        times = []
        while time < end:
            times.append(time)
            wait = 2 * wait if is_invite else min(2 * wait, self.t2)
            time += wait
        return times


@dataclass(slots=True)
class Exchange:
    """One transaction over its whole path; drafts as each end saw them."""

    path: list[Node]
    is_initial: bool
    session_id: str = ""
    legs: list[Leg] = field(default_factory=list)
    to_tag: str = ""
    cseq: int = 0
    sent_answer: Draft | None = None
    answer: Draft | None = None
    answer_shots: list[int] = field(default_factory=list)
    ack_shots: list[int] = field(default_factory=list)
    accepted: int | None = None
    acked: int | None = None

    @property
    def method(self) -> str:
        return self.legs[0].draft.method

    @property
    def request(self) -> Draft:
        """The request as the last node received it."""
        return self.legs[-1].draft


@dataclass(slots=True)
class BackToBack:
    """What a back-to-back user agent remembers to give each side its own identities."""

    core: Node
    pairs: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)

    def other(self, value: str) -> str:
        """The identity on the other side that stands for this one."""
        if not value:
            return value
        if value not in self.pairs:
            twin = f"x{len(self.pairs) // 2 + 1:03d}-{value[:6]}"
            self.pairs[value], self.pairs[twin] = twin, value
        return self.pairs[value]

    def contact(self, value: str) -> str:
        """A Contact value with the back-to-back user agent's own address."""
        theirs = address_of(value)
        own = next((k for k, v in self.contacts.items() if v == theirs), "")
        if not own:
            own = f"sip:leg{len(self.contacts) + 1}@{self.core.sent_by}"
            self.contacts[own] = theirs
        return value.replace(theirs, own)

    def request(self, draft: Draft) -> None:
        """Change a request for the other side; its Vias are those of a new request."""
        self._identities(draft)
        number, method = draft.get("CSeq").split()
        draft.put("CSeq", f"{int(number) + 1000} {method}")
        draft.uri = self.contacts.get(draft.uri, draft.uri)
        draft.remove("Via", "Record-Route")

    def response(self, draft: Draft, request: Draft) -> None:
        """Change a response so that it answers the request of the other side."""
        tag = tag_of(draft.get("To"))
        draft.put_all("Via", request.all("Via"))
        draft.put_all("Record-Route", request.all("Record-Route"))
        for name in ("From", "Call-ID", "CSeq"):
            draft.put(name, request.get(name))
        draft.put("To", with_tag(request.get("To"), self.other(tag)))
        if draft.has("Contact"):
            draft.put("Contact", self.contact(draft.get("Contact")))

    def _identities(self, draft: Draft) -> None:
        draft.put("Call-ID", self.other(draft.get("Call-ID")))
        for name in ("From", "To"):
            value = draft.get(name)
            draft.put(name, with_tag(value, self.other(tag_of(value))))
        if draft.has("Contact"):
            draft.put("Contact", self.contact(draft.get("Contact")))


def next_routes(following: Node, rest: list[Node], who: Parties) -> list[str]:
    """The Route values that the core adds for the next node of an initial request."""
    if following.role in ("pf", "iwf"):
        back = [n for n in rest if n.role == "core"]
        again = f"<sip:odi-4471@{back[0].sent_by};lr>" if back else ""
        return [following.route, *([again] if again else [])]
    if following.role == "core" and following is not who.proxy:
        return [following.route]
    return [following.route] if following.role == "core" and rest else []


def pop_route(draft: Draft, node: Node) -> None:
    """Take out the topmost Route if it names this node (RFC 3261 16.4)."""
    routes = draft.all("Route")
    if routes and node.sent_by in routes[0]:
        draft.put_all("Route", routes[1:]) if routes[1:] else draft.remove("Route")


def received(draft: Draft, source: Endpoint) -> None:
    """Write the source into the topmost Via where it asked for that (RFC 3581)."""
    vias = draft.all("Via")
    asked = vias[0].replace(";rport", f";rport={source.port};received={source.host}")
    draft.put_all("Via", [asked, *vias[1:]])


def assert_identity(draft: Draft, icid: str) -> None:
    """At the core's edge: preferred identity and service become asserted ones (RFC 3325)."""
    if draft.has("P-Preferred-Identity"):
        at = [name for name, _ in draft.headers].index("P-Preferred-Identity")
        asserted = [("P-Asserted-Identity", f"<{uri}>") for uri in (ALICE, ALICE_TEL)]
        draft.headers[at : at + 1] = asserted
    if draft.has("P-Preferred-Service"):
        at = [name for name, _ in draft.headers].index("P-Preferred-Service")
        draft.headers[at] = ("P-Asserted-Service", draft.headers[at][1])
    draft.put("P-Charging-Vector", f"icid-value={icid};orig-ioi=home-a.example")


def towards_client(draft: Draft, called: str) -> None:
    """What leaves the trust domain loses, and what the client is told (TS 24.229 5.2.6.4)."""
    draft.remove("P-Charging-Vector", "P-Access-Network-Info")
    if called:
        draft.put("P-Called-Party-ID", f"<{called}>")
