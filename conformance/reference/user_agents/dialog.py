"""Dialogs: what two user agents know of each other (RFC 3261 section 12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.reference.transport.directory import bare_uri
from conformance.reference.transport.draft import Draft
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.uri import Uri, parse_uri

DialogId = tuple[str, str, str]
"""Call-ID, local tag, remote tag."""

_WITH_CONTACT = frozenset({"INVITE", "SUBSCRIBE", "NOTIFY", "UPDATE", "REFER"})


@dataclass(slots=True)
class Dialog:
    """One side of a dialog; tags are "" for peers of RFC 2543, `contact` is our Contact value."""

    call_id: str
    local_tag: str
    remote_tag: str
    local_uri: str
    remote_uri: str
    remote_target: str
    route_set: tuple[str, ...] = ()
    local_cseq: int = 0
    remote_cseq: int | None = None
    contact: str = ""

    @classmethod
    def of_client(cls, request: SipRequest | Draft, response: SipResponse) -> "Dialog":
        """The dialog that a response to our request begins (RFC 3261 section 12.1.2)."""
        draft = request if isinstance(request, Draft) else Draft.of(request)
        remote = bare_uri(draft.get("To") or "")
        return cls(
            call_id=(draft.get("Call-ID") or ""),
            local_tag=_tag(draft.get("From") or ""),
            remote_tag=response.to_tag or "",
            local_uri=bare_uri(draft.get("From") or ""),
            remote_uri=remote,
            remote_target=contact_uri(response.headers("Contact")) or remote or draft.uri,
            route_set=tuple(reversed(response.headers("Record-Route"))),
            local_cseq=int((draft.get("CSeq") or "0").split()[0]),
            contact=draft.get("Contact") or "",
        )

    @classmethod
    def of_server(cls, request: SipRequest, local_tag: str, contact: str) -> "Dialog":
        """The dialog that our response to a request begins (RFC 3261 section 12.1.1)."""
        remote = bare_uri(request.header("From") or "")
        return cls(
            call_id=request.call_id,
            local_tag=local_tag,
            remote_tag=request.from_tag or "",
            local_uri=bare_uri(request.header("To") or ""),
            remote_uri=remote,
            remote_target=contact_uri(request.headers("Contact")) or remote,
            route_set=request.headers("Record-Route"),
            remote_cseq=request.cseq,
            contact=contact,
        )

    @property
    def id(self) -> DialogId:
        """What tells it from others."""
        return self.call_id, self.local_tag, self.remote_tag

    @property
    def target_uri(self) -> str:
        """The URI to which its requests are sent: the first route's, else the remote target."""
        return bare_uri(self.route_set[0]) if self.route_set else self.remote_target

    def request(self, method: str) -> Draft:
        """A request within the dialog, with the next CSeq (RFC 3261 section 12.2.1.1)."""
        self.local_cseq += 1
        return self._request(method, self.local_cseq)

    def ack(self, cseq: int) -> Draft:
        """The ACK to a 2xx, with the CSeq of its INVITE (RFC 3261 section 13.2.2.4)."""
        return self._request("ACK", cseq)

    def accepts(self, request: SipRequest) -> bool:
        """Whether a request comes in order; its CSeq is remembered (RFC 3261 section 12.2.2)."""
        if self.remote_cseq is not None and request.cseq <= self.remote_cseq:
            return False
        self.remote_cseq = request.cseq
        return True

    def refresh(self, message: SipRequest | SipResponse) -> None:
        """Take the remote target from a message that may renew it (RFC 3261 section 12.2)."""
        self.remote_target = contact_uri(message.headers("Contact")) or self.remote_target

    def _request(self, method: str, cseq: int) -> Draft:
        uri, routes = self._way()
        draft = Draft(method, uri)
        for route in routes:
            draft.add("Route", route)
        draft.add("Max-Forwards", "70")
        draft.add("From", _address(self.local_uri, self.local_tag))
        draft.add("To", _address(self.remote_uri, self.remote_tag))
        draft.add("Call-ID", self.call_id).add("CSeq", f"{cseq} {method}")
        if method in _WITH_CONTACT and self.contact:
            draft.add("Contact", self.contact)
        return draft

    def _way(self) -> tuple[str, Sequence[str]]:
        """Request-URI and Route values; a first route without `lr` routes strictly."""
        if not self.route_set or _is_loose(self.route_set[0]):
            return self.remote_target, self.route_set
        return bare_uri(self.route_set[0]), (*self.route_set[1:], f"<{self.remote_target}>")


def contact_uri(values: Sequence[str]) -> str:
    """The URI of the first Contact value that can be read and written again, "" for none."""
    for value in values:
        uri = bare_uri(value)
        if uri and uri.isprintable() and isinstance(parse_uri(uri), Uri):
            return uri
    return ""


def _tag(value: str) -> str:
    read = parse_name_addr(value)
    return (read.param("tag") or "") if isinstance(read, NameAddr) else ""


def _address(uri: str, tag: str) -> str:
    return f"<{uri}>;tag={tag}" if tag else f"<{uri}>"


def _is_loose(route: str) -> bool:
    uri = parse_uri(bare_uri(route))
    return not isinstance(uri, Uri) or uri.param("lr") is not None
