"""Who is available: the registrations that the SIP/IP Core reports (TS 24.229 section 5.4.1.7)."""

from dataclasses import replace

from conformance.body.multipart import walk
from conformance.cpm.identity import user_key
from conformance.cpm.service import any_satisfies, cpm_services, satisfies
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.rules import Device
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.message import SipRequest
from conformance.sip.parser import parse
from conformance.sip.uri import Uri, parse_uri

MAX_USERS = 65_536
MAX_DEVICES = 16
_LONGEST = 0xFFFF_FFFF
_UNNAMED = Device("", "")


class Availability:
    """The devices of each user that are registered now, by third-party registrations."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self._users: dict[str, dict[str, tuple[Device, int]]] = {}

    def devices(self, user: str) -> tuple[Device, ...]:
        """The registered devices of a user, in the order in which they came."""
        now = self.station.now
        known = self._users.get(user_key(user), {})
        return tuple(device for device, until in known.values() if until > now)

    def is_available(self, user: str) -> bool:
        """Whether one of the user's devices is registered."""
        return bool(self.devices(user))

    def take(self, request: SipRequest) -> tuple[Device, ...] | None:
        """Take what a third-party REGISTER reports; the devices that are registered by it.

        The body may hold the device's own REGISTER (message/sip); without one the user is known
        to be available, but not with which device. None where nobody can be reported any more.
        """
        user = user_key(request.header("To") or "")
        seconds = _seconds(request.header("Expires"), 0)
        self._forget_expired(user)
        if user not in self._users and not self._has_room():
            return None
        found = []
        for device, wanted in self.reported(request, seconds):
            kept = self._set(user, device, min(wanted, seconds))
            if kept is not None:
                found.append(kept)
        return tuple(found)

    def reported(self, request: SipRequest, seconds: int) -> list[tuple[Device, int]]:
        """The devices that a third-party REGISTER is about, and the seconds each asked for."""
        original = original_register(request)
        if original is None:
            return [(_UNNAMED, seconds)]
        whole = _seconds(original.header("Expires"), seconds)
        found = []
        for value in original.headers("Contact")[:MAX_DEVICES]:
            address = parse_name_addr(value)
            if value.strip() == "*":
                return [(_UNNAMED, 0)]
            if isinstance(address, NameAddr) and isinstance(parse_uri(address.uri), Uri):
                asked = _seconds(address.param("expires"), whole)
                found.append((device_of(value, address), asked))
        return found or [(_UNNAMED, seconds)]

    def _set(self, user: str, device: Device, seconds: int) -> Device | None:
        known = self._users.setdefault(user, {})
        name = device.instance or device.contact
        if not seconds:
            for key in [name] if name else list(known):
                known.pop(key, None)
            if not known:
                del self._users[user]
            return None
        before = known.get(name)
        if before is None and len(known) >= MAX_DEVICES:
            return None
        since = before[0].registered_at if before else self.station.now
        until = self.station.now + min(seconds, _LONGEST) * SECOND
        kept = replace(device, registered_at=since)
        known[name] = kept, until
        return kept

    def _has_room(self) -> bool:
        if len(self._users) >= MAX_USERS:
            for user in tuple(self._users):
                self._forget_expired(user)
        return len(self._users) < MAX_USERS

    def _forget_expired(self, user: str) -> None:
        known = self._users.get(user, {})
        for name in [name for name, (_, until) in known.items() if until <= self.station.now]:
            del known[name]
        if user in self._users and not known:
            del self._users[user]


def original_register(request: SipRequest) -> SipRequest | None:
    """The device's REGISTER that a third-party REGISTER carries; None where it carries none."""
    for part in walk(request.header("Content-Type") or "", request.body):
        if part.content_type == "message/sip":
            inner = parse(part.content)
            if isinstance(inner, SipRequest) and inner.method == "REGISTER":
                return inner
    return None


def device_of(value: str, address: NameAddr) -> Device:
    """The device behind a Contact: its instance, its URI, its services and other feature tags."""
    services = sorted(cpm_services([value]))
    others = [f"{n}={v}" if v else n for n, v in address.params if n.startswith("+g.")]
    others = [tag for tag in others if not tag.startswith("+g.3gpp.icsi-ref")]
    return Device(address.param("+sip.instance") or "", address.uri, tags=(*services, *others))


def is_capable(device: Device, service: str) -> bool:
    """Whether a device can take a service by its feature tags; one that names none can.

    Whoever takes large messages or short ones can take them deferred.
    """
    named = [tag for tag in device.tags if satisfies(tag, "oma.cpm")]
    if not named or any_satisfies(named, service):
        return True
    kin = ("oma.cpm.msg", "oma.cpm.largemsg", "oma.cpm.deferred")
    return service == "oma.cpm.deferred" and any(any_satisfies(named, name) for name in kin)


def _seconds(value: str | None, default: int) -> int:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else default
