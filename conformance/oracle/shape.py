"""Two messages compared field by field: the reference's and the real one's."""

from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.body.mime import media_type
from conformance.cpm.identity import is_anonymous, user_key
from conformance.observation.content import Content
from conformance.observation.fields import values
from conformance.oracle.difference import Difference
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

Sip = SipRequest | SipResponse

_ALTERNATIVES = {
    "oma.cpm.msg": "pager",
    "oma.cpm.deferred": "pager",
    "oma.cpm.largemsg": "large",
}
"""Services of which one may stand for another: which one a delivery carries is not said."""

_DECLINED = frozenset({403, 404, 408, 410, 413, 415, 480, 486, 487, 488, 503, 504})
"""Answers that are a choice of whoever gives them, beside redirections and those from 600 on."""

CONTENT = "Content-Type"
"""The field of a message that goes on as it came, where its user wants it adapted."""

_NO_DIALOG = 481
_NEGATIVE = frozenset({"failed", "forbidden", "error"})


@dataclass(slots=True)
class Known:
    """What came to the role before: only what it was told can it be asked to repeat.

    `identities`: values of identity fields that came in; `call_ids`: of dialogs and requests so
    far; `owners`: the user behind each contact URI, by its key; `kinds`: the media type of each
    message's content, by its identity.
    """

    identities: set[str] = field(default_factory=set)
    call_ids: set[str] = field(default_factory=set)
    owners: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def take(self, message: Sip) -> None:
        """Learn from a message that came in."""
        content = Content(message)
        for name in ("Conversation-ID", "Contribution-ID", "imdn.Message-ID", "list.identities"):
            self.identities.update(values(name, content) or ())
        self.note_kind(_one("imdn.Message-ID", content), kind_of(content))
        if isinstance(message, SipResponse) and message.status >= 300:
            # A request that was refused may be sent again as it was (RFC 3261 section 22.2).
            self.call_ids.discard(message.call_id)
        else:
            self.call_ids.add(message.call_id)
        if isinstance(message, SipRequest) and message.method == "REGISTER":
            for contact in message.headers("Contact"):
                self.owners[user_key(contact)] = user_key(message.header("To") or "")

    def note_kind(self, identity: str, kind: str) -> None:
        """Learn of which media type a message's content is as it comes in."""
        if identity and kind:
            self.kinds.setdefault(identity, kind)

    def unadapted(self, identity: str, due: str, kind: str) -> list[Difference]:
        """What is wrong with a content that is sent on as it came, where another kind is `due`.

        Into what it is changed, and how well, is everybody's own affair. No choice explains it:
        the search for the best replay takes no notice of it.
        """
        if kind in ("", due) or not due or self.kinds.get(identity) != kind:
            return []
        return [Difference(CONTENT, due, kind, hard=False)]

    def owner(self, address: str) -> str:
        """The user that an address or contact stands for, by its key."""
        key = user_key(address)
        return self.owners.get(key, key)


def compare(reference: Sip, real: Sip, known: Known) -> tuple[Difference, ...]:
    """Where the real message is not what the reference would have sent, the hard ones first."""
    if isinstance(reference, SipResponse) and isinstance(real, SipResponse):
        found = _of_responses(reference, real)
    elif isinstance(reference, SipRequest) and isinstance(real, SipRequest):
        found = _of_requests(reference, real, known)
    else:
        found = [Difference("start line", reference.start_line, real.start_line)]
    return tuple(sorted(found, key=lambda one: not one.hard))


def _of_responses(reference: SipResponse, real: SipResponse) -> list[Difference]:
    found = []
    if reference.status == _NO_DIALOG:
        # The dialog began before the capture did, or the reference has left it already.
        return []
    if reference.status != real.status:
        is_choice = real.status in _DECLINED or 300 <= real.status < 400 or real.status >= 600
        # Who takes what the reference refuses is lenient, which is no fault.
        is_lenient = reference.status >= 300 > real.status
        # 202 to SUBSCRIBE is what an older specification had for 200 (RFC 6665 section 8.3.1).
        is_older = real.status == 202 and real.cseq_method == "SUBSCRIBE"
        # Of two BYEs that cross, each side may have let the dialog go: 481 says the same as 200.
        is_crossing = real.status == 481 and real.cseq_method == "BYE"
        is_same = (is_older or is_crossing) and reference.status == 200
        hard = not (is_choice or is_lenient or is_same)
        found.append(Difference("status", _status(reference), _status(real), hard))
        return found
    mine, its = Content(reference), Content(real)
    found.extend(_direction(mine, its, hard=True))
    found.extend(_plain("sdp.setup", mine, its, hard=False))
    return found


def _of_requests(reference: SipRequest, real: SipRequest, known: Known) -> list[Difference]:
    if reference.method != real.method:
        return [Difference("method", reference.method, real.method)]
    mine, its = Content(reference), Content(real)
    found = []
    if real.to_tag is None:
        found.extend(_addressed(reference, real, known))
        found.extend(_fresh(reference, real, known))
    if not its.imdns:
        found.extend(_service(mine, its) if real.to_tag is None else [])
        found.extend(_identities(mine, its, known))
    for name in ("Event", "Subscription-State"):
        found.extend(_plain(name, mine, its, hard=True))
    found.extend(_direction(mine, its, hard=False))
    found.extend(_plain("sdp.setup", mine, its, hard=False))
    found.extend(_carried(mine, its, known))
    return found


