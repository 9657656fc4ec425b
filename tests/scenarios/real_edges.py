"""What stands between the parties of real networks: border controllers, relays, gateways."""

import re
from collections.abc import Callable
from dataclasses import replace

from conformance.observation.packet import Endpoint, Transport
from tests.ladder import Ladder, Shot

Change = Callable[[Shot], Shot | list[Shot]]
CLIENTS = frozenset({"10.0.2.20", "10.0.2.21"})
CLIENT, CORE, PF, RELAY, OTHER = "10.0.2.20", "10.0.1.1", "10.0.3.1", "10.0.8.1", "10.0.5.1"
RELAY_URI = rb"msrp://relay.example:2855/r3layed;tcp"


def through(ladder: Ladder, change: Change) -> Ladder:
    """The ladder with every shot changed, or seen as several."""
    other, shots = ladder.named(ladder.variant), []
    for shot in ladder.shots:
        changed = change(shot)
        shots += changed if isinstance(changed, list) else [changed]
    other.shots = sorted(shots, key=lambda shot: shot.time)
    return other


def counted(octets: bytes) -> bytes:
    """The octets with the Content-Length that they have now."""
    head, gap, body = octets.partition(b"\r\n\r\n")
    return re.sub(rb"(Content-Length|l): \d+", rb"\1: %d" % len(body), head) + gap + body


def is_access(shot: Shot) -> bool:
    """Whether a shot is SIP on an access link."""
    return not shot.is_msrp and bool({shot.source.host, shot.destination.host} & CLIENTS)


def _at(endpoint: Endpoint, host: str, there: str) -> Endpoint:
    return endpoint._replace(host=there) if endpoint.host == host else endpoint


def trying(shot: Shot) -> Shot | list[Shot]:
    """A 100 to every request but INVITE and ACK, late, as RFC 4320 has it."""
    if shot.is_msrp or shot.start.split()[0] in ("SIP/2.0", "ACK", "INVITE"):
        return shot
    copied = (b"Via", b"From", b"To", b"Call-ID", b"CSeq")
    lines = shot.octets.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    kept = [b"SIP/2.0 100 Trying", *(one for one in lines if one.split(b":")[0] in copied)]
    answer = replace(
        shot,
        time=shot.time + 3_000_000,
        source=shot.destination,
        destination=shot.source,
        octets=b"\r\n".join([*kept, b"Content-Length: 0", b"", b""]),
        label="",
        kind="implied",
        identification=shot.identification ^ 0x5A5A,
    )
    return [shot, answer]


def hidden_topology(shot: Shot) -> Shot:
    """The edge shows a client its own Via alone, and no Record-Route but its own."""
    if not is_access(shot):
        return shot
    head, gap, body = shot.octets.partition(b"\r\n\r\n")
    kept: list[bytes] = []
    for line in head.split(b"\r\n"):
        name = line.split(b":")[0]
        if name not in (b"Via", b"Record-Route") or all(
            one.split(b":")[0] != name for one in kept
        ):
            kept.append(line)
    return replace(shot, octets=b"\r\n".join(kept) + gap + body)


def stripped(*names: str) -> Change:
    """Fields that the edge takes out of all that it passes on to a client, or from it."""
    gone = {name.encode() for name in names}

    def change(shot: Shot) -> Shot:
        if not is_access(shot):
            return shot
        head, gap, body = shot.octets.partition(b"\r\n\r\n")
        kept = [line for line in head.split(b"\r\n") if line.split(b":")[0] not in gone]
        return replace(shot, octets=b"\r\n".join(kept) + gap + body)

    return change


def anonymous(shot: Shot) -> Shot:
    """The sender hides: From is anonymous, and no identity is asserted."""
    octets = shot.octets.replace(
        b"From: <sip:+15550142@home-b.example>",
        b'From: "Anonymous" <sip:anonymous@anonymous.invalid>',
    )
    asserted = b"P-Asserted-Identity: <sip:+15550142@home-b.example>"
    return replace(shot, octets=octets.replace(asserted, b"Privacy: id"))


def two_addresses(shot: Shot) -> Shot:
    """The participating function sends from an address at which it does not listen."""
    return shot if shot.is_msrp else replace(shot, source=_at(shot.source, PF, "10.0.3.2"))


def any_port(shot: Shot) -> Shot:
    """The core sends from whatever port is free."""
    if shot.is_msrp or shot.source.host != CORE:
        return shot
    port = 40_000 + shot.time // 1_000 % 20_000
    return replace(shot, source=shot.source._replace(port=port))


def large_by_tcp(shot: Shot) -> Shot:
    """What is too large for a datagram goes by TCP (RFC 3261 section 18.1.1)."""
    if shot.is_msrp or len(shot.octets) < 1_100:
        return shot
    octets = shot.octets.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP", 1)
    return replace(shot, transport=Transport.TCP, octets=octets)


