"""The location service: at which contacts a user is registered (RFC 3261 section 10)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.reference.core.setting import Subscriber
from conformance.reference.engine.component import Alarm, Station
from conformance.reference.engine.timer import SECOND
from conformance.sip.grammar import NameAddr, Params, parameter, parse_name_addr, quote
from conformance.sip.uri import Uri, equivalent, parse_uri

MAX_BINDINGS = 16
"""Contacts of one user."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A registered contact; `until` in ns since 1970, `path` as Route values (RFC 3327)."""

    uri: str
    params: Params
    value: str
    path: tuple[str, ...]
    call_id: str
    cseq: int
    until: int

    @property
    def instance(self) -> str:
        """Its +sip.instance, "" if it names none (RFC 5626)."""
        return parameter(self.params, "+sip.instance") or ""

    @property
    def preference(self) -> float:
        """Its q value, 1 if it gives none (RFC 3261 section 20.10)."""
        text = parameter(self.params, "q") or ""
        try:
            return min(max(float(text), 0.0), 1.0)
        except ValueError:
            return 1.0

    def is_same(self, other: "Binding") -> bool:
        """Whether both are the same device's, or else the same URI (RFC 5626 section 6)."""
        if self.instance or other.instance:
            return self.instance == other.instance
        return self.leads_to(other.uri)

    def leads_to(self, uri: str) -> bool:
        """Whether a URI is that of this contact."""
        one, other = parse_uri(self.uri), parse_uri(uri)
        if not isinstance(one, Uri) or not isinstance(other, Uri):
            return self.uri == uri
        return equivalent(one, other)

    def seconds(self, now: int) -> int:
        """The seconds that are left, rounded up."""
        return max(-((now - self.until) // SECOND), 0)

    def contact(self, now: int) -> str:
        """As a registrar lists it."""
        return f"{self.value};expires={self.seconds(now)}"


def contact_value(text: str) -> str:
    """A Contact value without its expires parameter, the rest as written."""
    read = parse_name_addr(text)
    if not isinstance(read, NameAddr):
        return text
    found = f"<{read.uri}>"
    for name, value in read.params:
        if name == "expires":
            continue
        if value is None:
            found += f";{name}"
        elif name.startswith("+") or not value.replace(".", "").isalnum():
            found += f";{name}={quote(value)}"
        else:
            found += f";{name}={value}"
    return found


class Location:
    """The bindings of every user; each goes when its time is over."""

    def __init__(self, station: Station, expired: Callable[[Subscriber, Binding], None]) -> None:
        self.station = station
        self._expired = expired
        self._users: dict[str, list[Binding]] = {}
        self._alarms: dict[str, Alarm] = {}

    def bindings(self, user: Subscriber) -> tuple[Binding, ...]:
        """The contacts of a user, the one registered first at the front."""
        now = self.station.now
        return tuple(b for b in self._users.get(user.aor, ()) if b.until > now)

    def find(self, uri: str, users: Iterable[Subscriber]) -> tuple[Subscriber, Binding] | None:
        """Whose contact a URI is."""
        for user in users:
            for binding in self.bindings(user):
                if binding.leads_to(uri):
                    return user, binding
        return None

    def set(self, user: Subscriber, binding: Binding) -> bool:
        """Add or refresh a contact, or take out one that is over; False if there are too many."""
        known = list(self.bindings(user))
        at = next((i for i, old in enumerate(known) if old.is_same(binding)), None)
        if at is not None:
            known[at] = binding
        elif len(known) >= MAX_BINDINGS:
            return False
        else:
            known.append(binding)
        self._keep(user, [b for b in known if b.until > self.station.now])
        return True

    def clear(self, user: Subscriber) -> None:
        """Take out every contact of a user."""
        self._keep(user, [])

    def _keep(self, user: Subscriber, bindings: list[Binding]) -> None:
        alarm = self._alarms.pop(user.aor, None)
        if alarm is not None:
            alarm.cancel()
        if not bindings:
            self._users.pop(user.aor, None)
            return
        self._users[user.aor] = bindings
        wait = min(b.until for b in bindings) - self.station.now
        self._alarms[user.aor] = self.station.after(wait, lambda: self._expire(user))

    def _expire(self, user: Subscriber) -> None:
        now = self.station.now
        over = [b for b in self._users.get(user.aor, ()) if b.until <= now]
        self._keep(user, list(self.bindings(user)))
        for binding in over:
            self._expired(user, binding)
