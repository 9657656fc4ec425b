"""The tests' traces: messages as they passed on every link, and what may be done to them."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.capture.link import Link
from conformance.msrp.parser import parse as parse_msrp
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import CaptureHealth, Message, Observation, Trace
from conformance.sip.parser import parse as parse_sip
from conformance.wire.malformed import Malformed

FIRST_EPHEMERAL = 32768
"""Who connects uses a port from here on, who listens one below."""

MICROSECOND = 1_000


@dataclass(frozen=True, slots=True)
class Expect:
    """What a judge should say of a ladder; None where anything will do."""

    verdict: str
    requirement: str | None = None
    role_at_fault: str | None = None
    reason_code: str | None = None


@dataclass(slots=True)
class Shot:
    """One message on one link; `time` in ns UTC, `kind` one of step, implied, other."""

    time: int
    source: Endpoint
    destination: Endpoint
    transport: Transport
    octets: bytes
    label: str
    step: str
    sender: str
    receiver: str
    kind: str
    identification: int

    @property
    def start(self) -> str:
        """The message's first line."""
        return self.octets.partition(b"\r\n")[0].decode("utf-8", "replace")

    @property
    def is_msrp(self) -> bool:
        """Whether the octets are MSRP's."""
        return self.octets.startswith(b"MSRP ")


Choice = Callable[[Shot], bool]
Flow = frozenset[Endpoint]