def _addressed(reference: SipRequest, real: SipRequest, known: Known) -> list[Difference]:
    """Request-URI and To name the same users; From is often the service's or nobody's."""
    found = []
    if known.owner(reference.uri) != known.owner(real.uri):
        found.append(Difference("Request-URI", reference.uri, real.uri))
    for name, hard in (("To", True), ("From", False)):
        mine, its = reference.header(name) or "", real.header(name) or ""
        if known.owner(mine) == known.owner(its):
            continue
        hidden = is_anonymous(mine) or is_anonymous(its)
        found.append(Difference(name, _bare(mine), _bare(its), hard and not hidden))
    return found


def _fresh(reference: SipRequest, real: SipRequest, known: Known) -> list[Difference]:
    """A new session has a Call-ID of its own; another request may be a copy of an unseen one."""
    if reference.call_id in known.call_ids or real.call_id not in known.call_ids:
        return []
    used = f"{real.call_id}, which was used before"
    return [Difference("Call-ID", "a new one", used, real.method == "INVITE")]


def _service(mine: Content, its: Content) -> list[Difference]:
    wanted, seen = values("service", mine) or (), values("service", its) or ()
    if not wanted or set(map(_family, wanted)) & set(map(_family, seen)):
        return []
    if "oma.cpm.deferred" in seen and "oma.cpm.largemsg" in wanted:
        return []
    if "oma.cpm.largemsg" in seen and "oma.cpm.deferred" in wanted:
        return []
    return [Difference("service", ", ".join(wanted), ", ".join(seen) or "none", bool(seen))]


def _family(service: str) -> str:
    return _ALTERNATIVES.get(service, service)


def _identities(mine: Content, its: Content, known: Known) -> list[Difference]:
    """Identities that the role was told are to be kept; of its own making any will do."""
    found = []
    for name in ("Conversation-ID", "Contribution-ID"):
        wanted, seen = _one(name, mine), _one(name, its)
        if wanted in known.identities and seen != wanted:
            # A session that brings several messages has the identities of any, or its own.
            hard = bool(seen) and not _brings_many(mine)
            found.append(Difference(name, wanted, seen or "none", hard))
        elif wanted and not seen:
            found.append(Difference(name, "one", "none", hard=False))
    return found


def _brings_many(content: Content) -> bool:
    services = values("service", content) or ()
    is_session = isinstance(content.message, SipRequest) and content.message.method == "INVITE"
    return is_session and "oma.cpm.deferred" in services


def _carried(mine: Content, its: Content, known: Known) -> list[Difference]:
    """Which message is delivered, what is reported of it, what is listed and asked for."""
    found = []
    wanted, seen = _one("imdn.Message-ID", mine), _one("imdn.Message-ID", its)
    if wanted in known.identities and seen != wanted and not mine.imdns:
        found.append(Difference("imdn.Message-ID", wanted, seen or "none", bool(seen)))
    found.extend(known.unadapted(seen, kind_of(mine), kind_of(its)))
    found.extend(_plain("imdn.reported", mine, its, hard=True))
    found.extend(_status_of_notice(mine, its))
    found.extend(_sets("list.identities", mine, its))
    found.extend(_sets("actions.retrieve", mine, its))
    return found


def kind_of(content: Content) -> str:
    """The media type inside the CPIM message that it brings; "" where it is not just one."""
    found = [one for one in content.cpims if not isinstance(one, Malformed)]
    return media_type(found[0].content_type) if len(found) == 1 == len(content.cpims) else ""


def _status_of_notice(mine: Content, its: Content) -> list[Difference]:
    """Which of the negative statuses it is, is the notifier's to say (RFC 5438 section 7.2.1)."""
    found = _plain("imdn.status", mine, its, hard=True)
    said = {_one("imdn.status", mine), _one("imdn.status", its)}
    return [] if said <= _NEGATIVE else found


def _direction(mine: Content, its: Content, *, hard: bool) -> list[Difference]:
    wanted, seen = _one("sdp.direction", mine), _one("sdp.direction", its)
    if wanted in ("", seen):
        return []
    # Inactive is legal against every offer, and a line that is absent says sendrecv to a machine
    # but nothing of what its author meant.
    return [Difference("sdp.direction", wanted, seen or "none", hard and seen == "sendrecv")]


def _plain(name: str, mine: Content, its: Content, *, hard: bool) -> list[Difference]:
    wanted, seen = values(name, mine), values(name, its)
    if not wanted or seen is None or tuple(wanted) == tuple(seen):
        return []
    return [Difference(name, ", ".join(wanted), ", ".join(seen) or "none", hard and bool(seen))]


def _sets(name: str, mine: Content, its: Content) -> list[Difference]:
    wanted, seen = values(name, mine), values(name, its)
    if wanted is None or seen is None or set(wanted) == set(seen):
        return []
    show: Callable[[tuple[str, ...]], str] = lambda ids: ", ".join(sorted(ids)) or "none"  # noqa: E731
    return [Difference(name, show(wanted), show(seen))]


def _one(name: str, content: Content) -> str:
    return next(iter(values(name, content) or ()), "")


def _bare(address: str) -> str:
    return address.partition(";tag")[0]


def _status(response: SipResponse) -> str:
    return f"{response.status} {response.reason}".strip()


def told(message: Sip) -> str:
    """A message in a few words for people: `BYE`, `202 Accepted to MESSAGE`."""
    if isinstance(message, SipRequest):
        return f"{message.method} {message.uri}"
    return f"{_status(message)} to {message.cseq_method}"
