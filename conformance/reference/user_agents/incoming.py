"""What user agents hand around: who they are, contents, requests that wait for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.cpm.service import feature_tag
from conformance.reference.transactions.server import ServerTransaction
from conformance.reference.transport.directory import Target
from conformance.reference.transport.draft import Draft
from conformance.sip.grammar import quote
from conformance.sip.message import SipRequest

Headers = Sequence[tuple[str, str]]
"""Header fields in order."""

_WITH_CONTACT = frozenset({"INVITE", "SUBSCRIBE", "UPDATE", "REFER"})


class Content(NamedTuple):
    """A body with its type, and its disposition where that is said."""

    content_type: str
    body: bytes
    disposition: str = ""


@dataclass
class Identity:
    """Whom a user agent stands for, and what it says of itself.

    `contact` is its Contact URI; `services` are names such as "oma.cpm.msg" for its feature tag;
    `agent` is the text of User-Agent and Server; `password` is the digest secret.
    """

    aor: str
    contact: str
    display: str = ""
    agent: str = ""
    instance: str = ""
    services: tuple[str, ...] = ()
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """The address of record as From writes it."""
        return f"{quote(self.display)} <{self.aor}>" if self.display else f"<{self.aor}>"

    @property
    def contact_value(self) -> str:
        """The Contact value with its feature tags (RFC 3840, RFC 5626)."""
        value = f"<{self.contact}>"
        if self.instance:
            value += f';+sip.instance="<{self.instance}>"'
        if self.services:
            value += f";{feature_tag(*self.services)}"
        return value


class Incoming:
    """A request that waits for its answer; `local_tag` is our tag of its To."""

    def __init__(
        self, transaction: ServerTransaction, local_tag: str, contact: str = "", agent: str = ""
    ) -> None:
        self.transaction = transaction
        self.local_tag = transaction.request.to_tag or local_tag
        self.contact = contact
        self._agent = agent

    @property
    def request(self) -> SipRequest:
        """The request."""
        return self.transaction.request

    @property
    def source(self) -> Target:
        """Where it came from."""
        return self.transaction.source

    @property
    def is_answered(self) -> bool:
        """Whether it has its final response."""
        return self.transaction.is_answered

    def respond(
        self,
        status: int,
        reason: str = "",
        headers: Headers = (),
        content: Content | None = None,
    ) -> None:
        """Answer it; a second final response goes nowhere."""
        if not self.is_answered:
            self.transaction.respond(self.answer(status, reason, headers, content))

    def answer(
        self,
        status: int,
        reason: str = "",
        headers: Headers = (),
        content: Content | None = None,
    ) -> Draft:
        """The response, not sent yet (RFC 3261 section 8.2.6)."""
        draft = Draft.response_to(self.request, status, reason)
        if status > 100 and self.request.to_tag is None:
            draft.put("To", f"{draft.get('To')};tag={self.local_tag}")
        if 100 < status < 300 and self.request.method in _WITH_CONTACT:
            for route in self.request.headers("Record-Route"):
                draft.add("Record-Route", route)
            if self.contact and not any(name.lower() == "contact" for name, _ in headers):
                draft.add("Contact", self.contact)
        if self._agent:
            draft.add("Server", self._agent)
        draft.fields.extend(headers)
        if content is not None:
            draft.carry(content.content_type, content.body, content.disposition)
        return draft