@dataclass(slots=True)
class Ladder:
    """Shots in the order of time, with what they show and what should be said of them.

    Every change gives a new ladder; a shot is named by its index.
    """

    shots: list[Shot]
    flow: str
    variant: str
    roles: dict[str, list[str]]
    expect: Expect
    mtu: int = 1500
    mid_stream: bool = False
    _sequence: dict[int, int] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.shots)

    def _with(self, shots: Iterable[Shot], *, mid_stream: bool | None = None) -> "Ladder":
        return Ladder(
            sorted(shots, key=lambda shot: shot.time),
            self.flow,
            self.variant,
            self.roles,
            self.expect,
            self.mtu,
            self.mid_stream if mid_stream is None else mid_stream,
        )

    def expecting(self, expect: Expect) -> "Ladder":
        """The same shots, of which something else should be said."""
        changed = self._with(self.shots)
        changed.expect = expect
        return changed

    def named(self, variant: str) -> "Ladder":
        """The same shots under another variant's name."""
        changed = self._with(self.shots)
        changed.variant = variant
        return changed

    def drop(self, *indices: int) -> "Ladder":
        """Without these shots."""
        gone = {index % len(self.shots) for index in indices}
        return self._with(shot for i, shot in enumerate(self.shots) if i not in gone)

    def without(self, predicate: Choice) -> "Ladder":
        """Without the shots for which the predicate holds."""
        return self._with(shot for shot in self.shots if not predicate(shot))

    def only(self, predicate: Choice) -> "Ladder":
        """With the shots alone for which the predicate holds."""
        return self._with(shot for shot in self.shots if predicate(shot))

    def only_links(self, links: set[frozenset[str]]) -> "Ladder":
        """As a tap sees it that hears these pairs of hosts, in both directions."""
        return self.only(lambda s: frozenset((s.source.host, s.destination.host)) in links)

    def only_direction(self, directions: set[tuple[str, str]]) -> "Ladder":
        """As a tap sees it that hears these (from host, to host) directions."""
        return self.only(lambda s: (s.source.host, s.destination.host) in directions)

    def only_port(self, port: int) -> "Ladder":
        """As a capture filter for one port leaves it."""
        return self.only(lambda s: port in (s.source.port, s.destination.port))

    def cut_before(self, index: int) -> "Ladder":
        """A capture that begins with this shot."""
        return self._with(self.shots[index:], mid_stream=index > 0 or self.mid_stream)

    def cut_behind(self, index: int) -> "Ladder":
        """A capture that ends with this shot."""
        return self._with(self.shots[: index + 1])

    def swap(self, first: int, second: int) -> "Ladder":
        """Two shots, each at the other's time."""
        shots = list(self.shots)
        one, two = shots[first], shots[second]
        shots[first] = replace(two, time=one.time)
        shots[second] = replace(one, time=two.time)
        return self._with(shots)

    def move(self, index: int, to: int, gap_ns: int = 10_000_000) -> "Ladder":
        """One shot sent `gap_ns` before the one at `to` (behind it if that comes later)."""
        shots = list(self.shots)
        side = -gap_ns if to <= index else gap_ns
        shots[index] = replace(shots[index], time=shots[to].time + side)
        return self._with(shots)

    def hasten(self, index: int, before: int, ns: int = 200_000_000) -> "Ladder":
        """One shot at the time of an earlier one, which moves `ns` back with all behind it."""
        begin = self.shots[before].time
        shots = [
            replace(shot, time=begin)
            if i == index
            else replace(shot, time=shot.time + ns)
            if shot.time >= begin
            else shot
            for i, shot in enumerate(self.shots)
        ]
        return self._with(shots)

    def replace(self, index: int, octets: bytes) -> "Ladder":
        """One shot with other octets."""
        shots = list(self.shots)
        shots[index] = replace(shots[index], octets=octets)
        return self._with(shots)

    def duplicate(self, index: int, after_ns: int) -> "Ladder":
        """One packet seen once more, as a mirror port shows it."""
        shot = self.shots[index]
        return self._with([*self.shots, replace(shot, time=shot.time + after_ns)])

    def shift(self, ns: int) -> "Ladder":
        """The same, so much later."""
        return self._with(replace(shot, time=shot.time + ns) for shot in self.shots)

    def delay(self, predicate: Choice, ns: int) -> "Ladder":
        """The shots for which the predicate holds, so much later."""
        return self._with(
            replace(shot, time=shot.time + ns) if predicate(shot) else shot for shot in self.shots
        )

    def interleave(self, other: "Ladder") -> "Ladder":
        """Both ladders in one capture, each shot at its own time."""
        both = self._with([*self.shots, *other.shots])
        for role, addresses in other.roles.items():
            known = both.roles.get(role, [])
            more = [address for address in addresses if address not in known]
            both.roles = {**both.roles, role: [*known, *more]}
        return both

    def find(self, label: str, nth: int = 0) -> int:
        """The index of the nth shot that has this hop's label."""
        return [i for i, shot in enumerate(self.shots) if shot.label == label][nth]

    def hosts(self) -> set[frozenset[str]]:
        """Every link that carried something, as pairs of hosts."""
        return {frozenset((s.source.host, s.destination.host)) for s in self.shots}

    def show(self) -> str:
        """The ladder as text, one line a shot."""
        begin = self.shots[0].time if self.shots else 0
        lines = [f"{self.flow} {self.variant} ({self.expect.verdict})"]
        for number, shot in enumerate(self.shots, 1):
            seconds = (shot.time - begin) / 1e9
            way = f"{shot.sender} -> {shot.receiver}"
            lines.append(
                f"{number:4} {seconds:12.6f} {shot.label:>4} {way:18} "
                f"{shot.source} > {shot.destination} {shot.transport} {shot.start}"
            )
        return "\n".join(lines)

    def trace(self) -> Trace:
        """The observations that a reader makes of this ladder, without a file between."""
        health = CaptureHealth(path=f"{self.flow}/{self.variant}", reader="ladder")
        items: list[Observation] = []
        sequences = self.sequences()
        frame = 0
        for number, shot in enumerate(self.shots, 1):
            first, frame = frame + 1, frame + self.frame_count(shot)
            mirror = self._mirror(shot, sequences.get(number - 1), frame - first)
            message = parse(shot)
            items.append(
                Observation(
                    number,
                    0,
                    shot.time,
                    shot.transport,
                    shot.source,
                    shot.destination,
                    message,
                    tuple(range(first, frame + 1)),
                    mirror,
                )
            )
        self._fill(health, items, frame)
        return Trace(list(items), health)

    def _mirror(self, shot: Shot, sequence: int | None, more_frames: int) -> int | None:
        """What tells packets apart: IPv6 has an identification only where it is fragmented."""
        if shot.transport is not Transport.UDP:
            return sequence
        return shot.identification if more_frames or ":" not in shot.source.host else None

    def _fill(self, health: CaptureHealth, items: list[Observation], frames: int) -> None:
        digest = hashlib.sha256(b"".join(shot.octets for shot in self.shots))
        health.sha256 = digest.hexdigest()
        health.octets = sum(len(shot.octets) for shot in self.shots)
        health.packets = frames
        health.msrp_messages = sum(shot.is_msrp for shot in self.shots)
        health.sip_messages = len(self.shots) - health.msrp_messages
        health.malformed = sum(isinstance(item.message, Malformed) for item in items)
        health.interfaces = ["ladder"]
        if self.shots:
            health.first_time, health.last_time = self.shots[0].time, self.shots[-1].time

    def frame_count(self, shot: Shot) -> int:
        """How many frames carry the shot under the ladder's MTU."""
        if shot.transport is not Transport.UDP:
            return 1
        head = 20 if ":" not in shot.source.host else 48
        length = len(shot.octets) + 8
        room = (self.mtu - head) // 8 * 8
        whole = self.mtu - (20 if head == 20 else 40)
        return 1 if length <= whole else -(-length // room)

    def sequences(self) -> dict[int, int]:
        """The TCP sequence number of each TCP shot's first octet, by the shot's index."""
        following: dict[tuple[Endpoint, Endpoint], int] = {}
        known: dict[tuple[Endpoint, Endpoint, int, bytes], int] = {}
        numbers: dict[int, int] = {}
        for index, shot in enumerate(self.shots):
            if shot.transport is Transport.UDP:
                continue
            way = (shot.source, shot.destination)
            key = (*way, shot.identification, shot.octets)
            if key not in known:
                known[key] = following.get(way, 1)
                following[way] = known[key] + len(shot.octets)
            numbers[index] = known[key]
        return numbers

    def write_pcapng(
        self, path: Path | str, *, vlan: int | None = None, link: Link = Link.ETHERNET
    ) -> None:
        """Write the ladder as a pcapng file with true link, IP, UDP and TCP layers."""
        from tests.scenarios.frames import Layers, write

        write(self, Path(path), Layers(link, vlan), pcapng=True)

    def write_pcap(
        self, path: Path | str, *, vlan: int | None = None, link: Link = Link.ETHERNET
    ) -> None:
        """Write the ladder as a pcap file."""
        from tests.scenarios.frames import Layers, write

        write(self, Path(path), Layers(link, vlan), pcapng=False)


def parse(shot: Shot) -> Message:
    """The message that a shot's octets are."""
    return parse_msrp(shot.octets) if shot.is_msrp else parse_sip(shot.octets)
