"""Header field names: compact forms, and the fields whose grammar is a comma-separated list."""

from functools import lru_cache

COMPACT_FORMS = {
    "accept-contact": "a",
    "allow-events": "u",
    "call-id": "i",
    "contact": "m",
    "content-encoding": "e",
    "content-length": "l",
    "content-type": "c",
    "event": "o",
    "from": "f",
    "identity": "y",
    "refer-to": "r",
    "referred-by": "b",
    "reject-contact": "j",
    "request-disposition": "d",
    "session-expires": "x",
    "subject": "s",
    "supported": "k",
    "to": "t",
    "via": "v",
}
"""Long name to compact form, both in lower case (RFC 3261, 3515, 3841, 3892, 4028, 6665, 8224)."""

LONG_FORMS = {compact: long for long, compact in COMPACT_FORMS.items()}
"""Compact form to long name, both in lower case."""

LIST_FIELDS = frozenset(
    {
        "accept",
        "accept-contact",
        "accept-encoding",
        "accept-language",
        "accept-resource-priority",
        "alert-info",
        "allow",
        "allow-events",
        "call-info",
        "contact",
        "content-encoding",
        "content-language",
        "diversion",
        "error-info",
        "feature-caps",
        "geolocation",
        "history-info",
        "in-reply-to",
        "p-access-network-info",
        "p-asserted-identity",
        "p-asserted-service",
        "p-associated-uri",
        "p-early-media",
        "p-preferred-identity",
        "p-preferred-service",
        "p-visited-network-id",
        "path",
        "permission-missing",
        "proxy-require",
        "reason",
        "record-route",
        "recv-info",
        "reject-contact",
        "request-disposition",
        "require",
        "resource-priority",
        "route",
        "security-client",
        "security-server",
        "security-verify",
        "service-route",
        "supported",
        "trigger-consent",
        "unsupported",
        "user-to-user",
        "via",
        "warning",
    }
)
"""Fields of which one line may hold several values, in lower case."""


@lru_cache(maxsize=1024)
def long_name(name: str) -> str:
    """The long name in lower case of a field named in any case, long or compact."""
    lower = name.lower()
    return LONG_FORMS.get(lower, lower)


def is_list(name: str) -> bool:
    """Whether commas separate the values of a field (RFC 3261 section 7.3.1)."""
    return long_name(name) in LIST_FIELDS
