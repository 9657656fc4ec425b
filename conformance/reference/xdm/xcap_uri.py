"""Where user preferences stand on an XCAP server (RFC 4825 section 6)."""

from typing import NamedTuple
from urllib.parse import quote, unquote

AUID = "org.openmobilealliance.user-preferences"
"""The application's identity in our document paths."""

DOCUMENT = "user-preferences"
"""The name of a user's document."""

_SAFE = ":@+!$&'()*,;="


class Selector(NamedTuple):
    """What a path selects; `user` is the XCAP user identifier, `node` what follows `~~`."""

    auid: str
    user: str
    document: str
    node: str = ""


def document_path(user: str, root: str = "") -> str:
    """The path of a user's preferences below an XCAP root such as `/xcap`."""
    name = quote(user, _SAFE, errors="surrogatepass")
    return f"{root.rstrip('/')}/{AUID}/users/{name}/{DOCUMENT}"


def select(target: str, root: str = "") -> Selector | None:
    """What a request's target selects; None where it is no document of a user."""
    path = target.partition("?")[0]
    if path.startswith(("http://", "https://")):
        path = "/" + path.split("/", 3)[3] if path.count("/") > 2 else "/"
    root = root.rstrip("/")
    if not path.startswith(root + "/"):
        return None
    path, _, node = path[len(root) :].partition("/~~")
    parts = path.split("/")
    if len(parts) != 5 or parts[2] != "users":
        return None
    _, auid, _, user, document = (unquote(part) for part in parts)
    return Selector(auid, user, document, node) if user and document else None
