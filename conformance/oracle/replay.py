"""One replay: what came to a role is fed to the reference, and what left it is compared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import MsrpUri, parse_uri
from conformance.observation.content import Content
from conformance.observation.fields import values
from conformance.observation.packet import Endpoint
from conformance.oracle.bench import Bench, Sent
from conformance.oracle.binding import Binding
from conformance.oracle.channel import Channels, Whole, kind_in, message_id
from conformance.oracle.deviation import Deviation, Played, distance
from conformance.oracle.difference import Difference, Kind
from conformance.oracle.shape import Known, Sip, compare, kind_of
from conformance.oracle.traffic import (
    answered_paths,
    heard_paths,
    is_judged,
    purpose,
    refused_paths,
)
from conformance.oracle.view import Item
from conformance.sip.message import SipRequest, SipResponse

_LIST = "list.identities"
_LATELY = 10_000_000_000
"""How much later than the tap, in ns, a role may learn of what passed there."""


class Party(Protocol):
    """A reference role made ready for one replay."""

    bench: Bench

    def explain(self, item: Item) -> bool:
        """Give the command of the user or of time that would make the role send this.

        False if there is none. The reference's output follows as the bench's.
        """
        ...

    def foresee(self, item: Item, rest: Sequence[Item]) -> None:
        """Before an incoming message is fed: give what the role must have known by then."""
        ...


class Replay:
    """Feeds one role's items, in order, and gathers the deviations."""

    def __init__(self, party: Party, items: Sequence[Item]) -> None:
        self.party = party
        self.bench = party.bench
        self.items = items
        self.binding = Binding()
        self.known = Known()
        self.channels = Channels()
        self.played = Played()
        self._pending: list[Sent] = []
        self._seen: set[bytes] = set()
        self._taken = 0
        self._paths: dict[str, str] = {}
        self._one_way: set[str] = set()
        self._real_wholes: list[Whole] = []
        self._over: set[str] = set()
        self._ended: set[str] = set()
        self._established: set[str] = set()
        self._answered = answered_paths(items)
        self._heard = heard_paths(items)
        self._refused = refused_paths(items)
        self._asked: dict[tuple[str, str], bool] = {}
        self.bench.is_paced = self._is_paced

    def run(self, until: int) -> Played:
        """Replay everything; `until`, in ns UTC, is when the capture ends."""
        for at, item in enumerate(self.items):
            self.bench.advance(item.time)
            self._gather()
            if not isinstance(item.message, SipRequest | SipResponse):
                self._msrp(item)
            elif item.incoming:
                self._feed(item, item.message, self.items[at + 1 :])
            else:
                self._match(item, item.message)
            self._gather()
        self.bench.advance(until)
        self._gather()
        self._silences()
        self._channels()
        return self.played

    def _gather(self) -> None:
        """New outputs of the reference, retransmissions and what nobody judges left out."""
        sent = self.bench.sent
        while self._taken < len(sent):
            one = sent[self._taken]
            self._taken += 1
            if self._is_new(one.message):
                self._seen.add(one.message.octets)
                self._pending.append(one)
            self._note_paths(one.message)

    def _is_new(self, message: Sip) -> bool:
        """No retransmission, of no session that is over, and of what the figures speak."""
        is_late = isinstance(message, SipRequest) and message.call_id in self._over
        return message.octets not in self._seen and not is_late and is_judged(message)

    def _feed(self, item: Item, message: Sip, rest: Sequence[Item]) -> None:
        self.party.foresee(item, rest)
        self.known.take(message)
        octets = self.binding.incoming(message)
        if octets is None:
            return
        self._forget_ended(message)
        self.bench.deliver(octets, item.local, item.remote, item.transport)
        self._gather()
        self._join(message)

    def _forget_ended(self, message: Sip) -> None:
        """Who is sent a BYE or a CANCEL owes nothing more in that session."""
        if isinstance(message, SipResponse):
            if message.cseq_method == "INVITE" and 200 <= message.status < 300:
                self._established.add(self._own_call(message.call_id))
            return
        if message.method not in ("BYE", "CANCEL"):
            return
        self._end(message.call_id)

    def _end(self, call_id: str) -> None:
        """A session is over, whoever ended it: nothing more is owed in it but answers."""
        call = self._own_call(call_id)
        self._over.add(call)
        self._pending = [
            one
            for one in self._pending
            if one.message.call_id != call or isinstance(one.message, SipResponse)
        ]

    def _own_call(self, call_id: str) -> str:
        """The reference's Call-ID for a real one."""
        octets = call_id.encode("utf-8", "surrogateescape")
        return self.binding.tokens.get(octets, octets).decode("utf-8", "surrogateescape")

    def _match(self, item: Item, real: Sip) -> None:
        """Find what the reference sent in the place of a real output, and compare the two."""
        self.known_call(real)
        if not is_judged(real):
            return
        found = self._candidate(real, item.time)
        if found is None and isinstance(real, SipRequest) and self.party.explain(item):
            self._gather()
            found = self._candidate(real, item.time)
        if found is None:
            self.played.deviations.append(Deviation(Kind.UNEXPECTED, item.time, None, item))
            if isinstance(real, SipRequest) and real.method == "BYE":
                self._ended.add(self._own_call(real.call_id))
                self._end(real.call_id)
            return
        self._pending.remove(found)
        if isinstance(real, SipRequest) and real.method == "BYE":
            self._ended.add(found.message.call_id)
        differences = self._compare(found.message, real, item.time)
        self.known.call_ids.add(real.call_id)
        self.binding.bind(found.message, real)
        if differences:
            self.played.deviations.append(
                Deviation(Kind.OTHERWISE, item.time, found.message, item, differences)
            )

    def _compare(self, reference: Sip, real: Sip, time: int) -> tuple[Difference, ...]:
        """The differences; what is still to be handled is open where a session was not heard.

        So it is where the role may not have known yet, when it sent this, what the tap had seen.
        """
        found = compare(reference, real, self.known)
        return tuple(
            replace(one, hard=one.hard and not (one.field == _LIST and self._is_open(one, time)))
            for one in found
        )

    def _is_open(self, one: Difference, time: int) -> bool:
        extra = one.extra
        is_late = not one.lacking and all(self._left_lately(each, time) for each in extra)
        return self._is_deaf() or (bool(extra) and is_late)

    def _is_deaf(self) -> bool:
        """Whether there was a session of which no MSRP was captured."""
        return any(real not in self._heard for real in self.binding.paths.values())

    def known_call(self, real: Sip) -> None:
        """Remember the Call-ID of an answer: what belongs to a dialog is never new."""
        if isinstance(real, SipResponse):
            self.known.call_ids.add(real.call_id)

    def _candidate(self, real: Sip, time: int) -> Sent | None:
        """The pending output that fits best: fewest hard differences, then the oldest.

        Of copies for several devices it is one whose content was adapted alike.
        """
        fitting = [one for one in self._pending if self._fits(one.message, real)]
        if not fitting:
            return None
        kind = kind_of(Content(real))
        return min(
            fitting,
            key=lambda one: (
                *distance(self._compare(one.message, real, time)),
                kind_of(Content(one.message)) != kind,
            ),
        )

    def _fits(self, reference: Sip, real: Sip) -> bool:
        if isinstance(reference, SipResponse) or isinstance(real, SipResponse):
            return (
                isinstance(reference, SipResponse)
                and isinstance(real, SipResponse)
                and reference.branch == real.branch
                and reference.cseq_method == real.cseq_method
            )
        if reference.method != real.method:
            return False
        if (reference.to_tag is None) is not (real.to_tag is None):
            return False
        if real.to_tag is None:
            return purpose(reference) == purpose(real)
        return reference.call_id == self._own_call(real.call_id)

    # MSRP

    def _note_paths(self, message: Sip) -> None:
        content = Content(message)
        for path in values("sdp.path", content) or ():
            self._paths.setdefault(message.call_id, path)
            if set(values("sdp.direction", content) or ()) & {"sendonly", "recvonly", "inactive"}:
                self._one_way.add(path)

    def _join(self, message: Sip) -> None:
        """After an ACK or a 2xx to INVITE: a peer that is the active side opens its connection."""
        if isinstance(message, SipResponse):
            if message.cseq_method != "INVITE" or not 200 <= message.status < 300:
                return
        elif message.method != "ACK":
            return
        path = self._paths.get(self._own_call(message.call_id))
        peer = self._peer_path(message.call_id)
        uri = parse_uri(path) if path else None
        if path and peer and isinstance(uri, MsrpUri) and uri.port:
            self.bench.bind(path, Endpoint(uri.host.strip("[]"), uri.port), peer, "192.0.2.1")

    def _peer_path(self, call_id: str) -> str:
        for item in self.items:
            message = item.message
            if item.incoming and isinstance(message, SipRequest | SipResponse):
                if message.call_id != call_id:
                    continue
                found = values("sdp.path", Content(message))
                if found:
                    return found[0]
        return ""

    def _msrp(self, item: Item) -> None:
        self._pace(item)
        whole = self.channels.take(item)
        if whole is None:
            return
        self._real_wholes.append(whole)
        if not whole.incoming:
            return
        self.known.identities.add(whole.identity)
        self.known.note_kind(whole.identity, whole.kind)
        own = self._reference_path(whole.to_path)
        if own:
            body = self.binding.body(whole.body)
            self.bench.hand_over(own, whole.from_path, whole.content_type, body)

    def _is_paced(self, path: str) -> bool:
        """Whether the real peer's answers in a session were seen, so that they set its pace."""
        return self.binding.paths.get(path, "") in self._answered

    def _pace(self, item: Item) -> None:
        """Let the reference's message be answered when the real one's last chunk was."""
        message = item.message
        if isinstance(message, MsrpRequest):
            if not item.incoming and message.method == "SEND" and message.from_path:
                ends = message.flag != "+" and not message.is_empty
                self._asked[message.from_path[0], message.transaction_id] = ends
        elif isinstance(message, MsrpResponse) and item.incoming and message.to_path:
            path = message.to_path[-1]
            if self._asked.pop((path, message.transaction_id), False):
                own = self._reference_path(path)
                if own:
                    self.bench.grant(own)

    def _reference_path(self, real: str) -> str:
        return next((own for own, other in self.binding.paths.items() if other == real), "")

    # At the end

    def _silences(self) -> None:
        for one in self._pending:
            is_bye = isinstance(one.message, SipRequest) and one.message.method == "BYE"
            if is_bye and one.message.call_id not in self._established:
                # Only who invited owes the end: the invited side may leave it to the other.
                continue
            self.played.deviations.append(Deviation(Kind.SILENCE, one.time, one.message, None))

    def _channels(self) -> None:
        """Which messages each session carried: the reference's, and the real one's."""
        for own, real in self.binding.paths.items():
            if real not in self.channels.sessions:
                continue
            wanted = [
                message_id(one.content_type, one.body)
                for one in self.bench.carried
                if one.path == own
            ]
            seen = [one for one in self._real_wholes if one.from_path == real]
            self._contents(own, seen)
            found = [one.identity for one in seen]
            if not seen or self._may_carry(own, wanted, found, seen[0].time):
                continue
            difference = Difference(
                "MSRP messages", ", ".join(wanted) or "none", ", ".join(found) or "none"
            )
            last = seen[-1].item
            self.played.deviations.append(
                Deviation(Kind.OTHERWISE, last.time, None, last, (difference,))
            )

    def _contents(self, path: str, seen: Sequence[Whole]) -> None:
        """Whether what a session carried was adapted where the reference adapts it."""
        due = {
            message_id(one.content_type, one.body): kind_in(one.content_type, one.body)
            for one in self.bench.carried
            if one.path == path
        }
        for one in seen:
            found = self.known.unadapted(one.identity, due.get(one.identity, ""), one.kind)
            if found:
                self.played.deviations.append(
                    Deviation(Kind.OTHERWISE, one.time, None, one.item, tuple(found))
                )

    def _may_carry(self, path: str, wanted: list[str], found: list[str], begun: int) -> bool:
        """Whether a session may have carried this: what a peer cut short may be a beginning.

        What a user says in a session that both may speak in is nobody's to foresee.
        """
        # No sentence fixes an order, and what was deferred before the capture is nobody's to know.
        extra = [one for one in found if one not in wanted and one in self.known.identities]
        extra = [one for one in extra if not self._left_lately(one, begun)]
        # Nor is what was refused once wrong to be sent anew; what was taken is.
        if self.binding.paths.get(path) not in self._refused:
            extra += [one for one, count in Counter(found).items() if one and count > 1]
        if path not in self._one_way or not (extra or set(wanted) - set(found)):
            return True
        call = next((call for call, own in self._paths.items() if own == path), "")
        return not extra and call not in self._ended

    def _left_lately(self, identity: str, time: int) -> bool:
        """Whether the reference let go of a message only just before: the real one may not yet."""
        return any(
            time - _LATELY <= when <= time and dict(note.details).get("message") == identity
            for when, note in self.bench.notes
        )