def two_families(shot: Shot) -> Shot:
    """IPv4 towards the clients, IPv6 towards the participating function."""
    octets = shot.octets.replace(b"IN IP4 10.0.3.1", b"IN IP6 2001:db8:3::1")
    for before, behind in ((b"", b":"), (b"@", b"\r"), (b"=", b"\r")):
        there = b"2001:db8:3::1" if before == b"=" else b"[2001:db8:3::1]"
        octets = octets.replace(before + b"10.0.3.1" + behind, before + there + behind)
    source = _at(shot.source, PF, "2001:db8:3::1")
    destination = _at(shot.destination, PF, "2001:db8:3::1")
    if ":" in source.host:
        destination = _at(destination, CORE, "2001:db8:1::1")
    if ":" in destination.host:
        source = _at(source, CORE, "2001:db8:1::1")
    if not shot.is_msrp:
        octets = counted(octets)
    return replace(shot, octets=octets, source=source, destination=destination)


def anchored(*, renames: bool) -> Change:
    """The edge ends MSRP on either side: paths of its own, and session-ids too if it `renames`."""

    def shown(octets: bytes, host: str, mark: bytes) -> bytes:
        """An end's path and address as the edge shows them."""
        there = host.encode().replace(b".", rb"\.")
        octets = re.sub(
            rb"msrp://%s(:\d+)/(\w+)" % there,
            lambda m: b"msrp://%s%s/%s%s" % (CORE.encode(), m[1], mark if renames else b"", m[2]),
            octets,
        )
        return octets.replace(b"IN IP4 " + host.encode(), b"IN IP4 " + CORE.encode())

    def change(shot: Shot) -> Shot | list[Shot]:
        if not shot.is_msrp:
            if b"a=path" not in shot.octets:
                return shot
            host, mark = (PF, b"S") if is_access(shot) else (CLIENT, b"T")
            return replace(shot, octets=counted(shown(shot.octets, host, mark)))
        one = replace(
            shot,
            octets=shown(shot.octets, CLIENT, b"T"),
            source=_at(shot.source, CLIENT, CORE),
            destination=_at(shot.destination, CLIENT, CORE),
        )
        two = replace(
            shot,
            octets=shown(shot.octets, PF, b"S"),
            source=_at(shot.source, PF, CORE),
            destination=_at(shot.destination, PF, CORE),
        )
        first, second = (one, two) if shot.source.host == PF else (two, one)
        return [first, replace(second, time=second.time + 500_000)]

    return change


def relayed(shot: Shot) -> Shot | list[Shot]:
    """An MSRP relay of the participating function: two URIs in its path (RFC 4976)."""
    if not shot.is_msrp:
        octets = re.sub(rb"(a=path:)(msrp://10\.0\.3\.1)", rb"\1%s \2" % RELAY_URI, shot.octets)
        return replace(shot, octets=counted(octets))
    is_request = not re.match(rb"MSRP \S+ \d", shot.octets)
    near = _with_relay(shot.octets, PF, is_request=is_request)
    far = _with_relay(shot.octets, CLIENT, is_request=is_request)
    one = replace(
        shot,
        octets=far,
        source=_at(shot.source, CLIENT, RELAY),
        destination=_at(shot.destination, CLIENT, RELAY),
    )
    two = replace(
        shot,
        octets=near,
        source=_at(shot.source, PF, RELAY),
        destination=_at(shot.destination, PF, RELAY),
    )
    first, second = (one, two) if shot.source.host == PF else (two, one)
    return [first, replace(second, time=second.time + 400_000)]


def _with_relay(octets: bytes, host: str, *, is_request: bool) -> bytes:
    """The path of this end with the relay before it; an answer names the next hop alone."""
    there = rb"(-Path: )(msrp://%s[^\r]*)" % host.encode().replace(b".", rb"\.")
    return re.sub(there, rb"\1%s \2" % RELAY_URI if is_request else rb"\1" + RELAY_URI, octets)


def renumbered(sender: bytes, recipient: bytes) -> Change:
    """The other service writes numbers in its own way, or puts its own."""

    def change(shot: Shot) -> Shot:
        if OTHER not in (shot.source.host, shot.destination.host):
            return shot
        octets = shot.octets
        for number, there in ((b"+15550177", recipient), (b"+15550100", sender)):
            if there:
                octets = octets.replace(b"tel:" + number, b"sip:" + there + b"@smsc.example")
                octets = octets.replace(b"sip:" + number, b"sip:" + there)
        return replace(shot, octets=octets)

    return change


def picture(shot: Shot) -> Shot:
    """The CPM side of an exchange carries a picture, which the other service's text describes."""
    if b"message/cpim" not in shot.octets:
        return shot
    text = b"Content-Type: text/plain;charset=UTF-8"
    return replace(shot, octets=counted(shot.octets.replace(text, b"Content-Type: image/jpeg")))


def enveloped(shot: Shot) -> Shot:
    """Every body is encrypted from end to end (RFC 3261 section 23)."""
    head, gap, body = shot.octets.partition(b"\r\n\r\n")
    if shot.is_msrp or not body:
        return shot
    kind = rb"Content-Type: application/pkcs7-mime;smime-type=enveloped-data"
    head = re.sub(rb"Content-Type: [^\r]*", kind, head)
    return replace(shot, octets=counted(head + gap + b"\x30\x80" + body[::-1]))
