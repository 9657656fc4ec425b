"""A message's content, opened on demand: MIME parts, SDP, CPIM, IMDN, deferred list, SMS.

Bodies cost most, so that nothing is opened until a field of it is asked for, and once only.
"""

from functools import cached_property

from conformance.body import cpim, deferred_list, imdn, multipart
from conformance.body import sdp as sdp_body
from conformance.body import sms as sms_body
from conformance.body.mime import media_type
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

Shown = SipRequest | SipResponse | MsrpRequest | MsrpResponse

DEFAULT_PATHS = deferred_list.IdentityPaths()


class Content:
    """What one message carries, or one MSRP message reassembled from its chunks.

    `whole` is False when only a beginning of the body could be seen. `session_messages` counts
    the messages of the session that this message opens, once the session is over. A part that
    cannot be read is a `Malformed`; a part that is not there is None.
    """

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

    @cached_property
    def content_type_value(self) -> str:
        """The Content-Type value with its parameters, "" if there is none."""
        if self._content_type is not None:
            return self._content_type
        return self.message.header("Content-Type") or ""

    @cached_property
    def body(self) -> bytes:
        """The body's octets."""
        return self.message.body if self._body is None else self._body

    @cached_property
    def parts(self) -> tuple[multipart.Part, ...]:
        """The body's parts, nested multiparts opened; () when there is no body."""
        if not self.body:
            return ()
        return tuple(multipart.walk(self.content_type_value, self.body))

    def part(self, *types: str) -> multipart.Part | None:
        """The first part of one of these media types."""
        return next((part for part in self.parts if part.content_type in types), None)

    @cached_property
    def media_types(self) -> tuple[str, ...]:
        """The media types of all parts, and of what CPIM wraps."""
        wrapped = [
            media_type(one.content_type)
            for one in self.cpims
            if not isinstance(one, Malformed) and one.content_type
        ]
        return (*(part.content_type for part in self.parts), *wrapped)

    @cached_property
    def cpims(self) -> tuple[cpim.Cpim | Malformed, ...]:
        """Every message/cpim part (RFC 3862)."""
        return tuple(
            cpim.parse(part.content) for part in self.parts if part.content_type == "message/cpim"
        )

    @property
    def cpim(self) -> cpim.Cpim | Malformed | None:
        """The first message/cpim part."""
        return self.cpims[0] if self.cpims else None

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
    def listed(self) -> tuple[deferred_list.Entry, ...] | Malformed | None:
        """The messages that a deferred list or an action list names."""
        for part in self.parts:
            wanted = self.paths.types or (part.content_type,)
            if part.content_type not in wanted or part.content_type in _OTHER_XML:
                continue
            if part.content_type.endswith("xml"):
                return deferred_list.identities(part.content, self.paths)
        return None

    @cached_property
    def sms(self) -> sms_body.Rpdu | Malformed | None:
        """The RP message of an application/vnd.3gpp.sms part (3GPP TS 24.011)."""
        part = self.part("application/vnd.3gpp.sms")
        return None if part is None else sms_body.parse(part.content)


_OTHER_XML = frozenset(
    {"message/imdn+xml", "application/im-iscomposing+xml", "application/resource-lists+xml"}
)
