"""IMS communication service identifiers (ICSI) of CPM and the feature tags that stand for them."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

CPM = "oma.cpm"
"""What every CPM service satisfies."""

SIP_IM = "oma.sip-im"
"""What every service of the older SIMPLE IM family satisfies."""

URN_PREFIX = "urn:urn-7:3gpp-service.ims.icsi."
"""What stands before a service's name in an ICSI (TS 24.229 section 7.2A.8.2)."""

_ICSI_TAG = "+g.3gpp.icsi-ref"
_SIP_IM_TAG = "+g.oma.sip-im"
_MARK = "3gpp-service.ims.icsi."
_NO_NAMES: frozenset[str] = frozenset()
_CACHED_LENGTH = 2_048

# Each alternative takes at least one character and never gives any back, so scanning is linear;
# an unclosed quote or bracket takes what is left.
_PIECE = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\\?+\Z)|<[^>]*+>?|[;,]|[^";,<]++',
    re.DOTALL,
)


class Tag(NamedTuple):
    """A feature tag or other parameter of a header value; `value` is None for a bare name."""

    name: str
    value: str | None


def cpm_services(values: Iterable[str]) -> frozenset[str]:
    """The CPM and SIMPLE IM services named by header values, such as `oma.cpm.msg`.

    `values` come from P-Preferred-Service, P-Asserted-Service (RFC 6050), Accept-Contact
    (RFC 3841) or Contact (RFC 3840), each with one or several comma-separated members. Other
    services are left out; what cannot be read names no service.
    """
    found = _NO_NAMES
    for value in values:
        found |= _of_family(value)
    return found


def services(value: str) -> frozenset[str]:
    """Every IMS service that one header value names, CPM or not: what follows `icsi.`."""
    return _services(value) if len(value) <= _CACHED_LENGTH else _scan(value)


def satisfies(service: str, wanted: str) -> bool:
    """Whether `service` is `wanted` or a refinement of it, by components (TS 24.229).

    `oma.cpm.session.group` satisfies `oma.cpm.session`; `oma.cpm.msgfoo` does not satisfy
    `oma.cpm.msg`.
    """
    return service == wanted or service.startswith(wanted + ".")


def any_satisfies(offered: Iterable[str], wanted: str) -> bool:
    """Whether one of the `offered` services satisfies `wanted`."""
    return any(satisfies(service, wanted) for service in offered)


def urn(service: str) -> str:
    """The ICSI of a service as P-Preferred-Service and P-Asserted-Service write it."""
    return URN_PREFIX + service


def feature_tag(*names: str) -> str:
    """The feature tag naming `names` in one quoted value (RFC 3840 section 9, TS 24.229).

    The colons are percent-encoded, as the grammar of tag values asks. SIMPLE IM names have
    feature tags of their own and give a ValueError.
    """
    for name in names:
        if satisfies(name, SIP_IM):
            raise ValueError(f"{name} has a feature tag of its own, +g.{name}")
    escaped = ",".join(urn(name).replace(":", "%3A") for name in names)
    return f'{_ICSI_TAG}="{escaped}"'


def _of_family(value: str) -> frozenset[str]:
    names = services(value)
    if not names:
        return names
    return frozenset(n for n in names if satisfies(n, CPM) or satisfies(n, SIP_IM))


@lru_cache(maxsize=2_048)
def _services(value: str) -> frozenset[str]:
    return _scan(value)


def _scan(value: str) -> frozenset[str]:
    lowered = value.lower()
    if ".icsi" not in lowered and _SIP_IM_TAG not in lowered:
        return _NO_NAMES
    names: set[str] = set()
    for tag in _tags(lowered):
        names.update(_names(tag))
    return frozenset(names)


def _tags(value: str) -> Iterable[Tag]:
    """Split a header value at `;` and `,` outside quotes and angle brackets."""
    held: list[str] = []
    for match in _PIECE.finditer(value):
        piece = match.group()
        if piece in (";", ","):
            yield _tag(held)
            held = []
        elif not piece.startswith("<"):
            held.append(piece)
    yield _tag(held)


def _tag(pieces: list[str]) -> Tag:
    name, equals, value = "".join(pieces).partition("=")
    return Tag(name.strip(), value.strip() if equals else None)


def _names(tag: Tag) -> Iterable[str]:
    if tag.name == _ICSI_TAG:
        return [n for member in (tag.value or "").strip('"').split(",") if (n := _name(member))]
    if tag.value is None and (name := _name(tag.name)):
        # A plain identifier of P-*-Service, or the rest of an unquoted list of identifiers.
        return [name]
    if satisfies(tag.name, _SIP_IM_TAG) and tag.value not in ("false", '"false"'):
        return [tag.name.removeprefix("+g.")]
    return []


def _name(identifier: str) -> str:
    """The name behind `icsi.` of a URN or of its shorthand without `urn:urn-7:`; "" if none."""
    # A preceding "!" negates a tag value (RFC 3840): it is not among the offered services.
    plain = unquote(identifier.strip().strip("<>")).removeprefix("urn:urn-7:")
    if not plain.startswith(_MARK):
        return ""
    return plain[len(_MARK) :].strip()
