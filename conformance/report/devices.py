"""Which devices took part, as they name themselves, and what came of it for each.

User-Agent and Server pass through proxies unchanged. So a request speaks for its sender only
where it has one Via, and a response only where it has as many as its request was seen to have.
A core speaks for nobody: it may hide the Vias of others, and pass on answers from links unseen.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.report.legible import one_line
from conformance.report.model import DeviceResult
from conformance.sip import parser
from conformance.sip.message import SipMessage, SipRequest
from conformance.verifier.verdict import InstanceResult, ShownMessage, Verdict

LIMIT = 500
"""Devices that are told apart; those beyond are not listed."""

ADDRESSES = 20
"""Addresses that are named for one device."""

_PROXIES = {Role.CORE, Role.CORE_B}
_NOT_KNOWN = ("", "?")
"""Senders of a ladder that play no role that is known."""
_INSTANCE = "+sip.instance="

Key = tuple[str, str]


@dataclass(slots=True)
class _Device:
    roles: dict[str, None] = field(default_factory=dict)
    addresses: dict[str, None] = field(default_factory=dict)
    counts: Counter[Verdict] = field(default_factory=Counter)
    flows: dict[str, Counter[Verdict]] = field(default_factory=dict)
    by_others: int = 0

    def join(self, other: "_Device") -> None:
        """Take in what was kept of the same device under another key."""
        self.roles |= other.roles
        self.addresses |= other.addresses
        self.counts += other.counts
        for flow, counts in other.flows.items():
            self.flows.setdefault(flow, Counter()).update(counts)
        self.by_others += other.by_others


class Devices:
    """What is kept of each device while instances settle."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit or LIMIT
        self._devices: dict[Key, _Device] = {}

    def add(self, instance: InstanceResult) -> None:
        """Note the devices of one settled instance, and its verdict for each of them."""
        seen: dict[Key, set[str]] = {}
        for key, message in _united(list(speakers(instance.ladder))):
            if key not in self._devices and len(self._devices) == self._limit:
                continue
            device = self._devices.setdefault(key, _Device())
            seen.setdefault(key, set()).add(message.sender)
            if message.sender not in _NOT_KNOWN:
                device.roles[message.sender] = None
            if len(device.addresses) < ADDRESSES:
                device.addresses[message.source] = None
        for key, roles in seen.items():
            self._judge(self._devices[key], roles, instance)

    def absorb(self, other: "Devices") -> None:
        """Take in what another one kept, as if it came after all this."""
        for key, device in other._devices.items():
            if key not in self._devices and len(self._devices) == self._limit:
                continue
            known = self._devices.setdefault(key, _Device())
            known.join(device)
            for address in list(known.addresses)[ADDRESSES:]:
                del known.addresses[address]

    def _judge(self, device: _Device, roles: set[str], instance: InstanceResult) -> None:
        if instance.verdict is Verdict.FAIL and not _at_fault(roles, instance):
            device.by_others += 1
            return
        device.counts[instance.verdict] += 1
        device.flows.setdefault(instance.flow, Counter())[instance.verdict] += 1

    def _unite(self) -> None:
        """Let what a device said without its +sip.instance join what it said with it."""
        for product, id_ in [key for key in self._devices if not key[1]]:
            nameless = self._devices[product, id_]
            hosts = {_host(address) for address in nameless.addresses}
            named = [
                device
                for (name, other), device in self._devices.items()
                if name == product and other and hosts & set(map(_host, device.addresses))
            ]
            if len(named) == 1:
                named[0].join(nameless)
                del self._devices[product, id_]

    def results(self) -> tuple[DeviceResult, ...]:
        """Every device, in the order in which they appeared."""
        self._unite()
        return tuple(
            DeviceResult(
                product=product,
                instance=id_,
                roles=tuple(device.roles),
                addresses=tuple(device.addresses),
                counts=dict(device.counts),
                flows=tuple((flow, dict(counts)) for flow, counts in device.flows.items()),
                by_others=device.by_others,
            )
            for (product, id_), device in self._devices.items()
        )


def _at_fault(roles: set[str], instance: InstanceResult) -> bool:
    """Whether a cause of the failure lies with one of these roles, or with nobody known."""
    causes = [
        found
        for found in instance.findings
        if found.verdict is Verdict.FAIL and not found.consequence
    ]
    # A SHOULD that was not followed fails nobody, unless it is all there is (--strict).
    binding = [found for found in causes if found.level not in (Level.SHOULD, Level.MAY)]
    at_fault = {found.role_at_fault for found in binding or causes}
    return not at_fault or None in at_fault or bool(roles & at_fault)


def _host(address: str) -> str:
    return address.rpartition(":")[0]


def _united(
    spoken: list[tuple[Key, ShownMessage]],
) -> Iterator[tuple[Key, ShownMessage]]:
    """Within one instance, a device that gives its +sip.instance once is known by it always."""
    ids = {(key[0], _host(message.source)): key[1] for key, message in spoken if key[1]}
    for (product, id_), message in spoken:
        yield (product, id_ or ids.get((product, _host(message.source)), "")), message


def speakers(ladder: tuple[ShownMessage, ...]) -> Iterator[tuple[Key, ShownMessage]]:
    """The messages that show what their sender calls itself."""
    # For each transaction: the most Vias that its request had, and where that request went.
    ends: dict[tuple[str, int, str], tuple[int, str]] = {}
    for line in ladder:
        message = _message(line)
        if message is None:
            continue
        transaction = message.call_id, message.cseq, message.cseq_method
        if isinstance(message, SipRequest):
            count = len(message.vias)
            if count >= ends.get(transaction, (0, ""))[0]:
                ends[transaction] = count, line.destination
            if count != 1:
                continue
        elif not line.sender or not _comes_from_the_end(message, line, ends.get(transaction)):
            continue
        product = _product(message)
        id_ = _instance_id(message)
        if (product or id_) and line.sender not in _PROXIES:
            yield (product, id_), line


def _comes_from_the_end(
    message: SipMessage, line: ShownMessage, end: tuple[int, str] | None
) -> bool:
    """Whether a response is of the last place that its request was seen to reach."""
    return end is not None and end[1] == line.source and end[0] == len(message.vias)


def _message(line: ShownMessage) -> SipMessage | None:
    """The SIP message that a line shows, read again only where it is not at hand."""
    known = line.message
    if not isinstance(known, SipMessage) or not known.regular:
        known = parser.parse(line.octets)
        return known if isinstance(known, SipMessage) else None
    found = known if known.is_held else known.again(line.octets)
    # A message that the capture cut short counts for nothing.
    length = found.content_length
    if isinstance(length, int) and length > len(found.octets) - found.body_start:
        return None
    return found


def _product(message: SipMessage) -> str:
    names = ("User-Agent",) if isinstance(message, SipRequest) else ("Server", "User-Agent")
    value = next((found for name in names if (found := message.header(name))), "")
    return one_line(value, 160)


def _instance_id(message: SipMessage) -> str:
    contact = message.header("Contact") or ""
    _, mark, rest = contact.partition(_INSTANCE)
    return one_line(rest.split(";")[0].strip('"<>'), 120) if mark else ""
