"""Which address plays which role: rules given by the user or inferred, longest match first."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NOBODY: frozenset[Role] = frozenset()


class AddressError(ValueError):
    """An address that is none of: ip, ip:port, [v6]:port, net/length, SIP domain."""


@dataclass(frozen=True, slots=True)
class RoleRule:
    """One address and the role it plays; `evidence` says why, `given` that the user said so."""

    role: Role
    address: str
    evidence: str = ""
    given: bool = True


@dataclass(frozen=True, slots=True)
class _Match:
    weight: int
    role: Role
    network: Network | None
    port: int | None
    domain: str


class Topology:
    """Role rules, asked by endpoint; the most specific matching addresses win.

    A rule with a port is stronger than one without, a longer prefix than a shorter one. Two
    roles at one address are both answered: a message's direction may tell them apart.
    """

    def __init__(self, rules: Iterable[RoleRule] = ()) -> None:
        self.rules = list(rules)
        self._matches = sorted(map(_match, self.rules), key=lambda match: -match.weight)
        self._known: dict[Endpoint, frozenset[Role]] = {}
        self._evidence: dict[Endpoint, list[tuple[Role, str]]] = {}

    def roles(self, endpoint: Endpoint) -> frozenset[Role]:
        """Every role that this endpoint plays, none when no rule names it."""
        known = self._known.get(endpoint)
        if known is None:
            known = self._find(endpoint)
            self._known[endpoint] = known
        return known

    def domain_roles(self, domain: str) -> frozenset[Role]:
        """The roles of a host name given as a rule's address."""
        wanted = domain.lower()
        return frozenset(match.role for match in self._matches if match.domain == wanted)

    def hosts(self, role: Role) -> frozenset[str] | None:
        """The hosts that play a role, or None when a rule names more than single addresses."""
        found = set()
        for match in self._matches:
            if match.role is not role:
                continue
            if match.network is None or match.network.num_addresses != 1:
                return None
            found.add(str(match.network.network_address))
        return frozenset(found)

    def by_port(self, host: str) -> bool:
        """Whether roles at this host are told apart by port."""
        return any(
            match.port is not None and match.network and str(match.network.network_address) == host
            for match in self._matches
        )

    def evidence(self, endpoint: Endpoint) -> list[tuple[Role, str]]:
        """Why this endpoint plays its roles, one sentence a rule."""
        found = self._evidence.get(endpoint)
        if found is None:
            found = self._evidence[endpoint] = self._find_evidence(endpoint)
        return found

    def _find_evidence(self, endpoint: Endpoint) -> list[tuple[Role, str]]:
        found = []
        for rule in self.rules:
            match = _match(rule)
            if match.network is None or match.port not in (None, endpoint.port):
                continue
            if _host(endpoint.host) in match.network:
                found.append((rule.role, rule.evidence or f"given as {rule.address}"))
        return found

    def _find(self, endpoint: Endpoint) -> frozenset[Role]:
        try:
            host = _host(endpoint.host)
        except ValueError:
            return self.domain_roles(endpoint.host)
        best = 0
        found: set[Role] = set()
        for match in self._matches:
            if match.weight < best:
                break
            if match.network is None or match.port not in (None, endpoint.port):
                continue
            if host.version == match.network.version and host in match.network:
                best = match.weight
                found.add(match.role)
        return frozenset(found)


_host = lru_cache(4_096)(ipaddress.ip_address)


@lru_cache(4_096)
def _match(rule: RoleRule) -> _Match:
    """A rule made ready; raises AddressError with what was expected."""
    text = rule.address.strip()
    host, port = _split(text)
    try:
        network: Network = ipaddress.ip_network(host, strict=False)
    except ValueError:
        if port is None and _is_domain(text):
            return _Match(0, rule.role, None, None, text.lower())
        sentence = f"'{text}' is no address: write ip, ip:port, [v6]:port, net/length or a domain"
        raise AddressError(sentence) from None
    weight = network.prefixlen * 2 + (1 if port is not None else 0)
    if network.version == 4:
        weight += 2 * 96
    return _Match(weight, rule.role, network, port, "")


def _split(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, _port(rest[1:], text) if rest.startswith(":") else None
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, _port(port, text)
    return text, None


def _port(text: str, whole: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise AddressError(f"'{whole}' has no port between 1 and 65535")
    return int(text)


def _is_domain(text: str) -> bool:
    labels = text.rstrip(".").split(".")
    if not all(label and label.replace("-", "").isalnum() for label in labels):
        return False
    return not labels[-1].isdigit()
