"""The steps of the flows as labels: which step of its flow a message is, by a table per flow.

This is how the reference's own recordings are annotated; it judges nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.cpm.role import Role
from conformance.msrp.message import MsrpRequest
from conformance.observation.content import Content
from conformance.observation.trace import Message, Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

Hop = tuple[str, Role | None, Role | None]
"""A kind of message, who sends it and who receives it."""

_INITIAL = frozenset({"INVITE", "SUBSCRIBE", "MESSAGE"})
_MAX_ASKED = 65_536


def _way(kind: str, path: str, labels: str) -> dict[Hop, str]:
    """The labels of one message from party to party along a path."""
    roles = [Role(name) for name in path.split()]
    hops = zip(roles[:-1], roles[1:], labels.split(), strict=True)
    return {(kind, sender, receiver): label for sender, receiver, label in hops}


def _both_ways(kind: str, path: str, label: str) -> dict[Hop, str]:
    names = path.split()
    labels = " ".join([label] * (len(names) - 1))
    back = " ".join(reversed(names))
    return _way(kind, path, labels) | _way(kind, back, labels)


@dataclass(frozen=True, slots=True)
class _Flow:
    """The labels of a flow by hop, and the side of its parties; `server` names an older PF."""

    labels: dict[Hop, str]
    side: str = "A"
    other: str = "B"
    server: str = "CPM Participating Function"

    def name(self, role: Role | None) -> str:
        names = {
            Role.CLIENT: f"CPM Client {self.side}",
            Role.CORE: f"SIP/IP Core {self.side}",
            Role.PF: f"{self.server} {self.side}",
            Role.REMOTE: f"CPM System {self.other}",
            Role.NONCPM: f"Non-CPM Client {self.other}",
            Role.IWF: "Interworking Function",
        }
        return names.get(role, str(role)) if role else "unknown"


_SESSION = (
    _way("INVITE", "pf core client", "2 3")
    | _way("INVITE answer", "client core pf", "4 5")
    | _way("SEND", "pf client", "6")
    | _way("BYE", "pf core client", "6 6")
)
_OLDER = "CPM Conversation Server"

_FLOWS: dict[str, _Flow] = {
    "push": _Flow(_SESSION),
    "push-large": _Flow(_SESSION, server=_OLDER),
    "push-pager": _Flow(
        _way("MESSAGE", "pf core client", "2 3") | _way("MESSAGE answer", "client core pf", "4 5"),
        server=_OLDER,
    ),
    "pull": _Flow(
        _way("SUBSCRIBE", "client core pf", "2 3")
        | _way("SUBSCRIBE answer", "pf core client", "4 5")
        | _way("NOTIFY", "pf core client", "6 7")
        | _way("NOTIFY answer", "client core pf", "8 9")
        | _way("INVITE", "client core pf", "10 11")
        | _way("INVITE answer", "pf core client", "12 13")
        | _way("SEND", "pf client", "14")
        | _both_ways("BYE", "client core pf", "end")
    ),
    "pull-notify": _Flow(
        _way("NOTIFY alone", "pf core client", "2 3")
        | _way("NOTIFY alone answer", "client core pf", "4 5")
        | _way("INVITE", "client core pf", "6 7")
        | _way("INVITE answer", "pf core client", "8 9")
        | _way("SEND", "pf client", "10")
        | _both_ways("BYE", "client core pf", "10")
    ),
    "chat-deferred": _Flow(
        _way("INVITE", "pf core client", "1 2")
        | _way("INVITE answer", "client core pf", "3 4")
        | _way("INVITE refusal", "client core pf", "3b 4b")
        | _way("ACK", "pf core client", "5 6")
        | _way("SEND empty", "client pf", "7")
        | _way("SEND", "pf client", "8")
        | _both_ways("BYE", "client core pf", "end")
    ),
    "undelivered": _Flow(
        _way("MESSAGE", "remote core pf", "1 2")
        | _way("MESSAGE answer", "pf core remote", "4 5")
        | _way("MESSAGE imdn", "pf core remote", "7 8")
        | _way("MESSAGE imdn answer", "remote core pf", "9 10"),
        side="B",
        other="A",
    ),
    "interwork-out": _Flow(
        _way("MESSAGE", "client core pf core iwf noncpm", "1 2 3 4 5")
        | _way("MESSAGE answer", "noncpm iwf core pf core client", "6 7 8 9 10"),
        server=_OLDER,
    ),
    "interwork-in": _Flow(
        _way("MESSAGE", "noncpm iwf core pf core client", "1 2 3 4 5")
        | _way("MESSAGE answer", "client core pf core iwf noncpm", "6 7 8 9 10"),
        server=_OLDER,
    ),
}

FLOWS = frozenset(_FLOWS)
"""The flows that have labels, by their ids."""


class Labels:
    """Labels the messages of one flow; each message must be shown once, in the order of time.

    Called with an `Observation` it gives a comment such as
    "push step 2: CPM Participating Function A → SIP/IP Core A"; what is no step is named by its
    method. `hosts` says who plays which role. KeyError for a flow that there is not.
    """

    def __init__(self, flow: str, hosts: Mapping[str, Role]) -> None:
        self.flow = flow
        self._flow = _FLOWS[flow]
        self._hosts = dict(hosts)
        self._asked: dict[tuple[str, str, Role | None, Role | None], str] = {}
        self._sessions: dict[str, str] = {}

    def __call__(self, seen: Observation) -> str:
        """The comment on one message."""
        sender = self._hosts.get(seen.source.host)
        receiver = self._hosts.get(seen.destination.host)
        step = self.step(seen.message, sender, receiver)
        ends = f"{self._flow.name(sender)} → {self._flow.name(receiver)}"
        return f"{self.flow} step {step}: {ends}" if step else f"{_name(seen.message)}: {ends}"

    def step(self, message: Message, sender: Role | None, receiver: Role | None) -> str:
        """The label of the step that a message between two roles is; "" for none."""
        kind = self._kind(message, sender, receiver)
        if isinstance(message, SipRequest) and len(self._asked) < _MAX_ASKED:
            self._asked[(message.call_id, _transaction(message), sender, receiver)] = kind
        label = self._label(kind, sender, receiver)
        if label and kind == "INVITE answer" and isinstance(message, SipResponse):
            self._sessions[message.call_id] = _number(message)
        return label

    def _label(self, kind: str, sender: Role | None, receiver: Role | None) -> str:
        labels = self._flow.labels
        label = labels.get((kind, sender, receiver), "")
        if not label and kind.endswith(" refusal"):
            answer = kind.replace(" refusal", " answer")
            label = labels.get((answer, sender, receiver), "")
        return label

    def _kind(self, message: Message, sender: Role | None, receiver: Role | None) -> str:
        if isinstance(message, SipRequest):
            return self._request_kind(message)
        if isinstance(message, SipResponse):
            key = message.call_id, _transaction(message), receiver, sender
            return _answer_kind(self._asked.get(key, ""), message.status)
        if isinstance(message, MsrpRequest) and message.method == "SEND":
            return "SEND" if message.body else "SEND empty"
        return ""

    def _request_kind(self, request: SipRequest) -> str:
        method = request.method
        accepted = self._sessions.get(request.call_id)
        if method in _INITIAL and request.to_tag:
            return ""
        if method == "ACK" and accepted != _number(request):
            return ""
        if method == "BYE" and accepted is None:
            return ""
        if method == "NOTIFY" and not request.to_tag:
            return "NOTIFY alone"
        if method == "MESSAGE" and "message/imdn+xml" in Content(request).media_types:
            return "MESSAGE imdn"
        return method


def _answer_kind(asked: str, status: int) -> str:
    """What a response is to a request; a challenge (RFC 3261 section 22) answers nothing."""
    if not asked or status < 200 or status in (401, 407):
        return ""
    return f"{asked} answer" if status < 300 else f"{asked} refusal"


def _number(message: SipRequest | SipResponse) -> str:
    return (message.header("CSeq") or "").partition(" ")[0]


def _transaction(message: SipRequest | SipResponse) -> str:
    return message.header("CSeq") or ""


def _name(message: Message) -> str:
    """What a message is when it is no step."""
    if isinstance(message, Malformed):
        return f"malformed {message.protocol}"
    if isinstance(message, SipRequest):
        return message.method
    if isinstance(message, SipResponse):
        return f"{message.status} to {message.cseq_method}"
    if isinstance(message, MsrpRequest):
        return f"MSRP {message.method}"
    return f"MSRP {message.status}"
