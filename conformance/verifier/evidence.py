"""Evidence of who plays which role, gathered from what each place says and does.

One sentence of evidence a place and role, with the first frame that shows it. A place that only
forwards shows itself by its Via; nothing is ever concluded from an address or a port.
"""

from dataclasses import dataclass, field

from conformance.cpm.identity import user_key
from conformance.cpm.role import Role
from conformance.cpm.service import cpm_services
from conformance.observation.content import Content
from conformance.observation.places import endpoint_of
from conformance.observation.topology import Topology
from conformance.observation.trace import Observation
from conformance.sip.identity import sent_bys
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.texts import Texts
from conformance.wire.malformed import Malformed

_MAX_REQUESTS = 8_000
_MAX_NAMES = 10_000
_DEFERRED_EVENT = "deferred-messages"
_MARKS = (b"message/imdn", b"base64")


@dataclass(slots=True)
class Clue:
    """One place, the role that something speaks for, how strongly, and the sentence."""

    place: str
    role: Role
    weight: int
    sentence: str


@dataclass(slots=True)
class Evidence:
    """Clues so far, and the Via lists of recent requests by which forwarding is recognised.

    Of places whose roles are `given` nothing more is asked: what passes between two of them is
    kept only as far as it may say something of a third.
    """

    clues: dict[tuple[str, Role], Clue] = field(default_factory=dict)
    received: dict[tuple[str, int, str, str], tuple[str, tuple[str, ...]]] = field(
        default_factory=dict
    )
    texts: Texts = field(default_factory=Texts)
    peers: dict[str, set[str]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    accepting: set[str] = field(default_factory=set)
    trusted: set[str] = field(default_factory=set)
    named: set[tuple[str, str]] = field(default_factory=set)
    given: Topology | None = None
    _known: dict[str, bool] = field(default_factory=dict)
    _strangers: bool = False

    def take(
        self, observation: Observation, message: SipRequest | SipResponse, link: tuple[str, str]
    ) -> None:
        """Learn from one message at one link."""
        source, destination = link
        if destination not in self.peers.get(source, ()):
            self.peers.setdefault(source, set()).add(destination)
            self.peers.setdefault(destination, set()).add(source)
        frame = observation.frames[-1] if observation.frames else 0
        if self.given is None or not (self._is_known(source) and self._is_known(destination)):
            self._strangers = True
            self._look(observation, message, link, frame)
        elif isinstance(message, SipRequest):
            self._crossing(message, source, destination, frame)

    def _look(
        self,
        observation: Observation,
        message: SipRequest | SipResponse,
        link: tuple[str, str],
        frame: int,
    ) -> None:
        """What a message says of either end."""
        source, destination = link
        if isinstance(message, SipResponse):
            self._software(source, message.header("Server"), frame)
            if message.status == 202 and message.cseq_method == "MESSAGE":
                self.accepting.add(source)
            return
        if message.method == "ACK":
            return
        self._software(source, message.header("User-Agent"), frame)
        if message.method == "REGISTER":
            self._register(message, source, destination, frame)
        else:
            self._target(observation, message, frame)
            self._notice(message, source, destination, frame)
            if len(message.vias) == 1:
                self._origin(message, source, destination, frame)
        self._forwarding(message, source, destination, frame)
        self._crossing(message, source, destination, frame)

    def _is_known(self, place: str) -> bool:
        """Whether the user gave this place a role; on a shared host every port is a place."""
        known = self._known.get(place)
        if known is None:
            roles = self.given.roles(endpoint_of(place)) if self.given else None
            known = self._known[place] = bool(roles)
            if len(self._known) > _MAX_NAMES:
                del self._known[next(iter(self._known))]
        return known and not self.shared

    def _crossing(self, message: SipRequest, source: str, destination: str, frame: int) -> None:
        """A text that crosses to another service; nobody asks while all places have roles."""
        if self.given is not None and not self._strangers:
            self.texts.keep(message, source, destination)
            return
        for place, role, sentence in self.texts.take(message, source, destination, frame):
            self._add(place, role, 9, sentence)

    def rest(self) -> None:
        """Let go of the messages by which clues were found: the capture is over."""
        self.received.clear()
        self.texts = Texts()

    def _add(self, place: str, role: Role, weight: int, sentence: str) -> None:
        known = self.clues.get((place, role))
        if known is None or known.weight < weight:
            self.clues[place, role] = Clue(place, role, weight, sentence)

    def _register(self, message: SipRequest, source: str, destination: str, frame: int) -> None:
        own = user_key(message.header("From") or "") == user_key(message.header("To") or "")
        if len(message.vias) > 1:
            self._add(source, Role.CORE, 8, f"forwards REGISTER (frame {frame})")
            self._add(destination, Role.CORE, 7, f"receives a forwarded REGISTER (frame {frame})")
        elif own:
            self._add(source, Role.CLIENT, 10, f"registers its own contact (frame {frame})")
            self._add(destination, Role.CORE, 12, f"receives a client's REGISTER (frame {frame})")
        else:
            self._add(source, Role.CORE, 12, f"sends a third-party REGISTER (frame {frame})")
            sentence = f"receives a third-party REGISTER (frame {frame})"
            self._add(destination, Role.PF, 13, sentence)

    def _origin(self, message: SipRequest, source: str, destination: str, frame: int) -> None:
        preferred = message.header("P-Preferred-Identity") or message.header("P-Preferred-Service")
        if preferred:
            self._add(source, Role.CLIENT, 9, f"sends P-Preferred headers (frame {frame})")
            self._add(destination, Role.CORE, 11, f"is sent P-Preferred headers (frame {frame})")
        event = (message.header("Event") or "").partition(";")[0].strip()
        if message.method == "NOTIFY" and event == _DEFERRED_EVENT:
            self._add(source, Role.PF, 8, f"sends NOTIFY of {_DEFERRED_EVENT} (frame {frame})")
        elif message.method in ("MESSAGE", "INVITE") and message.header("P-Asserted-Identity"):
            services = cpm_services(message.headers("Accept-Contact"))
            if "oma.cpm.deferred" in services:
                sentence = f"originates a request of service oma.cpm.deferred (frame {frame})"
                self._add(source, Role.PF, 7, sentence)

    def _notice(self, message: SipRequest, source: str, destination: str, frame: int) -> None:
        """Whoever accepts a message and later tells of its failure had deferred it."""
        if message.method != "MESSAGE" or message.to_tag is not None:
            return
        own = len(message.vias) == 1
        if not _tells_of_failure(message):
            if own and message.header("P-Asserted-Identity"):
                self.trusted.add(source)
        elif own and source in self.accepting:
            sentence = f"accepted a message and tells of its failure (frame {frame})"
            self._add(source, Role.PF, 8, sentence)
        elif not own and destination in self.trusted:
            sentence = f"is told of the failure of what it sent as a trusted side (frame {frame})"
            self._add(destination, Role.REMOTE, 7, sentence)

    def _target(self, observation: Observation, message: SipRequest, frame: int) -> None:
        """A request that begins something is addressed to a contact only at its last hop."""
        end = observation.destination
        if message.to_tag is not None or end.host not in message.uri:
            return
        host = message.uri.partition("@")[2].partition(";")[0]
        if host in (f"{end.host}:{end.port}", f"[{end.host}]:{end.port}", str(end)):
            sentence = f"is addressed by its contact (frame {frame})"
            self._add(str(end) if end.host in self.shared else end.host, Role.CLIENT, 7, sentence)

    def _forwarding(self, message: SipRequest, source: str, destination: str, frame: int) -> None:
        """A place that passes on what it received, with one Via more, is a proxy."""
        if message.method in ("CANCEL", "REGISTER"):
            return
        key = (message.call_id, message.cseq, message.method)
        vias = sent_bys(message)
        peer, before = self.received.get((*key, source), ("", ()))
        if before and len(vias) > len(before) and vias[-len(before) :] == before:
            if peer == destination:
                sentence = f"returns {message.method} to where it came from (frame {frame})"
                self._add(source, Role.PF, 10, sentence)
            else:
                self._add(source, Role.CORE, 6, f"forwards {message.method} (frame {frame})")
        self.received[(*key, destination)] = (source, vias)
        if len(self.received) > _MAX_REQUESTS:
            del self.received[next(iter(self.received))]

    def _software(self, place: str, name: str | None, frame: int) -> None:
        if not name or (place, name) in self.named:
            return
        if len(self.named) < _MAX_NAMES:
            self.named.add((place, name))
        lower = name.lower()
        if lower.startswith("im-client/"):
            self._add(place, Role.CLIENT, 3, f"names itself {name} (frame {frame})")
        elif "cscf" in lower:
            self._add(place, Role.CORE, 7, f"names itself {name} (frame {frame})")
        elif "ip-sm-gw" in lower or "interworking" in lower:
            self._add(place, Role.IWF, 8, f"names itself {name} (frame {frame})")
        elif "participating" in lower:
            self._add(place, Role.PF, 8, f"names itself {name} (frame {frame})")


def _tells_of_failure(message: SipRequest) -> bool:
    """Whether it carries a negative disposition notification; few bodies need be opened for it."""
    body = message.body.lower()
    if not any(mark in body for mark in _MARKS):
        return False
    notifications = Content(message).imdns
    return any(not isinstance(one, Malformed) and one.is_negative for one in notifications)
