"""Offers and answers of MSRP sessions (RFC 4975 section 8, RFC 6135, RFC 4145, RFC 3264)."""

from dataclasses import dataclass
from ipaddress import ip_address

from conformance.body import sdp
from conformance.msrp.uri import MsrpUri, parse_uri
from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.wire.malformed import Malformed

DISCARD_PORT = 9
"""What the media line of a side that connects itself shows (RFC 4145 section 4.1)."""

MSRP_PORT = 2855
"""The port of an MSRP URI without one (RFC 4975 section 15.4)."""

ACCEPT_TYPES = ("message/cpim", "application/im-iscomposing+xml")
"""What a CPM side takes as the outermost type of a message."""

_PLAIN, _SECURE = "TCP/MSRP", "TCP/TLS/MSRP"
_MIRRORED = {"sendonly": "recvonly", "recvonly": "sendonly"}
_ANSWERED = {"actpass": "active", "active": "passive", "passive": "active"}
_LATEST = 1 << 32


@dataclass(frozen=True, slots=True)
class Agreement:
    """What offer and answer came to, as one side sees it.

    Paths are MSRP URIs, our own of one; `direction` is what this side may do; `accept_types` and
    `max_size` (octets) are the other side's wishes, `local_types` and `local_max_size` ours.
    `fingerprint` is that of the other side's certificate, where it has told of one.
    """

    local_path: tuple[str, ...]
    remote_path: tuple[str, ...]
    is_active: bool
    direction: str
    remote_endpoint: Endpoint
    accept_types: tuple[str, ...] = ("*",)
    max_size: int | None = None
    local_types: tuple[str, ...] = ("*",)
    local_max_size: int | None = None
    fingerprint: str = ""

    @property
    def may_send(self) -> bool:
        """Whether this side may send content; an empty SEND is none."""
        return self.direction in ("sendrecv", "sendonly")

    @property
    def may_receive(self) -> bool:
        """Whether the other side may send content."""
        return self.direction in ("sendrecv", "recvonly")


def offer(
    session_uri: str,
    endpoint: Endpoint,
    *,
    direction: str = "sendrecv",
    setup: str = "actpass",
    accept_types: tuple[str, ...] = ACCEPT_TYPES,
    wrapped: str = "*",
    max_size: int | None = None,
    fingerprint: str = "",
    chance: Chance,
) -> bytes:
    """A session description that offers one MSRP session; empty `setup` or `direction`: none.

    `session_uri` is where this side listens. One that is to connect itself shows the discard port.
    `fingerprint` tells of its certificate (RFC 4975 section 14.4).
    """
    media = _media(
        session_uri,
        endpoint,
        direction,
        setup,
        (accept_types, wrapped, max_size, fingerprint),
        (protocol_of(session_uri), "*"),
    )
    return sdp.write(sdp.Session(_session_lines(endpoint, chance), (media,)))


def answer(
    offered: sdp.Session,
    session_uri: str,
    endpoint: Endpoint,
    *,
    direction: str | None = None,
    setup: str | None = None,
    accept_types: tuple[str, ...] = ACCEPT_TYPES,
    wrapped: str = "*",
    max_size: int | None = None,
    fingerprint: str = "",
    chance: Chance,
) -> bytes:
    """The answer to an offer: its first MSRP stream is taken, every other one is refused.

    None mirrors the direction, and for `setup` connects where the offer lets us (RFC 6135
    section 4.2). An offer without MSRP gives an answer that refuses all; `agree` then says so.
    """
    wanted, spoken = sdp.message_media(offered), protocol_of(session_uri)
    found = []
    for media in offered.media:
        if media is wanted and media.port and media.protocol.upper() == spoken:
            way = mirrored(media.direction) if direction is None else direction
            role = answering_setup(media.setup) if setup is None else setup
            kinds = accept_types, wrapped, max_size, fingerprint
            form = media.protocol, *media.formats
            found.append(_media(session_uri, endpoint, way, role, kinds, form))
        else:
            found.append(sdp.Media(media.kind, 0, media.protocol, media.formats))
    return sdp.write(sdp.Session(_session_lines(endpoint, chance), tuple(found)))


def protocol_of(session_uri: str) -> str:
    """The transport of a media line that leads to a URI: over TLS for msrps (RFC 4975 8.1)."""
    return _SECURE if session_uri.lower().startswith("msrps:") else _PLAIN


def mirrored(direction: str | None) -> str:
    """The direction that answers one (RFC 3264 section 6.1); none given means sendrecv."""
    return _MIRRORED.get(direction or "sendrecv", direction or "sendrecv")


def answering_setup(setup: str | None) -> str:
    """The setup that answers one (RFC 6135 section 4.2.2); "" where the offer has none."""
    return "" if setup is None else _ANSWERED.get(setup, "holdconn")


