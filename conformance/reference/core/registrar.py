"""A registrar (RFC 3261 section 10) with Path (RFC 3327), Service-Route (RFC 3608) and digest."""

from collections.abc import Callable, Sequence

from conformance.reference.core.location import MAX_BINDINGS, Binding, Location, contact_value
from conformance.reference.core.setting import CoreSetting, Subscriber, loose_route
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.user_agents.digest import Check, DigestServer
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.message import SipRequest
from conformance.sip.uri import Uri, parse_uri

SUPPORTED = ("path",)
"""The extensions that a REGISTER may require."""

ORIGINATING = "orig"
"""The user part of the Service-Route: what comes that way comes from a user of ours."""

_LONGEST = 0xFFFF_FFFF

Answer = tuple[int, list[tuple[str, str]]]
"""A status and the fields that go with it."""

Registered = Callable[[Subscriber, SipRequest | None, int], None]
"""Is told of each change: the user, the REGISTER (None: time was over), the seconds left."""


class Registrar:
    """Takes registrations; `changed` is told of each that took effect."""

    def __init__(
        self, station: Station, setting: CoreSetting, guard: DigestServer, changed: Registered
    ) -> None:
        self.station = station
        self.setting = setting
        self.guard = guard
        self.changed = changed
        self.location = Location(station, self.expired)

    def answer(self, request: SipRequest) -> Answer:
        """Take a REGISTER; what to answer (section 10.3)."""
        required = [o for o in request.headers("Require") if o.lower() not in SUPPORTED]
        if required:
            return 420, [("Unsupported", ", ".join(required))]
        user = self.setting.subscriber(request.header("To") or "")
        if user is None:
            return 404, []
        challenges = self.challenges(request, user)
        if challenges:
            return 401, [("WWW-Authenticate", challenge) for challenge in challenges]
        contacts = request.headers("Contact")
        if "*" in (value.strip() for value in contacts):
            return self.remove_all(request, user, contacts)
        return self.register(request, user, contacts)

    def challenges(self, request: SipRequest, user: Subscriber) -> list[str]:
        """The challenges that a REGISTER gets; none if it may pass."""
        if not self.setting.challenges_registration:
            return []
        found = self.guard.check(request)
        if found is Check.ACCEPTED and self.guard.username(request) == user.username:
            return []
        return self.guard.challenge(stale=found is Check.STALE)

    def remove_all(self, request: SipRequest, user: Subscriber, contacts: Sequence[str]) -> Answer:
        """Take out every contact (10.2.2): only with Expires 0 and no other Contact."""
        if len(contacts) != 1 or (request.header("Expires") or "").strip() != "0":
            return 400, []
        if not all(_is_later(request, old) for old in self.location.bindings(user)):
            return 500, []
        self.location.clear(user)
        self.done(user, request)
        return self.accepted(user, request)

    def register(self, request: SipRequest, user: Subscriber, contacts: Sequence[str]) -> Answer:
        """Add, refresh or take out contacts, all of them or none (10.3 steps 6 to 8)."""
        wanted: list[Binding] = []
        for value in contacts:
            binding = self.binding(request, value)
            if isinstance(binding, int):
                minimum = [("Min-Expires", str(self.setting.minimum_expires))]
                return binding, minimum if binding == 423 else []
            if any(not _is_later(request, b) for b in self._known(user, binding)):
                return 500, []
            wanted.append(binding)
        if len(wanted) + len(self.location.bindings(user)) > 2 * MAX_BINDINGS:
            return 403, []
        for binding in wanted:
            if not self.location.set(user, binding):
                return 403, []
        if wanted:
            self.done(user, request)
        return self.accepted(user, request)

    def binding(self, request: SipRequest, value: str) -> Binding | int:
        """What a Contact asks for; a status if it cannot be had."""
        read = parse_name_addr(value)
        if not isinstance(read, NameAddr) or not isinstance(parse_uri(read.uri), Uri):
            return 400
        seconds = self.seconds(read.param("expires"), request.header("Expires"))
        if seconds is None:
            return 423
        path = tuple(request.headers("Path"))
        until = self.station.now + seconds * SECOND
        value = contact_value(value)
        return Binding(read.uri, read.params, value, path, request.call_id, request.cseq, until)

    def seconds(self, own: str | None, whole: str | None) -> int | None:
        """The seconds that a contact is granted; None if it asks for too few (10.3 step 7)."""
        asked = _number(own)
        if asked is None:
            asked = _number(whole)
        if asked is None:
            asked = self.setting.default_expires
        if asked and asked < min(self.setting.minimum_expires, 3_600):
            return None
        return min(asked, self.setting.maximum_expires)

    def accepted(self, user: Subscriber, request: SipRequest) -> Answer:
        """The 200: what is bound now, and the ways to and from there."""
        now = self.station.now
        fields = [("Contact", b.contact(now)) for b in self.location.bindings(user)]
        fields += [("Path", value) for value in request.headers("Path")]
        fields.append(("Service-Route", loose_route(self.setting.serving, ORIGINATING)))
        identities = ", ".join(f"<{name}>" for name in user.identities)
        fields.append(("P-Associated-URI", identities))
        return 200, fields

    def done(self, user: Subscriber, request: SipRequest) -> None:
        """A REGISTER has taken effect."""
        seconds = self.seconds_left(user)
        self.station.note("registered", user=user.aor, expires=str(seconds))
        self.changed(user, request, seconds)

    def expired(self, user: Subscriber, binding: Binding) -> None:
        """The time of a contact is over."""
        self.station.note("expired", user=user.aor, contact=binding.uri)
        if not self.seconds_left(user):
            self.changed(user, None, 0)

    def deregister(self, user: Subscriber) -> None:
        """Take out every contact of a user, as the operator wishes (TS 24.229 5.4.1.5)."""
        self.location.clear(user)
        self.station.note("deregistered", user=user.aor)
        self.changed(user, None, 0)

    def seconds_left(self, user: Subscriber) -> int:
        """For how long the user will be registered as it is now; 0 for not at all."""
        now = self.station.now
        return max((b.seconds(now) for b in self.location.bindings(user)), default=0)

    def _known(self, user: Subscriber, binding: Binding) -> list[Binding]:
        return [old for old in self.location.bindings(user) if old.is_same(binding)]


def _is_later(request: SipRequest, old: Binding) -> bool:
    """Whether a REGISTER comes after the one that made a binding (10.3 step 7)."""
    return request.call_id != old.call_id or request.cseq > old.cseq


def _number(text: str | None) -> int | None:
    """The seconds of an expiry; None if it says none, or nonsense (RFC 3261 section 20.19)."""
    text = (text or "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text), _LONGEST) if len(text) <= 10 else _LONGEST
