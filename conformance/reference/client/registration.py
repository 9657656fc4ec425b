"""A client becomes available and stays so: REGISTER (RFC 3261 section 10, TS 24.229 5.1.1)."""

from conformance.reference.client.base import ClientBase
from conformance.reference.engine.component import Alarm
from conformance.reference.engine.timer import SECOND
from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.directory import bare_uri
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.message import SipMessage, SipResponse

_LONG, _MARGIN = 1_200, 600
_AGAIN = 30 * SECOND


class ClientRegistration(ClientBase):
    """The registration of a device: made, refreshed, taken back."""

    _bound_until = 0
    _refresh: Alarm | None = None
    _call_id = ""
    _interval = 0

    @property
    def is_registered(self) -> bool:
        """Whether the registrar has this device bound to its user."""
        return self.station.now < self._bound_until

    def register(self) -> None:
        """Register this device with its services, and keep it registered."""
        self._interval = self._interval or self.settings.registration // SECOND
        self.send_register(self._interval)

    def deregister(self) -> None:
        """Take the registration of this device back."""
        self._cancel_refresh()
        self.send_register(0)

    def send_register(self, seconds: int) -> None:
        """Bind this device to its user for so many seconds; 0 unbinds it."""
        chance = self.station.chance
        self._call_id = self._call_id or f"{chance.token(20)}@{self.station.host}"
        fields = [("Contact", f"{self.identity.contact_value};expires={seconds}")]
        fields += [("Supported", "path, gruu")]
        if self.settings.access:
            fields.append(("P-Access-Network-Info", self.settings.access))
        self.agent.request(
            "REGISTER",
            f"sip:{self.home}",
            to=self.identity.aor,
            headers=fields,
            answered=lambda answer: self.register_answered(answer, seconds),
            routes=[f"<{self.proxy};lr>"],
            call_id=self._call_id,
        )

    def register_answered(self, answer: SipResponse | Failure, seconds: int) -> None:
        """Take the registrar's answer."""
        if isinstance(answer, Failure):
            self.note("register-failed", why=str(answer))
            self._refresh_in(_AGAIN)
            return
        if answer.status == 200:
            self._registered(answer, seconds)
        elif answer.status == 423 and seconds:
            self._longer(answer)
        else:
            self._bound_until = 0
            self.note("register-failed", status=str(answer.status))

    def became_available(self) -> None:
        """The device has become available for CPM: what is to be done first."""

    def _registered(self, answer: SipResponse, seconds: int) -> None:
        was, self._bound_until = self.is_registered, 0
        if not seconds:
            self.note("deregistered")
            return
        granted = _granted(answer, self.identity.contact, seconds)
        self._bound_until = self.station.now + granted * SECOND
        self._follow(answer)
        self._refresh_in((granted - _MARGIN if granted > _LONG else max(granted // 2, 1)) * SECOND)
        if not was:
            self.note("registered", expires=str(granted))
            self.became_available()

    def _follow(self, answer: SipResponse) -> None:
        """Send initial requests along the Service-Route from now on (RFC 3608 section 6.1)."""
        routes = list(answer.headers("Service-Route"))
        first = self.directory.target(bare_uri(routes[0])) if routes else None
        proxy = f"<{self.proxy};lr>"
        if first is None or first != self.directory.target(self.proxy):
            routes.insert(0, proxy)
        self.agent.routes = tuple(routes)

    def _longer(self, answer: SipResponse) -> None:
        """The registrar wants a longer time (RFC 3261 section 10.2.8)."""
        least = answer.header("Min-Expires") or ""
        number = int(least[:10]) if least.isascii() and least.isdecimal() else 0
        if number > self._interval:
            self._interval = number
            self.send_register(number)

    def _refresh_in(self, ns: int) -> None:
        self._cancel_refresh()
        if self.settings.refreshes:
            self._refresh = self.station.after(ns, self.register)

    def _cancel_refresh(self) -> None:
        if self._refresh is not None:
            self._refresh.cancel()
            self._refresh = None


def _granted(answer: SipMessage, contact: str, asked: int) -> int:
    """For how many seconds the registrar has bound a contact (RFC 3261 section 10.2.4)."""
    for value in answer.headers("Contact"):
        read = parse_name_addr(value)
        if isinstance(read, NameAddr) and read.uri == contact:
            return _seconds(read.param("expires"), asked)
    return _seconds(answer.header("Expires"), asked)


def _seconds(text: str | None, default: int) -> int:
    text = (text or "").strip()
    if not text.isascii() or not text.isdecimal():
        return default
    return max(min(int(text[:10]), default), 1)
