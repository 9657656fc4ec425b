"""Which of the reference's own identities stands for which of the real role's.

Two implementations make up different Call-IDs, tags and message identities. Once an output of
the one has been matched with an output of the other, what comes in later speaks of the real
one's identities, and is handed to the reference with its own in their place.
"""

from dataclasses import dataclass, field

from conformance.observation.content import Content
from conformance.observation.fields import values
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest, SipResponse

_MINTED = ("Conversation-ID", "Contribution-ID", "imdn.Message-ID")
_MAX_TOKENS = 10_000


@dataclass(slots=True)
class Binding:
    """Pairs of identities, each learnt from an output of the role.

    `requests`: the reference's request for a real one's Call-ID, CSeq and method; `tokens`: the
    reference's word for a real one, for whatever else the role makes up; `paths`: the real MSRP
    path of a session for the reference's.
    """

    requests: dict[tuple[str, int, str], SipRequest] = field(default_factory=dict)
    tokens: dict[bytes, bytes] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def bind(self, reference: SipRequest | SipResponse, real: SipRequest | SipResponse) -> None:
        """Learn from two outputs that stand for one another."""
        if isinstance(real, SipRequest) and isinstance(reference, SipRequest):
            self.requests[real.call_id, real.cseq, real.method] = reference
            self._token(real.call_id, reference.call_id)
            self._token(real.from_tag, reference.from_tag)
        elif isinstance(real, SipResponse):
            self._token(real.to_tag, reference.to_tag)
        mine, its = Content(reference), Content(real)
        for name in _MINTED:
            for own, other in zip(values(name, mine) or (), values(name, its) or (), strict=False):
                self._token(other, own)
        for own, other in zip(
            values("sdp.path", mine) or (), values("sdp.path", its) or (), strict=False
        ):
            self.paths[own] = other

    def _token(self, real: str | None, reference: str | None) -> None:
        if real and reference and real != reference and len(self.tokens) < _MAX_TOKENS:
            self.tokens[real.encode("utf-8", "surrogateescape")] = reference.encode(
                "utf-8", "surrogateescape"
            )

    def incoming(self, message: SipRequest | SipResponse) -> bytes | None:
        """A message that came to the real role, as the reference is to be given it.

        None for the answer to a request that the reference never sent.
        """
        if isinstance(message, SipResponse):
            request = self.requests.get((message.call_id, message.cseq, message.cseq_method))
            return None if request is None else self._answer(message, request)
        draft = Draft.of(message)
        draft.fields = [(name, self._text(value)) for name, value in draft.fields]
        draft.body = self._octets(draft.body)
        return draft.octets()

    def _answer(self, response: SipResponse, request: SipRequest) -> bytes:
        """The response as if it were one to the reference's own request."""
        draft = Draft.of(response)
        draft.put_all("Via", request.headers("Via"))
        draft.put("Call-ID", request.call_id)
        draft.put("CSeq", request.header("CSeq") or "")
        draft.put("From", request.header("From") or "")
        if request.to_tag is not None:
            draft.put("To", request.header("To") or "")
        draft.body = self._octets(draft.body)
        return draft.octets()

    def _text(self, value: str) -> str:
        octets = value.encode("utf-8", "surrogateescape")
        return self._octets(octets).decode("utf-8", "surrogateescape")

    def _octets(self, octets: bytes) -> bytes:
        for real, reference in self.tokens.items():
            if real in octets:
                octets = octets.replace(real, reference)
        return octets

    def body(self, octets: bytes) -> bytes:
        """A body that came in, with the reference's identities."""
        return self._octets(octets)
