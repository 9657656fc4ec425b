"""A message's content, opened on demand: MIME parts, SDP, CPIM, IMDN, deferred list, SMS.

Bodies cost most, so that nothing is opened until a field of it is asked for, and once only.
"""

from collections import deque
from functools import cached_property

from conformance.body import cpim, deferred_list, imdn, multipart
from conformance.body import sdp as sdp_body
from conformance.body import sms as sms_body
from conformance.body.mime import media_type
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

Shown = SipRequest | SipResponse | MsrpRequest | MsrpResponse

Known = dict[str, tuple[str, ...] | None]
Listed = tuple[deferred_list.Entry, ...] | Malformed | None

DEFAULT_PATHS = deferred_list.IdentityPaths()

_SMALL = 16_384
"""Octets of a body up to which it is kept for the next message that carries it."""
_LATELY = 128
"""Bodies that are kept so, opened."""


class Carried:
    """A body, opened on demand; every message that carries these very octets shares one.

    `known` keeps the values of fields that are read from nothing but the body.
    """

    def __init__(self, content_type: str, body: bytes) -> None:
        self.content_type = content_type
        self.body = body
        self.known: Known = {}
        self._listed: tuple[deferred_list.IdentityPaths, Listed] | None = None

    def rest(self) -> None:
        """Let go of what was opened, which a conversation may hold for long: it opens again."""
        for name in _OPENED:
            self.__dict__.pop(name, None)

    @cached_property
    def parts(self) -> tuple[multipart.Part, ...]:
        """The parts, nested multiparts opened; () when there is no body."""
        if not self.body:
            return ()
        return tuple(multipart.walk(self.content_type, self.body))

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The media type of each part."""
        return tuple([part.content_type for part in self.parts])

    def part(self, *types: str) -> multipart.Part | None:
        """The first part of one of these media types."""
        for part, kind in zip(self.parts, self.types, strict=True):
            if kind in types:
                return part
        return None

    @cached_property
    def media_types(self) -> tuple[str, ...]:
        """The media types of all parts, and of what CPIM wraps."""
        wrapped = [
            media_type(one.content_type)
            for one in self.cpims
            if not isinstance(one, Malformed) and one.content_type
        ]
        return (*self.types, *wrapped)

    @cached_property
    def cpims(self) -> tuple[cpim.Cpim | Malformed, ...]:
        """Every message/cpim part (RFC 3862)."""
        if "message/cpim" not in self.types:
            return ()
        return tuple(
            cpim.parse(part.content)
            for part, kind in zip(self.parts, self.types, strict=True)
            if kind == "message/cpim"
        )

    @cached_property
    def plain_text(self) -> str:
        """What a pager message says: the text of its first CPIM message, or its own; or ""."""
        for wrapped in self.cpims[:1]:
            if not isinstance(wrapped, Malformed):
                return wrapped.text if wrapped.content_type == "text/plain" else ""
        plain = self.part("text/plain")
        return plain.text if plain is not None else ""

    @cached_property
    def sdp(self) -> sdp_body.Session | Malformed | None:
        """The session description (RFC 4566)."""
        part = self.part("application/sdp")
        return None if part is None else sdp_body.parse(part.content)

    @cached_property
    def media(self) -> sdp_body.Media | None:
        """The first MSRP media of the session description."""
        session = self.sdp
        if session is None or isinstance(session, Malformed):
            return None
        return sdp_body.message_media(session)

    @cached_property
    def imdns(self) -> tuple[imdn.Imdn | Malformed, ...]:
        """Every disposition notification (RFC 5438), bare or wrapped in CPIM."""
        parts = list(self.parts)
        for wrapped in self.cpims:
            if not isinstance(wrapped, Malformed):
                parts.extend(wrapped.parts)
        return tuple(imdn.parse(p.content) for p in parts if imdn.is_imdn(p.content_type))

    @cached_property
    def sms(self) -> sms_body.Rpdu | Malformed | None:
        """The RP message of an application/vnd.3gpp.sms part (3GPP TS 24.011)."""
        part = self.part("application/vnd.3gpp.sms")
        return None if part is None else sms_body.parse(part.content)

    def listed(self, paths: deferred_list.IdentityPaths) -> Listed:
        """The messages that a list names, which is laid out as `paths` say."""
        if self._listed is None or self._listed[0] is not paths:
            self._listed = paths, self._read_list(paths)
        return self._listed[1]

    def _read_list(self, paths: deferred_list.IdentityPaths) -> Listed:
        for part, kind in zip(self.parts, self.types, strict=True):
            if kind not in (paths.types or (kind,)) or kind in _OTHER_XML:
                continue
            if kind.endswith("xml"):
                return deferred_list.identities(part.content, paths)
        return None


_OPENED = [name for name, one in vars(Carried).items() if isinstance(one, cached_property)]
_NOTHING = Carried("", b"")


_lately: dict[tuple[str, bytes], Carried] = {}
_order: deque[tuple[str, bytes]] = deque()


def _shared(content_type: str, body: bytes) -> Carried:
    """A hop passes a body on as it came: a small one is opened once for all of them."""
    key = content_type, body
    found = _lately.get(key)
    if found is None:
        found = _lately[key] = Carried(content_type, body)
        _order.append(key)
        if len(_order) > _LATELY:
            # Others may judge in threads of this process: each of these steps is one.
            oldest = _lately.pop(_order.popleft(), None)
            if oldest is not None:
                oldest.rest()
    return found


class Content:
    """What one message carries, or one MSRP message reassembled from its chunks.

    `whole` is False when only a beginning of the body could be seen. `session_messages` counts
    the messages of the session that this message opens, once the session is over. A part that
    cannot be read is a `Malformed`; a part that is not there is None.
    """

    __slots__ = (
        "_body",
        "_carried",
        "_content_type",
        "_known",
        "message",
        "paths",
        "session_messages",
        "whole",
    )

    def __init__(
        self,
        message: Shown,
        paths: deferred_list.IdentityPaths = DEFAULT_PATHS,
        *,
        body: bytes | None = None,
        content_type: str | None = None,
        whole: bool = True,
    ) -> None:
        self.message = message
        self.paths = paths
        self.whole = whole
        self.session_messages: int | None = None
        self._body = body
        self._content_type = content_type
        self._carried: Carried | None = None
        self._known: Known | None = None

    @property
    def known(self) -> Known:
        """Values of fields of the head, by name: kept until `rest`."""
        if self._known is None:
            self._known = {}
        return self._known

    def rest(self) -> None:
        """Let go of what can be read again: for messages that are kept long."""
        self._known = None

    @property
    def lies_in_message(self) -> bool:
        """Whether it can be opened again from its message alone."""
        return self._body is None

    @property
    def carried(self) -> Carried:
        """The body, opened on demand."""
        found = self._carried
        if found is None:
            body = self.message.body if self._body is None else self._body
            found = self._carried = self._open(body) if body else _NOTHING
        return found

    def _open(self, body: bytes) -> Carried:
        kind = self._content_type
        if kind is None:
            kind = self.message.header("Content-Type") or ""
        return _shared(kind, body) if len(body) <= _SMALL else Carried(kind, body)

    @property
    def body(self) -> bytes:
        """The body's octets."""
        return self.carried.body

    @property
    def parts(self) -> tuple[multipart.Part, ...]:
        """The body's parts, nested multiparts opened; () when there is no body."""
        return self.carried.parts

    def part(self, *types: str) -> multipart.Part | None:
        """The first part of one of these media types."""
        return self.carried.part(*types)

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types of all parts, and of what CPIM wraps."""
        return self.carried.media_types

    @property
    def cpims(self) -> tuple[cpim.Cpim | Malformed, ...]:
        """Every message/cpim part (RFC 3862)."""
        return self.carried.cpims

    @property
    def cpim(self) -> cpim.Cpim | Malformed | None:
        """The first message/cpim part."""
        found = self.carried.cpims
        return found[0] if found else None

    @property
    def sdp(self) -> sdp_body.Session | Malformed | None:
        """The session description (RFC 4566)."""
        return self.carried.sdp

    @property
    def media(self) -> sdp_body.Media | None:
        """The first MSRP media of the session description."""
        return self.carried.media

    @property
    def imdns(self) -> tuple[imdn.Imdn | Malformed, ...]:
        """Every disposition notification (RFC 5438), bare or wrapped in CPIM."""
        return self.carried.imdns

    @property
    def listed(self) -> Listed:
        """The messages that a deferred list or an action list names."""
        return self.carried.listed(self.paths)

    @property
    def sms(self) -> sms_body.Rpdu | Malformed | None:
        """The RP message of an application/vnd.3gpp.sms part (3GPP TS 24.011)."""
        return self.carried.sms


_OTHER_XML = frozenset(
    {"message/imdn+xml", "application/im-iscomposing+xml", "application/resource-lists+xml"}
)
