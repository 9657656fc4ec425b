"""The reference participating function in the place of a real one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance.cpm.identity import uri_of, user_key
from conformance.observation.content import Content
from conformance.observation.fields import values
from conformance.observation.packet import Transport
from conformance.oracle.bench import Bench
from conformance.oracle.channel import Whole
from conformance.oracle.explore import Scripted
from conformance.oracle.pf_setup import leads_elsewhere, settings_of
from conformance.oracle.surroundings import (
    PATIENT,
    directory_of,
    end_transport,
    entries_of,
    neighbour,
    own_endpoint,
    requests,
    services_of,
    wholes_of,
)
from conformance.oracle.view import Item
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.messaging.content import CpmMessage, read
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.preferences.source import (
    EmbeddedPreferences,
    PreferencesSource,
    UnknownPreferences,
)
from conformance.reference.store.deferred_queue import DeferredKind, DeferredQueue
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

_EVENT = "deferred-messages"
_LONG = 10_000_000
_SETTLED = {"deferred": 2_000_000_000, "extended": 60_000_000_000}
"""How long after a decision, in ns, nobody can have thought better of it."""


class PfParty:
    """A participating function that is replayed.

    What it had deferred before the capture began is read off what it lists and delivers; that a
    client is there, where no registration was captured, off what it sends to it.
    """

    def __init__(
        self, items: Sequence[Item], preferences: Preferences | None, decisions: Scripted
    ) -> None:
        sip, core = own_endpoint(items), neighbour(items)
        self.items = items
        self.station = Station(sip.host, Chance("oracle/pf"))
        self.bench = Bench([self.station], items[0].time)
        self.queue = DeferredQueue()
        self.sip, self.core = sip, core
        self.pf = ParticipatingFunction(
            self.station,
            sip,
            directory_of(items),
            settings_of(items),
            queue=self.queue,
            preferences=_source(preferences),
            decisions=decisions,
            transport=end_transport(items),
            timers=PATIENT,
        )
        self.queue_seen: set[str] = set()
        self._before: set[str] = set()
        self._wholes = wholes_of(items)
        self._arriving = _arriving(items, self._wholes)
        self._registrations = 0

    # Before something comes in.

    def foresee(self, item: Item, rest: Sequence[Item]) -> None:
        """Fill the queue with what the role is about to list, deliver or be asked for."""
        message = item.message
        if not isinstance(message, SipRequest) or message.to_tag is not None:
            return
        match message.method:
            case "MESSAGE":
                self._note(message)
                self._foresee_delivery(message, item, rest)
            case "REGISTER":
                user = uri_of(message.header("To") or "")
                self._foresee_delay(user, item.time, rest)
                for each in until_registered(rest, user):
                    self._foresee_push(each, user, item.time)
            case "SUBSCRIBE":
                self._foresee_list(message, rest)
            case "INVITE":
                named = [one.identity for one in entries_of(message)]
                self._remember(named, self._asker(message), item.time)
            case _:
                pass

    def _foresee_delay(self, user: str, now: int, rest: Sequence[Item]) -> None:
        """Nothing says how soon after a registration a push comes: it takes the time it took."""
        first = (
            one.time for one, sent in requests(rest, incoming=False) if self._is_push(sent, user)
        )
        delay = max(0, next(first, now) - now - 1)
        self.pf.host.settings = replace(self.pf.host.settings, push_delay=delay)

    def _foresee_delivery(self, message: SipRequest, item: Item, rest: Sequence[Item]) -> None:
        """Who is brought a message before it is answered was there, whatever was captured."""
        user = uri_of(message.header("To") or "")
        identities = set(values("imdn.Message-ID", Content(message)) or ())
        if self.pf.host.availability.is_available(user):
            return
        for each in rest:
            later = each.message
            if isinstance(later, SipResponse) and not each.incoming:
                if later.branch == message.branch and later.status >= 200:
                    return
            elif isinstance(later, SipRequest) and not each.incoming and later.to_tag is None:
                named = set(values("imdn.Message-ID", Content(later)) or ())
                same_user = user_key(later.header("To") or "") == user_key(user)
                if later.method == "MESSAGE" and same_user and named & identities:
                    if not leads_elsewhere(later.uri, user):
                        self._register(later, user, item)
                    return

    def _foresee_list(self, message: SipRequest, rest: Sequence[Item]) -> None:
        """What the first list of a subscription names was there when it was asked for."""
        for each, sent in requests(rest, incoming=False):
            if sent.method == "NOTIFY" and sent.call_id == message.call_id:
                named = [one.identity for one in entries_of(sent)]
                self._remember(named, self._asker(message), each.time)
                return

    def _note(self, message: SipRequest) -> None:
        """A message that passes here is known from now on: it is no riddle where it came from."""
        self.queue_seen.update(values("imdn.Message-ID", Content(message)) or ())

    def _asker(self, message: SipRequest) -> str:
        return uri_of(message.header("P-Asserted-Identity") or message.header("From") or "")

    def _foresee_push(self, item: Item, user: str, now: int) -> None:
        message = item.message
        if item.incoming or not isinstance(message, SipRequest) or message.to_tag is not None:
            return
        if message.method == "NOTIFY":
            self._remember([e.identity for e in entries_of(message)], user, now)
        elif message.method in ("INVITE", "MESSAGE") and self._is_push(message, user):
            for found, kind in self._brought(message, user):
                self._defer(found, kind, user, now)

    def _is_push(self, message: SipRequest, user: str) -> bool:
        """Whether a request brings this user something, and nobody's request behind it."""
        if Content(message).imdns or user_key(message.header("To") or "") != user_key(user):
            return False
        return not any(
            one.call_id == message.call_id for _, one in requests(self.items, incoming=True)
        )

    def _brought(self, message: SipRequest, user: str) -> list[tuple[CpmMessage, DeferredKind]]:
        """The messages that a push brings: in its body, or in its session."""
        if message.method == "MESSAGE":
            kind = message.header("Content-Type") or ""
            found = read(kind, message.body, message)
            return [] if isinstance(found, Malformed) else [(found, "pager")]
        services = services_of(message)
        paths = values("sdp.path", Content(message)) or ()
        kind_of: DeferredKind = "large"
        if "oma.cpm.session" in services:
            kind_of = "chat"
        found_all = [read(one.content_type, one.body, message) for one in self._over(paths)]
        return [(one, kind_of) for one in found_all if not isinstance(one, Malformed)]

    def _over(self, paths: Sequence[str]) -> list[Whole]:
        return [one for one in self._wholes if not one.incoming and one.from_path in paths]

    def _remember(self, identities: Sequence[str], user: str, now: int) -> None:
        """Put messages of which only the identity is known into the queue, with what is seen."""
        by_identity = {one.identity: one for one in self._wholes if not one.incoming}
        for identity in identities:
            whole = by_identity.get(identity)
            found = None if whole is None else read(whole.content_type, whole.body)
            if not isinstance(found, CpmMessage):
                found = CpmMessage(identity, "sip:unknown@unknown.invalid", user, b"")
            self._defer(found, "pager", user, now)

    def _defer(self, message: CpmMessage, kind: DeferredKind, user: str, now: int) -> None:
        """Defer what was deferred before: never what was seen to come, or to leave again."""
        handled = {dict(note.details).get("message") for _, note in self.bench.notes}
        if (
            not message.message_id
            or message.message_id in self.queue_seen | self._arriving | handled
        ):
            return
        self.queue_seen.add(message.message_id)
        if self.queue.has_room(user):
            self._put_first(message, kind, user, now)

    def _put_first(self, message: CpmMessage, kind: DeferredKind, user: str, now: int) -> None:
        """Queue what was there before everything that was seen to come, but what came so too."""
        later = [one for one in self.queue.list(user) if one.id not in self._before]
        if any(one.delivered_to for one in later):
            later = []
        for one in later:
            self.queue.remove(one.id)
        self._before.add(self.queue.add(user, message, kind, now, None))
        for one in later:
            self.queue.add(user, one.message, one.kind, one.deferred_at, one.expires_at)

    # What it sends of itself.

    def explain(self, item: Item) -> bool:
        """What made it send this: a registration, or an operator, that the capture lacks."""
        message = item.message
        if not isinstance(message, SipRequest) or message.to_tag is not None:
            return False
        user = uri_of(message.header("To") or "")
        reported = values("imdn.reported", Content(message))
        if reported:
            return not self._was_just_decided(reported, item) and self._discard(reported)
        if message.method not in ("INVITE", "MESSAGE", "NOTIFY"):
            return False
        self._foresee_push(item, user, item.time)
        if not self.queue.list(user):
            return False
        self._register(message, user, item)
        return True

    def _was_just_decided(self, identities: Sequence[str], item: Item) -> bool:
        """Whether a message has just been deferred, or extended.

        Later on a user may want it discarded; not in the moment in which that was decided.
        """
        return any(
            note.what in _SETTLED
            and dict(note.details).get("message") in identities
            and item.time - time < _SETTLED[note.what]
            for time, note in self.bench.notes
        )

    def _discard(self, identities: Sequence[str]) -> bool:
        """A message may be discarded at any time, by its user or an operator (C.3.1.1.3)."""
        for user in self.queue.users():
            for deferred in self.queue.list(user):
                if deferred.id in identities or deferred.message.message_id in identities:
                    self.pf.deferral.discard(deferred, "discarded")
                    self.bench.command(self.station)
                    return True
        return False

    def _register(self, message: SipRequest, user: str, item: Item) -> None:
        """Let a device of the user register: the one to which the request goes."""
        self._registrations += 1
        contact = message.uri if user_key(message.uri) != user_key(user) else ""
        draft = Draft("REGISTER", f"sip:{self.sip}")
        draft.add("Via", f"SIP/2.0/UDP {self.core};branch=z9hG4bKunseen{self._registrations}")
        draft.add("Max-Forwards", "70")
        draft.add("From", f"<sip:{self.core}>;tag=unseen{self._registrations}")
        draft.add("To", f"<{user}>")
        draft.add("Call-ID", f"unseen{self._registrations}")
        draft.add("CSeq", "1 REGISTER")
        draft.add("Expires", str(_LONG))
        if contact:
            original = draft.copy().add("Contact", f"<{contact}>;expires={_LONG}")
            draft.carry("message/sip", original.octets())
        self.bench.deliver(draft.octets(), self.sip, self.core, Transport.UDP)


def _arriving(items: Sequence[Item], wholes: Sequence[Whole]) -> set[str]:
    """The messages that are seen to come: nobody needs to have had them before."""
    found = {one.identity for one in wholes if one.incoming}
    for _, message in requests(items, incoming=True):
        if message.method == "MESSAGE":
            found.update(values("imdn.Message-ID", Content(message)) or ())
    return found


def until_registered(items: Sequence[Item], user: str) -> Iterator[Item]:
    """What happens before the user's next registration: what comes later may be about that."""
    for item in items:
        message = item.message
        if item.incoming and isinstance(message, SipRequest) and _registers(message, user):
            return
        yield item


def _registers(message: SipRequest, user: str) -> bool:
    is_for = user_key(message.header("To") or "") == user_key(user)
    return message.method == "REGISTER" and is_for


def _source(preferences: Preferences | None) -> PreferencesSource:
    return UnknownPreferences() if preferences is None else EmbeddedPreferences({}, preferences)