def agree(local: bytes, remote: bytes, is_offerer: bool) -> Agreement | Malformed:
    """What two session descriptions come to; Malformed where that is no MSRP session."""
    ours, theirs = _stream(local), _stream(remote)
    if isinstance(ours, Malformed):
        return ours
    if isinstance(theirs, Malformed):
        return theirs
    place = _place(theirs, ours)
    if isinstance(place, str):
        return Malformed("SDP", remote, 0, place)
    is_active = _is_active(ours.setup, theirs.setup, is_offerer)
    if is_active is None:
        rule = f"RFC 4145 section 4.1: setup {ours.setup} and {theirs.setup} make no connection"
        return Malformed("SDP", remote, 0, rule)
    if is_active and place.port == DISCARD_PORT:
        return Malformed("SDP", remote, 0, "RFC 4145 section 4.1: nobody listens at port 9")
    return Agreement(
        ours.path,
        theirs.path,
        is_active,
        _direction(ours.direction, theirs.direction),
        place,
        theirs.accept_types or ("*",),
        theirs.max_size,
        ours.accept_types or ("*",),
        ours.max_size,
        theirs.fingerprint or "",
    )


def host_text(host: str) -> str:
    """A host as URIs write it."""
    return f"[{host}]" if ":" in host else host


def _media(
    session_uri: str,
    endpoint: Endpoint,
    direction: str,
    setup: str,
    kinds: tuple[tuple[str, ...], str, int | None, str],
    form: tuple[str, ...],
) -> sdp.Media:
    """One media description; `kinds` are accepted and wrapped types, size, and fingerprint."""
    accept_types, wrapped, max_size, fingerprint = kinds
    port = DISCARD_PORT if setup == "active" else endpoint.port
    attributes = [
        f"path:{_with_port(session_uri, port) if setup == 'active' else session_uri}",
        f"accept-types:{' '.join(accept_types)}",
    ]
    attributes += [f"accept-wrapped-types:{wrapped}"] if wrapped else []
    attributes += [f"max-size:{max_size}"] if max_size is not None else []
    attributes += [f"setup:{setup}"] if setup else []
    attributes += [f"fingerprint:{fingerprint}"] if fingerprint else []
    attributes += [direction] if direction else []
    lines = tuple([("a", attribute) for attribute in attributes])
    return sdp.Media("message", port, form[0], form[1:], lines)


def _with_port(session_uri: str, port: int) -> str:
    uri = parse_uri(session_uri)
    if isinstance(uri, Malformed):
        return session_uri
    return f"{uri.scheme}://{uri.host}:{port}/{uri.session_id};{uri.transport}"


def _session_lines(endpoint: Endpoint, chance: Chance) -> tuple[sdp.Line, ...]:
    address = f"IN {'IP6' if ':' in endpoint.host else 'IP4'} {endpoint.host}"
    origin = f"- {_LATEST + chance.below(_LATEST)} 1 {address}"
    return ("v", "0"), ("o", origin), ("s", "-"), ("c", address), ("t", "0 0")


def _stream(octets: bytes) -> sdp.Media | Malformed:
    """The MSRP stream of a session description, one that can be used."""
    session = sdp.parse(octets)
    if isinstance(session, Malformed):
        return session
    media = sdp.message_media(session)
    if media is None or not media.port:
        return Malformed("SDP", octets, 0, "RFC 3264 section 6: no MSRP stream, or a refused one")
    uris = [parse_uri(uri) for uri in media.path]
    if not uris or any(isinstance(uri, Malformed) for uri in uris):
        return Malformed("SDP", octets, 0, "RFC 4975 section 8.2: no path of MSRP URIs")
    if media.protocol.upper() != protocol_of(media.path[0]):
        rule = f"RFC 4975 section 8.1: {media.protocol} and a path by {media.path[0][:5]}"
        return Malformed("SDP", octets, 0, rule)
    return media


def _place(media: sdp.Media, ours: sdp.Media) -> Endpoint | str:
    """Where the other side listens: by the path, or by c= and m= (RFC 6714); else the rule."""
    if media.protocol.upper() != ours.protocol.upper():
        return f"RFC 4975 section 8.1: {media.protocol} is not spoken here"
    uses_lines = ours.msrp_cema and media.msrp_cema
    uri = parse_uri(media.path[0])
    if not isinstance(uri, MsrpUri):
        return uri.rule
    host = canonical(uri.host)
    if host and not uses_lines:
        return Endpoint(host, uri.port or MSRP_PORT)
    host = canonical(media.address or "")
    return Endpoint(host, media.port) if host else "RFC 4566 section 5.7: no address in c= line"


def canonical(host: str) -> str:
    """An IP address in its canonical text form (RFC 5952); "" for what is none."""
    try:
        return str(ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        return ""


def _is_active(ours: str | None, theirs: str | None, is_offerer: bool) -> bool | None:
    """Whether this side connects; None where the two cannot (RFC 6135 section 4.2)."""
    offered, answered = (ours, theirs) if is_offerer else (theirs, ours)
    if answered is None:
        # Who answers without the attribute knows RFC 4975 section 5.4 only: the offerer connects.
        return is_offerer if offered != "passive" else not is_offerer
    if answered not in ("active", "passive"):
        return None
    if offered in ("active", "passive") and offered == answered:
        return None
    return (answered == "active") is not is_offerer


def _direction(ours: str | None, theirs: str | None) -> str:
    mine, other = ours or "sendrecv", theirs or "sendrecv"
    sends = mine in ("sendrecv", "sendonly") and other in ("sendrecv", "recvonly")
    receives = mine in ("sendrecv", "recvonly") and other in ("sendrecv", "sendonly")
    if sends:
        return "sendrecv" if receives else "sendonly"
    return "recvonly" if receives else "inactive"
